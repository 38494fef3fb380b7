import type { AlertLink } from './alert.ts';
import type { SpendAnomaly } from './anomaly.ts';
import type { Usd } from './money.ts';
import type { Resource } from './resource.ts';

/** Which line of which policy asked for it: `development: idle` or `development: budget 100% of actual`. */
export interface RuleRef {
  readonly policy: string;
  readonly rule: string;
}

interface Base {
  /** The same for every repeat of the same decision; what the ledger claims before acting. */
  readonly key: string;
  /** `undefined` where no tag names a project, and of what concerns a whole team. */
  readonly project: string | undefined;
  /** Whose limit asks for it, where that is not the project's own: a team or a model (`holderOf`, lib/policy/levels.ts). */
  readonly holder?: string;
  /** Whole sentences with the figures: what people are told. */
  readonly reason: string;
}

/**
 * What triggered a decision about a resource. `launch`: it has just started, and its project is over budget, or may
 * not have it. `person`: somebody asked for it by name. `keep-tag`: its keep tag cannot be read. `schedule`: its hours
 * are over. `runtime`: it has run for as long as it may.
 */
export const TRIGGERS = [
  'idle',
  'budget',
  'freeze',
  'launch',
  'untagged',
  'person',
  'keep-tag',
  'schedule',
  'runtime',
] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** Take it out of service in the kind's own way (stop an instance, shut an endpoint down). */
export interface StopDecision extends Base {
  readonly action: 'stop';
  readonly trigger: Trigger;
  readonly rule: RuleRef;
  readonly target: Resource;
  /** Of trigger `person`: who asked, for people: `ana (Slack)`. */
  readonly by?: string;
  /** From then on it is not carried out: the period is over whose limit was passed. */
  readonly expires?: Date;
  /** Of trigger `schedule`, set where an endpoint stays, with the fewest instances that it can serve with. */
  readonly manner?: 'scale-down';
}

/** It will be stopped at `stopAt` unless it becomes busy, is kept, or the spend falls. */
export interface WarnDecision extends Base {
  readonly action: 'warn';
  readonly trigger: Trigger;
  readonly rule: RuleRef;
  readonly target: Resource;
  readonly stopAt: Date;
}

/** Tell people about one resource, touch nothing. */
export interface NotifyDecision extends Base {
  readonly action: 'notify';
  readonly trigger: Trigger;
  readonly rule: RuleRef;
  readonly target: Resource;
}

/** Tell people about the budget of a project, team or model. */
export interface BudgetNoticeDecision extends Base {
  readonly action: 'budget-notice';
  readonly threshold: string;
  readonly spent: Usd;
  readonly limit: Usd;
}

/** Mark the holder of a limit frozen until the period ends: what starts in it is stopped, and its roles may launch nothing. */
export interface FreezeDecision extends Base {
  readonly action: 'freeze';
  readonly rule: RuleRef;
  readonly until: Date;
  /** Set where it is frozen already: these of its roles may launch all the same, and shall not. */
  readonly roles?: readonly string[];
}

/**
 * Would act, but a human must look first: the blast radius, an implausible amount, metrics that are out, what no approved
 * plan lists.
 */
export interface HoldDecision extends Base {
  readonly action: 'hold';
  readonly cause: 'blast-radius' | 'implausible-amount' | 'metrics-outage' | 'unapproved';
  readonly targets: readonly Resource[];
  /** When it was held, where a person may release it; what a release names. */
  readonly heldAt?: Date;
}

/** Bring a stopped resource back, from what the ledger saved before the stop. */
export interface RestoreDecision extends Base {
  readonly action: 'restore';
  readonly target: Resource;
  /** Who or what wants it back, for people: `ana (Slack)`, `policy development`. */
  readonly by: string;
  /** Set where it is started by its schedule though nothing was saved of it: somebody else stopped it. */
  readonly unsaved?: true;
  /** Set where its hours ask for it: they end then, and it is not started any more. */
  readonly expires?: Date;
}

/** Somebody says "not now": no stop before `until`. */
export interface KeepDecision extends Base {
  readonly action: 'keep';
  readonly target: Resource;
  readonly until: Date;
  readonly by: string;
  /** Where it was kept so many times since it last started, it is not kept again; absent = as often as one likes. */
  readonly most?: number;
}

/** Somebody releases what the blast radius held back at `heldAt`. */
export interface ReleaseDecision extends Base {
  readonly action: 'release';
  readonly heldAt: Date;
  readonly by: string;
}

/** Somebody approves a plan: where the policy asks for it, what it lists may be acted on from then on, and no more. */
export interface ApproveDecision extends Base {
  readonly action: 'approve';
  /** `sha256:…` of the plan, and of the policy that it is of. What it lists is too much for a decision. */
  readonly hash: string;
  readonly policyHash: string;
  /** How many resources it lists. */
  readonly resources: number;
  readonly by: string;
}

/**
 * Let launches in a project, a team's projects or of a model go again: somebody said so, or the period of its freeze has
 * ended. Without either, it is of roles that no project names any more.
 */
export interface UnfreezeDecision extends Base {
  readonly action: 'unfreeze';
  readonly by: string;
  /** Set where it is not frozen any more: these of its roles are denied launches all the same. */
  readonly roles?: readonly string[];
}

/** Write tags that tell who made a resource; never over a tag that is there. */
export interface TagDecision extends Base {
  readonly action: 'tag';
  readonly target: Resource;
  readonly tags: Readonly<Record<string, string>>;
}

/** Tell people that a project spends many times what is usual for it. Both in USD an hour. */
export interface BurnRateDecision extends Base {
  readonly action: 'burn-rate';
  readonly project: string;
  readonly burn: Usd;
  readonly usual: Usd;
}

/** Tell people of days that cost far more than such weekdays do: one, of the decision's project, or several at once. */
export interface SpendAnomalyDecision extends Base {
  readonly action: 'spend-anomaly';
  /** At least one. */
  readonly anomalies: readonly SpendAnomaly[];
}

/** The weekly alert: how the projects stand. */
export interface WeeklyDecision extends Base {
  readonly action: 'weekly';
  /** A sentence each, for people. */
  readonly lines: readonly string[];
  /** To the report of the month; absent = there is none that is fresh. */
  readonly link?: AlertLink;
}

/** The daily proof that an alert reaches its channel. */
export interface CanaryDecision extends Base {
  readonly action: 'canary';
}

/** Everything that the enforcer may be asked to carry out. */
export type Decision =
  | StopDecision
  | WarnDecision
  | NotifyDecision
  | BudgetNoticeDecision
  | FreezeDecision
  | HoldDecision
  | RestoreDecision
  | KeepDecision
  | ReleaseDecision
  | ApproveDecision
  | UnfreezeDecision
  | TagDecision
  | BurnRateDecision
  | SpendAnomalyDecision
  | WeeklyDecision
  | CanaryDecision;

/** Why a resource is left alone; for summaries and `audit`, never queued. */
export interface Verdict {
  readonly resource: Resource;
  readonly policy: string | undefined;
  readonly verdict:
    | 'exempt'
    | 'busy'
    | 'unknown'
    | 'too-young'
    | 'not-running'
    | 'idle'
    | 'held'
    | 'refused'
    | 'within-budget'
    | 'no-policy';
  readonly why: string;
}
