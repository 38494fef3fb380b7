import type { Sample } from '../../types/evidence.ts';
import type { SteadyUntil, Use, UseAt } from './use.ts';

export const MINUTE_MS = 60_000;

/** What publishes one metric, once a minute. */
export interface Publisher {
  readonly use: UseAt;
  readonly steadyUntil?: SteadyUntil | undefined;
  /** When it came into service and went out of it, in epoch milliseconds; `Infinity` = it has not. */
  readonly from: number;
  readonly to: number;
  /** What it publishes of a minute; `undefined` = nothing. */
  readonly value: (use: Use) => number | undefined;
}

export const STATISTICS = ['Maximum', 'Minimum', 'Sum', 'Average', 'SampleCount'] as const;
export type Statistic = (typeof STATISTICS)[number];

/** What is asked of a metric; times in epoch milliseconds, `from` a whole minute and `to` exclusive. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly periodMs: number;
  readonly statistic: Statistic;
}

/** Datapoints in the order of time; each period is told by how many there were before it since `from`. */
export interface Points {
  readonly periods: number[];
  readonly values: number[];
}

const ceilMinute = (at: number): number => Math.ceil(at / MINUTE_MS) * MINUTE_MS;
const floorMinute = (at: number): number => Math.floor(at / MINUTE_MS) * MINUTE_MS;

/** What a publisher does from one minute on, and until when (exclusive, a whole minute) it is known to be the same. */
function stretchAt({ use, steadyUntil, value }: Publisher, minute: number, end: number) {
  const at = new Date(minute);
  const used = use(at);
  const until = steadyUntil === undefined ? 0 : ceilMinute(steadyUntil(at).getTime());
  return {
    value: used === undefined ? undefined : value(used),
    until: Math.min(end, Math.max(minute + MINUTE_MS, until)),
  };
}

/**
 * One datapoint a period of the minutes that are over by `to`; a period without any has none. What goes on for hours is
 * asked for once and not minute by minute.
 */
export function pointsOf(publisher: Publisher, { from, to, periodMs, statistic }: Window): Points {
  const periods: number[] = [];
  const values: number[] = [];
  const end = floorMinute(Math.min(to, publisher.to));
  let period = -1;
  let count = 0;
  let sum = 0;
  let least = 0;
  let most = 0;
  const close = (): void => {
    if (count === 0) return;
    periods.push(period);
    values.push(statisticOf(statistic, { count, sum, least, most }));
    count = 0;
  };
  for (let minute = Math.max(from, ceilMinute(publisher.from)); minute < end; ) {
    const { value, until } = stretchAt(publisher, minute, end);
    if (value === undefined) {
      minute = until;
      continue;
    }
    while (minute < until) {
      const own = Math.floor((minute - from) / periodMs);
      // Periods of seconds hold the one minute that begins in them.
      const next = Math.min(until, Math.max(from + (own + 1) * periodMs, minute + MINUTE_MS));
      const minutes = Math.ceil((next - minute) / MINUTE_MS);
      if (own !== period) {
        close();
        period = own;
      }
      least = count === 0 ? value : Math.min(least, value);
      most = count === 0 ? value : Math.max(most, value);
      sum = count === 0 ? value * minutes : sum + value * minutes;
      count += minutes;
      minute = ceilMinute(next);
    }
  }
  close();
  return { periods, values };
}

function statisticOf(
  statistic: Statistic,
  { count, sum, least, most }: Readonly<Record<'count' | 'sum' | 'least' | 'most', number>>,
): number {
  switch (statistic) {
    case 'Maximum':
      return most;
    case 'Minimum':
      return least;
    case 'Sum':
      return sum;
    case 'Average':
      return sum / count;
    case 'SampleCount':
      return count;
  }
}

/** Whether anything was published in the minutes that were over by `to`. */
export function wasActive(publisher: Publisher, from: number, to: number): boolean {
  const end = floorMinute(Math.min(to, publisher.to));
  const start = Math.max(ceilMinute(from), ceilMinute(publisher.from));
  // What is published goes on being so, most of the time.
  if (end > start && stretchAt(publisher, end - MINUTE_MS, end).value !== undefined) return true;
  for (let minute = start; minute < end; ) {
    const { value, until } = stretchAt(publisher, minute, end);
    if (value !== undefined) return true;
    minute = until;
  }
  return false;
}

/** Those of a series, which is in the order of time, from `from` to `to` (exclusive), in epoch milliseconds. */
export function samplesBetween(series: readonly Sample[], from: number, to: number): readonly Sample[] {
  return series.slice(firstFrom(series, from), firstFrom(series, to));
}

/** The index of the first sample at or after an instant. */
function firstFrom(series: readonly Sample[], at: number): number {
  let [low, high] = [0, series.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((series[middle]?.at.getTime() ?? at) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
