import type { IdleLimits, IdleRule } from '../policy/policy.ts';
import type { Evidence, SignalName, SignalReading } from '../types/evidence.ts';
import type { Resource } from '../types/resource.ts';

/** What the samples of one window say of a resource. */
export type Idleness =
  /** Every sample of every signal was below its limit from `from` to `to`, which is at least the rule's `after`. */
  | { readonly state: 'idle'; readonly from: Date; readonly to: Date; readonly figures: string }
  /** `busyAt` is the end of the newest busy sample: not idle before `busyAt + after`. */
  | { readonly state: 'busy'; readonly busyAt: Date; readonly figures: string }
  | { readonly state: 'too-young'; readonly figures: string }
  /** Not knowing is not idle. `tell`: nothing will be known until people do something about it. */
  | { readonly state: 'unknown'; readonly why: string; readonly tell: boolean };

/**
 * How old the newest sample may be, in seconds. CloudWatch publishes a 5-minute sample a few minutes after
 * its end; beyond two periods the agent or the metric must be taken for dead.
 */
export const MAX_LAG_SECONDS = 600;

/** How far back metrics must be read to judge `rule` at `now`: its window and the lag that is allowed. */
export const windowSeconds = (rule: IdleRule): number => rule.afterSeconds + MAX_LAG_SECONDS;

/** True while nothing can prove it idle, whatever its metrics say: it has not run for the whole window. */
export const isTooYoung = (resource: Resource, rule: IdleRule, now: Date): boolean =>
  now.getTime() - resource.since.getTime() < rule.afterSeconds * 1000;

/** The limit that counts for a reading: the rule's, or the reading's own ceiling where that is lower. */
export const limitOf = ({ signal, ceiling }: SignalReading, below: IdleLimits): number =>
  Math.min(below[signal], ceiling ?? Number.POSITIVE_INFINITY);

/** Below the limit; a value that is no number is not. */
const isIdle = (value: number, reading: SignalReading, rule: IdleRule): boolean =>
  value < limitOf(reading, rule.below);

/** End of the newest busy sample of a reading within the window; `undefined` where none is busy. */
export function newestBusy(reading: SignalReading, rule: IdleRule, now: Date): Date | undefined {
  const opens = now.getTime() - rule.afterSeconds * 1000;
  let newest: number | undefined;
  for (const { at, value } of reading.samples) {
    const end = at.getTime() + reading.periodSeconds * 1000;
    if (!isIdle(value, reading, rule) && end > opens && end > (newest ?? 0)) newest = end;
  }
  return newest === undefined ? undefined : new Date(newest);
}

/**
 * Judges one resource by every sample of the window, never by an average. A signal covers the time from its
 * oldest to its newest idle sample without a gap; the resource is idle where all signals cover `after`.
 */
