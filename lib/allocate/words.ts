import { numberOfDay } from '../meter/days.ts';
import { ascending } from '../types/lists.ts';
import type { Usd } from '../types/money.ts';

/** More names than these no sentence lists. */
const MOST = 12;

const LARGE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const SMALL = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });

/** A number of units for people: `12,345`, `0.25`. */
export const countText = (value: number): string => (value < 100_000 ? SMALL : LARGE).format(value);

/** `1 project`, `3 projects`. */
export const counted = (count: number, one: string): string =>
  `${countText(count)} ${one}${count === 1 ? '' : 's'}`;

/** `a`, `a and b`, `a, b and c`; of many the first, and how many more there are. */
export function andList(items: readonly string[]): string {
  const shown = items.length > MOST ? [...items.slice(0, MOST), `${items.length - MOST} more`] : items;
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}

/** UTC days for people, those in a row as one range: `2026-11-03 to 2026-11-05 and 2026-11-09`. */
export function dayRanges(days: Iterable<string>): string {
  const ranges: { first: string; last: string }[] = [];
  for (const day of [...new Set(days)].sort(ascending)) {
    const range = ranges.at(-1);
    if (range !== undefined && numberOfDay(day) === numberOfDay(range.last) + 1) range.last = day;
    else ranges.push({ first: day, last: day });
  }
  return andList(ranges.map(({ first, last }) => (first === last ? first : `${first} to ${last}`)));
}

/** How many percent of the whole a part is, for people and pages: to four decimals; 0 of a zero whole. */
export const percentOfWhole = (part: Usd, whole: Usd): number =>
  whole === 0n ? 0 : Number((part * 1_000_000n) / whole) / 10_000;

/** `35.2%`. */
export const percentText = (percent: number): string => `${Math.round(percent * 10) / 10}%`;
