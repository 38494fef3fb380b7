import type { SignalPlan, SignalQuery } from '../fleet/kind.ts';
import type { IdleLimits, Policy } from '../policy/policy.ts';
import type { Resource } from '../types/resource.ts';
import { type RecordedMetrics, type RecordedSeries, seriesKey } from './account/recorded.ts';
import { eachSample } from './account/samples.ts';
import { limitsFor } from './in-use.ts';
import type { Span } from './result.ts';
import { joined } from './spans.ts';

/** The series that a query of a region reads. */
export const seriesOfQuery = (region: string, query: SignalQuery): RecordedSeries => ({
  region,
  namespace: query.namespace,
  metricName: query.metricName,
  dimensions: query.dimensions,
  statistic: query.statistic,
  periodSeconds: query.periodSeconds,
});

/** Every sample that shows use, by the limits given. */
function busySpans(
  { queries }: SignalPlan,
  region: string,
  metrics: RecordedMetrics,
  below: IdleLimits,
): readonly Span[] {
  const spans = queries.flatMap((query) => {
    const limit = Math.min(below[query.signal], query.ceiling ?? Number.POSITIVE_INFINITY);
    const spans: { readonly from: number; to: number }[] = [];
    eachSample(metrics.get(seriesKey(seriesOfQuery(region, query))) ?? [], (time, value) => {
      if (value * query.scale < limit) return;
      const last = spans.at(-1);
      const to = time + query.periodSeconds * 1000;
      if (last !== undefined && last.to >= time) last.to = to;
      else spans.push({ from: time, to });
    });
    return spans.map(({ from, to }): Span => ({ from: new Date(from), to: new Date(to) }));
  });
  return joined(spans.sort((a, b) => a.from.getTime() - b.from.getTime()));
}

/** When resources were in use, by the limits of their policies and what was recorded of them; each worked out once. */
export function recordedUse(
  policy: Policy,
  plans: ReadonlyMap<string, SignalPlan>,
  metrics: RecordedMetrics,
): (resource: Resource) => readonly Span[] {
  const known = new Map<string, readonly Span[]>();
  return ({ arn, region, tags }) => {
    const before = known.get(arn);
    if (before !== undefined) return before;
    const plan = plans.get(arn);
    const spans = plan === undefined ? [] : busySpans(plan, region, metrics, limitsFor(policy, tags));
    known.set(arn, spans);
    return spans;
  };
}
