import type { KeepTag, ProjectMark, Watch } from '../ledger/ledger.ts';
import type { Decision, NotifyDecision, Verdict } from '../types/decision.ts';
import type { Evidence } from '../types/evidence.ts';
import type { Protection, Resource } from '../types/resource.ts';
import type { Keeping } from './exempt.ts';
import { utcDay } from './sentences.ts';
import { newWatch, spellOf } from './spell.ts';

export interface SweepInput extends Keeping {
  /** Those that are judged. */
  readonly resources: readonly Resource[];
  /** All there are, which the limits on a share are shares of; absent = those that are judged. */
  readonly fleet?: readonly Resource[];
  /** By ARN; at least of those that `evidenceNeeded` names. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** By ARN. */
  readonly watches: ReadonlyMap<string, Watch>;
  /** By holder of limits (`holderOf`). */
  readonly marks: ReadonlyMap<string, ProjectMark>;
  /** Keys of stops that AWS refused today for good: they are not tried again, nor counted as due. */
  readonly refused: ReadonlySet<string>;
  /** Announcements (`announcementId`) of stops that are due, and which nobody was told of. */
  readonly untold: ReadonlySet<string>;
  /** What was found only by looking closely at those that are about to be warned or stopped; by ARN. */
  readonly inspected: ReadonlyMap<string, Protection>;
  /** Times, ISO 8601, of holds that a person has released. */
  readonly released: ReadonlySet<string>;
}

/** What a resource is judged by. */
export type Judging = Omit<SweepInput, 'refused' | 'untold' | 'inspected' | 'released'>;

/** What is needed to know which metrics to read. */
export type BeforeReading = Omit<Judging, 'evidence'>;

/** What one resource comes to. At most one decision; a verdict where there is none. */
export interface Judged {
  readonly resource: Resource;
  readonly decision?: Decision;
  readonly verdict?: Verdict;
  readonly watch?: Watch;
  /** A keep tag that is to be remembered. */
  readonly keepTag?: KeepTag;
  /** Only right where people were told of it; where they were not, `otherwise` is. */
  readonly announcement?: { readonly id: string; readonly otherwise: Judged };
  readonly untoldBudget?: UntoldBudget;
}

/** A rule of a budget whose grace period must begin anew; `rule` is its `ruleId`. */
export interface UntoldBudget {
  /** Whose budget it is. */
  readonly holder: string;
  readonly period: string;
  readonly rule: string;
  /** The end of that period. */
  readonly until: Date;
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
