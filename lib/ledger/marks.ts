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

const later = (a: Date, b: Date): Date => (a >= b ? a : b);

/** One mark a project, of the breaches and freezes that are in force; it lasts as long as the longer one. */
export function mergeMarks(
  breaches: readonly Breach[],
  freezes: readonly Freeze[],
): ReadonlyMap<string, ProjectMark> {
  const marks = new Map<string, ProjectMark>();
  for (const { project, reading, until } of breaches) {
    marks.set(project, { project, breach: reading, frozenUntil: undefined, until });
  }
  for (const { project, until } of freezes) {
    const mark = marks.get(project);
    marks.set(project, {
      project,
      breach: mark?.breach,
      frozenUntil: until,
      until: mark === undefined ? until : later(mark.until, until),
    });
  }
  return marks;
}
