import type { ProjectMark, Watch } from '../ledger/ledger.ts';
import type { Policy } from '../policy/policy.ts';
import type { Decision, NotifyDecision, Verdict } from '../types/decision.ts';
import type { Evidence } from '../types/evidence.ts';
import type { Resource } from '../types/resource.ts';
import { utcDay } from './sentences.ts';
import { newWatch, spellOf } from './spell.ts';

export interface SweepInput {
  readonly policy: Policy;
  readonly resources: readonly Resource[];
  /** By ARN; at least of those that `evidenceNeeded` names. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** By ARN. */
  readonly watches: ReadonlyMap<string, Watch>;
  /** By project. */
  readonly marks: ReadonlyMap<string, ProjectMark>;
  /** Keys of stops that AWS refused today for good: they are not tried again, nor counted as due. */
  readonly refused: ReadonlySet<string>;
  readonly now: Date;
}

/** What a resource is judged by. */
export type Judging = Omit<SweepInput, 'refused'>;

/** What is needed to know which metrics to read. */
export type BeforeReading = Omit<SweepInput, 'evidence' | 'refused'>;

/** What one resource comes to. At most one decision; a verdict where there is none. */
export interface Judged {
  readonly resource: Resource;
  readonly decision?: Decision;
  readonly verdict?: Verdict;
  readonly watch?: Watch;
}

export const isToday = (at: Date | undefined, now: Date): boolean =>
  at !== undefined && utcDay(at) === utcDay(now);

/** Once a day, and no more: it stays so whether or not people read it. */
export function reminded(
  decision: NotifyDecision,
  { watches, now }: Pick<SweepInput, 'watches' | 'now'>,
): Judged {
  const { target: resource, reason, rule } = decision;
  const watch = spellOf(resource, watches);
  if (isToday(watch?.toldAt, now)) {
    const why = `${reason} People were told of it today.`;
    return { resource, verdict: { resource, policy: rule.policy, verdict: 'idle', why } };
  }
  return { resource, decision, watch: { ...(watch ?? newWatch(resource)), toldAt: now } };
}
