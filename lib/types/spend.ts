import type { Usd } from './money.ts';

/** What AWS Budgets says of one project, confirmed by DescribeBudget, at `asOf`. */
export interface BudgetReading {
  readonly budgetName: string;
  readonly project: string;
  readonly limit: Usd;
  readonly actual: Usd | undefined;
  readonly forecasted: Usd | undefined;
  /** First day of the budget period, `YYYY-MM-DD` (`YYYY-MM-01` for monthly budgets). */
  readonly period: string;
  readonly asOf: Date;
}
