import { type Budget, type BudgetsClient, CreateBudgetCommand } from '@aws-sdk/client-budgets';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBudget } from '../../lib/fleet/budgets.ts';
import { createBudgetsClient } from '../../lib/fleet/clients.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { ACCOUNT, NOW, usd, useEndpoint } from './fixtures.ts';

let moto: Moto;
let client: BudgetsClient;
let restoreEnvironment: () => void;

beforeAll(async () => {
  moto = await startMoto();
  restoreEnvironment = useEndpoint(moto.endpoint);
  client = createBudgetsClient();
}, 60_000);

afterAll(async () => {
  client?.destroy();
  restoreEnvironment?.();
  await moto?.stop();
});

const TAGS = {
  project: 'project',
  owner: 'owner',
  environment: 'environment',
  keepUntil: 'bursar:keep-until',
  model: 'model',
  creator: 'bursar:creator',
};
const read = (budgetName: string) =>
  readBudget(client, { account: ACCOUNT, budgetName, tags: TAGS, now: NOW });

/** moto keeps the spend that it is given; AWS computes it. */
const create = (BudgetName: string, fields: Partial<Budget>) =>
  client.send(
    new CreateBudgetCommand({
      AccountId: ACCOUNT,
      Budget: {
        BudgetName,
        BudgetType: 'COST',
        TimeUnit: 'MONTHLY',
        BudgetLimit: { Amount: '12000', Unit: 'USD' },
        ...fields,
      },
      NotificationsWithSubscribers: [
        {
          Notification: {
            NotificationType: 'ACTUAL',
            ComparisonOperator: 'GREATER_THAN',
            Threshold: 80,
            ThresholdType: 'PERCENTAGE',
            NotificationState: 'ALARM',
          },
          Subscribers: [{ SubscriptionType: 'SNS', Address: 'arn:aws:sns:us-east-1:123456789012:budgets' }],
        },
      ],
    }),
  );

it('a budget is read with its spend, its project and its alarms', async () => {
  await create('the recsys budget', {
    CalculatedSpend: {
      ActualSpend: { Amount: '9600.55', Unit: 'USD' },
      ForecastedSpend: { Amount: '13000', Unit: 'USD' },
    },
    FilterExpression: { Tags: { Key: 'project', Values: ['recsys'] } },
  });
  expect(await read('the recsys budget')).toEqual({
    state: 'read',
    reading: {
      source: 'budgets',
      meter: undefined,
      budgetName: 'the recsys budget',
      holder: 'recsys',
      limit: usd('12000'),
      actual: usd('9600.55'),
      forecasted: usd('13000'),
      period: '2026-11-01',
      asOf: NOW,
    },
    alarms: [{ at: 80, of: 'actual', per: 'month' }],
  });
});

it('one with the old filters is read as well', async () => {
  await create('old', { CostFilters: { TagKeyValue: ['user:project$fraud'] } });
  expect(await read('old')).toMatchObject({ state: 'read', reading: { holder: 'fraud', actual: usd('0') } });
});

it('one that does not exist is unusable', async () => {
  expect(await read('gone')).toEqual({
    state: 'unusable',
    why: `Account ${ACCOUNT} has no budget named "gone".`,
  });
});
