import {
  type Budget,
  BudgetsClient,
  DescribeBudgetCommand,
  DescribeNotificationsForBudgetCommand,
  type Notification,
} from '@aws-sdk/client-budgets';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { readBudget } from '../../lib/fleet/budgets.ts';
import { ACCOUNT, awsError, NOW, usd } from './fixtures.ts';

const budgets = mockClient(BudgetsClient);
beforeEach(() => budgets.reset());

const TAGS = {
  project: 'project',
  owner: 'owner',
  environment: 'environment',
  keepUntil: 'bursar:keep-until',
  model: 'model',
  creator: 'bursar:creator',
};
const OF_RECSYS = { Tags: { Key: 'project', Values: ['recsys'] } };

const spend = (Amount: string, Unit = 'USD') => ({ Amount, Unit });

const BUDGET: Budget = {
  BudgetName: 'monthly recsys',
  BudgetType: 'COST',
  TimeUnit: 'MONTHLY',
  BudgetLimit: spend('12000.0'),
  CalculatedSpend: { ActualSpend: spend('9600.55'), ForecastedSpend: spend('13000') },
  FilterExpression: OF_RECSYS,
};

async function read(
  fields: Partial<Budget>,
  notifications: Notification[] = [],
  budgetName = 'monthly recsys',
) {
  budgets.on(DescribeBudgetCommand).resolves({ Budget: { ...BUDGET, ...fields, BudgetName: budgetName } });
  budgets.on(DescribeNotificationsForBudgetCommand).resolves({ Notifications: notifications });
  return readBudget(new BudgetsClient({ region: 'us-east-1' }), {
    account: ACCOUNT,
    budgetName,
    tags: TAGS,
    now: NOW,
  });
}

async function reading(fields: Partial<Budget>, budgetName?: string) {
  const answer = await read(fields, [], budgetName);
  if (answer.state !== 'read') throw new Error(answer.why);
  return answer.reading;
}

describe('a budget', () => {
  it('is read with its limit, its spend and its period', async () => {
    expect(await reading({})).toEqual({
      source: 'budgets',
      meter: undefined,
      budgetName: 'monthly recsys',
      holder: 'recsys',
      limit: usd('12000'),
      actual: usd('9600.55'),
      forecasted: usd('13000'),
      period: '2026-11-01',
      asOf: NOW,
    });
  });

  it.each([
    { Amount: '.5', is: '0.5' },
    { Amount: '0', is: '0' },
    { Amount: '4000', is: '4000' },
    { Amount: '0.9500000000', is: '0.95' },
    { Amount: '183965812157.54', is: '183965812157.54' },
  ])('has an actual spend of $Amount', async ({ Amount, is }) => {
    expect((await reading({ CalculatedSpend: { ActualSpend: spend(Amount) } })).actual).toBe(usd(is));
  });

  it('may have no forecast yet', async () => {
    expect((await reading({ CalculatedSpend: { ActualSpend: spend('1') } })).forecasted).toBeUndefined();
  });
});

describe('the project of a budget', () => {
  it.each<{ what: string; fields: Partial<Budget> }>([
    { what: 'its tag filter', fields: {} },
    {
      what: 'a user tag',
      fields: { FilterExpression: { Tags: { Key: 'user:project', Values: ['recsys'] } } },
    },
    {
      what: 'a filter by tag and service',
      fields: {
        FilterExpression: {
          And: [{ Dimensions: { Key: 'SERVICE', Values: ['Amazon SageMaker'] } }, OF_RECSYS],
        },
      },
    },
    {
      what: 'the filter of the stacks, gross of credits',
      fields: {
        FilterExpression: {
          And: [OF_RECSYS, { Not: { Dimensions: { Key: 'RECORD_TYPE', Values: ['Credit', 'Refund'] } } }],
        },
      },
    },
    {
      what: 'the old cost filters',
      fields: { FilterExpression: undefined, CostFilters: { TagKeyValue: ['user:project$recsys'] } },
    },
    {
      what: 'both filters, where they agree',
      fields: { CostFilters: { TagKeyValue: ['user:project$recsys', 'user:owner$alice'] } },
    },
  ])('is named by $what', async ({ fields }) => {
    expect((await reading(fields)).holder).toBe('recsys');
  });

  it('may hold a $ itself', async () => {
    const fields = { FilterExpression: undefined, CostFilters: { TagKeyValue: ['user:project$a$b'] } };
    expect((await reading(fields)).holder).toBe('a$b');
  });

  it('is that of its filter, even where its name says another', async () => {
    expect((await reading({}, 'bursar-fraud')).holder).toBe('recsys');
  });

  it('is not told by its name where it has no filter: it sees the whole account', async () => {
    expect((await read({ FilterExpression: undefined }, [], 'bursar-fraud-00c0ffee')).state).toBe('unusable');
  });
});

