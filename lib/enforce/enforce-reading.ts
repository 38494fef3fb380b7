import { decideBudget } from '../decide/budget.ts';
import { readingEnd } from '../decide/period.ts';
import type { Ledger, ProjectMark } from '../ledger/ledger.ts';
import type { BudgetThreshold, Policy } from '../policy/policy.ts';
import type { Decision, Verdict } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import type { BudgetReading } from '../types/spend.ts';
import type { Kept } from './read-keeping.ts';

export interface ReadingDeps {
  readonly policy: Policy;
  readonly ledger: Pick<Ledger, 'markBreach' | 'reach' | 'unreach'>;
  readonly send: (decisions: readonly Decision[], id: string, now: Date) => Promise<number>;
}

/** What is known when a budget was read. */
export interface ReadingContext extends Kept {
  readonly reading: BudgetReading;
  readonly alarms: readonly BudgetThreshold[];
  /** Those that count for the holder of the limit (`resourcesOf`). */
  readonly resources: readonly Resource[];
  readonly mark: ProjectMark | undefined;
  /** What woke us; the same id and reading give the same commands. */
  readonly id: string;
}

/** Decides by a budget that was confirmed with AWS or read off the meter, and queues what it asks for. */
export async function enforceReading(
  { reading, alarms, resources, mark, keeps, keepTags, approval, id }: ReadingContext,
  { policy, ledger, send }: ReadingDeps,
): Promise<{ readonly decisions: readonly Decision[]; readonly verdicts: readonly Verdict[] }> {
  const now = reading.asOf;
  const { holder, period, source } = reading;
  const until = readingEnd(reading);
  const enforced = mark?.breaches.get(source);
  const input = {
    policy,
    reading,
    alarms,
    enforced,
    resources,
    keeps,
    keepTags,
    approval,
    now,
    frozenUntil: mark?.frozenUntil,
    unfrozenAt: mark?.unfrozenAt,
  };
  const isCurrent = [...(mark?.breaches.values() ?? [])].some((breach) => breach.period === period);
  const reached = new Map(isCurrent ? mark?.reached : []);
  const { newlyReached, fallen, lapsed } = decideBudget({ ...input, reached });
  // Of two that find it at once the first one's minute counts: it is the one that people are told.
  for (const rule of newlyReached) {
    reached.set(rule, await ledger.reach(holder, period, rule, now, until));
  }
  for (const rule of fallen) {
    await ledger.unreach(holder, period, rule);
    reached.delete(rule);
  }
  const { decisions, verdicts, breached } = decideBudget({ ...input, reached });
  // The mark goes first: what the queue then loses, or finds between two states, the sweep still owes. Where the
  // spend has fallen, it is this reading that counts from now on.
  if (breached || fallen.length > 0 || lapsed) await ledger.markBreach(reading, until);
  await send(decisions, id, now);
  return { decisions, verdicts };
}
