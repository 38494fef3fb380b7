import { describe, expect, it } from 'vitest';
import { discoverFleet } from '../../lib/fleet/discover.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { createSimulation } from '../support/simulation.ts';

const POLICY = `
version: 1
projects: { recsys: { owner: team-beta, budget: 1000 USD } }
policies:
  - name: development
    match: { environment: dev }
    idle: off
    restore: next-period
    budget: [{ at: 100%, do: stop }]
`;
const START = new Date('2026-11-20T12:00:00.000Z');
const NEXT_MONTH = new Date('2026-12-01T00:00:00.000Z');
const TAGS = { project: 'recsys', environment: 'dev' };
const later = (from: Date, minutes: number): Date => new Date(from.getTime() + minutes * 60_000);

/** An account with one instance and one endpoint that its budget has stopped. */
async function stopped({ refusal }: { readonly refusal?: string } = {}) {
  const simulation = createSimulation({
    policy: POLICY,
    start: START,
    prices: { 'm5.xlarge': '0.192', 'ml.m5.xlarge': '0.23' },
  });
  const { account, regions, now, send, run } = simulation;
  const since = later(START, -6000);
  const use = () => ({ cpu: 50, invocations: 9 });
  account.instances.set('i-1', {
    id: 'i-1',
    type: 'm5.xlarge',
    tags: TAGS,
    since,
    use,
    ...(refusal === undefined ? {} : { refusal }),
  });
  account.endpoints.set('ranker', {
    name: 'ranker',
    type: 'ml.m5.xlarge',
    cores: 4,
    gpus: 0,
    tags: TAGS,
    since,
    use,
  });
  const rule = { policy: 'development', rule: 'budget 100% of actual: stop' };
  const base = { project: 'recsys', reason: 'Over budget.' };
  const fleet = await discoverFleet(regions);
  await send(
    fleet.map((target) => ({
      ...base,
      action: 'stop',
      trigger: 'budget',
      key: `budget/${target.arn}`,
      rule,
      target,
    })),
    'breach',
  );
  await run(later(START, 5));
  simulation.alerts.length = 0;
  return {
    ...simulation,
    restore: async (id: string): Promise<void> => {
      const target = fleet.find((one) => one.id === id);
      if (target === undefined) throw new Error(`no ${id}`);
      await send([{ ...base, action: 'restore', key: `restore/${id}`, target, by: 'ana' }], 'wish');
    },
    stateOf: async (id: string) => {
      const { arn = '' } = fleet.find((one): one is Resource => one.id === id) ?? {};
      return (await simulation.ledger.restoreRecord(arn))?.state;
    },
    /** What was brought back, in order. */
    restored: () => account.restored.map(({ id }) => id),
    /** The alerts about restores, by what became of it. */
    told: () =>
      simulation.alerts
        .filter(({ kind }) => kind === 'restore')
        .flatMap(({ items }) => items.map(({ id, status, code }) => [id, code ?? status])),
    /** Changes an instance as a person would. */
    change: (id: string, how: 'start' | 'stop' | { readonly startRefusal: string }): void => {
      const one = account.instances.get(id);
      if (one === undefined) throw new Error(`no ${id}`);
      const { stoppedAt, startRefusal, ...rest } = one;
      if (how === 'start') account.instances.set(id, { ...rest, since: now() });
      else if (how === 'stop') account.instances.set(id, { ...rest, stoppedAt: now() });
      else account.instances.set(id, { ...rest, stoppedAt: stoppedAt ?? now(), ...how });
    },
  };
}

describe('an endpoint that is brought back', () => {
  it('says when it is created and when it is whole, and not that it waits', async () => {
    const { restore, run, told, restored, stateOf } = await stopped();
    await restore('ranker');
    await run(later(START, 30));
    expect(restored()).toEqual(['ranker']);
    expect(await stateOf('ranker')).toBe('restored');
    expect(told()).toEqual([
      ['ranker', 'taken'],
      ['ranker', 'taken'],
    ]);
  });

  it('and then deleted by somebody is not created again', async () => {
    const { restore, run, restored, account, now, stateOf, told } = await stopped();
    await restore('ranker');
    await run(later(START, 8));
    const one = account.endpoints.get('ranker');
    if (one === undefined) throw new Error('no ranker');
    account.endpoints.set('ranker', { ...one, deletedAt: now() });
    await run(later(START, 30));
    expect(restored()).toEqual(['ranker']);
    expect(await stateOf('ranker')).toBe('restored');
    expect(told()).toEqual([['ranker', 'taken']]);
  });
});

