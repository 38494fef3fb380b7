import {
  type Budget,
  BudgetsClient,
  BudgetsServiceException,
  DescribeBudgetCommand,
  type DescribeBudgetCommandInput,
  type DescribeBudgetCommandOutput,
  DescribeBudgetsCommand,
  DescribeNotificationsForBudgetCommand,
} from '@aws-sdk/client-budgets';
import { mockClient } from 'aws-sdk-client-mock';
import { type FakeBudget, type FakeState, REGION } from './state.ts';

/** Monthly cost budgets of one project each. A budget made by Bursar has the name of its thresholds. */
export function fakeBudgets({ budgets }: FakeState): BudgetsClient {
  const client = new BudgetsClient({ region: REGION });
  const mock = mockClient(client);
  mock
    .on(DescribeBudgetCommand)
    .callsFake(({ BudgetName = '' }: DescribeBudgetCommandInput): Partial<DescribeBudgetCommandOutput> => {
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
    });
  mock
    .on(DescribeBudgetsCommand)
    .callsFake(() => ({ Budgets: [...budgets].map(([name, budget]) => budgetOf(name, budget)) }));
  mock.on(DescribeNotificationsForBudgetCommand).resolves({ Notifications: [] });
  return client;
}

const usd = (Amount: string) => ({ Amount, Unit: 'USD' });

const budgetOf = (BudgetName: string, { project, limit, actual, forecasted }: FakeBudget): Budget => ({
  BudgetName,
  BudgetType: 'COST',
  TimeUnit: 'MONTHLY',
  BudgetLimit: usd(limit),
  FilterExpression: { Tags: { Key: 'project', Values: [project] } },
  CalculatedSpend: { ActualSpend: usd(actual), ForecastedSpend: usd(forecasted) },
});
