/** What a resource does in one minute. What is absent has no metric. */
export interface Use {
  /** Percent of all cores. */
  readonly cpu?: number | undefined;
  /** Percent of its busiest GPU. */
  readonly gpu?: number | undefined;
  /** Bytes a second, each way. */
  readonly network?: number | undefined;
  /** Invocations of an endpoint in the minute; none is no metric, as on AWS. */
  readonly invocations?: number | undefined;
  /** Requests that wait in the queue of an asynchronous endpoint. */
  readonly backlog?: number | undefined;
  /** Open connections of a database. */
  readonly connections?: number | undefined;
}

/** What a resource does, by the start of the minute; `undefined` = no metric of it is published. */
export type UseAt = (minute: Date) => Use | undefined;

/** Until when (exclusive) it does what it does in this minute; absent = nobody knows. */
export type SteadyUntil = (minute: Date) => Date;
