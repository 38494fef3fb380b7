/** First instant after the calendar month (UTC) that `period`, `YYYY-MM-DD`, lies in. */
export function periodEnd(period: string): Date {
  const start = periodStart(period);
  return new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1));
}

/** First instant of the period that starts on `period`, `YYYY-MM-DD`. */
export const periodStart = (period: string): Date => new Date(`${period}T00:00:00.000Z`);
