import { decideBudget } from '../decide/budget.ts';
import { periodEnd } from '../decide/period.ts';
import { ofProject } from '../fleet/discover.ts';
import type { Ledger, ProjectMark } from '../ledger/ledger.ts';
import type { BudgetThreshold, Policy } from '../policy/policy.ts';
import type { Decision, Verdict } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import type { BudgetReading } from '../types/spend.ts';

export interface ReadingDeps {
  readonly policy: Policy;
  readonly ledger: Pick<Ledger, 'markBreach'>;
  readonly send: (decisions: readonly Decision[], id: string, now: Date) => Promise<number>;
}

/** What is known when a budget was read. */
export interface ReadingContext {
  readonly reading: BudgetReading;
  readonly alarms: readonly BudgetThreshold[];
  readonly fleet: readonly Resource[];
  readonly mark: ProjectMark | undefined;
  /** What woke us; the same id and reading give the same commands. */
  readonly id: string;
}

/** Decides by a budget that was confirmed with AWS, and queues what it asks for. */
export async function enforceReading(
  { reading, alarms, fleet, mark, id }: ReadingContext,
  { policy, ledger, send }: ReadingDeps,
): Promise<{ readonly decisions: readonly Decision[]; readonly verdicts: readonly Verdict[] }> {
  const now = reading.asOf;
  const resources = ofProject(fleet, reading.project, policy);
  const { decisions, verdicts, breached } = decideBudget({
    policy,
    reading,
    alarms,
    enforced: mark?.breach,
    resources,
    now,
  });
  // The mark goes first: what the queue then loses, or finds between two states, the sweep still owes.
  if (breached) await ledger.markBreach(reading, periodEnd(reading.period));
  await send(decisions, id, now);
  return { decisions, verdicts };
}
