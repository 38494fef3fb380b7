import type { ByProject, SpendDay } from '../types/meter.ts';
import { dayName, numberOfDay } from './days.ts';
import { lessDiscount } from './learned.ts';
import { billsOf, isSettled } from './settled.ts';

/** What all projects spent on one UTC day. */
export interface DailySpend {
  /** `2026-11-25`. */
  readonly day: string;
  /** A project that is absent spent nothing. */
  readonly projects: ByProject;
}

/** The days that count as billed alone, in order. Others are absent: what is billed of them is not all of it. */
export function billedDays(days: readonly SpendDay[]): readonly DailySpend[] {
  const bills = billsOf(days);
  return days
    .filter((day) => isSettled(day, bills))
    .map(({ day, billed }) => ({ day, projects: billed }))
    .sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** What the meter says of days whose figures are not saved yet. */
export interface MeterSays {
  /** The first UTC day that was measured, `2026-11-25`. */
  readonly from: string;
  /** At list price; a day that is absent cost nothing. */
  readonly days: ReadonlyMap<string, ByProject>;
  /** The first UTC day of which the meter saw all. */
  readonly watchedFrom: string;
  /** Percent that is taken off the list prices of a project (`''` is what has none). */
  readonly discountOf: (project: string) => number;
}

/**
 * What the meter says of each UTC day, less discount, up to `until` (included) and from the first of which it saw all:
 * as saved with the day, else as measured. Bills are no part of it, so that a day can be held against the ones before it.
 */
export function meteredDays(
  days: readonly SpendDay[],
  { from, days: measured, watchedFrom, discountOf }: MeterSays,
  until: string,
): readonly DailySpend[] {
  const saved = new Map(days.flatMap(({ day, metered }) => (metered === undefined ? [] : [[day, metered]])));
  const first = [from, ...saved.keys()].reduce((a, b) => (a < b ? a : b));
  const start = numberOfDay(first < watchedFrom ? watchedFrom : first);
  return Array.from({ length: Math.max(0, numberOfDay(until) - start + 1) }, (_, index) =>
    dayName(start + index),
  ).flatMap((day) => {
    const listed = saved.get(day) ?? measured.get(day) ?? (day < from ? undefined : NOTHING);
    return listed === undefined ? [] : [{ day, projects: discounted(listed, discountOf) }];
  });
}

const NOTHING: ByProject = new Map();

const discounted = (listed: ByProject, discountOf: MeterSays['discountOf']): ByProject =>
  new Map(
    [...listed].map(([project, services]) => {
      const discount = discountOf(project);
      return [
        project,
        new Map([...services].map(([service, amount]) => [service, lessDiscount(amount, discount)])),
      ];
    }),
  );
