import { numberOfDay, weekdayOf } from '../meter/days.ts';
import type { SpendAnomaly } from '../types/anomaly.ts';
import type { SpendAnomalyDecision } from '../types/decision.ts';
import { formatUsd } from '../types/money.ts';

/** Tells of one project's unusual day. */
export const anomalyDecision = (anomaly: SpendAnomaly): SpendAnomalyDecision => ({
  action: 'spend-anomaly',
  key: `spend-anomaly/${anomaly.day}/${anomaly.project ?? ''}`,
  project: anomaly.project,
  anomalies: [anomaly],
  reason: `${spentSentence(anomaly)} ${usualSentence(anomaly)}${servicesSentence(anomaly)}`,
});

/** Tells of several at once, on a day (`2026-11-25`) on which more are found than have alerts of their own. */
export const anomaliesDecision = (
  anomalies: readonly SpendAnomaly[],
  today: string,
): SpendAnomalyDecision => ({
  action: 'spend-anomaly',
  key: `spend-anomalies/${today}`,
  project: undefined,
  anomalies,
  reason:
    'These days cost far more than such weekdays do, beside those that have alerts of their own. The furthest from what was expected is first.',
});

/** The same in one sentence. */
export const anomalySentence = (anomaly: SpendAnomaly): string =>
  `${subject(anomaly)} spent ${formatUsd(anomaly.spent)} on ${dayWithName(anomaly.day)}, where ${formatUsd(anomaly.expected)} was expected.`;

const subject = ({ project }: SpendAnomaly): string =>
  project === undefined ? 'What has no project' : `Project ${project}`;

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** `Saturday`, of `2026-11-28`. */
export const weekdayName = (day: string): string => WEEKDAYS[weekdayOf(numberOfDay(day))] ?? '';

/** `Saturday 2026-11-28 (UTC)`. */
const dayWithName = (day: string): string => `${weekdayName(day)} ${day} (UTC)`;

const HOW_KNOWN = {
  meter: 'as the meter estimates it by price × running time',
  bill: 'as AWS has billed it',
} as const;

const spentSentence = (anomaly: SpendAnomaly): string =>
  `${subject(anomaly)} spent ${formatUsd(anomaly.spent)} on ${dayWithName(anomaly.day)}, ${HOW_KNOWN[anomaly.by]}.`;

const usualSentence = ({ day, expected, low, high }: SpendAnomaly): string =>
  `By its last weeks, ${formatUsd(expected)} was expected of this ${weekdayName(day)}, and ${formatUsd(low)} to ${formatUsd(high)} would be usual.`;

function servicesSentence({ services }: SpendAnomaly): string {
  const parts = services.map(
    ({ service, spent, expected }) => `${service} (${formatUsd(spent)} instead of ${formatUsd(expected)})`,
  );
  const last = parts.at(-1);
  if (last === undefined) return '';
  const listed = parts.length === 1 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
  return ` It comes from ${listed}.`;
}
