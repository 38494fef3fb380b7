import type { DayParts } from '../types/allocation.ts';
import { ascending } from '../types/lists.ts';
import { type Usd, ZERO_USD } from '../types/money.ts';
import { largestRemainder } from './split.ts';
import type { UsageTable } from './usage-table.ts';

/** What one rule splits, and all that a way of splitting may go by. */
export interface Shareable {
  /** By UTC day, in order; days without cost are absent. */
  readonly costs: ReadonlyMap<string, Usd>;
  /** First and last UTC day of the bill. */
  readonly from: string;
  readonly to: string;
  /** Now, where the last day is not over. */
  readonly until: Date | undefined;
  /** The projects that the rule names; `undefined` = it names none. */
  readonly among: readonly string[] | undefined;
  /** Those of the policy file. */
  readonly projects: readonly string[];
  /** Of the whole period, by project, before anything shared. */
  readonly direct: ReadonlyMap<string, Usd>;
  /** `undefined` where nothing of that name was read. */
  readonly usageNamed: (name: string) => UsageTable | undefined;
}

/** What a way of splitting makes of it. */
export interface Divided {
  /** How it splits, whole sentences for people. */
  readonly explained: readonly string[];
  /** Where it could not split so, and what was done: whole sentences for people. */
  readonly fallbacks: readonly string[];
  /** By UTC day: the same days as of the costs. */
  readonly parts: ReadonlyMap<string, DayParts>;
  /** What the shares are by, by project; absent where that is nothing. */
  readonly basis?: { readonly unit: string; readonly of: ReadonlyMap<string, number> } | undefined;
  /** Of what is estimated from samples alone. */
  readonly estimated?: {
    readonly samples: number;
    /** 95 % confidence intervals by project, of its share of the whole period's cost. */
    readonly intervals: ReadonlyMap<string, Interval>;
  };
}

export interface Interval {
  readonly low: Usd;
  readonly high: Usd;
}

/** What each gets of every micro-dollar, and what part is idle. */
export interface Weights {
  readonly projects: ReadonlyMap<string, bigint>;
  readonly idle: bigint;
}

/**
 * One day's cost by weights; of equal remainders the project that comes first gets more, idle last.
 * @returns `undefined` where the weights add up to nothing
 */
export function partsOf(cost: Usd, { projects, idle }: Weights): DayParts | undefined {
  const names = [...projects.keys()].sort(ascending);
  const split = largestRemainder(cost, [...names.map((name) => projects.get(name) ?? 0n), idle]);
  return (
    split && {
      shares: new Map(names.map((name, place) => [name, split[place] ?? ZERO_USD])),
      idle: split[names.length] ?? ZERO_USD,
    }
  );
}

/** All of every day's cost by the same weights; idle where they add up to nothing. */
export const partsOfDays = (
  costs: ReadonlyMap<string, Usd>,
  weights: Weights,
): ReadonlyMap<string, DayParts> =>
  new Map([...costs].map(([day, cost]) => [day, partsOf(cost, weights) ?? allIdle(cost)]));

export const allIdle = (cost: Usd): DayParts => ({ shares: new Map(), idle: cost });

/** The same to each of these. */
export const evenly = (projects: Iterable<string>): Weights => ({
  projects: new Map([...projects].map((project) => [project, 1n])),
  idle: 0n,
});

/** Weights above 0 alone: who has none takes no part. */
export const weighing = (weights: Iterable<readonly [string, bigint]>): Weights => ({
  projects: new Map([...weights].filter(([, weight]) => weight > 0n)),
  idle: 0n,
});

/** Whether any project takes part. */
export const hasAny = ({ projects }: Weights): boolean => projects.size > 0;

/** Weights, and what happens to a cost by them, as a sentence goes on after an amount: `is split evenly among a and b`. */
export interface Share {
  readonly weights: Weights;
  readonly what: string;
}

export const NOBODY: Share = {
  weights: { projects: new Map(), idle: 1n },
  what: 'is a line of its own, since there is no project to give it to',
};
