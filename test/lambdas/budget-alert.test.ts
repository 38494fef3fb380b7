import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import {
  type Budget,
  BudgetsClient,
  DescribeBudgetCommand,
  DescribeNotificationsForBudgetCommand,
} from '@aws-sdk/client-budgets';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { RDSClient } from '@aws-sdk/client-rds';
import { ListEndpointsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BudgetAlertDeps, budgetAlert } from '../../lambdas/budget-alert.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import type { Alert } from '../../lib/types/alert.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { ACCOUNT, AT, instance, policy, usd } from '../alerts/fixtures.ts';
import { awsError, contextOf } from '../fleet/fixtures.ts';
import { billingBug, named, render } from '../signals/budget-messages.ts';
import { quietConsole } from './fixtures.ts';

const budgets = mockClient(BudgetsClient);
const ec2 = mockClient(EC2Client);
const sagemaker = mockClient(SageMakerClient);
const groups = mockClient(AutoScalingClient);
const rds = mockClient(RDSClient);
let quiet: ReturnType<typeof quietConsole>;

const BUDGET: Budget = {
  BudgetName: 'bursar-recsys',
  BudgetType: 'COST',
  TimeUnit: 'MONTHLY',
  BudgetLimit: { Amount: '12000', Unit: 'USD' },
  CalculatedSpend: { ActualSpend: { Amount: '12400', Unit: 'USD' } },
  FilterExpression: { Tags: { Key: 'project', Values: ['recsys'] } },
};

beforeEach(() => {
  quiet = quietConsole();
  for (const mock of [budgets, ec2, sagemaker, groups, rds]) mock.reset();
  budgets.on(DescribeBudgetCommand).resolves({ Budget: BUDGET });
  budgets.on(DescribeNotificationsForBudgetCommand).resolves({ Notifications: [] });
  // No resource of any other kind.
  for (const mock of [sagemaker, groups, rds]) mock.onAnyCommand().resolves({});
  ec2.on(DescribeInstancesCommand).resolves({
    Reservations: [
      {
        OwnerId: ACCOUNT,
        Instances: [instance(1), instance(2, { tags: { project: 'fraud', environment: 'dev' } })].map(
          (one) => ({
            InstanceId: one.id,
            InstanceType: 'g5.xlarge',
            LaunchTime: one.since,
            State: { Name: 'running' },
            Tags: Object.entries(one.tags).map(([Key, Value]) => ({ Key, Value })),
          }),
        ),
      },
    ],
  });
});
afterEach(() => quiet.restore());

function setUp(fields: Partial<BudgetAlertDeps> = {}) {
  const order: string[] = [];
  const sent: { decisions: readonly Decision[]; id: string }[] = [];
  const told: Alert[] = [];
  const kept: { body: string; why: string }[] = [];
  const ledger = createMemoryLedger();
  const deps: BudgetAlertDeps = {
    policy,
    ledger: {
      ...ledger,
      markBreach: async (...given) => {
        order.push('marked');
        return ledger.markBreach(...given);
      },
    },
    budgets: new BudgetsClient({ region: 'us-east-1' }),
    regions: new Map([['us-east-1', { ...contextOf(), account: ACCOUNT }]]),
    account: ACCOUNT,
    now: () => AT,
    send: async (decisions, id) => {
      order.push('sent');
      sent.push({ decisions, id });
      return 1;
    },
    publish: async (alert) => void told.push(alert),
    keep: async (body, why) => void kept.push({ body, why }),
    tools: { logger: new Logger({ serviceName: 'test' }), metrics: new Metrics({ namespace: 'Test' }) },
    ...fields,
  };
  const deliver = (message: string, { id = 'm-1', deliveries = 1 } = {}) =>
    budgetAlert({ id, body: envelope(message), deliveries }, deps);
  return { deps, deliver, order, sent, told, kept };
}

