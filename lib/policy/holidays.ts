import { createRequire } from 'node:module';
import type Holidays from 'date-holidays';
import type { HolidaysTypes } from 'date-holidays';

/**
 * The library, loaded when a place is first named: its rules of all countries take a tenth of a second to load, and most
 * policies name none. A bundler sees the first `require` and puts it in; where nothing is bundled, a module has none.
 */
const library = (): typeof Holidays =>
  typeof require === 'function' ? require('date-holidays') : createRequire(import.meta.url)('date-holidays');

/** `DE`, `DE-BE`, `DE-BY-A`: a country of ISO 3166, a state and a region of it, as `date-holidays` names them. */
const PLACE = /^([A-Z]{2})(?:-([A-Z0-9]{1,4}))?(?:-([A-Z0-9]{1,4}))?$/;

function calendarOf(place: string): Holidays | undefined {
  const [, country, state, region] = PLACE.exec(place) ?? [];
  if (country === undefined) return undefined;
  const Calendar = library();
  const all = new Calendar();
  const has = (found: Readonly<Record<string, string>> | undefined, key: string): boolean =>
    found !== undefined && Object.hasOwn(found, key);
  if (!has(all.getCountries(), country)) return undefined;
  if (state === undefined) return new Calendar(country);
  if (!has(all.getStates(country), state)) return undefined;
  if (region === undefined) return new Calendar(country, state);
  return has(all.getRegions(country, state), region) ? new Calendar(country, state, region) : undefined;
}

/** True of a place whose public holidays are known. */
export const isHolidayPlace = (place: string): boolean => calendarOf(place) !== undefined;

/** States of a country, such as `BE` of `DE`; empty where it has none, or is none. */
export const statesOf = (country: string): readonly string[] =>
  Object.keys((/^[A-Z]{2}$/.test(country) ? new (library())().getStates(country) : undefined) ?? {});

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/** Local dates of one, `YYYY-MM-DD`: those that it covers wholly, by a clock that may be an hour off; none of half a day. */
function datesOf({ date, start, end }: HolidaysTypes.Holiday): readonly string[] {
  const hours = (end.getTime() - start.getTime()) / HOUR_MS;
  const first = Date.parse(`${date.slice(0, 10)}T00:00Z`);
  return Array.from({ length: Math.floor((hours + 1) / DAY_HOURS) }, (_, n) =>
    new Date(first + n * DAY_HOURS * HOUR_MS).toISOString().slice(0, 10),
  );
}

const known = new Map<string, ReadonlyMap<string, string>>();

/**
 * Public holidays of a place in a year: names by local date `YYYY-MM-DD`, in English where `date-holidays` has them so;
 * empty where the place is not known. Half days are none.
 */
export function holidayNames(place: string, year: number): ReadonlyMap<string, string> {
  const key = `${place} ${year}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const calendar = calendarOf(place);
  // One of the year before may reach into this one.
  const found = [year - 1, year].flatMap((one) => calendar?.getHolidays(one, 'en') ?? []);
  const names = new Map<string, string>();
  for (const day of found) {
    if (day.type !== 'public') continue;
    for (const date of datesOf(day)) {
      if (date.startsWith(`${year}-`) && !names.has(date)) names.set(date, day.name);
    }
  }
  known.set(key, names);
  return names;
}

const dates = new WeakMap<ReadonlyMap<string, string>, ReadonlySet<string>>();

/** Local dates `YYYY-MM-DD` of the same. */
export function holidaysOf(place: string, year: number): ReadonlySet<string> {
  const names = holidayNames(place, year);
  const before = dates.get(names);
  if (before !== undefined) return before;
  const made = new Set(names.keys());
  dates.set(names, made);
  return made;
}
