import { describe, expect, it } from 'vitest';
import { carryOut } from '../../lib/enforce/carry-out.ts';
import { enforceSpends } from '../../lib/enforce/enforce-spends.ts';
import { rolesOf, rolesOfFrozen } from '../../lib/enforce/launch-roles.ts';
import type { Metered } from '../../lib/enforce/meter-fleet.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { awsBudgetName } from '../../lib/policy/levels.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { budgetName } from '../../lib/policy/policy.ts';
import type { Decision } from '../../lib/types/decision.ts';
import type { ProjectSpend } from '../../lib/types/meter.ts';
import { ZERO_USD } from '../../lib/types/money.ts';
import { instance, minutes, NOW, usd } from '../decide/fixtures.ts';
import { createSimulation } from '../support/simulation.ts';
import { batchOf, clockAt, ec2In, enforceDeps, stopOf, target } from './fixtures.ts';

const TEXT = `
version: 1
teams: { alpha: { budget: 1500 USD } }
projects:
  fraud: { budget: 1000 USD, team: alpha, freezeRoles: [fraud-dev] }
  vision: { budget: 1000 USD, team: alpha, freezeRoles: [vision-dev, fraud-dev] }
  alone: { budget: 1000 USD, freezeRoles: [alone-dev] }
policies:
  - { name: all, match: {}, idle: off, budget: [{ at: 100%, of: estimated, do: stop }, { at: 100%, do: stop }] }
`;
const policy = parsePolicy(TEXT, 'levels.yaml');
const fleet = ['fraud', 'vision', 'alone'].map((project) =>
  instance(`i-${project}`, { tags: { project }, hourly: usd('100') }),
);

const spendOf = (project: string, estimated: string): ProjectSpend => ({
  project,
  asOf: NOW,
  billed: ZERO_USD,
  estimated: usd(estimated),
  low: usd(estimated),
  high: usd(estimated),
  band: 'assumed',
  billedThrough: undefined,
  today: ZERO_USD,
  todayBilled: ZERO_USD,
  burn: usd('1'),
  usualBurn: undefined,
  discount: 0,
  running: 1,
  unpriced: [],
  forecast: { amount: usd(estimated), low: usd(estimated), high: usd(estimated), basis: 'burn' },
});

async function enforced(spent: Readonly<Record<string, string>>) {
  const ledger = createMemoryLedger();
  const sent: Decision[] = [];
  const spends: Metered['spends'] = new Map(
    Object.entries(spent).map(([name, amount]) => [name, spendOf(name, amount)]),
  );
  await enforceSpends(
    { spends, byDay: () => new Map(), models: new Map(), earlier: new Map(), beside: [] },
    { fleet, marks: new Map(), keeps: new Map(), keepTags: new Map(), approval: undefined },
    NOW,
    {
      policy,
      ledger,
      send: async (decisions) => {
        sent.push(...decisions);
        return 1;
      },
    },
  );
  const marks = await ledger.projectMarks(minutes(1));
  return { sent, over: [...marks.keys()].sort() };
}

describe('the spend of a team by the meter', () => {
  it('stops all its projects, neither of which is over its own limit', async () => {
    const { sent, over } = await enforced({ fraud: '800', vision: '750', alone: '900' });
    expect(over).toEqual(['team:alpha']);
    expect(sent.flatMap((one) => (one.action === 'stop' ? [one.target.id] : []))).toEqual([
      'i-fraud',
      'i-vision',
    ]);
    expect(sent.find(({ action }) => action === 'budget-notice')).toMatchObject({
      project: undefined,
      holder: 'team:alpha',
      spent: usd('1550'),
      limit: usd('1500'),
    });
  });

  it('stops what its project stops already no second time, and remembers both limits', async () => {
    const { sent, over } = await enforced({ fraud: '1100', vision: '750' });
    expect(over).toEqual(['fraud', 'team:alpha']);
    const stops = sent.flatMap((one) => (one.action === 'stop' ? [[one.target.id, one.holder]] : []));
    expect(stops).toEqual([
      ['i-fraud', undefined],
      ['i-vision', 'team:alpha'],
    ]);
  });

  it('within its limit comes to nothing', async () => {
    expect(await enforced({ fraud: '800', vision: '699' })).toEqual({ sent: [], over: [] });
  });
});

it('stops of one resource for two limits that come in one batch stop it once', async () => {
  const clock = clockAt(NOW);
  const ec2 = ec2In();
  const one = target();
  ec2.put(one);
  const { settled } = await carryOut(
    batchOf([stopOf(one, { key: 'first' }), stopOf(one, { key: 'second' })]),
    enforceDeps(clock),
  );
  expect(ec2.stops()).toEqual([[one.id]]);
  expect(settled.map(({ decision, outcome }) => [decision.key, outcome.status])).toEqual([
    ['first', 'taken'],
    ['second', 'skipped'],
  ]);
  expect(settled[1]?.outcome).toMatchObject({ code: 'AlreadyStopped' });
});

describe('roles', () => {
  it('of a team are those of all its projects, of a model none', () => {
    expect(rolesOf(policy, 'team:alpha')).toEqual(['fraud-dev', 'vision-dev']);
    expect(rolesOf(policy, 'model:fraud:scorer')).toEqual([]);
  });

  it('are denied launches as long as the team or one of its projects is frozen', async () => {
    const ledger = createMemoryLedger();
    const until = minutes(600);
    const frozen = async () => [...rolesOfFrozen(policy, await ledger.projectMarks(NOW), NOW)].sort();
    await ledger.freeze('team:alpha', until);
    await ledger.freeze('fraud', until);
    expect(await frozen()).toEqual(['fraud-dev', 'vision-dev']);
    await ledger.unfreeze('team:alpha', NOW);
    expect(await frozen()).toEqual(['fraud-dev']);
  });
});

describe('the AWS Budget of a team', () => {
  const START = new Date('2026-11-12T08:00:00.000Z');
  const name = awsBudgetName(policy, 'team:alpha') ?? '';

  it('is asked for by the hourly review, and stops what its projects run', async () => {
    const simulation = createSimulation({ policy: TEXT, start: START, prices: { 'g5.xlarge': '1' } });
    for (const project of ['fraud', 'vision', 'alone']) {
      simulation.account.instances.set(`i-${project}`, {
        id: `i-${project}`,
        type: 'g5.xlarge',
        tags: { project },
        since: new Date('2026-11-01T00:00:00.000Z'),
        use: () => ({ cpu: 50, gpu: 50, network: 1_000_000 }),
      });
    }
    const spent = { limit: '1500', forecasted: '0', project: 'fraud' };
    // One of the same projects that somebody else made says nothing.
    simulation.account.budgets.set('theirs', { ...spent, projects: ['fraud', 'vision'], actual: '9000' });
    simulation.account.budgets.set(name, { ...spent, projects: ['fraud', 'vision'], actual: '1600' });
    simulation.account.budgets.set(budgetName(policy, 'alone'), {
      ...spent,
      limit: '1000',
      project: 'alone',
      actual: '10',
    });
    await simulation.run(new Date(START.getTime() + 11 * 60_000));
    expect(simulation.account.effects.map(({ id }) => id).sort()).toEqual(['i-fraud', 'i-vision']);
    const marks = await simulation.ledger.projectMarks(START);
    expect([...marks.keys()]).toEqual(['team:alpha']);
  });
});
