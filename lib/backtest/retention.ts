const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/**
 * How long CloudWatch keeps datapoints of each length, finest first. What was published more finely is there all the
 * same, gathered into the longer periods.
 * Source: API reference of GetMetricData.
 */
const KEPT = [
  { periodSeconds: 60, days: 15 },
  { periodSeconds: 300, days: 63 },
  { periodSeconds: 3_600, days: 455 },
] as const;

/** Days for which CloudWatch knows anything. */
export const MOST_DAYS = 455;

/**
 * The shortest period, in seconds and of at least `periodSeconds`, by which CloudWatch still keeps all of a span that
 * began at `at`; `undefined` where it keeps nothing. An hour of room, since what is at the edge goes while it is read.
 */
export const keptPeriod = (periodSeconds: number, at: Date, now: Date): number | undefined => {
  const age = now.getTime() - at.getTime();
  const kept = KEPT.find(({ days }) => age <= days * DAY_MS - HOUR_MS);
  return kept === undefined ? undefined : Math.max(periodSeconds, kept.periodSeconds);
};
