/** In UTC: `10:40` of the same day, `11-26 09:00` of the same year, else `2027-01-01 09:00`. */
export function shortTime(at: Date, now: Date): string {
  const text = at.toISOString().slice(0, 16).replace('T', ' ');
  const shared = (length: number): boolean => now.toISOString().startsWith(at.toISOString().slice(0, length));
  return shared('2026-11-25'.length) ? text.slice(11) : shared('2026'.length) ? text.slice(5) : text;
}
