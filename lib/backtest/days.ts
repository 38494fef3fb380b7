import { DAY_MS } from '../meter/days.ts';

/** CloudWatch publishes a sample minutes after its end; after an hour a day is taken to be complete. */
const SETTLED_MS = 3_600_000;

/** A day of UTC: its name, `YYYY-MM-DD`, and its first instant in epoch milliseconds. */
export interface Day {
  readonly name: string;
  readonly starts: number;
}

/** The days (UTC) that `from` to `to` (exclusive) touches, in order. */
export function daysOf(from: Date, to: Date): readonly Day[] {
  const days: Day[] = [];
  for (let at = Math.floor(from.getTime() / DAY_MS) * DAY_MS; at < to.getTime(); at += DAY_MS) {
    days.push({ name: new Date(at).toISOString().slice(0, 10), starts: at });
  }
  return days;
}

/** True of a day that is over, and of which nothing more is to come. */
export const isSettled = ({ starts }: Day, now: Date): boolean =>
  now.getTime() >= starts + DAY_MS + SETTLED_MS;
