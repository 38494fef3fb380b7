import { periodEnd } from '../decide/period.ts';
import type { ProjectSpend } from '../types/meter.ts';
import { costOver, microUsd, sumUsd, type Usd } from '../types/money.ts';
import { DAY_MS, dayName, dayNumber, weekdayOf } from './days.ts';
import { type Band, scaled } from './learned.ts';

export interface ForecastInput {
  /** Of this month so far, billed and estimated; between `low` and `high` as far as is known. */
  readonly spent: Usd;
  readonly low: Usd;
  readonly high: Usd;
  /** USD an hour now, less discount. */
  readonly burn: Usd;
  readonly band: Pick<Band, 'low' | 'high'>;
  /** Spend of the days up to yesterday (UTC), oldest first, from the first that the project spent anything on. */
  readonly pastDays: readonly Usd[];
  readonly now: Date;
}

/** Each weekday comes twice in so many. */
const WEEKDAYS_NEED = 14;
const WEEKS = 5;

/**
 * The spend of the whole calendar month (UTC). With two weeks of past days: the rest of today as now, and each day to
 * come as the same weekday was in up to five earlier weeks on average; the band is what the cheapest and the dearest of
 * those weeks come to. Else as if all went on as now.
 */
export function forecast(input: ForecastInput): ProjectSpend['forecast'] {
  const { spent, low, high, burn, band, pastDays, now } = input;
  const monthEnd = periodEnd(dayName(dayNumber(now.getTime()))).getTime();
  const byWeekday = pastDays.length >= WEEKDAYS_NEED;
  const today = dayNumber(now.getTime());
  const burnsUntil = byWeekday ? (today + 1) * DAY_MS : monthEnd;
  const going = costOver(burn, burnsUntil - now.getTime());
  const base = {
    amount: sumUsd([spent, going]),
    low: sumUsd([low, scaled(going, band.low)]),
    high: sumUsd([high, scaled(going, band.high)]),
  };
  if (!byWeekday) return { ...base, basis: 'burn' };
  const days = Array.from({ length: dayNumber(monthEnd) - today - 1 }, (_, index) => today + 1 + index);
  const mean = sumUsd(days.map((day) => meanOf(earlierDays(day, today, pastDays))));
  const weeks = Array.from({ length: Math.min(WEEKS, Math.floor(pastDays.length / 7)) }, (_, week) =>
    sumUsd(days.map((day) => earlierDays(day, today, pastDays)[week] ?? microUsd(0n))),
  );
  return {
    amount: sumUsd([base.amount, mean]),
    low: sumUsd([base.low, smallest([mean, ...weeks])]),
    high: sumUsd([base.high, largest([mean, ...weeks])]),
    basis: 'weekdays',
  };
}

/** What was spent on the same weekday, the last one first. */
function earlierDays(day: number, today: number, pastDays: readonly Usd[]): readonly Usd[] {
  const back = (weekdayOf(today) - weekdayOf(day) + 7) % 7 || 7;
  return Array.from({ length: WEEKS }, (_, week) => pastDays[pastDays.length - back - 7 * week]).filter(
    (amount) => amount !== undefined,
  );
}

const meanOf = (amounts: readonly Usd[]): Usd =>
  amounts.length === 0 ? microUsd(0n) : microUsd(sumUsd(amounts) / BigInt(amounts.length));

const smallest = (amounts: readonly Usd[]): Usd => amounts.reduce((a, b) => (a < b ? a : b));
const largest = (amounts: readonly Usd[]): Usd => amounts.reduce((a, b) => (a > b ? a : b));
