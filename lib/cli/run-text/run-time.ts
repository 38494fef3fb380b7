import type { Span } from '../../simulate/result.ts';

const MINUTE = '2026-11-25 10:30'.length;

/**
 * How a run tells times, in UTC: as short as is clear over its span. Within a day `10:30`, within a year `11-25 10:30`,
 * else `2026-11-25 10:30`; with seconds nowhere.
 */
export function timeIn({ from, to }: Span): (at: Date) => string {
  const [first, last] = [from.toISOString(), to.toISOString()];
  const shared = (length: number): boolean => first.slice(0, length) === last.slice(0, length);
  const cut = shared('2026-11-25'.length) ? '2026-11-25 '.length : shared('2026'.length) ? '2026-'.length : 0;
  // What lies outside of the span is told in full.
  return (at) => {
    const text = at.toISOString().slice(0, MINUTE).replace('T', ' ');
    return at < from || at > to ? text : text.slice(cut);
  };
}

/** The length of a span for people: `45 min`, `63 h`, `30 days`. */
export function lengthOf({ from, to }: Span): string {
  const minutes = Math.round((to.getTime() - from.getTime()) / 60_000);
  if (minutes >= 7 * 1440) {
    const days = Math.round((minutes / 1440) * 10) / 10;
    return `${days} days`;
  }
  if (minutes < 120) return `${minutes} min`;
  return `${Math.round((minutes / 60) * 10) / 10} h`;
}
