/** Minutes of a local day, from 0 to below 1,440; `to` is above `from`, and beyond 1,440 where it ends the next day. */
export interface DaySpan {
  readonly from: number;
  readonly to: number;
}

/** Local dates, `YYYY-MM-DD`, both included. */
export interface ClosedSpan {
  readonly from: string;
  readonly to: string;
}

/** When resources run, by the clock on the wall of a place, and what is done where that begins and ends. */
export interface Schedule {
  /** Of one that policies share; absent = it stands in its policy. */
  readonly name?: string;
  /** IANA name. */
  readonly timezone: string;
  /** Spans that begin on each day of the week: seven lists, Monday first. */
  readonly week: readonly (readonly DaySpan[])[];
  /** `DE-BE`: on public holidays there no span begins; absent = holidays are days like others. */
  readonly holidays?: string;
  /** No span begins on these days. */
  readonly closed: readonly ClosedSpan[];
  /** `stop`: it is stopped at closing and started by nobody. `start`: the other way round. */
  readonly do: 'start-and-stop' | 'stop' | 'start';
  /** What an opening starts: what a closing stopped, or all that is stopped and which Bursar stopped for nothing else. */
  readonly starts: 'its-own' | 'all';
  /** For how many seconds what somebody starts outside hours runs; 0 = it is stopped at once; absent = to the next closing. */
  readonly manualStartSeconds?: number;
  /** So many seconds before opening it is started, so that it is ready then. */
  readonly startAheadSeconds: number;
  /** So many seconds before closing people are told; 0 = they are not. */
  readonly warnSeconds: number;
  /** What closing does to an endpoint: the kind's own stop, or as few instances as it can serve with. */
  readonly endpoints: 'shut-down' | 'scale-down';
}

/** How long a resource may run from its start on. */
export interface RuntimeRule {
  readonly afterSeconds: number;
  /** So many seconds before the stop people are told, within `afterSeconds`; 0 = they are not. */
  readonly warnSeconds: number;
  readonly do: 'stop' | 'notify';
}
