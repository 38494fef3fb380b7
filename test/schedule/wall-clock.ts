import type { Schedule } from '../../lib/policy/schedule.ts';

/**
 * An oracle of opening hours that knows nothing but what `Intl.DateTimeFormat` shows on the wall, minute by minute: no
 * offsets, no time zone library, none of the product's code.
 */

export const MINUTE_MS = 60_000;
export const DAY_MINUTES = 1_440;

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const before = clocks.get(zone);
  if (before !== undefined) return before;
  const clock = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  clocks.set(zone, clock);
  return clock;
}

/** What the wall shows, in minutes since 1970-01-01 00:00 of its own, at `count` minutes from `from` (epoch minutes) on. */
export function wallFrom(zone: string, from: number, count: number): Int32Array {
  const clock = clockOf(zone);
  const wall = new Int32Array(count);
  for (let index = 0; index < count; index += 1) {
    // 2026-03-29, 01:59
    const text = clock.format((from + index) * MINUTE_MS);
    wall[index] =
      Date.UTC(
        +text.slice(0, 4),
        +text.slice(5, 7) - 1,
        +text.slice(8, 10),
        +text.slice(12, 14),
        +text.slice(15),
      ) / MINUTE_MS;
  }
  return wall;
}

/** Epoch minutes, to within a day before it, at which the clock of a zone is changed from `from` to `to`. */
export function changesOf(zone: string, from: Date, to: Date): readonly number[] {
  const found: number[] = [];
  let before: number | undefined;
  for (let at = from.getTime() / MINUTE_MS; at <= to.getTime() / MINUTE_MS; at += DAY_MINUTES) {
    const offset = (wallFrom(zone, at, 1)[0] ?? 0) - at;
    if (before !== undefined && offset !== before) found.push(at - DAY_MINUTES);
    before = offset;
  }
  return found;
}

const isoDate = (day: number): string => new Date(day * DAY_MINUTES * MINUTE_MS).toISOString().slice(0, 10);

/** Does a span begin on that date (days since 1970-01-01)? The holidays are told. */
function spansOn({ week, closed }: Schedule, day: number, holidays: ReadonlySet<string>) {
  const date = isoDate(day);
  if (holidays.has(date) || closed.some(({ from, to }) => from <= date && date <= to)) return [];
  return week[(new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7] ?? [];
}

/** True of each minute in which a schedule is open, from what the wall shows in them. */
export function openMinutes(
  schedule: Schedule,
  wall: Int32Array,
  holidays: ReadonlySet<string> = new Set(),
): readonly boolean[] {
  const open = new Array<boolean>(wall.length).fill(false);
  const shown = new Set(Array.from(wall, (minute) => Math.floor(minute / DAY_MINUTES)));
  // A span of the day before the first may reach into it.
  for (const day of [...shown, Math.min(...shown) - 1]) {
    for (const { from, to } of spansOn(schedule, day, holidays)) {
      const first = wall.findIndex((minute) => minute >= day * DAY_MINUTES + from);
      const last = wall.findLastIndex((minute) => minute < day * DAY_MINUTES + to);
      if (first >= 0 && first <= last) open.fill(true, first, last + 1);
    }
  }
  return open;
}

/** Far from any change of the clock: is what the wall shows within the hours of its date, or of the date before? */
export function isWithinHours(
  schedule: Schedule,
  wallMinute: number,
  holidays: ReadonlySet<string> = new Set(),
): boolean {
  const today = Math.floor(wallMinute / DAY_MINUTES);
  return [today, today - 1].some((day) =>
    spansOn(schedule, day, holidays).some(
      ({ from, to }) => from <= wallMinute - day * DAY_MINUTES && wallMinute - day * DAY_MINUTES < to,
    ),
  );
}
