import type { SpendDay } from '../types/meter.ts';
import { DAY_MS } from './days.ts';

/** What the bills say in all, to judge one day of them by. */
export interface Bills {
  readonly days: ReadonlyMap<string, SpendDay>;
  /** The newest day for which anything is billed. */
  readonly newest: string | undefined;
  /** The first day for which a value of the project tag is billed: since then Cost Explorer knows it. */
  readonly knownSince: ReadonlyMap<string, string>;
}

export function billsOf(days: readonly SpendDay[]): Bills {
  let newest: string | undefined;
  const knownSince = new Map<string, string>();
  for (const { day, billed } of days) {
    for (const [project, services] of billed) {
      if (![...services.values()].some((amount) => amount > 0n)) continue;
      if (newest === undefined || day > newest) newest = day;
      const first = knownSince.get(project);
      if (first === undefined || day < first) knownSince.set(project, day);
    }
  }
  return { days: new Map(days.map((day) => [day.day, day])), newest, knownSince };
}

/**
 * Billing information is updated up to three times a day (Cost Management user guide, "Best practices for the AWS Cost
 * Explorer API") and lags by a day; some services report later still. Twice that day.
 */
const SETTLES_MS = 48 * 3_600_000;

/** So many days before today are compared with what was billed for them, and asked about until they are settled. */
export const DAYS_BACK = 35;

/** True where a day was asked about so long after its end that its bill can be whole. */
export const isAskedLate = ({ day, billedAsOf }: Pick<SpendDay, 'day' | 'billedAsOf'>): boolean =>
  billedAsOf !== undefined && billedAsOf.getTime() >= Date.parse(day) + DAY_MS + SETTLES_MS;

/**
 * True where what is billed of a day is all of it: it was asked about late, and the account has a later day billed, so
 * that the bill does not lag. Only for projects that Cost Explorer knows (`knowledgeOf`).
 */
export const isSettled = (day: SpendDay, { newest }: Bills): boolean =>
  isAskedLate(day) && newest !== undefined && newest > day.day;

/**
 * A tag takes a day or more to reach Cost Explorer, and what was spent before that is billed as of no project. `partly`:
 * of the first day, in the midst of which it may have come.
 */
export function knowledgeOf(
  project: string,
  day: string,
  { knownSince }: Bills,
): 'none' | 'partly' | 'whole' {
  const since = knownSince.get(project);
  if (since === undefined || since > day) return 'none';
  return since === day ? 'partly' : 'whole';
}
