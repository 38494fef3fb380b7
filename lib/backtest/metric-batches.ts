import { DAY_MS } from '../meter/days.ts';
import type { RecordedSeries } from '../simulate/account/recorded.ts';
import { microUsd, type Usd } from '../types/money.ts';
import type { KnownDays } from './cache.ts';
import type { Day } from './days.ts';
import { keptPeriod } from './retention.ts';

/** Limits of AWS for one `GetMetricData` call. */
const QUERIES_PER_CALL = 500;
const DATAPOINTS_PER_CALL = 100_800;
/**
 * Datapoints a second in a region, with some room: AWS gives 396,000 where the span began more than three hours ago, as
 * it nearly always did (180,000 of what is newer, which is little).
 */
export const DATAPOINTS_PER_SECOND = 360_000;

/**
 * $0.01 for 1,000 metrics requested, in micro-dollars for one. Each metric of each call counts as one, whatever its
 * span and however many datapoints come of it; up to five statistics of one metric in the same call are one as well,
 * which is not counted on. Read as long a span as one call takes, a metric therefore costs but once.
 * Source: CloudWatch pricing, "Metrics requested".
 */
const PRICE_MICRO_USD = 10n;

/** One metric of one call. */
export interface Ask {
  readonly series: RecordedSeries;
  readonly from: number;
  /** Exclusive. Both in epoch milliseconds. */
  readonly to: number;
  /** The length of the samples in seconds: that of the series, or longer where AWS keeps no finer ones. */
  readonly periodSeconds: number;
}

/** One call. All its metrics share their region, span and period. */
export type Batch = readonly [Ask, ...Ask[]];

/** What reading comes to, before anything is read. */
export interface HistoryCost {
  /** Metrics requested: what AWS bills. */
  readonly metrics: number;
  readonly calls: number;
  readonly usd: Usd;
  /** Days of single metrics that are in the cache already, and that must be read. */
  readonly cachedDays: number;
  readonly missingDays: number;
}

export const pointsOf = ({ from, to, periodSeconds }: Ask): number =>
  Math.ceil((to - from) / 1000 / periodSeconds);

/**
 * What must be asked of a series: each run of days that the cache does not have, in one piece as long as AWS keeps
 * them by the same period.
 * @param end where the last day is cut, in epoch milliseconds
 */
export function asksFor(
  series: RecordedSeries,
  known: KnownDays,
  days: readonly Day[],
  end: number,
  now: Date,
): readonly Ask[] {
  const asks: Ask[] = [];
  for (const { name, starts } of days) {
    if (known.has(name)) continue;
    const periodSeconds = keptPeriod(series.periodSeconds, new Date(starts), now);
    if (periodSeconds === undefined) continue;
    const to = Math.min(starts + DAY_MS, end);
    const last = asks.at(-1);
    if (last !== undefined && last.to === starts && last.periodSeconds === periodSeconds) {
      asks[asks.length - 1] = { ...last, to };
    } else {
      asks.push({ series, from: starts, to, periodSeconds });
    }
  }
  return asks;
}

/** Full calls within both limits of AWS. */
export function batchesOf(asks: readonly Ask[]): readonly Batch[] {
  const groups = new Map<string, Ask[]>();
  for (const ask of asks) {
    const key = `${ask.series.region} ${ask.from} ${ask.to} ${ask.periodSeconds}`;
    const some = groups.get(key);
    if (some === undefined) groups.set(key, [ask]);
    else some.push(ask);
  }
  const batches: Batch[] = [];
  for (const group of groups.values()) {
    let rest = group;
    while (rest.length > 0) {
      const [first] = rest;
      if (first === undefined) break;
      const size = Math.max(
        1,
        Math.min(QUERIES_PER_CALL, Math.floor(DATAPOINTS_PER_CALL / Math.max(1, pointsOf(first)))),
      );
      batches.push([first, ...rest.slice(1, size)]);
      rest = rest.slice(size);
    }
  }
  return batches;
}

/** What the calls cost. `cachedDays` is told by who has looked into the cache. */
export function estimateCost(batches: readonly Batch[], cachedDays: number): HistoryCost {
  const asks = batches.flat();
  return {
    metrics: asks.length,
    calls: batches.length,
    usd: microUsd(BigInt(asks.length) * PRICE_MICRO_USD),
    cachedDays,
    missingDays: asks.reduce((days, { from, to }) => days + Math.ceil((to - from) / DAY_MS), 0),
  };
}
