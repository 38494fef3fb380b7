import { describe, expect, it } from 'vitest';
import type { MemoryBudget } from '../../lib/simulate/account/state.ts';
import { ACCOUNT } from '../../lib/simulate/account/state.ts';
import { billingBug, render } from '../signals/budget-messages.ts';
import { createSimulation } from '../support/simulation.ts';

const BUG = '183965812157.54';
const NOW = new Date('2026-07-17T09:00:00.000Z');

const POLICY = `
version: 1
projects: { recsys: { owner: team-beta, budget: 12000 USD } }
policies:
  - name: development
    match: { environment: dev }
    budget:
      - { at: 80%, of: forecasted, do: notify }
      - { at: 100%, of: actual, do: stop }
      - { at: 120%, of: actual, do: freeze }
`;

/** A fleet of $40 an hour, and what AWS Budgets says of it; the message always says the bug's amount. */
async function july(budget: MemoryBudget) {
  const simulation = createSimulation({ policy: POLICY, start: NOW, prices: { 'g5.xlarge': '1' } });
  for (let index = 0; index < 40; index += 1) {
    simulation.account.instances.set(`i-${index}`, {
      id: `i-${index}`,
      type: 'g5.xlarge',
      tags: { project: 'recsys', environment: 'dev' },
      since: new Date('2026-07-01T00:00:00.000Z'),
      use: () => ({ cpu: 50, gpu: 50, network: 1_000_000 }),
    });
  }
  simulation.account.budgets.set('bursar-recsys', budget);
  const body = JSON.stringify({
    Type: 'Notification',
    MessageId: 'sns-1',
    TopicArn: 'arn:aws:sns:us-east-1:111122223333:signals',
    Subject: 'AWS Budgets: bursar-recsys has exceeded your alert threshold',
    Message: render({ ...billingBug, account: ACCOUNT }),
    Timestamp: NOW.toISOString(),
  });
  await simulation.budgetMessage({ id: 'sqs-1', body });
  await simulation.budgetMessage({ id: 'sqs-1', body });
  await simulation.run(new Date(NOW.getTime() + 15 * 60_000));
  return simulation;
}

describe.each(['actual', 'forecasted'] as const)('$183,965,812,157.54 as %s spend', (of) => {
  it('stops nothing, freezes nothing and asks a human, once', async () => {
    const budget = { project: 'recsys', limit: '12000', actual: '8000', forecasted: '11000', [of]: BUG };
    const { account, alerts, ledger, dead, now } = await july(budget);
    expect(account.effects).toEqual([]);
    expect(await ledger.projectMarks(now())).toEqual(new Map());
    expect(alerts).toMatchObject([
      {
        kind: 'hold',
        severity: 'critical',
        project: 'recsys',
        title: 'Budget of recsys reports an implausible amount: nothing was stopped',
      },
    ]);
    expect(alerts[0]?.reason).toContain('$183,965,812,157.54');
    expect(alerts[0]?.reason).toContain('$40.00 an hour');
    expect(dead).toEqual([]);
  });
});

it('the amount of the message is never believed: what AWS says counts', async () => {
  const { account, alerts } = await july({
    project: 'recsys',
    limit: '12000',
    actual: '100',
    forecasted: '200',
  });
  expect(account.effects).toEqual([]);
  expect(alerts).toEqual([]);
});

it('a true breach is enforced once, though the message came twice', async () => {
  const { account, alerts } = await july({
    project: 'recsys',
    limit: '12000',
    actual: '12500',
    forecasted: '20000',
  });
  expect(account.effects).toHaveLength(40);
  expect(new Set(account.effects.map(({ id }) => id)).size).toBe(40);
  expect(alerts.filter(({ kind }) => kind === 'hold')).toEqual([]);
  expect(alerts.map(({ title }) => title)).toEqual([
    'recsys has spent $12,500.00 of $12,000.00 this month',
    'recsys is forecast to spend $20,000.00 of $12,000.00 this month',
    '23 resources of recsys stopped: over budget',
    '17 resources of recsys stopped: over budget',
  ]);
});
