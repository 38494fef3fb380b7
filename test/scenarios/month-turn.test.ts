import { describe, expect, it } from 'vitest';
import { createSimulation } from '../support/simulation.ts';

/** Of one instance: the budget of $600 is used up after two days. */
const HOURLY = '12.50';
const START = new Date('2026-11-28T06:00:00.000Z');
const DECEMBER = new Date('2026-12-01T00:00:00.000Z');

const policy = (action: 'stop' | 'freeze') => `
version: 1
projects: { llm: { budget: 600 USD, freezeRoles: [llm-developers] } }
policies:
  - name: development
    match: { environment: dev }
    restore: next-period
    budget: [{ at: 100%, of: estimated, do: ${action} }]
  - name: research
    match: { environment: research }
    budget: [{ at: 100%, of: estimated, do: stop }]
`;

function play(action: 'stop' | 'freeze') {
  const simulation = createSimulation({
    policy: policy(action),
    start: START,
    prices: { 'p3.8xlarge': HOURLY, 'm5.xlarge': '0' },
    tell: () => [0],
  });
  const launch = (id: string, environment: string, type: 'p3.8xlarge' | 'm5.xlarge' = 'p3.8xlarge') =>
    simulation.account.instances.set(id, {
      id,
      type,
      tags: { project: 'llm', environment },
      since: simulation.now(),
      use: () => ({ cpu: 90, network: 1_000_000 }),
    });
  launch('i-dev', 'dev');
  launch('i-research', 'research', 'm5.xlarge');
  const runs = () =>
    [...simulation.account.instances.values()].flatMap((one) => (one.stoppedAt ? [] : [one.id]));
  const marks = async () => (await simulation.ledger.projectMarks(simulation.now())).get('llm');
  return { ...simulation, launch, runs, marks };
}

const minutes = (from: Date, count: number) => new Date(from.getTime() + count * 60_000);
/** Enough where nothing is to happen. Minutes. */
const HOURLY_SWEEPS = 60;
const CROSSED = new Date('2026-11-30T06:00:00.000Z');

describe.each(['stop', 'freeze'] as const)('the month turns after an estimated rule: %s', (action) => {
  it('what it stopped comes back where the policy says so, and the next month is counted anew', async () => {
    const { run, runs, account, alerts, dead, marks } = play(action);
    await run(minutes(CROSSED, -1), HOURLY_SWEEPS);
    expect(runs()).toEqual(['i-dev', 'i-research']);
    await run(CROSSED);
    expect(runs()).toEqual([]);
    await run(minutes(DECEMBER, -1), HOURLY_SWEEPS);
    expect(runs()).toEqual([]);
    expect((await marks())?.breaches.get('meter')?.period).toBe('2026-11-01');

    await run(minutes(DECEMBER, 1));
    expect(runs()).toEqual(['i-dev']);
    expect(account.restored).toEqual([{ at: DECEMBER, id: 'i-dev' }]);
    expect(await marks()).toBeUndefined();

    // Two more days, and it is used up again.
    await run(new Date('2026-12-02T23:59:00.000Z'), HOURLY_SWEEPS);
    expect(runs()).toEqual(['i-dev']);
    await run(new Date('2026-12-03T00:00:00.000Z'));
    expect(runs()).toEqual([]);
    expect(account.restored).toHaveLength(1);
    expect(dead).toEqual([]);
    const told = alerts.flatMap(({ kind, title }) => (kind === 'weekly' ? [] : [title]));
    const frozen = (until: string) => (action === 'freeze' ? [`llm is frozen until ${until} 00:00 UTC`] : []);
    expect(told).toEqual([
      'llm has spent an estimated $600.00 of $600.00 this month',
      ...frozen('2026-12-01'),
      '2 resources of llm stopped: over budget',
      ...(action === 'freeze' ? ['Roles of llm may launch again'] : []),
      '1 resource of llm restored, as policy development says',
      'llm has spent an estimated $600.00 of $600.00 this month',
      ...frozen('2027-01-01'),
      '1 resource of llm stopped: over budget',
    ]);
  });
});

describe('a freeze by the meter', () => {
  it('is over with its month: its role is let go, and what is launched runs', async () => {
    const { run, runs, launch, deniedRoles, marks } = play('freeze');
    await run(minutes(CROSSED, 1), HOURLY_SWEEPS);
    expect([...deniedRoles]).toEqual(['llm-developers']);
    expect((await marks())?.frozenUntil).toEqual(DECEMBER);
    launch('i-frozen', 'dev');
    await run(minutes(DECEMBER, -1), HOURLY_SWEEPS);
    expect(runs()).toEqual([]);
    await run(minutes(DECEMBER, 1));
    expect([...deniedRoles]).toEqual([]);
    launch('i-free', 'research');
    await run(minutes(DECEMBER, 20));
    expect(runs()).toEqual(['i-dev', 'i-frozen', 'i-free']);
  });

  it('by a person it ends before, and what is launched then runs on', async () => {
    const { run, runs, launch, deniedRoles, send, deliver, marks } = play('freeze');
    await run(minutes(CROSSED, 20), HOURLY_SWEEPS);
    await send(
      [{ action: 'unfreeze', key: 'unfreeze/ana', project: 'llm', reason: 'ana asked.', by: 'ana' }],
      'unfreeze/ana',
    );
    await deliver();
    expect([...deniedRoles]).toEqual([]);
    launch('i-more', 'dev');
    await run(minutes(DECEMBER, -1), HOURLY_SWEEPS);
    expect(runs()).toEqual(['i-more']);
    expect([...deniedRoles]).toEqual([]);
    expect((await marks())?.frozenUntil).toBeUndefined();
  });
});