describe('nothing is decided by a budget', () => {
  const unusable = async (fields: Partial<Budget>, name?: string) => {
    const answer = await read(fields, [], name);
    return answer.state === 'unusable' ? answer.why : 'it was read';
  };

  it('that does not exist', async () => {
    budgets.on(DescribeBudgetCommand).rejects(awsError('NotFoundException', 'Unable to get budget'));
    const client = new BudgetsClient({ region: 'us-east-1' });
    expect(await readBudget(client, { account: ACCOUNT, budgetName: 'gone', tags: TAGS, now: NOW })).toEqual({
      state: 'unusable',
      why: `Account ${ACCOUNT} has no budget named "gone".`,
    });
  });

  it.each<{ what: string; fields: Partial<Budget>; why: string }>([
    {
      what: 'of a day',
      fields: { TimeUnit: 'DAILY' },
      why: 'Budget "monthly recsys" is DAILY; policies speak of monthly budgets.',
    },
    {
      what: 'of a year',
      fields: { TimeUnit: 'ANNUALLY' },
      why: 'Budget "monthly recsys" is ANNUALLY; policies speak of monthly budgets.',
    },
    {
      what: 'of usage',
      fields: { BudgetType: 'USAGE' },
      why: 'Budget "monthly recsys" is of type USAGE, not COST.',
    },
    {
      what: 'in euros',
      fields: { BudgetLimit: spend('12000', 'EUR') },
      why: 'Budget "monthly recsys" has no fixed limit in USD.',
    },
    {
      what: 'without a fixed limit',
      fields: { BudgetLimit: undefined },
      why: 'Budget "monthly recsys" has no fixed limit in USD.',
    },
    {
      what: 'whose spend is in euros',
      fields: { CalculatedSpend: { ActualSpend: spend('1', 'EUR') } },
      why: 'Budget "monthly recsys" states no actual spend in USD.',
    },
    {
      what: 'whose spend is not known',
      fields: { CalculatedSpend: undefined },
      why: 'Budget "monthly recsys" states no actual spend in USD.',
    },
    {
      what: 'whose spend is no amount',
      fields: { CalculatedSpend: { ActualSpend: spend('1e5') } },
      why: 'Budget "monthly recsys" states no actual spend in USD.',
    },
  ])('$what', async ({ fields, why }) => {
    expect(await unusable(fields)).toBe(why);
  });

  const NO_PROJECT =
    'Budget "monthly recsys" filters on no single value of tag project, so it names no project.';

  it.each<{ what: string; filter: Partial<Budget> }>([
    { what: 'without a filter', filter: { FilterExpression: undefined } },
    {
      what: 'of several projects',
      filter: { FilterExpression: { Tags: { Key: 'project', Values: ['recsys', 'fraud'] } } },
    },
    { what: 'of another tag', filter: { FilterExpression: { Tags: { Key: 'owner', Values: ['recsys'] } } } },
    { what: 'of one project or another', filter: { FilterExpression: { Or: [OF_RECSYS, OF_RECSYS] } } },
    { what: 'of all but one project', filter: { FilterExpression: { Not: OF_RECSYS } } },
    {
      what: 'whose filters name different projects',
      filter: { CostFilters: { TagKeyValue: ['user:project$fraud'] } },
    },
  ])('$what', async ({ filter }) => {
    expect(await unusable(filter)).toBe(NO_PROJECT);
  });

  it('of several projects, whatever its name', async () => {
    const several = { FilterExpression: { Tags: { Key: 'project', Values: ['recsys', 'fraud'] } } };
    expect(await unusable(several, 'bursar-recsys')).toBe(
      'Budget "bursar-recsys" filters on no single value of tag project, so it names no project.',
    );
  });
});

describe('the notifications of a budget', () => {
  const notification = (fields: Partial<Notification>): Notification => ({
    NotificationType: 'ACTUAL',
    ComparisonOperator: 'GREATER_THAN',
    Threshold: 80,
    ThresholdType: 'PERCENTAGE',
    NotificationState: 'ALARM',
    ...fields,
  });

  const alarms = async (notifications: Notification[], fields: Partial<Budget> = {}) => {
    const answer = await read(fields, notifications);
    return answer.state === 'read' ? answer.alarms : answer.why;
  };

  it('count where AWS says that they are in alarm', async () => {
    expect(
      await alarms([
        notification({}),
        notification({ Threshold: 100, NotificationState: 'OK' }),
        notification({ Threshold: 90, NotificationType: 'FORECASTED' }),
      ]),
    ).toEqual([
      { at: 80, of: 'actual', per: 'month' },
      { at: 90, of: 'forecasted', per: 'month' },
    ]);
  });

  it('in dollars are read as a share of the limit', async () => {
    expect(await alarms([notification({ Threshold: 3_000, ThresholdType: 'ABSOLUTE_VALUE' })])).toEqual([
      { at: 25, of: 'actual', per: 'month' },
    ]);
  });

  it('are a share of nothing where the limit is zero', async () => {
    const none = { BudgetLimit: spend('0') };
    expect(await alarms([notification({ ThresholdType: 'ABSOLUTE_VALUE' })], none)).toEqual([]);
  });

  it('are read from every page', async () => {
    budgets.on(DescribeBudgetCommand).resolves({ Budget: BUDGET });
    budgets
      .on(DescribeNotificationsForBudgetCommand)
      .resolvesOnce({ Notifications: [notification({})], NextToken: 'more' })
      .resolvesOnce({ Notifications: [notification({ Threshold: 100 })] });
    const client = new BudgetsClient({ region: 'us-east-1' });
    const answer = await readBudget(client, { account: ACCOUNT, budgetName: 'b', tags: TAGS, now: NOW });
    expect(answer.state === 'read' && answer.alarms.map(({ at }) => at)).toEqual([80, 100]);
  });
});

it.each(['AccessDeniedException', 'ThrottlingException'])(
  '%s is thrown: a budget that cannot be read is not one that is missing',
  async (name) => {
    budgets.on(DescribeBudgetCommand).rejects(awsError(name, 'no answer'));
    const client = new BudgetsClient({ region: 'us-east-1' });
    await expect(
      readBudget(client, { account: ACCOUNT, budgetName: 'b', tags: TAGS, now: NOW }),
    ).rejects.toThrow('no answer');
  },
);
