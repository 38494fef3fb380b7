/** Milliseconds of a UTC day: UTC as computers count it has no leap seconds. */
export const DAY_MS = 86_400_000;

/** Days from 1970-01-01 to the UTC day that the instant lies in. */
export const dayNumber = (milliseconds: number): number => Math.floor(milliseconds / DAY_MS);

/** Dates are slow to write, and each sweep asks for the same two months of each project. */
const names = new Map<number, string>();
const MOST_NAMES = 10_000;

/** `2026-11-25` of a day number. */
export function dayName(day: number): string {
  const known = names.get(day);
  if (known !== undefined) return known;
  const name = new Date(day * DAY_MS).toISOString().slice(0, 10);
  if (names.size >= MOST_NAMES) names.clear();
  names.set(day, name);
  return name;
}

/** The day number of `2026-11-25`. */
export const numberOfDay = (name: string): number => dayNumber(Date.parse(name));

/** The UTC day, `2026-11-25`, so many days before another. */
export const daysBefore = (day: string, days: number): string => dayName(numberOfDay(day) - days);

/** `2026-10` is one month before any time in November 2026, UTC. */
export const monthsBefore = (at: Date, months: number): string =>
  new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - months)).toISOString().slice(0, '2026-10'.length);

/** 0 = Sunday; 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => (day + 4) % 7;
