import { Temporal } from 'temporal-polyfill';
import { holidaysOf } from '../policy/holidays.ts';
import type { Schedule } from '../policy/schedule.ts';
import { remembered } from './remembered.ts';

/** Epoch milliseconds: open from `from` on, and no more at `to`. */
export interface OpenSpan {
  readonly from: number;
  readonly to: number;
}

const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;

/** By schedule, then by local date in days since 1970-01-01. Schedules never change: a policy is read whole. */
const known = new WeakMap<Schedule, Map<number, readonly OpenSpan[]>>();

/**
 * The spans of a schedule that begin on a local date, in days since 1970-01-01; those of no length are left out. A span is
 * open from the first instant whose wall clock is at or after its start, to the end of the last minute whose wall clock is
 * before its end: where the clock leaps over the start it opens right after the leap, and where an hour comes twice it
 * stays open from the first to the last time.
 */
export const spansOfDay = (schedule: Schedule, day: number): readonly OpenSpan[] =>
  remembered(
    remembered(known, schedule, () => new Map<number, readonly OpenSpan[]>()),
    day,
    () => readSpans(schedule, day),
  );

function readSpans({ timezone, week, holidays, closed }: Schedule, day: number): readonly OpenSpan[] {
  // 1970-01-01 was a Thursday, and Monday comes first.
  const written = week[(((day + 3) % 7) + 7) % 7] ?? [];
  if (written.length === 0) return [];
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  if (closed.some(({ from, to }) => from <= date && date <= to)) return [];
  if (holidays !== undefined && holidaysOf(holidays, Number(date.slice(0, 4))).has(date)) return [];
  if (!exists(day, timezone)) return [];
  return written.flatMap(({ from, to }) => {
    const span = { from: firstFrom(day, from, timezone), to: lastBefore(day, to, timezone) };
    return span.from < span.to ? [span] : [];
  });
}

/** False of a date that a place left out, as Samoa did 2011-12-30 when it changed sides of the date line. */
function exists(day: number, zone: string): boolean {
  const whole = lookUp(day, 0, zone);
  return whole.kind !== 'leapt' || whole.at < lookUp(day, DAY_MINUTES, zone).at;
}

/** The first instant at which the clock on the wall shows this time or a later one. */
const firstFrom = (day: number, minutes: number, zone: string): number => lookUp(day, minutes, zone).at;

/** The instant after which the clock on the wall shows no earlier time any more. */
function lastBefore(day: number, minutes: number, zone: string): number {
  const found = lookUp(day, minutes, zone);
  if (found.kind !== 'twice') return found.at;
  // The very time to which the clock is put back: when it comes again, the minute before it was a later one.
  const before = wallMinutes(found.again - MINUTE_MS, zone);
  return before < day * DAY_MINUTES + minutes ? found.again : found.at;
}

type WallTime =
  | { readonly kind: 'once'; readonly at: number }
  /** The clock shows it at `at`, is put back, and shows it again. */
  | { readonly kind: 'twice'; readonly at: number; readonly again: number }
  /** The clock leaps over it, at `at`. */
  | { readonly kind: 'leapt'; readonly at: number };

/** When the clock on a wall shows `minutes` of a date; from 1,440 on they are of the dates that follow. */
function lookUp(day: number, minutes: number, zone: string): WallTime {
  const plain = Temporal.PlainDateTime.from(
    new Date(day * DAY_MS + minutes * MINUTE_MS).toISOString().slice(0, 19),
  );
  const earlier = plain.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const later = plain.toZonedDateTime(zone, { disambiguation: 'later' });
  const [at, again] = [earlier.epochMilliseconds, later.epochMilliseconds];
  if (at === again) return { kind: 'once', at };
  if (earlier.toPlainDateTime().equals(plain)) return { kind: 'twice', at, again };
  // Both stand as far from the leap as the time itself from one of its ends, on either side of it.
  return { kind: 'leapt', at: earlier.getTimeZoneTransition('next')?.epochMilliseconds ?? again };
}

/** What the clock on the wall shows, in minutes since 1970-01-01 00:00 of its own. */
function wallMinutes(ms: number, zone: string): number {
  const { offsetNanoseconds } = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
  return (ms + offsetNanoseconds / 1_000_000) / MINUTE_MS;
}
