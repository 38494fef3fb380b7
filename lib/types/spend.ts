import type { Usd } from './money.ts';

/**
 * Where a reading of what was spent comes from: AWS Budgets, hours behind, or the meter, for the month, the UTC day or
 * all time since a start. Each is enforced by itself: a breach in one says nothing of the others.
 */
export const SPEND_SOURCES = ['budgets', 'meter', 'meter-day', 'meter-total'] as const;
export type SpendSource = (typeof SPEND_SOURCES)[number];

/** What the meter says of the period of a reading. The spend is `billed` + `estimated`. */
export interface MeterFigures {
  readonly billed: Usd;
  readonly estimated: Usd;
  readonly low: Usd;
  readonly high: Usd;
  /** USD an hour that it costs now. */
  readonly burn: Usd;
}

/** What is known of the spend of a team, project or model against one limit of its own, at `asOf`. */
export interface BudgetReading {
  readonly source: SpendSource;
  readonly budgetName: string;
  /** Whose limit it is (`holderOf`): `recsys`, `team:alpha`, `model:fraud:scorer`. */
  readonly holder: string;
  readonly limit: Usd;
  /** As AWS Budgets says, confirmed by DescribeBudget; `undefined` in a reading of the meter. */
  readonly actual: Usd | undefined;
  readonly forecasted: Usd | undefined;
  /** `undefined` in a reading of AWS Budgets. */
  readonly meter: MeterFigures | undefined;
  /** First day of the budget period, `YYYY-MM-DD` (`YYYY-MM-01` but for a day's). */
  readonly period: string;
  readonly asOf: Date;
}
