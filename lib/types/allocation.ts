import type { Bill, ChargeTotal } from './cost.ts';
import type { Usd } from './money.ts';

/**
 * Who pays what of a bill. Every micro-dollar of its lines is in exactly one place: with a project, in `unowned` (no
 * project and no rule), or in the idle line of a rule.
 */
export interface Allocation {
  readonly source: Bill['source'];
  /** First and last UTC day, both included. */
  readonly from: string;
  readonly to: string;
  /** Sum of all lines of the bill. */
  readonly total: Usd;
  /** Those with any cost; the dearest first, equals by name. */
  readonly projects: readonly ProjectCosts[];
  readonly rules: readonly RuleOutcome[];
  /** What carries no project and no rule places, by service; the dearest first. */
  readonly unowned: { readonly total: Usd; readonly byService: readonly ServiceCost[] };
  /** Sum of the idle lines of all rules. */
  readonly idle: Usd;
  /** By `dimensionText`. */
  readonly dimensions: ReadonlyMap<string, readonly DimensionCosts[]>;
  readonly reconciliation: Reconciliation;
  readonly notes: readonly string[];
}

export interface ServiceCost {
  readonly service: string;
  readonly cost: Usd;
}

export interface ProjectCosts {
  readonly project: string;
  /** Its team in the policy file. */
  readonly team: string | undefined;
  /** What carries its tag, less what rules take away. */
  readonly direct: Usd;
  /** What rules gave it, in their order; those that gave it nothing are absent. */
  readonly shared: readonly { readonly rule: string; readonly cost: Usd }[];
  /** `direct` and all of `shared`. */
  readonly total: Usd;
  /** `total` by UTC day; days without cost are absent. */
  readonly byDay: ReadonlyMap<string, Usd>;
  /** `direct` by service; the dearest first. */
  readonly byService: readonly ServiceCost[];
}

/** What one rule split, and how. */
export interface RuleOutcome {
  readonly rule: string;
  /** How it splits, whole sentences for people, with the figures: unit, period, capacity, where idle goes. */
  readonly explained: readonly string[];
  /** All that it matched. */
  readonly cost: Usd;
  /** The unused part that is a line of its own. */
  readonly idle: Usd;
  /** `cost` = sum of the shares and `idle`. The dearest first. */
  readonly shares: readonly RuleShare[];
  /** Days or periods in which nobody used it, and what was done: sentences for people. */
  readonly fallbacks: readonly string[];
  /** What it gave of each UTC day's cost; days on which it matched none are absent. */
  readonly byDay: ReadonlyMap<string, DayParts>;
  /** What `basis` of the shares counts: the unit of a usage, `parts` of weights, `USD spent directly`; `undefined` = they have none. */
  readonly basisUnit: string | undefined;
  /** How many samples the shares are estimated from; `undefined` = they are no estimates. */
  readonly samples: number | undefined;
}

/** What one rule gave of one day's cost: the sum of the shares and of `idle`. */
export interface DayParts {
  /** By project. */
  readonly shares: ReadonlyMap<string, Usd>;
  /** What is a line of its own. */
  readonly idle: Usd;
}

export interface RuleShare {
  readonly project: string;
  readonly cost: Usd;
  /** Percent of the rule's cost, 0 to 100; beyond that where some days of the rule cost less than nothing. */
  readonly percent: number;
  /** What the share is by, in the whole period, in `basisUnit` of the rule. */
  readonly basis: number | undefined;
  /** 95 % confidence interval of `cost`, where it is estimated from samples. */
  readonly interval: { readonly low: Usd; readonly high: Usd } | undefined;
}

/** One value of a dimension. */
export interface DimensionCosts {
  /** `''` is what has none. */
  readonly value: string;
  readonly direct: Usd;
  /** What rules gave projects, spread over the values by what each project spends directly on each. */
  readonly shared: Usd;
  readonly total: Usd;
}

/** What the allocated amounts are held against. */
export interface Reconciliation {
  /** Sum of all places of the allocation. */
  readonly allocated: Usd;
  /** Sum of the bill's lines, reckoned by itself. */
  readonly lines: Usd;
  /** All charges, as the bill's own totals say; empty where the source does not tell. */
  readonly charges: readonly ChargeTotal[];
  /** Amortized cost of the charges that are spend; `undefined` where the source does not tell. */
  readonly spend: Usd | undefined;
  /** `spend` − `allocated`; zero as it should be; `undefined` where there is nothing to hold it against. */
  readonly difference: Usd | undefined;
  /** Credits and refunds, amortized: below zero as a rule. */
  readonly notSpend: Usd;
  /** As invoiced, credits and refunds and tax included; `undefined` where the source does not tell. */
  readonly invoiced: Usd | undefined;
  /** What the ledger says was billed for the same days; `undefined` where it was not asked or does not know all of them. */
  readonly ledger: Usd | undefined;
}