const envelope = (Message: string): string =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: 'sns-1',
    TopicArn: `arn:aws:sns:us-east-1:${ACCOUNT}:signals`,
    Subject: 'AWS Budgets: bursar-recsys has exceeded your alert threshold',
    Message,
  });

const BREACH = render(named('bursar-recsys'));

const ANOMALY = JSON.stringify({
  accountId: ACCOUNT,
  anomalyId: 'a-1',
  anomalyStartDate: '2026-11-24T00:00:00Z',
  anomalyEndDate: '2026-11-25T00:00:00Z',
  monitorName: 'services',
  impact: { totalImpact: 512.25, totalActualSpend: 600, totalExpectedSpend: 87.75 },
  rootCauses: [{ service: 'Amazon SageMaker', region: 'us-east-1' }],
  anomalyDetailsLink: 'https://console.aws.amazon.com/cost-management/home#/anomaly-detection',
});

describe('a budget that is overspent', () => {
  it('stops what runs in the project and nothing else', async () => {
    const { deliver, sent, told, kept } = setUp();
    await deliver(BREACH);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.id).toBe('budget/m-1');
    const decisions = sent[0]?.decisions ?? [];
    expect(decisions.map(({ action }) => action)).toEqual(['budget-notice', 'stop']);
    expect(decisions.flatMap((one) => (one.action === 'stop' ? [one.target.id] : []))).toEqual([
      instance(1).id,
    ]);
    expect([told, kept]).toEqual([[], []]);
  });

  it('is marked before its decisions are queued: what the queue loses, the sweep still owes', async () => {
    const { deliver, deps, order } = setUp();
    await deliver(BREACH);
    expect(order).toEqual(['marked', 'sent']);
    const mark = (await deps.ledger.projectMarks(AT)).get('recsys');
    expect(mark?.breaches.get('budgets')?.actual).toBe(usd('12400'));
    expect(mark?.until).toEqual(new Date('2026-12-01T00:00:00Z'));
  });

  it('gives the same decisions when its message comes twice', async () => {
    const { deliver, sent } = setUp();
    await deliver(BREACH);
    await deliver(BREACH, { deliveries: 2 });
    expect(sent[1]).toEqual(sent[0]);
  });

  it('is judged by what AWS says now, never by the message', async () => {
    budgets.on(DescribeBudgetCommand).resolves({
      Budget: { ...BUDGET, CalculatedSpend: { ActualSpend: { Amount: '10', Unit: 'USD' } } },
    });
    const { deliver, sent, order } = setUp();
    await deliver(render({ ...billingBug, account: ACCOUNT }));
    expect(sent.map(({ decisions }) => decisions)).toEqual([[]]);
    expect(order).toEqual(['sent']);
  });

  it('is held for a person where the amount cannot be true', async () => {
    budgets.on(DescribeBudgetCommand).resolves({
      Budget: { ...BUDGET, CalculatedSpend: { ActualSpend: { Amount: '183965812157.54', Unit: 'USD' } } },
    });
    const { deliver, deps, sent } = setUp();
    await deliver(BREACH);
    expect(sent[0]?.decisions.map(({ action }) => action)).toEqual(['hold']);
    expect((await deps.ledger.projectMarks(AT)).get('recsys')?.breaches.get('budgets')).toBeUndefined();
  });
});

