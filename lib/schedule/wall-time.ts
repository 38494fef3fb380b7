import { Temporal } from 'temporal-polyfill';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** A time as the clock on the wall of a place shows it, for people: `Mon 2026-11-30 08:00 Europe/Berlin`. */
export function wallTime(at: Date, timezone: string): string {
  const there = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timezone);
  const clock = there.toPlainTime().toString({ smallestUnit: 'minute' });
  return `${DAYS[there.dayOfWeek - 1] ?? ''} ${there.toPlainDate().toString()} ${clock} ${timezone}`;
}

/** The time of an opening or closing, by the clock of the schedule that governs it. */
export const edgeTime = ({
  at,
  schedules: [first],
}: {
  readonly at: Date;
  readonly schedules: readonly { readonly timezone: string }[];
}): string => wallTime(at, first?.timezone ?? 'UTC');
