import { judgeIdleness, MAX_LAG_SECONDS, newestBusy } from '../decide/idle.ts';
import type { SignalPlan, SignalQuery } from '../fleet/kind.ts';
import type { IdleRule } from '../policy/policy.ts';
import { samplesBetween } from '../simulate/account/cloudwatch-points.ts';
import { type RecordedMetrics, seriesKey } from '../simulate/account/recorded.ts';
import { eachSample, type SampleList } from '../simulate/account/samples.ts';
import { seriesOfQuery } from '../simulate/recorded-use.ts';
import type { SignalReading } from '../types/evidence.ts';
import type { HistoryResource } from './history.ts';

/** Sweeps come every five minutes. */
const SWEEP_MS = 300_000;
/** Nobody can ask for it back in the very moment in which it goes. */
const BACK_MS = 60_000;
/** In use again within this time after a stop: it was a false one. */
export const FALSE_STOP_MS = 15 * 60_000;

/** What a resource is judged by, over the whole history. */
export interface Judgeable {
  readonly life: HistoryResource;
  readonly readings: readonly RecordedReading[];
  readonly missing: SignalPlan['missing'];
}

/** All that was recorded of one signal, whole and in the order of time. */
interface RecordedReading extends Omit<SignalReading, 'samples'> {
  readonly samples: SampleList;
  /** Makes the policy's unit of each value. */
  readonly scale: number;
}

/** One stop that a rule would have made, and how long it would have lasted. */
export interface WouldStop {
  readonly at: Date;
  /** When it was in use again, or when it ended by itself: until then it cost nothing. */
  readonly until: Date;
  readonly isFalse: boolean;
}

/** What was recorded of a resource. */
export function judgeable(life: HistoryResource, plan: SignalPlan, metrics: RecordedMetrics): Judgeable {
  const readings = plan.queries.map((query) => readingOf(query, life.resource.region, metrics));
  return { life, readings, missing: plan.missing };
}

function readingOf(query: SignalQuery, region: string, metrics: RecordedMetrics): RecordedReading {
  return {
    signal: query.signal,
    periodSeconds: query.periodSeconds,
    absence: query.absence,
    samples: metrics.get(seriesKey(seriesOfQuery(region, query))) ?? [],
    scale: query.scale,
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
      const back = next === undefined ? Number.POSITIVE_INFINITY : Math.max(next, at + BACK_MS);
      const until = new Date(Math.min(back, to.getTime()));
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

const isNeverKnown = ({ absence, samples }: RecordedReading): boolean =>
  absence === 'unknown' && samples.length === 0;

/** Whether the judge calls it in use within a quarter of an hour after the stop, as long as it ran. */
function isUsedWithin(
  readings: readonly RecordedReading[],
  used: IdleRule,
  at: number,
  runsTo: number,
): boolean {
  const end = Math.min(at + FALSE_STOP_MS, runsTo);
  const rule = { ...used, afterSeconds: (end - at) / 1000 };
  // Every sample that has any minute of it.
  return readings.some(
    (reading) =>
      newestBusy(between(reading, at - reading.periodSeconds * 1000 + 1, end), rule, new Date(end)) !==
      undefined,
  );
}

/** What the sweep at that minute sees: whole samples of the window, and what may be late. */
function evidenceAt(readings: readonly RecordedReading[], at: number, after: number) {
  return {
    asOf: new Date(at),
    readings: readings.map((reading) =>
      between(
        reading,
        at - after - MAX_LAG_SECONDS * 1000 - reading.periodSeconds * 1000,
        at - reading.periodSeconds * 1000 + 1,
      ),
    ),
    missing: [],
  };
}

/** When what the rule calls busy begins, as the judge has it, and only to spare it the asking. In order. */
const busyStarts = (readings: readonly RecordedReading[], rule: IdleRule): readonly number[] =>
  ascending(readings.flatMap((reading) => busyTimes(reading, rule)));

const busyEnds = (readings: readonly RecordedReading[], rule: IdleRule): readonly number[] =>
  ascending(
    readings.flatMap((reading) =>
      busyTimes(reading, rule).map((time) => time + reading.periodSeconds * 1000),
    ),
  );

function busyTimes({ signal, ceiling, samples, scale }: RecordedReading, rule: IdleRule): readonly number[] {
  const limit = Math.min(rule.below[signal], ceiling ?? Number.POSITIVE_INFINITY);
  const times: number[] = [];
  eachSample(samples, (time, value) => {
    if (!(value * scale < limit)) times.push(time);
  });
  return times;
}

const ascending = (times: readonly number[]): readonly number[] => times.toSorted((a, b) => a - b);

/** The last that is not later. */
const lastBefore = (times: readonly number[], at: number): number | undefined =>
  times[firstIndex(times.length, (n) => (times[n] ?? 0) > at) - 1];

/** The first that is not earlier. */
const firstFrom = (times: readonly number[], at: number): number | undefined =>
  times[firstIndex(times.length, (n) => (times[n] ?? 0) >= at)];

/** Of a reading the samples that begin from `from` to `to` (exclusive), in the policy's units. */
const between = (
  { samples, scale, ...reading }: RecordedReading,
  from: number,
  to: number,
): SignalReading => ({
  ...reading,
  samples: samplesBetween(samples, from, to).map(({ at, value }) => ({ at, value: value * scale })),
});

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
