import { DAY_MS, dayName, dayNumber } from '../meter/days.ts';

/** One calendar month (UTC), as far as it has come. */
export interface Month {
  /** `2026-11`. */
  readonly name: string;
  /** Its first instant. */
  readonly from: Date;
  /** Now, or the first instant after it. */
  readonly to: Date;
  /** The first instant after it. */
  readonly end: Date;
  readonly isOver: boolean;
  /** Its first day, and the last one that has begun. */
  readonly firstDay: string;
  readonly lastDay: string;
}

/** The month that is named, as of `now`; `undefined` = it lies ahead. */
export function monthOf(name: string, now: Date): Month | undefined {
  const from = new Date(`${name}-01T00:00:00.000Z`);
  const end = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1));
  if (from > now) return undefined;
  const isOver = end <= now;
  const to = isOver ? end : now;
  return {
    name,
    from,
    to,
    end,
    isOver,
    firstDay: dayName(dayNumber(from.getTime())),
    lastDay: dayName(dayNumber(isOver ? end.getTime() - DAY_MS : now.getTime())),
  };
}

/** The UTC month of an instant, `2026-11`. */
export const monthName = (at: Date): string => at.toISOString().slice(0, '2026-11'.length);
