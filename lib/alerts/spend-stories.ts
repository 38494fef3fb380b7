import type { BurnRateDecision, WeeklyDecision } from '../types/decision.ts';
import { formatUsd, percentage } from '../types/money.ts';
import { oneLine } from './characters.ts';
import { statusCommand } from './commands.ts';
import type { Story } from './stop-alert.ts';

/** Tells that a project spends many times what is usual for it. Nothing is stopped for that alone. */
export function burnRateStory({ project, burn, usual, reason }: BurnRateDecision): Story {
  const name = oneLine(project);
  return {
    severity: 'warning',
    title: `${name} costs ${formatUsd(burn)}/h, ${times(burn, usual)} its usual ${formatUsd(usual)}/h`,
    reason,
    next: `This notice stops nothing. See what runs, and stop what is not needed:\n\`${statusCommand(project)}\``,
  };
}

/** `12 times`, `2.5 times`: whole ones from ten on. */
function times(burn: BurnRateDecision['burn'], usual: BurnRateDecision['usual']): string {
  const factor = percentage(burn, usual) / 100;
  return `${factor < 10 ? Math.floor(factor * 10) / 10 : Math.floor(factor)} times`;
}

/** Tells how the projects stand, a line each. */
export const weeklyStory = ({ reason, lines, link }: WeeklyDecision, account: string): Story => ({
  severity: 'info',
  title: `The week in account ${account}`,
  reason,
  next: `Nothing needs to be done. As it stands now: \`bursar status\`.${link === undefined ? '' : ' The report opens for whoever has its link, for 8 days.'}`,
  lines: [...lines],
  ...(link === undefined ? {} : { link }),
});
