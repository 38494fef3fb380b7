const DAY_MS = 86_400_000;

/** The UTC day after one: `2026-12-01` after `2026-11-30`. */
export const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);

/** The first day of the next month, of the first day of a month. */
export function monthAfter(first: string): string {
  const [year = 0, month = 0] = first.split('-').map(Number);
  return new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);
}
