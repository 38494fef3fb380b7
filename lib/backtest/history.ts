import type { RecordedMetrics } from '../simulate/account/recorded.ts';
import type { Span } from '../simulate/result.ts';
import type { Resource } from '../types/resource.ts';

/** What an account did in a span of days, as far as AWS still knows. */
export interface History {
  readonly account: string;
  readonly from: Date;
  readonly to: Date;
  readonly resources: readonly HistoryResource[];
  /** Everything that was read of CloudWatch. */
  readonly metrics: RecordedMetrics;
  /** What could not be known, sentences for people: `CloudTrail keeps 90 days`, `3 endpoints have no metrics`. */
  readonly gaps: readonly string[];
}

export interface HistoryResource {
  /** As it is now; `since` is when its present spell began. */
  readonly resource: Resource;
  /** When it ran, in order and without overlap, cut to the history's span. */
  readonly ran: readonly Span[];
  /** What says so. `metrics`: a metric is published only of what runs. `assumed`: nothing says otherwise. */
  readonly known: 'cloudtrail' | 'config' | 'metrics' | 'assumed';
}
