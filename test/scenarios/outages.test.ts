import { describe, expect, it } from 'vitest';
import { LedgerError } from '../../lib/ledger/errors.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createSimulation, type Simulation } from '../support/simulation.ts';

const START = new Date('2026-11-10T10:00:00.000Z');
const after = (minutes: number): Date => new Date(START.getTime() + minutes * 60_000);

const POLICY = `
version: 1
projects: { recsys: { owner: team-beta } }
policies:
  - name: development
    match: { environment: dev }
    idle: { after: 30m, do: stop }
`;

/** A fleet that was busy for hours; from `START` on, the first `idle` of it rest. */
function fleet(count: number, idle: number, through: (ledger: Ledger) => Ledger = (one) => one): Simulation {
  const simulation = createSimulation({
    policy: POLICY,
    start: START,
    prices: { 'm5.xlarge': '0.192' },
    ledger: through,
  });
  for (let index = 0; index < count; index += 1) {
    const id = `i-${String(index).padStart(3, '0')}`;
    simulation.account.instances.set(id, {
      id,
      type: 'm5.xlarge',
      tags: { project: 'recsys', environment: 'dev' },
      since: new Date('2026-11-09T00:00:00.000Z'),
      use: (minute) => ({ cpu: minute >= START && index < idle ? 1 : 60, network: 100 }),
    });
  }
  return simulation;
}

describe('CloudWatch returns no data for the whole fleet', () => {
  it('stops nothing, and one alert an hour says why', async () => {
    const simulation = fleet(20, 20);
    simulation.account.health.metrics = false;
    await simulation.run(after(59));
    expect(simulation.account.effects).toEqual([]);
    expect(simulation.alerts).toMatchObject([
      {
        kind: 'hold',
        severity: 'critical',
        title: 'CloudWatch returns no metrics: nothing is stopped for idleness',
      },
    ]);
    expect(simulation.alerts[0]?.reason).toContain('for any of the 20 resources judged in us-east-1');
  });

  it('goes on when the data is back', async () => {
    const simulation = fleet(20, 3);
    simulation.account.health.metrics = false;
    await simulation.run(after(59));
    simulation.account.health.metrics = true;
    await simulation.run(after(65));
    expect(simulation.account.effects.map(({ id }) => id)).toEqual(['i-000', 'i-001', 'i-002']);
  });
});

describe('the meter cannot be read', () => {
  it('stops what is idle all the same, and does not count as a sweep: after a quarter of an hour the alarm tells', async () => {
    let broken = true;
    const simulation = fleet(3, 3, (ledger) => ({
      ...ledger,
      meterRecords: async (...place) => {
        if (broken) throw new LedgerError('no meter');
        return ledger.meterRecords(...place);
      },
    }));
    const completed = () => simulation.counts.get('SweepCompleted') ?? 0;
    await simulation.run(after(59));
    expect(simulation.account.effects).toHaveLength(3);
    expect(simulation.errors).toContain('spend could not be metered');
    expect(completed()).toBe(0);
    broken = false;
    await simulation.run(after(64));
    expect(completed()).toBeGreaterThan(0);
  });
});

describe('60 % of a fleet of 100 turns idle in one sweep', async () => {
  const simulation = fleet(100, 60);
  await simulation.run(after(59));

  it('stops 25 at once, as the limit says, and no more in the sweeps after', () => {
    expect(simulation.account.effects).toHaveLength(25);
    expect(new Set(simulation.account.effects.map(({ at }) => at.getTime()))).toEqual(
      new Set([after(30).getTime()]),
    );
  });

  it('holds the rest back and asks, once', () => {
    expect(simulation.alerts.map(({ kind, title }) => `${kind}: ${title}`).sort()).toEqual([
      'hold: Stops held back: more are due than the limits allow',
      'idle: 25 idle resources of recsys stopped',
    ]);
    const hold = simulation.alerts.find(({ kind }) => kind === 'hold');
    expect(hold?.items).toHaveLength(25);
    expect(hold?.reason).toContain('60 of 100 running resources are due to be stopped; the limits allow 25');
  });

  it('still holds three days later', async () => {
    for (let hour = 1; hour <= 72; hour += 1) {
      simulation.skipTo(after(hour * 60 + 60));
      await simulation.sweepOnce();
    }
    expect(simulation.account.effects).toHaveLength(25);
  });
});
