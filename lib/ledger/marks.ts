import type { BudgetReading } from '../types/spend.ts';
import type { ProjectMark } from './ledger.ts';

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

const later = (a: Date, b: Date): Date => (a >= b ? a : b);

/** One mark a project, of all that is in force; it lasts as long as the longest of it. */
export function mergeMarks(
  breaches: readonly Breach[],
  freezes: readonly Freeze[],
  reached: readonly Reached[],
): ReadonlyMap<string, ProjectMark> {
  const marks = new Map<string, ProjectMark>();
  for (const { project, reading, until } of breaches) {
    marks.set(project, { project, breach: reading, frozenUntil: undefined, reached: new Map(), until });
  }
  for (const { project, until } of freezes) {
    const mark = marks.get(project);
    marks.set(project, {
      project,
      breach: mark?.breach,
      frozenUntil: until,
      reached: new Map(),
      until: mark === undefined ? until : later(mark.until, until),
    });
  }
  for (const [project, some] of Map.groupBy(reached, (one) => one.project)) {
    const mark = marks.get(project);
    marks.set(project, {
      project,
      breach: mark?.breach,
      frozenUntil: mark?.frozenUntil,
      reached: new Map(some.map(({ rule, at }) => [rule, at])),
      until: some.reduce((last, one) => later(last, one.until), mark?.until ?? new Date(0)),
    });
  }
  return marks;
}
