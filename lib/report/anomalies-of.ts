import { findAnomalies } from '../decide/spend-anomaly.ts';
import { billedDays, type MeterSays, meteredDays } from '../meter/day-series.ts';
import type { SpendAnomaly } from '../types/anomaly.ts';
import type { SpendDay } from '../types/meter.ts';

export interface MeterSaysUntil extends MeterSays {
  /** The last UTC day that has ended: one that goes on says nothing of what a whole one costs. */
  readonly until: string;
}

/**
 * The unusual days of a month, far above and far below, the newest first: each as it is known today, and judged by the
 * days before it. A day that is billed is judged by the bills, one that is not yet by the meter.
 * @param days the month and, to know what is usual, some 90 days before it; with fewer than 14 nothing is found
 * @param month `2026-11`
 * @param meter what the meter says of days that are not billed; absent = they are left out
 */
export function anomaliesOf(
  days: readonly SpendDay[],
  month: string,
  meter?: MeterSaysUntil,
): readonly SpendAnomaly[] {
  const billed = billedDays(days);
  const isOfMonth = (day: string): boolean => day.startsWith(`${month}-`);
  const inMonth = billed.flatMap(({ day }) => (isOfMonth(day) ? [day] : []));
  const byBill = findAnomalies({ by: 'bill', days: billed, candidates: inMonth });
  if (meter === undefined) return byBill;
  const isBilled = new Set(inMonth);
  const metered = meteredDays(days, meter, meter.until);
  const open = metered.flatMap(({ day }) => (isOfMonth(day) && !isBilled.has(day) ? [day] : []));
  // What is not billed is newer than what is.
  return [...findAnomalies({ by: 'meter', days: metered, candidates: open }), ...byBill].sort((a, b) =>
    a.day > b.day ? -1 : a.day < b.day ? 1 : 0,
  );
}
