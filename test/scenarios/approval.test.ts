import { describe, expect, it } from 'vitest';
import { discoverFleet } from '../../lib/fleet/discover.ts';
import { planHash, planLists, policyHash } from '../../lib/plan/hash.ts';
import { createSimulation, type Simulation } from '../support/simulation.ts';

const START = new Date('2026-11-10T10:00:00.000Z');
const POLICY = `
version: 1
projects: { recsys: {} }
policies:
  - name: development
    match: { environment: dev }
    idle: { after: 30m, warn: 10m, do: stop }
limits: { maxStopsPerSweep: 10, maxFleetShare: 100% }
approval: required
`;

const later = (minutes: number): Date => new Date(START.getTime() + minutes * 60_000);

function setUp(): Simulation {
  const simulation = createSimulation({ policy: POLICY, start: START, prices: {} });
  add(simulation, 'i-1', new Date('2026-11-09T00:00:00.000Z'));
  add(simulation, 'i-2', new Date('2026-11-09T00:00:00.000Z'));
  return simulation;
}

const add = (simulation: Simulation, id: string, since: Date) =>
  simulation.account.instances.set(id, {
    id,
    type: 'm5.xlarge',
    tags: { project: 'recsys', environment: 'dev' },
    since,
    use: () => ({ cpu: 1, network: 100 }),
  });

/** As `bursar plan` and `bursar approve` do. */
async function approve({ policy, ledger, regions, now }: Simulation): Promise<void> {
  const lists = planLists(policy, await discoverFleet(regions));
  await ledger.approve({
    hash: planHash(policy, lists),
    policyHash: policyHash(policy),
    lists: new Map([...lists].map(([name, arns]) => [name, new Set(arns)] as const)),
    at: now(),
    by: 'ana (command line)',
  });
}

const stopped = ({ account }: Simulation) => account.effects.map(({ id }) => id);
const told = ({ alerts }: Simulation) => alerts.map(({ kind, title }) => `${kind}: ${title}`);
const WAITING = 'hold: Resources wait for a plan to be approved: they are left alone';

describe('a stack that acts on approved plans alone', () => {
  it('leaves everything alone and says so once a day, until a plan is approved', async () => {
    const simulation = setUp();
    await simulation.run(later(60));
    expect(stopped(simulation)).toEqual([]);
    expect(told(simulation)).toEqual([WAITING]);
    await simulation.run(later(25 * 60));
    expect(stopped(simulation)).toEqual([]);
    expect(told(simulation)).toEqual([WAITING, WAITING]);
    expect(simulation.alerts[0]).toMatchObject({
      reason: expect.stringContaining('2 resources that the policy may stop are in no approved plan.'),
      next: expect.stringContaining('bursar plan --json > plan.json'),
    });
    expect(simulation.errors).toEqual([]);
  });

  it('warns of and stops what was approved, and nothing that came later', async () => {
    const simulation = setUp();
    await approve(simulation);
    add(simulation, 'i-new', START);
    await simulation.run(later(90));
    expect(stopped(simulation).sort()).toEqual(['i-1', 'i-2']);
    expect(told(simulation).filter((one) => one !== WAITING)).toHaveLength(2);
    expect(told(simulation)).toContain(WAITING);
    await approve(simulation);
    await simulation.run(later(150));
    expect(stopped(simulation).sort()).toEqual(['i-1', 'i-2', 'i-new']);
  });

  it('stops nothing any more that is in no plan that was approved later', async () => {
    const simulation = setUp();
    await approve(simulation);
    await simulation.run(later(5));
    const { policy, ledger } = simulation;
    await ledger.approve({
      hash: planHash(policy, new Map()),
      policyHash: policyHash(policy),
      lists: new Map(),
      at: simulation.now(),
      by: 'ana (command line)',
    });
    await simulation.run(later(60));
    expect(stopped(simulation)).toEqual([]);
  });
});
