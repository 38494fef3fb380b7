/** One datapoint; `at` is the start of its period. */
export interface Sample {
  readonly at: Date;
  readonly value: number;
}

/**
 * One signal of use, read over a window: CPU %, GPU %, network bytes, invocations. Values are in the
 * unit in which the policy states its limit: percentages 0–100 of the whole resource, bytes/s, counts.
 */
export interface SignalReading {
  readonly signal: SignalName;
  /** Length of each sample in seconds. */
  readonly periodSeconds: number;
  /** Any order, possibly with gaps. */
  readonly samples: readonly Sample[];
  /**
   * What an absent sample means. `unknown`: nothing, so no stop. `zero-if-alive`: the metric is only
   * emitted on use (SageMaker `Invocations`), so zero, but only for periods in which another reading
   * of the same resource has a sample; without that the metrics themselves may be down.
   */
  readonly absence: 'unknown' | 'zero-if-alive';
  /**
   * A sample at or above this shows use whatever the policy's limit is; in the unit of the values. One busy
   * core of many is a small share of them all. Absent where the policy's limit alone counts.
   */
  readonly ceiling?: number;
}

/** `backlog`: requests that wait in a queue. `connections`: open database connections. */
export type SignalName = 'cpu' | 'gpu' | 'network' | 'invocations' | 'backlog' | 'connections';

/** What was read about one resource, at `asOf`. */
export interface Evidence {
  readonly asOf: Date;
  readonly readings: readonly SignalReading[];
  /** Signals that the resource must have and for which no metric exists (a GPU without its agent). */
  readonly missing: readonly { readonly signal: SignalName; readonly why: string }[];
}
