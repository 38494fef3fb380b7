import {
  type Budget,
  type BudgetsClient,
  DescribeBudgetCommand,
  DescribeBudgetsCommand,
  DescribeNotificationsForBudgetCommand,
  type Expression,
  type Notification,
} from '@aws-sdk/client-budgets';
import { projectHolder } from '../policy/levels.ts';
import type { BudgetThreshold, TagKeys } from '../policy/policy.ts';
import { parseUsd, type Usd } from '../types/money.ts';
import type { BudgetReading } from '../types/spend.ts';
import { errorCode } from './aws-errors.ts';
import { allPages } from './pages.ts';

/** What AWS says of a budget that a message named; `unusable` says in one sentence why nothing can be decided by it. */
export type BudgetAnswer =
  | { readonly state: 'read'; readonly reading: BudgetReading; readonly alarms: readonly BudgetThreshold[] }
  | { readonly state: 'unusable'; readonly why: string };

interface Asked {
  /** 12 digits. */
  readonly account: string;
  readonly tags: TagKeys;
  /** Holders of limits by the names of their budgets, where these see more than one project; absent = there are none. */
  readonly holders?: ReadonlyMap<string, string> | undefined;
  readonly now: Date;
}

/**
 * Confirms a budget with AWS: its limit, its spend, and which notifications are in ALARM.
 * @throws what AWS Budgets answers, but for a budget that does not exist.
 */
export async function readBudget(
  client: BudgetsClient,
  { account, budgetName, ...asked }: Asked & { readonly budgetName: string },
): Promise<BudgetAnswer> {
  let budget: Budget | undefined;
  try {
    const answer = await client.send(
      // Without the flag AWS leaves the filter out of its answer.
      new DescribeBudgetCommand({ AccountId: account, BudgetName: budgetName, ShowFilterExpression: true }),
    );
    budget = answer.Budget;
  } catch (error) {
    if (errorCode(error) !== 'NotFoundException') throw error;
  }
  if (budget === undefined) {
    return { state: 'unusable', why: `Account ${account} has no budget named "${budgetName}".` };
  }
  const reading = readingOf({ ...budget, BudgetName: budgetName }, asked);
  if (typeof reading === 'string') return { state: 'unusable', why: reading };
  return { state: 'read', reading, alarms: await alarmsOf(client, account, budgetName, reading.limit) };
}

/** Every usable budget of the account. @throws what AWS Budgets answers. */
export async function readBudgets(
  client: BudgetsClient,
  { account, ...asked }: Asked,
): Promise<readonly BudgetReading[]> {
  const budgets = await allPages<Budget>(async (NextToken) => {
    const page = await client.send(
      new DescribeBudgetsCommand({
        AccountId: account,
        ShowFilterExpression: true,
        MaxResults: 1000,
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    return { items: page.Budgets, next: page.NextToken };
  });
  return budgets.flatMap((budget) => {
    const reading = readingOf(budget, asked);
    return typeof reading === 'string' ? [] : [reading];
  });
}

/**
 * What a budget says of a project, or in one sentence why nothing can be decided by it. The project is the
 * one value that its filter asks of the project tag; a budget without such a filter sees more than a project, and is
 * known by its name alone.
 */
function readingOf(budget: Budget, { tags, holders, now }: Omit<Asked, 'account'>): BudgetReading | string {
  const { BudgetName: budgetName = '' } = budget;
  if (budget.TimeUnit !== 'MONTHLY') {
    return `Budget "${budgetName}" is ${budget.TimeUnit}; policies speak of monthly budgets.`;
  }
  if (budget.BudgetType !== 'COST')
    return `Budget "${budgetName}" is of type ${budget.BudgetType}, not COST.`;
  const [project, another] = projectsOfFilter(budget, tags.project);
  const known = holders?.get(budgetName);
  const holder =
    known ?? (project === undefined || another !== undefined ? undefined : projectHolder(project));
  if (holder === undefined) {
    return `Budget "${budgetName}" filters on no single value of tag ${tags.project}, so it names no project.`;
  }
  const limit = amountOf(budget.BudgetLimit);
  if (limit === undefined) return `Budget "${budgetName}" has no fixed limit in USD.`;
  const actual = amountOf(budget.CalculatedSpend?.ActualSpend);
  if (actual === undefined) return `Budget "${budgetName}" states no actual spend in USD.`;
  return {
    source: 'budgets',
    budgetName,
    holder,
    limit,
    actual,
    forecasted: amountOf(budget.CalculatedSpend?.ForecastedSpend),
    meter: undefined,
    period: `${now.toISOString().slice(0, 7)}-01`,
    asOf: now,
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
    const of = NotificationType === 'FORECASTED' ? ('forecasted' as const) : ('actual' as const);
    return [{ at, of, per: 'month' as const }];
  });
}
