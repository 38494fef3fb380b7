import type { BudgetsClient } from '@aws-sdk/client-budgets';
import { graceEnd, hasGrace } from '../decide/budget.ts';
import { readBudgets } from '../fleet/budgets.ts';
import type { ProjectMark } from '../ledger/ledger.ts';
import { awsBudgetName, policiesOf, resourcesOf, teamsByBudget } from '../policy/levels.ts';
import { type Policy, ruleId, sourceOf } from '../policy/policy.ts';
import type { Resource } from '../types/resource.ts';
import { enforceReading, type ReadingDeps } from './enforce-reading.ts';
import type { Kept } from './read-keeping.ts';
import { narrowestFirst, stoppingOnce } from './stopping-once.ts';

/** Longer than the five minutes between two sweeps, so that the first one after the end sees it. Milliseconds. */
const JUST_ENDED_MS = 6 * 60_000;

/**
 * True for the sweep of each hour's first five minutes, and where a grace period has just ended: before a stop that
 * was announced the spend is asked for once more.
 */
export const isReviewDue = (at: Date, marks: ReadonlyMap<string, ProjectMark>, policy: Policy): boolean =>
  at.getUTCMinutes() < 5 ||
  [...marks].some(([holder, { breaches, reached }]) =>
    policiesOf(policy, holder)
      .flatMap(({ budget }) => budget.filter(hasGrace))
      .some((rule) => {
        const breach = breaches.get('budgets');
        if (sourceOf(rule) !== 'budgets' || breach === undefined || !reached.has(ruleId(rule))) return false;
        const ago = at.getTime() - graceEnd(rule, breach, reached).getTime();
        return ago >= 0 && ago < JUST_ENDED_MS;
      }),
  );

/**
 * Asks AWS for the spend of all our budgets, whether or not an alert came: AWS Budgets tells of actual spend
 * once and never again, and for some hours after a budget was changed it reports no spend at all. What was
 * enforced already is not enforced again.
 * @throws what AWS Budgets, the ledger or the queue answers; the next hour asks again.
 */
export async function reviewBudgets(
  {
    fleet,
    marks,
    ...kept
  }: Kept & {
    readonly fleet: readonly Resource[];
    readonly marks: ReadonlyMap<string, ProjectMark>;
  },
  at: Date,
  { budgets, account, ...deps }: ReadingDeps & { readonly budgets: BudgetsClient; readonly account: string },
): Promise<void> {
  const { policy } = deps;
  const readings = await readBudgets(budgets, {
    account,
    tags: policy.tags,
    holders: teamsByBudget(policy),
    now: at,
  });
  const send = stoppingOnce(deps.send);
  for (const reading of narrowestFirst(readings)) {
    // Budgets that others made speak only where they publish to our topic.
    if (reading.budgetName !== awsBudgetName(policy, reading.holder)) continue;
    const mark = marks.get(reading.holder);
    const id = `review/${at.toISOString()}`;
    const resources = resourcesOf(fleet, reading.holder, policy);
    await enforceReading({ reading, alarms: [], resources, mark, id, ...kept }, { ...deps, send });
  }
}
