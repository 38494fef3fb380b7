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

export interface Reached {
  readonly project: string;
  readonly rule: string;
  readonly at: Date;
  readonly until: Date;
}

const byProject = <T extends { readonly project: string }>(some: readonly T[]): ReadonlyMap<string, T[]> =>
  Map.groupBy(some, ({ project }) => project);

/** One mark a project, of all that is in force; it lasts as long as the longest of it. */
export function mergeMarks(
  breaches: readonly Breach[],
  freezes: readonly Freeze[],
  reached: readonly Reached[],
): ReadonlyMap<string, ProjectMark> {
  const breachesOf = byProject(breaches);
  const freezesOf = byProject(freezes);
  const reachedOf = byProject(reached);
  const markOf = (project: string): ProjectMark => {
    const broken = breachesOf.get(project) ?? [];
    const frozen = freezesOf.get(project) ?? [];
    const rules = reachedOf.get(project) ?? [];
    const ends = [...broken, ...frozen, ...rules].map(({ until }) => until.getTime());
    return {
      project,
      breaches: new Map(broken.map(({ reading }): [SpendSource, BudgetReading] => [reading.source, reading])),
      frozenUntil: frozen[0]?.until,
      reached: new Map(rules.map(({ rule, at }) => [rule, at])),
      until: new Date(Math.max(...ends)),
    };
  };
  const projects = new Set([...breachesOf.keys(), ...freezesOf.keys(), ...reachedOf.keys()]);
  return new Map([...projects].map((project) => [project, markOf(project)]));
}