describe('a message that nothing can be decided by', () => {
  it.each([
    {
      what: 'is neither a budget nor an anomaly',
      message: 'Hello, is this the budget team?',
      why: 'The message is neither an AWS Budgets notification nor a cost anomaly.',
    },
    {
      what: 'is about another account',
      message: render({ ...named('bursar-recsys'), account: '999988887777' }),
      why: `It is about account 999988887777; account ${ACCOUNT} is watched here.`,
    },
  ])('since it $what is kept whole and told, once', async ({ message, why }) => {
    const { deliver, sent, told, kept } = setUp();
    await deliver(message);
    await deliver(message, { deliveries: 2 });
    expect(kept).toEqual([{ body: envelope(message), why }]);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ kind: 'not-understood', severity: 'critical', id: 'not-understood/m-1' });
    expect(told[0]?.reason).toContain(why);
    expect(told[0]?.next).toContain('kept in the dead-letter queue');
    expect(sent).toEqual([]);
  });

  it('about another account asks nothing of AWS', async () => {
    const { deliver } = setUp();
    await deliver(render({ ...named('bursar-recsys'), account: '999988887777' }));
    expect(budgets.calls()).toHaveLength(0);
    expect(ec2.calls()).toHaveLength(0);
  });

  it('since its budget does not exist is kept and told', async () => {
    budgets.on(DescribeBudgetCommand).rejects(awsError('NotFoundException', 'Unable to get budget'));
    const { deliver, sent, told, kept } = setUp();
    await deliver(BREACH);
    expect(kept.map(({ why }) => why)).toEqual([`Account ${ACCOUNT} has no budget named "bursar-recsys".`]);
    expect(told).toHaveLength(1);
    expect(sent).toEqual([]);
  });

  it('since its envelope is broken is kept and told', async () => {
    const { deps, kept, told } = setUp();
    const body = JSON.stringify({ Type: 'SubscriptionConfirmation', TopicArn: 'arn:aws:sns:us-east-1:1:t' });
    await budgetAlert({ id: 'm-2', body, deliveries: 1 }, deps);
    expect(kept).toEqual([
      { body, why: 'The message is an SNS SubscriptionConfirmation, not a notification.' },
    ]);
    expect(told).toHaveLength(1);
  });

  it('is told by the next delivery where telling failed', async () => {
    let fail = true;
    const told: Alert[] = [];
    const { deliver, kept } = setUp({
      publish: async (alert) => {
        if (fail) throw new Error('the topic is out');
        told.push(alert);
      },
    });
    await expect(deliver('nonsense')).rejects.toThrow('the topic is out');
    fail = false;
    await deliver('nonsense', { deliveries: 2 });
    await deliver('nonsense', { deliveries: 3 });
    expect(told).toHaveLength(1);
    expect(kept, 'rather twice than never').toHaveLength(2);
  });

  it('is told for each message', async () => {
    const { deliver, told } = setUp();
    await deliver('nonsense', { id: 'm-1' });
    await deliver('nonsense', { id: 'm-2' });
    expect(told).toHaveLength(2);
  });
});

it('an anomaly is told once, and stops nothing', async () => {
  const { deliver, sent, told, kept } = setUp();
  await deliver(ANOMALY);
  await deliver(ANOMALY, { deliveries: 2 });
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ kind: 'anomaly', account: ACCOUNT });
  expect(told[0]?.title).toContain('$512.25');
  expect([sent, kept]).toEqual([[], []]);
});

describe('the message comes back', () => {
  it.each([
    { what: 'AWS Budgets', set: () => budgets.on(DescribeBudgetCommand) },
    { what: 'EC2', set: () => ec2.on(DescribeInstancesCommand) },
    { what: 'SageMaker', set: () => sagemaker.on(ListEndpointsCommand) },
  ])('where $what cannot be asked now; nothing is told or sent', async ({ set }) => {
    set().rejects(awsError('ThrottlingException', 'Rate exceeded'));
    const { deliver, sent, told, kept, order } = setUp();
    await expect(deliver(BREACH)).rejects.toThrow('Rate exceeded');
    expect([sent, told, kept, order]).toEqual([[], [], [], []]);
  });

  it('where the decisions cannot be queued; the breach is marked all the same', async () => {
    const { deliver, order } = setUp({
      send: async () => {
        throw new Error('the queue is out');
      },
    });
    await expect(deliver(BREACH)).rejects.toThrow('the queue is out');
    expect(order).toEqual(['marked']);
  });
});
