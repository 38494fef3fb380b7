import { DAY_MS, dayName, dayNumber } from '../meter/days.ts';
import { SETTLING_MS, settledPoints } from '../meter/points.ts';
import type { MeterRecord } from '../types/meter.ts';

/** The meter may be off by the time between two looks at each end of what it sums up. Milliseconds. */
const SLACK_MS = 10 * 60_000;

/**
 * When the meter has it that a resource cost money again after a stop, whoever started it; `undefined` = not by what the
 * meter knows. What it has summed up by day says how long, not when: then as late as it can have been for so long, so
 * that the days in between are told as a whole.
 * @param before the next stop, or the last instant that is looked at
 */
export function runsAgain(record: MeterRecord, stop: Date, before: Date): Date | undefined {
  const points = settledPoints(record.points);
  const summedUntil = Math.min(points[0]?.at.getTime() ?? Number.POSITIVE_INFINITY, before.getTime());
  return againInDays(record, stop.getTime(), summedUntil) ?? againInPoints(points, stop, before);
}

/** By what is summed up of the days between the stop and the first point. */
function againInDays({ closed }: MeterRecord, stop: number, until: number): Date | undefined {
  for (let day = dayNumber(stop); day * DAY_MS < until; day += 1) {
    const name = dayName(day);
    const start = Math.max(day * DAY_MS, stop);
    const end = Math.min((day + 1) * DAY_MS, until);
    const ran = closed.reduce((sum, one) => sum + (one.day === name ? clockTime(one) : 0), 0);
    // It may have run all that day until the stop.
    const after = ran - (start - day * DAY_MS);
    const isTelling = start === stop ? after > SLACK_MS : after > 0;
    if (isTelling) return new Date(Math.max(start, end - after));
  }
  return undefined;
}

/** A remainder of prices, kept at a micro-dollar an hour, is none of the clock's time. */
const clockTime = ({ hourly, milliseconds }: MeterRecord['closed'][number]): number =>
  hourly === 1n ? 0 : milliseconds;

function againInPoints(points: MeterRecord['points'], stop: Date, before: Date): Date | undefined {
  let wasOn = points.findLast(({ at }) => at <= stop)?.on === true;
  for (const { at, on } of points) {
    if (at <= stop || at >= before) continue;
    if (on && !wasOn) return at;
    // It cost money before the stop and after it, and nothing says that it did not in between.
    if (on && at.getTime() > stop.getTime() + SETTLING_MS) return stop;
    wasOn = on;
  }
  return undefined;
}

/** When the meter last heard that it costs nothing, after the stop and by `before`: as far as is known, its end. */
export const lastHeardOff = (record: MeterRecord, stop: Date, before: Date): Date | undefined =>
  record.points.findLast(({ at, on }) => !on && at > stop && at <= before)?.at;
