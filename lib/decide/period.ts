import type { BudgetReading } from '../types/spend.ts';

/** First instant after the calendar month (UTC) that `period`, `YYYY-MM-DD`, lies in. */
export function periodEnd(period: string): Date {
  const start = periodStart(period);
  return new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1));
}

/** First instant after the UTC day `2026-11-25`. */
export const dayEnd = (day: string): Date => new Date(periodStart(day).getTime() + 86_400_000);

/**
 * First instant after the period of a reading. A limit on all time is enforced anew each month: who raised nothing
 * until then is told again.
 */
export const readingEnd = ({ source, period }: Pick<BudgetReading, 'source' | 'period'>): Date =>
  source === 'meter-day' ? dayEnd(period) : periodEnd(period);

/** First instant of the period that starts on `period`, `YYYY-MM-DD`. */
export const periodStart = (period: string): Date => new Date(`${period}T00:00:00.000Z`);
