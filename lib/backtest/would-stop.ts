import { judgeIdleness, MAX_LAG_SECONDS, newestBusy } from '../decide/idle.ts';
import type { SignalPlan, SignalQuery } from '../fleet/kind.ts';
import type { IdleRule } from '../policy/policy.ts';
import { type RecordedMetrics, seriesKey } from '../simulate/account/recorded.ts';
import { seriesOfQuery } from '../simulate/recorded-use.ts';
import type { Sample, SignalReading } from '../types/evidence.ts';
import type { HistoryResource } from './history.ts';

/** Sweeps come every five minutes. */
const SWEEP_MS = 300_000;
/** In use again within this time after a stop: it was a false one. */
export const FALSE_STOP_MS = 15 * 60_000;

/** What a resource is judged by, over the whole history. */
export interface Judgeable {
  readonly life: HistoryResource;
  /** Whole, in the order of time, in the policy's units. */
  readonly readings: readonly SignalReading[];
  readonly missing: SignalPlan['missing'];
}

/** One stop that a rule would have made, and how long it would have lasted. */
export interface WouldStop {
  readonly at: Date;
  /** When it was in use again, or when it ended by itself: until then it cost nothing. */
  readonly until: Date;
  readonly isFalse: boolean;
}

/** The readings of a resource, scaled to the units of the policy. */
export function judgeable(life: HistoryResource, plan: SignalPlan, metrics: RecordedMetrics): Judgeable {
  const readings = plan.queries.map((query) => readingOf(query, life.resource.region, metrics));
  return { life, readings, missing: plan.missing };
}

function readingOf(query: SignalQuery, region: string, metrics: RecordedMetrics): SignalReading {
  const samples = metrics.get(seriesKey(seriesOfQuery(region, query))) ?? [];
  return {
    signal: query.signal,
    periodSeconds: query.periodSeconds,
    absence: query.absence,
    samples:
      query.scale === 1 ? samples : samples.map(({ at, value }) => ({ at, value: value * query.scale })),
    ...(query.ceiling === undefined ? {} : { ceiling: query.ceiling }),
  };
}

/**
 * The stops that an idle rule would have made, judged every five minutes by what had been published until then. What is
 * stopped comes back when it was next used.
 * @param used what counts as in use after a stop, which is the policy's own rule whatever rule is tried
 * @param untilFalse ends with the first false one: nothing more need be known of a rule that makes one
 */
export function wouldStop(
  one: Judgeable,
  rule: IdleRule,
  used: IdleRule,
  untilFalse = false,
): readonly WouldStop[] {
  const { life, readings, missing } = one;
  // Not knowing is not idle, whatever the minute.
  if (missing.length > 0 || readings.some((reading) => isNeverKnown(reading))) return [];
  const after = rule.afterSeconds * 1000;
  const busy = busyEnds(readings, rule);
  const usedFrom = busyStarts(readings, used);
  const stops: WouldStop[] = [];
  for (const { from, to } of life.ran) {
    // Of what ran before the history began, nothing older is asked.
    let since = from;
    let at = sweepAt(since.getTime() + after);
    while (at < to.getTime()) {
      // What was busy lately cannot be idle yet: most minutes of most resources need no judge.
      const seen = lastBefore(busy, at);
      if (seen !== undefined && seen + after > at) {
        at = sweepAt(seen + after);
        continue;
      }
      const now = new Date(at);
      const found = judgeIdleness({ ...life.resource, since }, evidenceAt(readings, at, after), rule, now);
      if (found.state !== 'idle') {
        at = Math.max(at + SWEEP_MS, found.state === 'busy' ? sweepAt(found.busyAt.getTime() + after) : 0);
        continue;
      }
      const next = firstFrom(usedFrom, at);
      const until = new Date(Math.min(next ?? Number.POSITIVE_INFINITY, to.getTime()));
      const isFalse = isUsedWithin(readings, used, at, to.getTime());
      stops.push({ at: now, until, isFalse });
      if (isFalse && untilFalse) return stops;
      since = until;
      at = Math.max(at + SWEEP_MS, sweepAt(until.getTime() + after));
    }
  }
  return stops;
}

const sweepAt = (time: number): number => Math.ceil(time / SWEEP_MS) * SWEEP_MS;

const isNeverKnown = ({ absence, samples }: SignalReading): boolean =>
  absence === 'unknown' && samples.length === 0;

/** Whether the judge calls it in use within a quarter of an hour after the stop, as long as it ran. */
function isUsedWithin(
  readings: readonly SignalReading[],
  used: IdleRule,
  at: number,
  runsTo: number,
): boolean {
  const end = Math.min(at + FALSE_STOP_MS, runsTo);
  const rule = { ...used, afterSeconds: (end - at) / 1000 };
  // Every sample that has any minute of it.
  return readings.some(
    (reading) =>
      newestBusy(
        { ...reading, samples: between(reading.samples, at - reading.periodSeconds * 1000 + 1, end) },
        rule,
        new Date(end),
      ) !== undefined,
  );
}

/** What the sweep at that minute sees: whole samples of the window, and what may be late. */
function evidenceAt(readings: readonly SignalReading[], at: number, after: number) {
  return {
    asOf: new Date(at),
    readings: readings.map((reading) => ({
      ...reading,
      samples: between(
        reading.samples,
        at - after - MAX_LAG_SECONDS * 1000 - reading.periodSeconds * 1000,
        at - reading.periodSeconds * 1000 + 1,
      ),
    })),
    missing: [],
  };
}

/** True of a value that the rule calls busy; as the judge has it, and only to spare it the asking. */
const isBusy = (value: number, { signal, ceiling }: SignalReading, rule: IdleRule): boolean =>
  !(value < Math.min(rule.below[signal], ceiling ?? Number.POSITIVE_INFINITY));

const busyStarts = (readings: readonly SignalReading[], rule: IdleRule): readonly number[] =>
  ascending(
    readings.flatMap((reading) =>
      reading.samples.flatMap(({ at, value }) => (isBusy(value, reading, rule) ? [at.getTime()] : [])),
    ),
  );

const busyEnds = (readings: readonly SignalReading[], rule: IdleRule): readonly number[] =>
  ascending(
    readings.flatMap((reading) =>
      reading.samples.flatMap(({ at, value }) =>
        isBusy(value, reading, rule) ? [at.getTime() + reading.periodSeconds * 1000] : [],
      ),
    ),
  );

const ascending = (times: readonly number[]): readonly number[] => times.toSorted((a, b) => a - b);

/** The last that is not later. */
const lastBefore = (times: readonly number[], at: number): number | undefined =>
  times[firstIndex(times.length, (n) => (times[n] ?? 0) > at) - 1];

/** The first that is not earlier. */
const firstFrom = (times: readonly number[], at: number): number | undefined =>
  times[firstIndex(times.length, (n) => (times[n] ?? 0) >= at)];

/** Samples that begin from `from` to `to` (exclusive). */
const between = (samples: readonly Sample[], from: number, to: number): readonly Sample[] => {
  const first = firstIndex(samples.length, (n) => (samples[n]?.at.getTime() ?? 0) >= from);
  const end = firstIndex(samples.length, (n) => (samples[n]?.at.getTime() ?? 0) >= to);
  return samples.slice(first, end);
};

/** The first index of which it holds, where it holds of all after it as well; `length` where it holds of none. */
function firstIndex(length: number, holds: (n: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
