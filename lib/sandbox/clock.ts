const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FIRST_DAY = 4;

/**
 * How far ahead the sandbox's clock starts, in seconds: `age` hours, so that what is launched now has run
 * for as long, and some days more where the month has just turned or is about to. In the first two days of a
 * month a high spend is held for a human (it may be last month's), and a play must not depend on the day.
 * @param firstDay of the month, on which it may start
 */
export function clockAheadAt(now: Date, ageHours: number, firstDay = FIRST_DAY): number {
  let ahead = ageHours * HOUR_MS;
  const dayAt = (offset: number): number => new Date(now.getTime() + offset).getUTCDate();
  while (dayAt(ahead) < firstDay || dayAt(ahead + DAY_MS) < firstDay) ahead += DAY_MS;
  return Math.round(ahead / 1000);
}
