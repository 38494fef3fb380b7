import { Temporal } from 'temporal-polyfill';
import type { WeeklyForm } from './use-schema.ts';

const MINUTES_OF_DAY = 1_440;

/** A span in epoch milliseconds; `to` is exclusive. */
export interface SpanMs {
  readonly from: number;
  readonly to: number;
}

/**
 * When something that repeats weekly holds between two instants, in order, cut to them. Times of day are those of
 * clocks on the wall, whatever the season. On the day on which clocks go forward a time that is skipped is as long after
 * the change as it is after the last time before it; on the day on which they go back a time that comes twice is the
 * first of the two.
 */
export function* weeklySpans(
  { days, from, to, timezone }: Pick<WeeklyForm, 'days' | 'from' | 'to' | 'timezone'>,
  window: SpanMs,
  wall: WallClock,
): Generator<SpanMs> {
  const zone = timezone ?? 'UTC';
  const ends = to > from ? to : to + MINUTES_OF_DAY;
  const last = dayOf(window.to, zone);
  let cursor = window.from;
  // A span of the day before may reach into the first.
  let day = dayOf(window.from, zone).subtract({ days: 1 });
  for (; Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    if (!days.has(day.dayOfWeek)) continue;
    const begins = Math.max(wall.at(day, from, zone), cursor);
    const stops = Math.min(wall.at(day, ends, zone), window.to);
    if (stops <= begins) continue;
    yield { from: begins, to: stops };
    cursor = stops;
  }
}

const dayOf = (ms: number, zone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate();

/** Instants of times on the wall; remembered, since a fleet shares its hours. */
export interface WallClock {
  /** Epoch milliseconds of so many minutes after the midnight of a day; from 1,440 on, of the next. */
  at(day: Temporal.PlainDate, minutes: number, zone: string): number;
}

export function createWallClock(): WallClock {
  const known = new Map<string, number>();
  return {
    at: (day, minutes, zone) => {
      const key = `${day.toString()} ${minutes} ${zone}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const date = day.add({ days: Math.floor(minutes / MINUTES_OF_DAY) });
      const plainTime = new Temporal.PlainTime(Math.floor((minutes % MINUTES_OF_DAY) / 60), minutes % 60);
      const found = date.toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds;
      known.set(key, found);
      return found;
    },
  };
}