export function judgeIdleness(
  resource: Resource,
  evidence: Evidence | undefined,
  rule: IdleRule,
  now: Date,
): Idleness {
  const minutes = Math.round(rule.afterSeconds / 60);
  if (isTooYoung(resource, rule, now)) {
    const age = Math.floor((now.getTime() - resource.since.getTime()) / 60_000);
    return {
      state: 'too-young',
      figures: `Running for ${age} min, less than the ${minutes} min of the window.`,
    };
  }
  if (evidence === undefined || evidence.readings.length === 0) {
    const [lacking] = evidence?.missing ?? [];
    return lacking === undefined
      ? { state: 'unknown', why: 'No metric could be read.', tell: false }
      : { state: 'unknown', why: lacking.why, tell: true };
  }

  const readings = evidence.readings.map((reading) => withZeros(reading, evidence.readings));
  const busy = readings
    .map((reading) => ({ reading, at: newestBusy(reading, rule, now) }))
    .filter((one): one is { reading: SignalReading; at: Date } => one.at !== undefined)
    .sort((a, b) => b.at.getTime() - a.at.getTime())[0];
  if (busy !== undefined) {
    return { state: 'busy', busyAt: busy.at, figures: busyFigures(busy.reading, rule, busy.at) };
  }

  const stretches = readings.map((reading) => ({
    reading,
    stretch: idleStretch(resource, reading, rule, now),
  }));
  for (const { reading, stretch } of stretches) {
    const problem = whyNotCovered(reading, stretch, rule, now);
    if (problem !== undefined) return { state: 'unknown', why: problem, tell: false };
  }
  const [missing] = evidence.missing;
  if (missing !== undefined) {
    return { state: 'unknown', why: `${missing.why} All else is idle.`, tell: true };
  }

  const from = new Date(
    Math.max(...stretches.map(({ stretch }) => stretch?.from ?? Number.POSITIVE_INFINITY)),
  );
  const to = new Date(Math.min(...stretches.map(({ stretch }) => stretch?.to ?? 0)));
  if (to.getTime() - from.getTime() < rule.afterSeconds * 1000) {
    return { state: 'unknown', why: 'The signals do not cover the same window yet.', tell: false };
  }
  return { state: 'idle', from, to, figures: idleFigures(readings, from, to) };
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * The gapless run of idle samples that ends with the newest whole one; in epoch milliseconds. It never begins
 * before the resource came into service: what an earlier running spell did says nothing of this one.
 */
function idleStretch(
  { since }: Resource,
  reading: SignalReading,
  rule: IdleRule,
  now: Date,
): Stretch | undefined {
  const period = reading.periodSeconds * 1000;
  const whole = [...reading.samples]
    .filter(({ at }) => at.getTime() + period <= now.getTime())
    .sort((a, b) => b.at.getTime() - a.at.getTime());
  let stretch: Stretch | undefined;
  for (const { at, value } of whole) {
    const start = Math.max(at.getTime(), since.getTime());
    if (!isIdle(value, reading, rule) || at.getTime() + period <= since.getTime()) break;
    if (stretch === undefined) stretch = { from: start, to: at.getTime() + period };
    else if (stretch.from - start > period) break;
    else stretch = { from: start, to: stretch.to };
  }
  return stretch;
}

function whyNotCovered(
  reading: SignalReading,
  stretch: Stretch | undefined,
  rule: IdleRule,
  now: Date,
): string | undefined {
  const name = signalTitle[reading.signal];
  if (stretch === undefined) return `No ${name} metric in the window.`;
  if (now.getTime() - stretch.to > MAX_LAG_SECONDS * 1000) {
    const age = Math.floor((now.getTime() - stretch.to) / 60_000);
    return `The newest ${name} sample is ${age} min old.`;
  }
  const covered = stretch.to - stretch.from;
  if (covered < rule.afterSeconds * 1000) {
    return `The ${name} metric covers ${Math.floor(covered / 60_000)} of ${Math.round(rule.afterSeconds / 60)} min.`;
  }
  return undefined;
}

/**
 * A metric that is only emitted on use reads as zero where it is absent, but only in periods for which
 * another metric of the same resource arrived: without that the metrics themselves may be down.
 */
function withZeros(reading: SignalReading, all: readonly SignalReading[]): SignalReading {
  if (reading.absence === 'unknown') return reading;
  const present = new Set(reading.samples.map(({ at }) => at.getTime()));
  const zeros = all
    .filter(({ absence, periodSeconds }) => absence === 'unknown' && periodSeconds === reading.periodSeconds)
    .flatMap(({ samples }) => samples.map(({ at }) => at.getTime()))
    .filter((at) => !present.has(at));
  return {
    ...reading,
    samples: [...reading.samples, ...[...new Set(zeros)].map((at) => ({ at: new Date(at), value: 0 }))],
  };
}

/** A signal as people are told of it. */
export const signalTitle: Readonly<Record<SignalName, string>> = {
  cpu: 'CPU',
  gpu: 'GPU',
  network: 'network',
  invocations: 'invocations',
  backlog: 'backlog',
  connections: 'connections',
};

/** A value of a signal in its own unit, for people; small percentages, as half a core of many, more exactly. */
export function formatSignal(signal: SignalName, value: number): string {
  switch (signal) {
    case 'cpu':
    case 'gpu':
      return `${Number(value.toFixed(value < 2 ? 2 : 1))}%`;
    case 'network':
      return value >= 1000 ? `${Number((value / 1000).toFixed(1))} kB/s` : `${Math.round(value)} B/s`;
    case 'invocations':
    case 'backlog':
    case 'connections':
      return String(Math.round(value));
  }
}

/** Signals that count things: none of them is said in words. */
const COUNTED: ReadonlySet<SignalName> = new Set(['invocations', 'backlog', 'connections']);

const clock = (at: Date): string => `${at.toISOString().slice(11, 16)} UTC`;

function idleFigures(readings: readonly SignalReading[], from: Date, to: Date): string {
  const highest = new Map<SignalName, number>();
  for (const { signal, samples } of readings) {
    for (const { at, value } of samples) {
      if (at >= from && at < to) highest.set(signal, Math.max(highest.get(signal) ?? 0, value));
    }
  }
  const parts = [...highest].map(([signal, value]) =>
    COUNTED.has(signal) && value === 0
      ? `no ${signalTitle[signal]}`
      : `${signalTitle[signal]} at most ${formatSignal(signal, value)}`,
  );
  return `Idle from ${clock(from)} to ${clock(to)}: ${parts.join(', ')}.`;
}

function busyFigures(reading: SignalReading, rule: IdleRule, at: Date): string {
  const values = reading.samples
    .filter((sample) => sample.at.getTime() + reading.periodSeconds * 1000 === at.getTime())
    .map(({ value }) => value);
  const limit = formatSignal(reading.signal, limitOf(reading, rule.below));
  const seen = formatSignal(reading.signal, Math.max(...values));
  return `${signalTitle[reading.signal]} was ${seen} at ${clock(at)} (idle is below ${limit}).`;
}
