import { type RecordedMetrics, type RecordedSeries, seriesKey } from '../simulate/account/recorded.ts';
import { PackedSamples } from '../simulate/account/samples.ts';
import { seriesOfQuery } from '../simulate/recorded-use.ts';
import type { DaySamples } from './cache.ts';
import type { PreparedHistory } from './prepare-history.ts';
import type { Known } from './read-metrics.ts';

export interface Recorded {
  readonly metrics: RecordedMetrics;
  /** Days of single metrics that could not be read. */
  readonly unreadDays: number;
  /** Days of single metrics of which AWS keeps long periods alone. */
  readonly coarseDays: number;
}

/** Lays out what is known as samples of each series' own period, up to the end of the history. */
export function recordMetrics(prepared: PreparedHistory, known: Known): Recorded {
  const { series, days, to } = prepared;
  const wanted = halfKnown(prepared, known);
  const metrics: RecordedMetrics = new Map();
  let [unreadDays, coarseDays] = [0, 0];
  for (const [key, one] of series) {
    const samples = new PackedSamples(one.periodSeconds * 1000);
    for (const { name, starts } of days) {
      const day = known.get(key)?.get(name);
      if (day === undefined) unreadDays += 1;
      else if (wanted.get(key)?.has(name) !== true) {
        if (day.periodSeconds > one.periodSeconds) coarseDays += 1;
        addDay(samples, day, one, starts, to.getTime());
      }
    }
    metrics.set(key, samples.trim());
  }
  return { metrics, unreadDays, coarseDays };
}

/**
 * A sample of a longer period stands for each of the periods in it: its maximum, and the whole of its count. So nothing
 * looks less busy than it was.
 */
function addDay(
  samples: PackedSamples,
  day: DaySamples,
  series: RecordedSeries,
  starts: number,
  end: number,
): void {
  const step = series.periodSeconds * 1000;
  const times = Math.max(1, Math.round(day.periodSeconds / series.periodSeconds));
  for (const [n, second] of day.seconds.entries()) {
    const value = day.values[n];
    if (value === undefined) continue;
    for (let i = 0; i < times; i += 1) {
      const at = starts + second * 1000 + i * step;
      // Two lengths of samples meet where AWS keeps no finer ones.
      if (at >= samples.end && at + step <= end) samples.push(at, value);
    }
  }
}

/**
 * The days on which a metric that is published on use alone is not known, of everything that its resource is judged by.
 * There its absence would be taken for zero, since the others show that CloudWatch was alive: so nothing is to be known
 * of that resource on these days. By the key of the series, then by day.
 */
function halfKnown(
  { resources, plans, days }: PreparedHistory,
  known: Known,
): ReadonlyMap<string, ReadonlySet<string>> {
  const unknown = new Map<string, Set<string>>();
  for (const { arn, region } of resources) {
    const queries = plans.get(arn)?.queries ?? [];
    const keyed = queries.map((query) => ({ query, key: seriesKey(seriesOfQuery(region, query)) }));
    const lost = keyed
      .filter(({ query }) => query.absence === 'zero-if-alive')
      .flatMap(({ key }) =>
        days.filter(({ name }) => known.get(key)?.has(name) !== true).map(({ name }) => name),
      );
    if (lost.length === 0) continue;
    for (const { key } of keyed) {
      const some = unknown.get(key) ?? new Set<string>();
      unknown.set(key, some);
      for (const name of lost) some.add(name);
    }
  }
  return unknown;
}
