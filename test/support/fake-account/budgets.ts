import {
  BudgetsClient,
  BudgetsServiceException,
  DescribeBudgetCommand,
  type DescribeBudgetCommandInput,
  type DescribeBudgetCommandOutput,
  DescribeNotificationsForBudgetCommand,
} from '@aws-sdk/client-budgets';
import { mockClient } from 'aws-sdk-client-mock';
import { type FakeState, REGION } from './state.ts';

/** Monthly cost budgets of one project each, told apart by their names. */
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
      const usd = (Amount: string) => ({ Amount, Unit: 'USD' });
      return {
        Budget: {
          BudgetName,
          BudgetType: 'COST',
          TimeUnit: 'MONTHLY',
          BudgetLimit: usd(budget.limit),
          CalculatedSpend: { ActualSpend: usd(budget.actual), ForecastedSpend: usd(budget.forecasted) },
        },
      };
    });
  mock.on(DescribeNotificationsForBudgetCommand).resolves({ Notifications: [] });
  return client;
}
