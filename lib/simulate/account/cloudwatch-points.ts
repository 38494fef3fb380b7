import type { Sample } from '../../types/evidence.ts';
import { firstIndexFrom, type SampleList } from './samples.ts';
import type { SteadyUntil, Use, UseAt } from './use.ts';

export const MINUTE_MS = 60_000;

/** What publishes one metric, once a minute. */
export interface Publisher {
  readonly use: UseAt;
  readonly steadyUntil?: SteadyUntil | undefined;
  /** When it came into service and went out of it, in epoch milliseconds; `Infinity` = it has not. */
  readonly from: number;
  readonly to: number;
  /** What it publishes of a minute, in the unit of AWS; `undefined` = nothing. */
  readonly value: (use: Use, factors: Factors) => number | undefined;
  readonly factors: Factors;
}

/** What a metric may have to be multiplied with. */
export interface Factors {
  readonly cores: number;
  readonly gpus: number;
  /** Instances that do the same. */
  readonly count: number;
}

export const STATISTICS = ['Maximum', 'Minimum', 'Sum', 'Average', 'SampleCount'] as const;
export type Statistic = (typeof STATISTICS)[number];

/** What is asked of a metric; times in epoch milliseconds, `from` a whole minute and `to` exclusive. */
export interface Window {
  readonly from: number;
  readonly to: number;
  /** Of what was before then AWS keeps nothing. */
  readonly keptFrom: number;
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

/** Until when (exclusive, a whole minute) what it does at a minute is known to go on. */
function stretchEnd({ steadyUntil }: Publisher, at: Date, end: number): number {
  const next = at.getTime() + MINUTE_MS;
  const until = steadyUntil === undefined ? next : ceilMinute(steadyUntil(at).getTime());
  return Math.min(end, Math.max(next, until));
}

function valueAt({ use, value, factors }: Publisher, at: Date): number | undefined {
  const used = use(at);
  return used === undefined ? undefined : value(used, factors);
}

/**
 * One datapoint a period of the minutes that are over by `to`; a period without any has none. What goes on for hours is
 * asked for once and not minute by minute.
 */
export function pointsOf(publisher: Publisher, { from, to, keptFrom, periodMs, statistic }: Window): Points {
  const periods: number[] = [];
  const values: number[] = [];
  const counts: number[] = [];
  const end = floorMinute(Math.min(to, publisher.to));
  let last = -1;
  for (let minute = Math.max(from, ceilMinute(Math.max(publisher.from, keptFrom))); minute < end; ) {
    const at = new Date(minute);
    const until = stretchEnd(publisher, at, end);
    const value = valueAt(publisher, at);
    if (value === undefined) {
      minute = until;
      continue;
    }
    while (minute < until) {
      const period = Math.floor((minute - from) / periodMs);
      // Periods of seconds hold the one minute that begins in them.
      const next = Math.min(until, Math.max(ceilMinute(from + (period + 1) * periodMs), minute + MINUTE_MS));
      const minutes = (next - minute) / MINUTE_MS;
      const before = last >= 0 && periods[last] === period ? values[last] : undefined;
      if (before === undefined) last = periods.push(period) - 1;
      values[last] = combined(statistic, before, value, minutes);
      counts[last] = (before === undefined ? 0 : (counts[last] ?? 0)) + minutes;
      minute = next;
    }
  }
  if (statistic === 'Average') return { periods, values: values.map((sum, n) => sum / (counts[n] ?? 1)) };
  return { periods, values };
}

/** A value with that of so many minutes more; of an average, the sum. */
function combined(statistic: Statistic, before: number | undefined, value: number, minutes: number): number {
  switch (statistic) {
    case 'Maximum':
      return before === undefined ? value : Math.max(before, value);
    case 'Minimum':
      return before === undefined ? value : Math.min(before, value);
    case 'Sum':
    case 'Average':
      return (before ?? 0) + value * minutes;
    case 'SampleCount':
      return (before ?? 0) + minutes;
  }
}

/** Whether anything was published in the minutes that were over by `to`. */
export function wasActive(publisher: Publisher, from: number, to: number): boolean {
  const end = floorMinute(Math.min(to, publisher.to));
  const start = Math.max(ceilMinute(from), ceilMinute(publisher.from));
  // What is published goes on being so, most of the time.
  if (end > start && valueAt(publisher, new Date(end - MINUTE_MS)) !== undefined) return true;
  for (let minute = start; minute < end; ) {
    const at = new Date(minute);
    if (valueAt(publisher, at) !== undefined) return true;
    minute = stretchEnd(publisher, at, end);
  }
  return false;
}

/** Those of a series, which is in the order of time, from `from` to `to` (exclusive), in epoch milliseconds. */
export const samplesBetween = (series: SampleList, from: number, to: number): readonly Sample[] =>
  series.slice(firstIndexFrom(series, from), firstIndexFrom(series, to));
