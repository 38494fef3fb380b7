import type { BudgetReading, SpendSource } from '../types/spend.ts';
import type { ProjectMark } from './ledger.ts';

/** The last breach that was enforced of the source of `reading`. */
export interface Breach {
  readonly holder: string;
  readonly reading: BudgetReading;
  readonly until: Date;
}

export interface Freeze {
  readonly holder: string;
  readonly until: Date;
}

/** A freeze was ended at `at` that would have lasted until then. */
export interface Unfrozen {
  readonly holder: string;
  readonly at: Date;
  readonly until: Date;
}

export interface Reached {
  readonly holder: string;
  readonly rule: string;
  readonly at: Date;
  readonly until: Date;
}

/** Of two ends the later one. */
export const laterEnd = (known: Date | undefined, until: Date): Date =>
  known !== undefined && known > until ? known : until;

const byHolder = <T extends { readonly holder: string }>(some: readonly T[]): ReadonlyMap<string, T[]> =>
  Map.groupBy(some, ({ holder }) => holder);

/** One mark a holder, of all that is in force; it lasts as long as the longest of it. */
export function mergeMarks(
  breaches: readonly Breach[],
  freezes: readonly Freeze[],
  unfrozen: readonly Unfrozen[],
  reached: readonly Reached[],
): ReadonlyMap<string, ProjectMark> {
  const breachesOf = byHolder(breaches);
  const freezesOf = byHolder(freezes);
  const unfrozenOf = byHolder(unfrozen);
  const reachedOf = byHolder(reached);
  const markOf = (holder: string): ProjectMark => {
    const broken = breachesOf.get(holder) ?? [];
    const frozen = freezesOf.get(holder) ?? [];
    const [ended] = unfrozenOf.get(holder) ?? [];
    const rules = reachedOf.get(holder) ?? [];
    const ends = [...broken, ...frozen, ...(ended === undefined ? [] : [ended]), ...rules].map(({ until }) =>
      until.getTime(),
    );
    return {
      holder,
      breaches: new Map(broken.map(({ reading }): [SpendSource, BudgetReading] => [reading.source, reading])),
      frozenUntil: frozen[0]?.until,
      ...(ended === undefined ? {} : { unfrozenAt: ended.at }),
      reached: new Map(rules.map(({ rule, at }) => [rule, at])),
      until: new Date(Math.max(...ends)),
    };
  };
  const holders = new Set([breachesOf, freezesOf, unfrozenOf, reachedOf].flatMap((some) => [...some.keys()]));
  return new Map([...holders].map((holder) => [holder, markOf(holder)]));
}
