import type { CostLine } from '../types/cost.ts';
import { Sums, sumsAt } from './sums.ts';

/** The lines of a bill, added up where they lie before anything is shared. */
export interface Places {
  /** By rule, then by UTC day. */
  readonly ofRules: ReadonlyMap<string, Sums>;
  /** What no rule takes, by project: by UTC day, and by service. */
  readonly days: ReadonlyMap<string, Sums>;
  readonly services: ReadonlyMap<string, Sums>;
  /** What no rule takes and no project has, by service. */
  readonly unowned: Sums;
}

/** @param isPlaced whether a rule of that name takes a line */
export function placesOf(
  lines: readonly CostLine[],
  isPlaced: (rule: string | undefined) => rule is string,
): Places {
  const ofRules = new Map<string, Sums>();
  const days = new Map<string, Sums>();
  const services = new Map<string, Sums>();
  const unowned = new Sums();
  for (const { day, project, rule, service, cost } of lines) {
    if (isPlaced(rule)) {
      sumsAt(ofRules, rule).add(day, cost);
    } else if (project === '') {
      unowned.add(service, cost);
    } else {
      sumsAt(days, project).add(day, cost);
      sumsAt(services, project).add(service, cost);
    }
  }
  return { ofRules, days, services, unowned };
}
