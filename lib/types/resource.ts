import { sumUsd, type Usd } from './money.ts';

/** The name of a registered kind (`lib/fleet/registry.ts`), such as `ec2-instance`. */
export type ResourceKind = string;

/** A kind's own lifecycle, reduced to what a decision needs. */
export type ResourceState =
  | 'running'
  /** Between states (pending, creating, updating, stopping): cannot be acted on now. */
  | 'transitional'
  | 'stopped'
  /** Out of service by itself (a `Failed` endpoint): never idle, people are told. */
  | 'failed';

/** A fact that keeps Bursar's hands off a resource whatever the policy says. */
export interface Protection {
  readonly code:
    | 'auto-scaling-group'
    | 'eks'
    | 'emr'
    | 'batch'
    | 'stop-protection'
    | 'instance-store-root'
    | 'spot'
    /** AWS could not be asked. */
    | 'not-known'
    | 'managed-elsewhere';
  /** One sentence for people, naming the group, cluster or attribute. */
  readonly detail: string;
}

/**
 * What a policy must allow in so many words (`allow`) before a resource may be touched at all: an Auto Scaling
 * group is emptied, a Spot instance is ended for good, a job loses its work.
 */
export const CONSENTS = ['scale-to-zero', 'terminate-spot', 'stop-jobs'] as const;
export type Consent = (typeof CONSENTS)[number];

/** One of several things that a resource runs on, such as a variant of an endpoint. */
export interface ResourcePart {
  readonly name: string;
  /** `ml.g5.xlarge`. */
  readonly type: string;
  readonly count: number;
}

/** One thing that costs money while it runs, as discovered. */
export interface Resource {
  readonly kind: ResourceKind;
  readonly arn: string;
  /** What the service's own API calls it: an instance id, an endpoint name. */
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly state: ResourceState;
  /** When it last came into service. A restart changes it, so one running spell has one `since`. */
  readonly since: Date;
  /**
   * When it was started, where that is not `since`: what makes it young again without being a start, such as
   * autoscaling, does not put it out of reach of a budget that was passed before.
   */
  readonly started?: Date;
  /** Since when it has cost what it costs now, where that is later than `since`: what is new of a group came then. */
  readonly pricedSince?: Date;
  /** `g5.xlarge`, `2 × ml.g5.xlarge`: for people. */
  readonly size: string;
  /** The kind's own name for a form that is judged and stopped in a way of its own; absent for the usual one. */
  readonly form?: string;
  /** Absent where the resource is one thing by itself. */
  readonly parts?: readonly ResourcePart[];
  readonly protections: readonly Protection[];
  /** Absent where every policy may touch it. */
  readonly consent?: Consent;
  /** Why its use says nothing of its worth, one sentence: it is then never judged idle. Its budget still counts. */
  readonly neverIdle?: string;
  /** USD an hour while running; `undefined` is unpriced, never free. */
  readonly hourly: Usd | undefined;
}

/** When somebody started it. */
export const startOf = ({ started, since }: Resource): Date => started ?? since;

/** True of a member of an Auto Scaling group: the group is a resource of its own, and has its members' price. */
export const isGroupMember = ({ protections }: Resource): boolean =>
  protections.some(({ code }) => code === 'auto-scaling-group');

/** USD an hour of all that are priced, each once. */
export const fleetHourly = (resources: readonly Resource[]): Usd =>
  sumUsd(
    resources.flatMap((resource) =>
      resource.hourly === undefined || isGroupMember(resource) ? [] : [resource.hourly],
    ),
  );
