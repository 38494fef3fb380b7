import type { Policy } from '../policy/policy.ts';
import type { BurnRateDecision } from '../types/decision.ts';
import type { ProjectSpend } from '../types/meter.ts';
import { costOver, formatUsd, largerUsd, microUsd, percentOf, type Usd } from '../types/money.ts';
import { utcDay } from './sentences.ts';

/** Below this a project spends next to nothing, and ten times that is no news. USD an hour. */
const LEAST_USUAL: Usd = microUsd(100_000n);

const DAY_MS = 86_400_000;

/**
 * Tells once a UTC day of a project that spends many times what is usual for it; `undefined` where it does not, where
 * too few days tell what is usual, or where the policy says `burnRate: off`.
 */
export function burnRateDecision(
  { project, burn, usualBurn, running }: ProjectSpend,
  { alerts: { burnRate } }: Pick<Policy, 'alerts'>,
  now: Date,
): BurnRateDecision | undefined {
  if (project === undefined || usualBurn === undefined || burnRate === undefined) return undefined;
  const usual = largerUsd(usualBurn, LEAST_USUAL);
  if (burn < percentOf(usual, burnRate * 100)) return undefined;
  return {
    action: 'burn-rate',
    key: `burn-rate/${project}/${utcDay(now)}`,
    project,
    burn,
    usual: usualBurn,
    reason:
      `Project ${project} costs ${formatUsd(burn)} an hour now; on its usual days it costs ${formatUsd(usualBurn)}. ` +
      `${running} of its resources cost money. A day of this costs ${formatUsd(costOver(burn, DAY_MS))}.`,
  };
}
