import type { PriceBook } from '../fleet/prices.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Policy } from '../policy/policy.ts';
import type { Clock } from '../types/clock.ts';
import type { Usd } from '../types/money.ts';
import type { Resource } from '../types/resource.ts';
import type { MemoryAccount } from './account/account.ts';
import type { Handlers } from './handlers.ts';
import type { RunEvent, RunResult, Span } from './result.ts';

/** What a step has to do with. */
export interface Stage {
  readonly account: MemoryAccount;
  readonly handlers: Handlers;
  readonly ledger: Ledger;
  readonly now: Clock;
  /** The ARN of a resource, by its id; throws where nothing of that id was ever there. */
  readonly arnOf: (id: string) => string;
  readonly record: (event: RunEvent) => void;
  /** Has AWS Budgets say so from now on, and alert. */
  readonly tellBudget: (project: string, of: 'actual' | 'forecasted', amount: Usd) => void;
  /** Puts something out of order until then. */
  readonly breakDown: (what: 'metrics' | 'cost-explorer', until: Date) => void;
  /** What the gate said. */
  readonly gate: (said: RunResult['gates'][number]['outcome']) => void;
}

/** Something that somebody does at a time. */
export type WorldStep = { readonly at: Date } & (
  | {
      /** It happens with and without Bursar: a launch, a stop by hand. */
      readonly of: 'world';
      readonly act: (account: MemoryAccount) => Promise<void> | void;
    }
  /** It is an answer to Bursar, or to what Bursar hears. */
  | { readonly of: 'bursar'; readonly act: (stage: Stage) => Promise<void> }
);

/** An account, what happens to it over a span of time, and the policy that it is under. */
export interface World {
  readonly title: string;
  readonly description: string;
  readonly policy: Policy;
  /** 12 digits; absent = that of accounts in memory. */
  readonly account?: string;
  /** For people. */
  readonly policyFile: string;
  readonly from: Date;
  readonly to: Date;
  readonly prices: PriceBook;
  /** Puts what is there at the beginning. */
  readonly place: (account: MemoryAccount) => void;
  /** In the order of their time. */
  readonly steps: readonly WorldStep[];
  /** When a resource is in use by the limits of its policy, whether or not it runs; in order, without overlap. */
  readonly inUse: (resource: Resource) => readonly Span[];
  /** The same by what its metrics show: use of a GPU that publishes nothing is not among it. */
  readonly isSeenInUse: (resource: Resource) => readonly Span[];
  /** Whether somebody brings it back when it is needed after it was stopped for being idle. */
  readonly isRestarted: (resource: Resource) => boolean;
  /** USD that AWS Budgets says all the time, by project; absent = what is spent, behind by the lag. */
  readonly awsBudgets?: ReadonlyMap<string, { readonly actual: Usd; readonly forecasted: Usd }>;
  /** How far AWS’s bill, and AWS Budgets with it, are behind. */
  readonly lagHours: number;
  /** Whether EventBridge tells of what starts and stops; else only the sweeps find it. */
  readonly isTold: boolean;
  /** Sentences for people: what the cost without Bursar goes by. */
  readonly assumptions: readonly string[];
  /** What Bursar remembers of the time before; absent = it is new. */
  readonly ledger?: Ledger;
  /** Times to come at which a sweep was asked for before. */
  readonly wakes?: readonly Date[];
}

export interface RunOptions {
  /** Told how much of the time has passed, 0 to 1. */
  readonly onProgress?: (share: number) => void;
  /** Ends the run with the signal’s reason. */
  readonly signal?: AbortSignal;
  /** True = every sweep looks at everything, as a deployed one does: much slower, with the same result. */
  readonly isExact?: boolean;
}
