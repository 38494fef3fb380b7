import {
  type Budget,
  type BudgetsClient,
  DescribeBudgetCommand,
  DescribeNotificationsForBudgetCommand,
  type Expression,
  type Notification,
} from '@aws-sdk/client-budgets';
import { type BudgetThreshold, projectOfBudgetName, type TagKeys } from '../policy/policy.ts';
import { parseUsd, type Usd } from '../types/money.ts';
import type { BudgetReading } from '../types/spend.ts';
import { errorCode } from './aws-errors.ts';
import { allPages } from './pages.ts';

/** What AWS says of a budget that a message named; `unusable` says in one sentence why nothing can be decided by it. */
export type BudgetAnswer =
  | { readonly state: 'read'; readonly reading: BudgetReading; readonly alarms: readonly BudgetThreshold[] }
  | { readonly state: 'unusable'; readonly why: string };

/**
 * Confirms a budget with AWS: its limit, its spend, and which notifications are in ALARM. The project is the
 * one of its tag filter, else, where that names none, the one of its name.
 * @throws what AWS Budgets answers, but for a budget that does not exist.
 */
export async function readBudget(
  client: BudgetsClient,
  {
    account,
    budgetName,
    tags,
    now,
  }: {
    readonly account: string;
    readonly budgetName: string;
    readonly tags: TagKeys;
    readonly now: Date;
  },
): Promise<BudgetAnswer> {
  const unusable = (why: string): BudgetAnswer => ({ state: 'unusable', why });
  let budget: Budget | undefined;
  try {
    budget = (await client.send(new DescribeBudgetCommand({ AccountId: account, BudgetName: budgetName })))
      .Budget;
  } catch (error) {
    if (errorCode(error) !== 'NotFoundException') throw error;
  }
  if (budget === undefined) return unusable(`Account ${account} has no budget named "${budgetName}".`);
  if (budget.TimeUnit !== 'MONTHLY') {
    return unusable(`Budget "${budgetName}" is ${budget.TimeUnit}; policies speak of monthly budgets.`);
  }
  if (budget.BudgetType !== 'COST') {
    return unusable(`Budget "${budgetName}" is of type ${budget.BudgetType}, not COST.`);
  }
  const [project = projectOfBudgetName(budgetName), another] = projectsOfFilter(budget, tags.project);
  if (project === undefined || another !== undefined) {
    return unusable(
      `Budget "${budgetName}" filters on no single value of tag ${tags.project}, so it names no project.`,
    );
  }
  const limit = amountOf(budget.BudgetLimit);
  if (limit === undefined) return unusable(`Budget "${budgetName}" has no fixed limit in USD.`);
  const actual = amountOf(budget.CalculatedSpend?.ActualSpend);
  if (actual === undefined) return unusable(`Budget "${budgetName}" states no actual spend in USD.`);
  return {
    state: 'read',
    reading: {
      budgetName,
      project,
      limit,
      actual,
      forecasted: amountOf(budget.CalculatedSpend?.ForecastedSpend),
      period: `${now.toISOString().slice(0, 7)}-01`,
      asOf: now,
    },
    alarms: await alarmsOf(client, account, budgetName, limit),
  };
}

/** AWS writes amounts as decimals, also without a leading zero. */
function amountOf(
  spend: { Amount?: string | undefined; Unit?: string | undefined } | undefined,
): Usd | undefined {
  if (spend?.Amount === undefined || spend.Unit !== 'USD') return undefined;
  return parseUsd(spend.Amount.replace(/^\./, '0.'));
}

/** Both the filter of today and the deprecated `CostFilters`; tags of users may carry the prefix `user:`. */
function projectsOfFilter({ FilterExpression, CostFilters }: Budget, key: string): ReadonlySet<string> {
  const values = new Set<string>();
  for (const { Key, Values } of tagFilters(FilterExpression)) {
    if (Key?.replace(/^user:/, '') === key) for (const value of Values ?? []) values.add(value);
  }
  for (const text of CostFilters?.TagKeyValue ?? []) {
    const [name = '', ...rest] = text.split('$');
    if (name.replace(/^user:/, '') === key) values.add(rest.join('$'));
  }
  return values;
}

/** The tag filters that must all hold. One under `Or` or `Not` does not tie the budget to a project. */
function tagFilters(expression: Expression | undefined): readonly NonNullable<Expression['Tags']>[] {
  if (expression === undefined) return [];
  return [
    ...(expression.Tags === undefined ? [] : [expression.Tags]),
    ...(expression.And ?? []).flatMap(tagFilters),
  ];
}

async function alarmsOf(
  client: BudgetsClient,
  AccountId: string,
  BudgetName: string,
  limit: Usd,
): Promise<readonly BudgetThreshold[]> {
  const notifications = await allPages<Notification>(async (NextToken) => {
    const page = await client.send(
      new DescribeNotificationsForBudgetCommand({
        AccountId,
        BudgetName,
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    return { items: page.Notifications, next: page.NextToken };
  });
  return notifications.flatMap(({ NotificationState, NotificationType, Threshold, ThresholdType }) => {
    if (NotificationState !== 'ALARM' || Threshold === undefined || limit === 0n) return [];
    const at = ThresholdType === 'ABSOLUTE_VALUE' ? (Threshold * 1_000_000 * 100) / Number(limit) : Threshold;
    return [{ at, of: NotificationType === 'FORECASTED' ? ('forecasted' as const) : ('actual' as const) }];
  });
}
