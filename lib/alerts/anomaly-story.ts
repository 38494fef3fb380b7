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

/** USD. Less than this is told as nothing. */
const LITTLE = 1_000_000n;

/** `recsys cost $1,240.00 on Saturday 2026-11-28 instead of about $310.00`. */
function titleOf({ project, day, spent, expected }: SpendAnomaly): string {
  const who = project === undefined ? 'What has no project' : oneLine(project);
  const usual = expected < LITTLE ? 'next to nothing' : `about ${formatUsd(expected)}`;
  return `${who} cost ${formatUsd(spent)} on ${weekdayName(day)} ${day} instead of ${usual}`;
}

function nextOf({ project }: SpendAnomaly): string {
  const look = 'This notice stops nothing. See what runs, and stop what is not needed';
  const lasts = 'Should it stay that high, this is not told again.';
  return project === undefined
    ? `${look}:\n\`bursar status\`\nWhich tags would give it a project: \`bursar tag --fix\`\n${lasts}`
    : `${look}:\n\`${statusCommand(project)}\`\n${lasts}`;
}