describe('an instance that cannot be started', () => {
  it('for now is tried for a day, told at first and at the end, and fills no dead-letter queue', async () => {
    const { restore, run, change, restored, told, stateOf, dead } = await stopped();
    change('i-1', { startRefusal: 'InsufficientInstanceCapacity' });
    await restore('i-1');
    await run(later(START, 60));
    expect(await stateOf('i-1')).toBe('restoring');
    expect(told()).toEqual([['i-1', 'InsufficientInstanceCapacity']]);
    await run(later(START, 26 * 60));
    expect(await stateOf('i-1')).toBe('stopped');
    expect(told().slice(1)).toEqual([['i-1', 'GivenUp']]);
    expect(dead.map(({ id }) => id)).toEqual(['wish/recsys/1']);
    expect(restored()).toEqual([]);
  });

  it('for now comes back when it can', async () => {
    const { restore, run, change, restored, told, stateOf } = await stopped();
    change('i-1', { startRefusal: 'InsufficientInstanceCapacity' });
    await restore('i-1');
    await run(later(START, 120));
    change('i-1', 'stop');
    await run(later(START, 130));
    expect(restored()).toEqual(['i-1']);
    expect(told().slice(1)).toEqual([['i-1', 'taken']]);
    expect(await stateOf('i-1')).toBe('restored');
  });

  it('for good is told once, and can be asked for again', async () => {
    const { restore, run, change, told, stateOf } = await stopped();
    change('i-1', { startRefusal: 'UnauthorizedOperation' });
    await restore('i-1');
    await run(later(START, 60));
    expect(told()).toEqual([['i-1', 'UnauthorizedOperation']]);
    expect(await stateOf('i-1')).toBe('stopped');
  });
});

describe('the next month', () => {
  it('brings back what the budget stopped, once', async () => {
    const { run, restored, skipTo, change } = await stopped();
    skipTo(later(NEXT_MONTH, -10));
    await run(later(NEXT_MONTH, -5));
    expect(restored()).toEqual([]);
    await run(later(NEXT_MONTH, 15));
    expect(restored().sort()).toEqual(['i-1', 'ranker']);
    change('i-1', 'stop');
    await run(later(NEXT_MONTH, 60));
    expect(restored()).toHaveLength(2);
  });

  it('not what a person has started and stopped since', async () => {
    const { run, restored, skipTo, change } = await stopped();
    skipTo(later(START, 2 * 24 * 60));
    change('i-1', 'start');
    skipTo(later(START, 3 * 24 * 60));
    change('i-1', 'stop');
    skipTo(NEXT_MONTH);
    await run(later(NEXT_MONTH, 15));
    expect(restored()).toEqual(['ranker']);
  });

  it('not what AWS refused to stop, and a person stopped later', async () => {
    const { run, restored, skipTo, change } = await stopped({ refusal: 'OperationNotPermitted' });
    change('i-1', 'stop');
    skipTo(NEXT_MONTH);
    await run(later(NEXT_MONTH, 15));
    expect(restored()).toEqual(['ranker']);
  });

  it('nothing of a region that is no longer in scope, without a word', async () => {
    const { run, restored, skipTo, ledger, alerts, dead } = await stopped();
    const record = await ledger.restoreRecord('arn:aws:ec2:us-east-1:111122223333:instance/i-1');
    if (record === undefined) throw new Error('no record');
    for (const state of ['stopped', 'restoring'] as const) {
      const arn = `arn:aws:ec2:eu-west-1:111122223333:instance/i-${state}`;
      await ledger.saveRestore({
        ...record,
        arn,
        state,
        resource: { ...record.resource, arn, region: 'eu-west-1' },
      });
    }
    skipTo(NEXT_MONTH);
    await run(later(NEXT_MONTH, 15));
    expect(restored().sort()).toEqual(['i-1', 'ranker']);
    expect(alerts.flatMap(({ items }) => items).filter(({ region }) => region === 'eu-west-1')).toEqual([]);
    expect(dead).toEqual([]);
  });
});
