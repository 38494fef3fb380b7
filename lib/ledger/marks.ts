import type { BudgetReading, SpendSource } from '../types/spend.ts';
import type { ProjectMark } from './ledger.ts';

/** The last breach that was enforced of the source of `reading`. */
export interface Breach {
  readonly project: string;
  readonly reading: BudgetReading;
  readonly until: Date;
}

export interface Freeze {
  readonly project: string;
  readonly until: Date;
}

/** A freeze was ended at `at` that would have lasted until then. */
export interface Unfrozen {
  readonly project: string;
  readonly at: Date;
  readonly until: Date;
}

export interface Reached {
  readonly project: string;
  readonly rule: string;
  readonly at: Date;
  readonly until: Date;
}

/** Of two ends the later one. */
export const laterEnd = (known: Date | undefined, until: Date): Date =>
  known !== undefined && known > until ? known : until;

const byProject = <T extends { readonly project: string }>(some: readonly T[]): ReadonlyMap<string, T[]> =>
  Map.groupBy(some, ({ project }) => project);

/** One mark a project, of all that is in force; it lasts as long as the longest of it. */
export function mergeMarks(
  breaches: readonly Breach[],
  freezes: readonly Freeze[],
  unfrozen: readonly Unfrozen[],
  reached: readonly Reached[],
): ReadonlyMap<string, ProjectMark> {
  const breachesOf = byProject(breaches);
  const freezesOf = byProject(freezes);
  const unfrozenOf = byProject(unfrozen);
  const reachedOf = byProject(reached);
  const markOf = (project: string): ProjectMark => {
    const broken = breachesOf.get(project) ?? [];
    const frozen = freezesOf.get(project) ?? [];
    const [ended] = unfrozenOf.get(project) ?? [];
    const rules = reachedOf.get(project) ?? [];
    const ends = [...broken, ...frozen, ...(ended === undefined ? [] : [ended]), ...rules].map(({ until }) =>
      until.getTime(),
    );
    return {
      project,
      breaches: new Map(broken.map(({ reading }): [SpendSource, BudgetReading] => [reading.source, reading])),
      frozenUntil: frozen[0]?.until,
      ...(ended === undefined ? {} : { unfrozenAt: ended.at }),
      reached: new Map(rules.map(({ rule, at }) => [rule, at])),
      until: new Date(Math.max(...ends)),
    };
  };
  const projects = new Set(
    [breachesOf, freezesOf, unfrozenOf, reachedOf].flatMap((some) => [...some.keys()]),
  );
  return new Map([...projects].map((project) => [project, markOf(project)]));
}
