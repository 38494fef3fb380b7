import { numberOfDay } from '../meter/days.ts';
import { byCodeUnits } from './split.ts';
import { andList } from './words.ts';

/** How many UTC days there are from the first to the last, both included. */
export const daysBetween = (from: string, to: string): number => numberOfDay(to) - numberOfDay(from) + 1;

/** UTC days for people, those in a row as one range: `2026-11-03 to 2026-11-05 and 2026-11-09`. */
export function dayRanges(days: Iterable<string>): string {
  const ranges: { first: string; last: string }[] = [];
  for (const day of [...new Set(days)].sort(byCodeUnits)) {
    const range = ranges.at(-1);
    if (range !== undefined && numberOfDay(day) === numberOfDay(range.last) + 1) range.last = day;
    else ranges.push({ first: day, last: day });
  }
  return andList(ranges.map(({ first, last }) => (first === last ? first : `${first} to ${last}`)));
}
