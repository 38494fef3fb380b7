import { DAYS_KNOWN, DAYS_NEEDED, findAnomalies, isAbove } from '../../lib/decide/spend-anomaly.ts';
import { daysBefore } from '../../lib/meter/days.ts';
import { sumUsd } from '../../lib/types/money.ts';
import { HISTORY_DAYS, type History, type HistoryKind, type Planted } from './spend-histories.ts';

/** The days of a history on which people are told that more was spent than is usual. */
export type Detector = (history: History) => readonly string[];

/** As it is deployed: each day is judged when it is over, by what is known then. */
export const deployed: Detector = ({ days }) =>
  days.flatMap(({ day }, index) => {
    const known = days.slice(Math.max(0, index - DAYS_KNOWN), index + 1);
    return findAnomalies({ by: 'bill', days: known, candidates: [day] }).some(isAbove) ? [day] : [];
  });

const BASELINE_DAYS = 30;

/** To compare with: more than the mean and three standard deviations of the 30 days before, and $25 at least. */
export const meanAndDeviations: Detector = ({ days, project }) => {
  const amounts = days.map(({ projects }) => Number(sumUsd(projects.get(project)?.values() ?? [])) / 1e6);
  const first = amounts.findIndex((amount) => amount > 0);
  return days.flatMap(({ day }, index) => {
    const before = amounts.slice(Math.max(first, index - BASELINE_DAYS), index);
    if (first < 0 || before.length < DAYS_NEEDED) return [];
    const mean = before.reduce((sum, one) => sum + one, 0) / before.length;
    const variance = before.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (before.length - 1);
    const amount = amounts[index] ?? 0;
    return amount > mean + 3 * Math.sqrt(variance) && amount - mean >= 25 ? [day] : [];
  });
};

export interface Tally {
  /** Alerts of something planted, the first of each; and all others, also those that tell the same again. */
  right: number;
  wrong: number;
  /** Of what was planted and costs $25 or more. */
  readonly found: Map<string, { found: number; of: number }>;
}

export interface Figures extends Tally {
  readonly byKind: ReadonlyMap<HistoryKind, Tally>;
  readonly projectMonths: number;
}

export const precisionOf = ({ right, wrong }: Tally): number => right / Math.max(1, right + wrong);

/** Of the classes that pass. */
export function recallOf({ found }: Tally, passes: (name: string) => boolean = () => true): number {
  let [some, all] = [0, 0];
  for (const [name, one] of found) {
    if (!passes(name)) continue;
    some += one.found;
    all += one.of;
  }
  return some / Math.max(1, all);
}

const SIZES = [
  [2, 'under 2 times'],
  [3, '2 to 3 times'],
  [Number.POSITIVE_INFINITY, '3 times and more'],
] as const;

/** `spike, 2 to 3 times`. */
export const classOf = ({ kind, size }: Planted): string =>
  `${kind}, ${SIZES.find(([below]) => size < below)?.[1] ?? ''}`;

/** What costs less is told by nobody, and is not counted. USD. */
const LEAST = 25;

/** Holds what a detector tells against what was planted. It has two days for what takes a day to be whole. */
export function figuresOf(histories: readonly History[], detect: Detector): Figures {
  const all: Tally = { right: 0, wrong: 0, found: new Map() };
  const byKind = new Map<HistoryKind, Tally>();
  for (const history of histories) {
    const own = byKind.get(history.kind) ?? { right: 0, wrong: 0, found: new Map() };
    byKind.set(history.kind, own);
    const hit = new Set<Planted>();
    for (const day of detect(history)) {
      const which = history.planted.find(
        ({ from, to }) => from <= day && day <= to && daysBefore(day, 1) <= from,
      );
      const isRight = which !== undefined && !hit.has(which);
      if (isRight) hit.add(which);
      for (const tally of [all, own]) tally[isRight ? 'right' : 'wrong'] += 1;
    }
    for (const planted of history.planted) {
      if (planted.extra < LEAST) continue;
      for (const { found } of [all, own]) {
        const one = found.get(classOf(planted)) ?? { found: 0, of: 0 };
        one.of += 1;
        if (hit.has(planted)) one.found += 1;
        found.set(classOf(planted), one);
      }
    }
  }
  return { ...all, byKind, projectMonths: (histories.length * HISTORY_DAYS) / 30 };
}
