import type { BudgetsClient } from '@aws-sdk/client-budgets';
import { readBudgets } from '../fleet/budgets.ts';
import type { ProjectMark } from '../ledger/ledger.ts';
import { budgetName } from '../policy/policy.ts';
import type { Resource } from '../types/resource.ts';
import { enforceReading, type ReadingDeps } from './enforce-reading.ts';

/** The sweep of each hour's first five minutes. */
export const isReviewDue = (at: Date): boolean => at.getUTCMinutes() < 5;

/**
 * Asks AWS for the spend of all our budgets, whether or not an alert came: AWS Budgets tells of actual spend
 * once and never again, and for some hours after a budget was changed it reports no spend at all. What was
 * enforced already is not enforced again.
 * @throws what AWS Budgets, the ledger or the queue answers; the next hour asks again.
 */
export async function reviewBudgets(
  fleet: readonly Resource[],
  marks: ReadonlyMap<string, ProjectMark>,
  at: Date,
  { budgets, account, ...deps }: ReadingDeps & { readonly budgets: BudgetsClient; readonly account: string },
): Promise<void> {
  const { policy } = deps;
  const readings = await readBudgets(budgets, { account, tags: policy.tags, now: at });
  for (const reading of readings) {
    // Budgets that others made speak only where they publish to our topic.
    if (reading.budgetName !== budgetName(policy, reading.project)) continue;
    const mark = marks.get(reading.project);
    const id = `review/${at.toISOString()}`;
    await enforceReading({ reading, alarms: [], fleet, mark, id }, deps);
  }
}
