import { anomalySentence, weekdayName } from '../decide/spend-anomaly-decision.ts';
import type { SpendAnomaly } from '../types/anomaly.ts';
import type { SpendAnomalyDecision } from '../types/decision.ts';
import { formatUsd } from '../types/money.ts';
import { oneLine } from './characters.ts';
import { statusCommand } from './commands.ts';
import type { Story } from './stop-alert.ts';

/** Tells of days that cost far more than such weekdays do. Nothing is ever stopped for that alone. */
export function anomalyStory({ anomalies, reason }: SpendAnomalyDecision): Story {
  const [first] = anomalies;
  if (first === undefined || anomalies.length > 1) {
    return {
      severity: 'warning',
      title: `${anomalies.length} more days of projects cost far more than usual`,
      reason,
      next: 'This notice stops nothing. See what runs, and stop what is not needed: `bursar status`.',
      lines: anomalies.map((anomaly) => oneLine(anomalySentence(anomaly))),
    };
  }
  return { severity: 'warning', title: titleOf(first), reason, next: nextOf(first) };
}

/** `recsys cost $1,240.00 on Saturday 2026-11-28 instead of about $310.00`. */
const titleOf = ({ project, day, spent, expected }: SpendAnomaly): string =>
  `${project === undefined ? 'What has no project' : oneLine(project)} cost ${formatUsd(spent)} on ${weekdayName(day)} ${day} instead of about ${formatUsd(expected)}`;

function nextOf({ project }: SpendAnomaly): string {
  const look = 'This notice stops nothing. See what runs, and stop what is not needed';
  const lasts = 'If it stays so, it is not told again.';
  return project === undefined
    ? `${look}: \`bursar status\`. \`bursar tag --fix\` shows which tags would give it a project. ${lasts}`
    : `${look}:\n\`${statusCommand(project)}\`\n${lasts}`;
}
