const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * How far ahead the sandbox's clock starts, in seconds: `age` hours, so that what is launched now has run
 * for as long, and some days more where the month has just turned or is about to. In the first two days of a
 * month a high spend is held for a human (it may be last month's), and a play must not depend on the day.
 */
export function clockAheadAt(now: Date, ageHours: number): number {
  let ahead = ageHours * HOUR_MS;
  const dayAt = (offset: number): number => new Date(now.getTime() + offset).getUTCDate();
  while (dayAt(ahead) < 4 || dayAt(ahead + DAY_MS) < 4) ahead += DAY_MS;
  return Math.round(ahead / 1000);
}
