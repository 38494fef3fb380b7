import {
  type Budget,
  BudgetsClient,
  BudgetsServiceException,
  DescribeBudgetCommand,
  type DescribeBudgetCommandOutput,
  DescribeBudgetsCommand,
  DescribeNotificationsForBudgetCommand,
} from '@aws-sdk/client-budgets';
import { answering } from './answering.ts';
import { type AccountState, type MemoryBudget, REGION } from './state.ts';

/** Monthly cost budgets of one project each. A budget made by Bursar has the name of its thresholds. */
export function budgetsIn({ budgets }: AccountState): BudgetsClient {
  return answering(new BudgetsClient({ region: REGION }))
    .on(DescribeBudgetCommand, ({ BudgetName = '' }): Partial<DescribeBudgetCommandOutput> => {
      const budget = budgets.get(BudgetName);
      if (budget === undefined) {
        throw new BudgetsServiceException({
          name: 'NotFoundException',
          message: `Unable to get budget: ${BudgetName}.`,
          $fault: 'client',
          $metadata: {},
        });
      }
      return { Budget: budgetOf(BudgetName, budget) };
    })
    .on(DescribeBudgetsCommand, () => ({
      Budgets: [...budgets].map(([name, budget]) => budgetOf(name, budget)),
    }))
    .on(DescribeNotificationsForBudgetCommand, () => ({ Notifications: [] })).client;
}

const usd = (Amount: string) => ({ Amount, Unit: 'USD' });

const budgetOf = (BudgetName: string, { project, limit, actual, forecasted }: MemoryBudget): Budget => ({
  BudgetName,
  BudgetType: 'COST',
  TimeUnit: 'MONTHLY',
  BudgetLimit: usd(limit),
  FilterExpression: { Tags: { Key: 'project', Values: [project] } },
  CalculatedSpend: { ActualSpend: usd(actual), ForecastedSpend: usd(forecasted) },
});
