import Holidays from 'date-holidays';

/** `DE`, `DE-BE`, `DE-BY-A`: a country of ISO 3166, a state and a region of it, as `date-holidays` names them. */
const PLACE = /^([A-Z]{2})(?:-([A-Z0-9]{1,4}))?(?:-([A-Z0-9]{1,4}))?$/;

function calendarOf(place: string): Holidays | undefined {
  const [, country, state, region] = PLACE.exec(place) ?? [];
  if (country === undefined) return undefined;
  const all = new Holidays();
  const has = (found: Readonly<Record<string, string>> | undefined, key: string): boolean =>
    found !== undefined && Object.hasOwn(found, key);
  if (!has(all.getCountries(), country)) return undefined;
  if (state === undefined) return new Holidays(country);
  if (!has(all.getStates(country), state)) return undefined;
  if (region === undefined) return new Holidays(country, state);
  return has(all.getRegions(country, state), region) ? new Holidays(country, state, region) : undefined;
}

/** True of a place whose public holidays are known. */
export const isHolidayPlace = (place: string): boolean => calendarOf(place) !== undefined;

/** States of a country, such as `BE` of `DE`; empty where it has none, or is none. */
export const statesOf = (country: string): readonly string[] =>
  Object.keys((/^[A-Z]{2}$/.test(country) ? new Holidays().getStates(country) : undefined) ?? {});

const known = new Map<string, ReadonlySet<string>>();

/** Public holidays of a place in a year, local dates `YYYY-MM-DD`; empty where the place is not known. */
export function holidaysOf(place: string, year: number): ReadonlySet<string> {
  const key = `${place} ${year}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const days = calendarOf(place)?.getHolidays(year) ?? [];
  const dates = new Set(days.filter(({ type }) => type === 'public').map(({ date }) => date.slice(0, 10)));
  known.set(key, dates);
  return dates;
}
