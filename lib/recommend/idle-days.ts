import { formatSignal, limitOf, signalTitle } from '../decide/idle.ts';
import type { IdleLimits } from '../policy/policy.ts';
import type { Evidence, SignalName, SignalReading } from '../types/evidence.ts';

/** What a span of days says of a resource. */
export type IdleDays =
  | { readonly state: 'idle'; readonly figures: string }
  | { readonly state: 'busy' }
  /** Not knowing is not idle. */
  | { readonly state: 'unknown'; readonly why: string };

export interface DaysSpan {
  readonly from: Date;
  readonly to: Date;
}

/** So many of all samples must be there; over days single ones are late or lost. */
const LEAST_COVERED = 0.95;
/** The newest sample may be so old: an hour that has just passed is published some minutes after its end. */
const NEWEST_MS = 3 * 3_600_000;

/** True where one sample of the span is at its limit or above; a value that is no number is. */
export const showsUse = (reading: SignalReading, below: IdleLimits): boolean =>
  reading.samples.some(({ value }) => !(value < limitOf(reading, below)));

/**
 * Judges by every sample of the span, never by an average: each must be below its limit, 95 of 100 of them must be there,
 * and no signal may lack its metric. One that is emitted on use alone reads as zero where another shows that the metrics
 * were alive.
 */
export function idleOverDays(
  evidence: Evidence | undefined,
  below: IdleLimits,
  { from, to }: DaysSpan,
): IdleDays {
  if (evidence === undefined || evidence.readings.length === 0) {
    return { state: 'unknown', why: evidence?.missing[0]?.why ?? 'No metric could be read.' };
  }
  const readings = evidence.readings.map((reading) => ({
    ...reading,
    samples: reading.samples.filter(({ at }) => at >= from && at < to),
  }));
  if (readings.some((reading) => showsUse(reading, below))) return { state: 'busy' };
  const steady = readings.filter(({ absence }) => absence === 'unknown');
  if (steady.length === 0) return { state: 'unknown', why: 'Nothing shows that its metrics were alive.' };
  const lacking = steady.find((reading) => !isCovered(reading, from, to));
  if (lacking !== undefined) {
    return { state: 'unknown', why: `The ${lacking.signal} metric does not cover the days.` };
  }
  const [missing] = evidence.missing;
  if (missing !== undefined) return { state: 'unknown', why: missing.why };
  return { state: 'idle', figures: figuresOf(readings, below) };
}

/** @param from later where it came into service later */
function isCovered({ samples, periodSeconds }: SignalReading, from: Date, to: Date): boolean {
  const expected = Math.floor((to.getTime() - from.getTime()) / 1000 / periodSeconds);
  const periods = new Set(samples.map(({ at }) => Math.floor(at.getTime() / 1000 / periodSeconds)));
  const newest = samples.reduce((latest, { at }) => Math.max(latest, at.getTime()), 0);
  return (
    periods.size >= LEAST_COVERED * expected && newest + periodSeconds * 1000 >= to.getTime() - NEWEST_MS
  );
}

/** `CPU at most 1.2% (idle is below 5%), network at most 3.1 kB/s (below 10 kB/s), no invocations`. */
function figuresOf(readings: readonly SignalReading[], below: IdleLimits): string {
  const highest = new Map<SignalName, { readonly value: number; readonly limit: number }>();
  for (const reading of readings) {
    const before = highest.get(reading.signal);
    highest.set(reading.signal, {
      value: reading.samples.reduce((most, { value }) => Math.max(most, value), before?.value ?? 0),
      limit: Math.min(before?.limit ?? Number.POSITIVE_INFINITY, limitOf(reading, below)),
    });
  }
  return [...highest]
    .map(([signal, { value, limit }], index) => {
      const counts = signal === 'invocations' || signal === 'backlog' || signal === 'connections';
      if (counts && value === 0) return `no ${signalTitle[signal]}`;
      const idle = `${index === 0 ? 'idle is ' : ''}below ${formatSignal(signal, limit)}`;
      return `${signalTitle[signal]} at most ${formatSignal(signal, value)} (${idle})`;
    })
    .join(', ');
}
