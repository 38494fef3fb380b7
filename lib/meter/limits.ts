import { levelText, parseHolder } from '../policy/levels.ts';
import type { Budgets } from '../policy/policy.ts';
import type { EarlierSpend, MonthSpend } from '../types/meter.ts';
import { costOver, microUsd, sumUsd, type Usd } from '../types/money.ts';
import type { BudgetReading, MeterFigures } from '../types/spend.ts';
import { dayName, dayNumber } from './days.ts';

/** The meter is read by every sweep: so long a project may go beyond a limit before it is noticed. Seconds. */
export const DETECTION_SECONDS = 300;

/** The same of AWS Budgets: it is refreshed up to three times a day, and the bill itself lags. Seconds. */
export const BUDGETS_DETECTION_SECONDS = 24 * 3_600;

/** What may be spent beyond a limit before it is noticed, at a burn of USD an hour. */
export const worstCase = (burn: Usd, seconds: number): Usd => costOver(burn, seconds * 1000);

/**
 * One reading for each limit of a team, project or model that the meter is held against.
 * @param holder whose limits they are (`holderOf`)
 * @param earlier what it spent in the months before this one, since the start of its total limit; `undefined` = not
 * known, and then nothing can be said of all time
 */
export function readingsOf(
  spend: MonthSpend,
  holder: string,
  { budget, daily, total }: Budgets,
  earlier: EarlierSpend | undefined,
): readonly BudgetReading[] {
  const { asOf, billed, estimated, low, high, burn } = spend;
  const day = dayName(dayNumber(asOf.getTime()));
  const month = `${day.slice(0, '2026-11'.length)}-01`;
  const name = nameOf(holder);
  const base = { holder, actual: undefined, forecasted: undefined, asOf };
  const thisMonth: MeterFigures = { billed, estimated, low, high, burn };
  const readings: BudgetReading[] = [];
  if (budget !== undefined) {
    readings.push({
      ...base,
      source: 'meter',
      budgetName: `meter of ${name}`,
      limit: budget,
      meter: thisMonth,
      period: month,
    });
  }
  if (daily !== undefined) {
    readings.push({
      ...base,
      source: 'meter-day',
      budgetName: `meter of ${name} by day`,
      limit: daily,
      meter: todayOf(spend),
      period: day,
    });
  }
  if (total !== undefined && earlier !== undefined) {
    readings.push({
      ...base,
      source: 'meter-total',
      budgetName: `meter of ${name} in all`,
      limit: total.limit,
      meter: inAll(spend, earlier),
      period: month,
    });
  }
  return readings;
}

/** `recsys`, `team alpha`, `model scorer of project fraud`. */
function nameOf(holder: string): string {
  const level = parseHolder(holder);
  return level.level === 'project' ? level.project : levelText(holder);
}

function inAll(spend: MonthSpend, earlier: EarlierSpend): MeterFigures {
  const estimated = sumUsd([spend.estimated, earlier.estimated]);
  return figures(spend, sumUsd([spend.billed, earlier.billed]), estimated);
}

const todayOf = (spend: MonthSpend): MeterFigures =>
  figures(spend, spend.todayBilled, microUsd(spend.today - spend.todayBilled));

/** The band is a share of what is estimated, the same for a day and for all time as for the month. */
function figures(
  { billed, estimated, low, high, burn }: MonthSpend,
  ofBilled: Usd,
  ofEstimated: Usd,
): MeterFigures {
  const share = (bound: Usd): Usd =>
    sumUsd([
      ofBilled,
      estimated === 0n ? ofEstimated : microUsd((ofEstimated * (bound - billed)) / estimated),
    ]);
  return { billed: ofBilled, estimated: ofEstimated, low: share(low), high: share(high), burn };
}
