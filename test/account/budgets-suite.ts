import { type BudgetsClient, CreateBudgetCommand, DescribeBudgetCommand } from '@aws-sdk/client-budgets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBudget, readBudgets } from '../../lib/fleet/budgets.ts';
import { createBudgetsClient } from '../../lib/fleet/clients.ts';
import { ACCOUNT } from '../../lib/sandbox/local-aws.ts';
import { NOW, usd } from '../fleet/fixtures.ts';
import { itIf, type Side } from './both.ts';

const TAGS = {
  project: 'project',
  owner: 'owner',
  environment: 'environment',
  keepUntil: 'bursar:keep-until',
  model: 'model',
  creator: 'bursar:creator',
};

interface Spend {
  readonly project: string;
  readonly limit: string;
  readonly actual: string;
  readonly forecasted: string;
  readonly inAlarm: boolean;
}

/** A budget with alerts at 80 % of actual and 100 % of forecasted spend. */
async function put(
  side: Side,
  client: BudgetsClient,
  name: string,
  { project, limit, actual, forecasted, inAlarm }: Spend,
): Promise<void> {
  if (side.name === 'in memory') {
    side.account.budgets.set(name, {
      project,
      limit,
      actual,
      forecasted,
      notifications: [
        { of: 'actual', percent: 80, inAlarm },
        { of: 'forecasted', percent: 100, inAlarm: false },
      ],
    });
    return;
  }
  const amount = (Amount: string) => ({ Amount, Unit: 'USD' });
  const notification = (NotificationType: 'ACTUAL' | 'FORECASTED', Threshold: number, alarm: boolean) => ({
    Notification: {
      NotificationType,
      ComparisonOperator: 'GREATER_THAN' as const,
      Threshold,
      ThresholdType: 'PERCENTAGE' as const,
      NotificationState: alarm ? ('ALARM' as const) : ('OK' as const),
    },
    Subscribers: [{ SubscriptionType: 'SNS' as const, Address: `arn:aws:sns:us-east-1:${ACCOUNT}:budgets` }],
  });
  await client.send(
    new CreateBudgetCommand({
      AccountId: ACCOUNT,
      Budget: {
        BudgetName: name,
        BudgetType: 'COST',
        TimeUnit: 'MONTHLY',
        BudgetLimit: amount(limit),
        // moto keeps what AWS computes.
        CalculatedSpend: { ActualSpend: amount(actual), ForecastedSpend: amount(forecasted) },
        FilterExpression: { Tags: { Key: 'project', Values: [project] } },
      },
      NotificationsWithSubscribers: [
        notification('ACTUAL', 80, inAlarm),
        notification('FORECASTED', 100, false),
      ],
    }),
  );
}

const RECSYS: Spend = {
  project: 'recsys',
  limit: '12000',
  actual: '9600.55',
  forecasted: '11000',
  inAlarm: true,
};
const FRAUD: Spend = { project: 'fraud', limit: '4000', actual: '12', forecasted: '0', inAlarm: false };

/** All that AWS Budgets is asked. */
export function budgetsSuite(side: () => Side, name: Side['name']): void {
  describe('Budgets', () => {
    let client: BudgetsClient;
    beforeAll(async () => {
      const one = side();
      client = one.name === 'in memory' ? one.account.budgetsClient : createBudgetsClient();
      await put(one, client, 'the recsys budget', RECSYS);
      await put(one, client, 'fraud', FRAUD);
    });
    afterAll(() => client?.destroy());
    const read = (budgetName: string) =>
      readBudget(client, { account: ACCOUNT, budgetName, tags: TAGS, now: NOW });
    const reading = (budgetName: string, { project, limit, actual, forecasted }: Spend) => ({
      source: 'budgets',
      meter: undefined,
      budgetName,
      holder: project,
      limit: usd(limit),
      actual: usd(actual),
      forecasted: usd(forecasted),
      period: '2026-11-01',
      asOf: NOW,
    });

    it('tells of a budget its limit, its spend, its project and its alarms', async () => {
      expect(await read('the recsys budget')).toEqual({
        state: 'read',
        reading: reading('the recsys budget', RECSYS),
        alarms: [{ at: 80, of: 'actual', per: 'month' }],
      });
      expect(await read('fraud')).toEqual({ state: 'read', reading: reading('fraud', FRAUD), alarms: [] });
    });

    it('tells of all budgets', async () => {
      const found = await readBudgets(client, { account: ACCOUNT, tags: TAGS, now: NOW });
      expect(found.toSorted((a, b) => (a.budgetName < b.budgetName ? -1 : 1))).toEqual([
        reading('fraud', FRAUD),
        reading('the recsys budget', RECSYS),
      ]);
    });

    it('knows no budget of another name', async () => {
      expect(await read('gone')).toEqual({
        state: 'unusable',
        why: `Account ${ACCOUNT} has no budget named "gone".`,
      });
    });

    const withoutFlag = async () => {
      const { Budget } = await client.send(
        new DescribeBudgetCommand({ AccountId: ACCOUNT, BudgetName: 'fraud' }),
      );
      return Budget?.FilterExpression;
    };

    itIf(name === 'in memory')('tells of a filter only where it is asked for', async () => {
      expect(await withoutFlag()).toBeUndefined();
    });

    itIf(name === 'local AWS')('moto tells of a filter always, AWS where it is asked for', async () => {
      expect(await withoutFlag()).toEqual({ Tags: { Key: 'project', Values: ['fraud'] } });
    });
  });
}
