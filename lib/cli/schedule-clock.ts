import { Temporal } from 'temporal-polyfill';

/** The clock on the wall of a place being put forward or back. */
export interface ClockChange {
  readonly at: Date;
  readonly timezone: string;
  /** Local date on which it is, `2026-03-29`. */
  readonly date: string;
  /** What it shows right before and right after, `02:00` and `03:00`. */
  readonly from: string;
  readonly to: string;
  /** True where it is put forward. */
  readonly isForward: boolean;
}

/** A time on the wall of a place. */
export interface WallTime {
  /** `2026-03-29`. */
  readonly date: string;
  /** `08:00`. */
  readonly time: string;
  /** Against UTC, `+02:00`. */
  readonly offset: string;
}

const zonedAt = (at: Date, timezone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timezone);

const clockText = (time: Temporal.PlainDateTime): string => time.toString().slice(11, 16);

export function wallTime(at: Date, timezone: string): WallTime {
  const zoned = zonedAt(at, timezone);
  return {
    date: zoned.toPlainDate().toString(),
    time: clockText(zoned.toPlainDateTime()),
    offset: zoned.offset,
  };
}

/** The first instant of a local date. */
export const startOfDay = (date: string, timezone: string): Date =>
  new Date(Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: timezone }).epochMilliseconds);

/** The instant of a local time, `2026-03-27T08:00` or with seconds; of one that comes twice the first. */
export const instantOf = (local: string, timezone: string): Date =>
  new Date(Temporal.PlainDateTime.from(local).toZonedDateTime(timezone).epochMilliseconds);

/** The same time on the wall so many days later. */
export const daysAfter = (at: Date, days: number, timezone: string): Date =>
  new Date(zonedAt(at, timezone).add({ days }).epochMilliseconds);

/** Local dates from that of `from` to that of the last instant before `to`, in order. */
export function datesBetween(from: Date, to: Date, timezone: string): readonly string[] {
  const last = zonedAt(new Date(to.getTime() - 1), timezone).toPlainDate();
  const dates: string[] = [];
  let day = zonedAt(from, timezone).toPlainDate();
  for (; Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) dates.push(day.toString());
  return dates;
}

/** A place that has not changed its clocks for so long is not waited for. */
const LOOK_DAYS = 400;

/** The next change of clocks after `after`, within 400 days; `undefined` = there is none, or none is known. */
export function nextClockChange(after: Date, timezone: string): ClockChange | undefined {
  const end = after.getTime() + LOOK_DAYS * 86_400_000;
  let at = zonedAt(after, timezone).getTimeZoneTransition('next');
  for (; at !== null && at.epochMilliseconds <= end; at = at.getTimeZoneTransition('next')) {
    const before = at.subtract({ nanoseconds: 1 });
    const leap = at.offsetNanoseconds - before.offsetNanoseconds;
    // A zone may get another name alone.
    if (leap === 0) continue;
    return {
      at: new Date(at.epochMilliseconds),
      timezone,
      date: before.toPlainDate().toString(),
      from: clockText(at.toPlainDateTime().subtract({ nanoseconds: leap })),
      to: clockText(at.toPlainDateTime()),
      isForward: leap > 0,
    };
  }
  return undefined;
}
