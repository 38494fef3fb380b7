import {
  type Budget,
  BudgetsClient,
  BudgetsServiceException,
  DescribeBudgetCommand,
  type DescribeBudgetCommandOutput,
  DescribeBudgetsCommand,
  DescribeNotificationsForBudgetCommand,
  type Notification,
} from '@aws-sdk/client-budgets';
import { answering } from './answering.ts';
import { type AccountState, type MemoryBudget, REGION } from './state.ts';

/** At how many percent of its limit a budget alerts. */
export interface MemoryNotification {
  readonly of: 'actual' | 'forecasted';
  readonly percent: number;
  /** What it alerts of has come about. */
  readonly inAlarm: boolean;
}

/** On one page, where nobody says how many (AWS Budgets reference; of DescribeBudgets at most 1,000). */
const PER_PAGE = 100;
const MOST_BUDGETS = 1000;

/** Monthly cost budgets of a project or several each, by the names under which they are kept. */
export function budgetsIn({ budgets }: AccountState): BudgetsClient {
  const get = (name: string): MemoryBudget => {
    const budget = budgets.get(name);
    if (budget === undefined) throw refused('NotFoundException', `Unable to get budget: ${name}.`);
    return budget;
  };
  return answering(new BudgetsClient({ region: REGION }))
    .on(DescribeBudgetCommand, (asked): Partial<DescribeBudgetCommandOutput> => {
      const { BudgetName = '', ShowFilterExpression = false } = asked;
      return { Budget: budgetOf(BudgetName, get(BudgetName), ShowFilterExpression) };
    })
    .on(DescribeBudgetsCommand, ({ MaxResults = PER_PAGE, NextToken, ShowFilterExpression = false }) => {
      if (MaxResults > MOST_BUDGETS) {
        throw refused('InvalidParameterException', `MaxResults must not be greater than ${MOST_BUDGETS}.`);
      }
      const { items, next } = pageOf([...budgets], MaxResults, NextToken);
      return { Budgets: items.map(([name, one]) => budgetOf(name, one, ShowFilterExpression)), ...next };
    })
    .on(DescribeNotificationsForBudgetCommand, ({ BudgetName = '', MaxResults = PER_PAGE, NextToken }) => {
      const { items, next } = pageOf(get(BudgetName).notifications ?? [], MaxResults, NextToken);
      return { Notifications: items.map(notificationOf), ...next };
    }).client;
}

const refused = (name: string, message: string) =>
  new BudgetsServiceException({ name, message, $fault: 'client', $metadata: {} });

function pageOf<T>(all: readonly T[], size: number, token: string | undefined) {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(start) || start < 0) {
    throw refused('InvalidNextTokenException', 'The next token is not valid.');
  }
  const end = start + size;
  return { items: all.slice(start, end), next: end < all.length ? { NextToken: `${end}` } : {} };
}

const usd = (Amount: string) => ({ Amount, Unit: 'USD' });

/** AWS tells of the filter only where that is asked for. */
const budgetOf = (
  BudgetName: string,
  { project, projects = [project], limit, actual, forecasted }: MemoryBudget,
  withFilter: boolean,
): Budget => ({
  BudgetName,
  BudgetType: 'COST',
  TimeUnit: 'MONTHLY',
  BudgetLimit: usd(limit),
  ...(withFilter ? { FilterExpression: { Tags: { Key: 'project', Values: [...projects] } } } : {}),
  CalculatedSpend: { ActualSpend: usd(actual), ForecastedSpend: usd(forecasted) },
});

const notificationOf = ({ of, percent, inAlarm }: MemoryNotification): Notification => ({
  NotificationType: of === 'actual' ? 'ACTUAL' : 'FORECASTED',
  ComparisonOperator: 'GREATER_THAN',
  Threshold: percent,
  ThresholdType: 'PERCENTAGE',
  NotificationState: inAlarm ? 'ALARM' : 'OK',
});
