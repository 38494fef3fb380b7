import { describe, expect, it } from 'vitest';
import { createSimulation } from '../support/simulation.ts';

const START = new Date('2026-11-10T10:00:00.000Z');

const POLICY = `
version: 1
projects: { recsys: { owner: team-beta } }
policies:
  - name: development
    match: { environment: dev }
    idle: { after: 30m, do: stop }
limits: { maxStopsPerSweep: 100, maxFleetShare: 100% }
`;

const REFUSALS: Readonly<Record<number, string>> = {
  7: 'UnsupportedOperation',
  23: 'OperationNotPermitted',
  41: 'InvalidInstanceID.NotFound',
};

/** 50 idle instances; EC2 shows nothing special of three of them, and refuses to stop them. */
async function fifty(minutes = 0) {
  const simulation = createSimulation({ policy: POLICY, start: START, prices: { 'm5.xlarge': '0.192' } });
  for (let index = 0; index < 50; index += 1) {
    const id = `i-${String(index).padStart(2, '0')}`;
    const refusal = REFUSALS[index];
    simulation.account.instances.set(id, {
      id,
      type: 'm5.xlarge',
      tags: { project: 'recsys', environment: 'dev' },
      since: new Date('2026-11-09T00:00:00.000Z'),
      use: () => ({ cpu: 1, network: 100 }),
      ...(refusal === undefined ? {} : { refusal }),
    });
  }
  await simulation.run(new Date(START.getTime() + minutes * 60_000));
  return simulation;
}

describe('a one-time Spot, a stop-protected and a vanished instance among 50 idle ones', async () => {
  const { account, alerts, ledger, dead } = await fifty();
  const items = alerts.flatMap((alert) => alert.items);

  it('the other 47 stop, each once', () => {
    expect(account.effects).toHaveLength(47);
    expect(new Set(account.effects.map(({ id }) => id)).size).toBe(47);
    expect(dead).toEqual([]);
  });

  it('the three are told of, each with the reason', () => {
    expect(items).toHaveLength(50);
    expect(items.filter(({ status }) => status === 'taken')).toHaveLength(47);
    const others = items.filter(({ status }) => status !== 'taken');
    expect(others.map(({ id, status, code }) => ({ id, status, code }))).toEqual([
      { id: 'i-07', status: 'failed', code: 'UnsupportedOperation' },
      { id: 'i-23', status: 'failed', code: 'OperationNotPermitted' },
      { id: 'i-41', status: 'skipped', code: 'Gone' },
    ]);
    expect(others.map(({ detail }) => detail)).toEqual([
      "The instance 'i-07' cannot be stopped.",
      "Stop protection is on: The instance 'i-23' cannot be stopped.",
      'It no longer exists.',
    ]);
  });

  it('the trail has what was meant and what came of it', async () => {
    const arn = 'arn:aws:ec2:us-east-1:111122223333:instance/i-07';
    const trail = await ledger.audit({ arn });
    expect(trail.map(({ event, code }) => ({ event, code }))).toEqual([
      { event: 'intended', code: undefined },
      { event: 'failed', code: 'UnsupportedOperation' },
    ]);
  });
});

it('the sweeps of the next hour neither stop nor tell anything again', async () => {
  const once = await fifty();
  const { account, alerts } = await fifty(60);
  expect(account.effects).toHaveLength(47);
  expect(alerts.map(({ id }) => id)).toEqual(once.alerts.map(({ id }) => id));
});
