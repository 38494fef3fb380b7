import type { RunResult } from '../simulate/result.ts';
import type { Usd } from '../types/money.ts';
import type { ResourceState } from '../types/resource.ts';
import type { PlanLists } from './hash.ts';

/** What may become of a resource. `none`: nothing, as long as it goes on as now. */
export type PlanAction = 'none' | 'warn' | 'stop' | 'notify' | 'hold' | 'restore';

/** One resource, and what Bursar would do about it. */
export interface PlanLine {
  readonly arn: string;
  readonly id: string;
  readonly kind: string;
  /** For people: `EC2 instance`. */
  readonly title: string;
  readonly size: string;
  readonly region: string;
  readonly account: string;
  readonly state: ResourceState;
  readonly project: string | undefined;
  /** Name of the policy that matches it; `undefined` = none does. */
  readonly policy: string | undefined;
  /** USD an hour while running; `undefined` is unpriced. */
  readonly hourly: Usd | undefined;
  /** What the sweep of now comes to. */
  readonly now: {
    readonly action: PlanAction;
    /** Where nothing is done: `exempt`, `busy`, `unknown`, `too-young`, `not-running`, `no-policy`, … */
    readonly verdict: string;
    readonly why: string;
    /** Of a warning: when its stop comes. */
    readonly stopAt?: Date;
  };
  /** The first thing that happens to it if all goes on as now; absent where nothing does within the look ahead. */
  readonly next?: {
    readonly at: Date;
    readonly action: Exclude<PlanAction, 'none'>;
    readonly why: string;
  };
  /** When its stop comes if all goes on as now; absent where none does within the look ahead. */
  readonly stopAt?: Date;
  /** When it is started again, and why, if all goes on as now; absent where it is not within the look ahead. */
  readonly start?: { readonly at: Date; readonly why: string };
  /**
   * Whether an approved plan lists it under this policy; absent where the policy file asks for no approval, and of what
   * no rule could ever stop.
   */
  readonly approved?: boolean;
}

/** What Bursar would do to an account, as it stands. Nothing was touched to make it. */
export interface Plan {
  readonly at: Date;
  readonly account: string;
  readonly regions: readonly string[];
  /** The file of the policy, for people. */
  readonly policyFile: string;
  /** `sha256:…` of what is reviewed: the policy as it is meant, and which resources each rule may act on. */
  readonly hash: string;
  /** Which resources each policy’s rules could ever stop, by the policy’s name: what is approved. */
  readonly lists: PlanLists;
  /** Whether the state of a deployed Bursar (what is kept, warned, held) was read, or it is planned as if it were new. */
  readonly state: 'deployed' | 'new';
  /** In the order of project, policy and id. */
  readonly lines: readonly PlanLine[];
  /** How far it looks ahead, and what came of that: events, spend against limits. */
  readonly ahead: RunResult;
  /** What could not be read, sentences for people. */
  readonly missing: readonly string[];
}
