import { describe, expect, it } from 'vitest';
import { createSimulation } from '../support/simulation.ts';

/*
 * A project that may spend $300 a UTC day, and whose fleet costs $25 an hour: used up at noon.
 */
const MIDNIGHT = new Date('2026-11-10T00:00:00.000Z');
const at = (day: number, hours: number, minutes = 0) =>
  new Date(MIDNIGHT.getTime() + ((day * 24 + hours) * 60 + minutes) * 60_000);

const POLICY = `
version: 1
projects: { fraud: { budget: { monthly: 9000 USD, daily: 300 USD }, freezeRoles: [fraud-developers] } }
policies:
  - name: production
    match: { environment: prod }
    budget: [{ at: 100%, of: estimated, per: day, do: notify }]
  - name: development
    match: { environment: dev }
    budget: [{ at: 100%, of: estimated, per: day, do: freeze }]
`;

async function twoDays() {
  const simulation = createSimulation({
    policy: POLICY,
    start: MIDNIGHT,
    prices: { 'p3.8xlarge': '12.50' },
    // EventBridge tells of what is launched at once; one launch it loses.
    tell: ({ id }) => (id === 'i-unheard' ? [] : [0]),
  });
  const { account, run, deniedRoles } = simulation;
  const launch = (id: string, environment = 'dev') =>
    account.instances.set(id, {
      id,
      type: 'p3.8xlarge',
      tags: { project: 'fraud', environment },
      since: simulation.now(),
      use: () => ({ cpu: 90, network: 1_000_000 }),
    });
  const runs = () => [...account.instances.values()].flatMap((one) => (one.stoppedAt ? [] : [one.id]));
  launch('i-dev');
  launch('i-prod', 'prod');
  await run(at(0, 11, 59));
  const before = { running: runs(), denied: [...deniedRoles] };
  await run(at(0, 12, 1));
  const reached = { running: runs(), denied: [...deniedRoles] };

  await run(at(0, 15, 2));
  launch('i-heard');
  launch('i-unheard');
  launch('i-live', 'prod');
  await run(at(0, 15, 3));
  const heard = runs();
  await run(at(0, 15, 10));
  const swept = runs();
  await run(at(0, 23, 59));
  const evening = [...deniedRoles];

  await run(at(1, 0, 1));
  const midnight = [...deniedRoles];
  launch('i-tomorrow');
  await run(at(1, 7, 54));
  const morning = { running: runs(), denied: [...deniedRoles] };
  await run(at(1, 8, 6));
  const again = { running: runs(), denied: [...deniedRoles] };
  return { ...simulation, before, reached, heard, swept, evening, midnight, morning, again };
}

describe('a limit a day', async () => {
  const days = await twoDays();

  it('stops what may be stopped when it is reached, and lets the role launch nothing', () => {
    expect(days.before).toEqual({ running: ['i-dev', 'i-prod'], denied: [] });
    expect(days.reached).toEqual({ running: ['i-prod'], denied: ['fraud-developers'] });
  });

  it('undoes what is launched until midnight: at once by its event, else by a sweep', () => {
    expect(days.heard).toEqual(['i-prod', 'i-unheard', 'i-live']);
    expect(days.swept).toEqual(['i-prod', 'i-live']);
    expect(days.evening).toEqual(['fraud-developers']);
  });

  it('is over at midnight UTC: the role is let go, and what is launched runs', () => {
    expect(days.midnight).toEqual([]);
    expect(days.morning).toEqual({ running: ['i-prod', 'i-live', 'i-tomorrow'], denied: [] });
  });

  it('is reached anew the next day', () => {
    expect(days.again).toEqual({ running: ['i-prod', 'i-live'], denied: ['fraud-developers'] });
  });

  it('is told once a day, each stop once', () => {
    const told = days.alerts.map(({ at: time, title }) => `${time.slice(8, 16).replace('T', ' ')} ${title}`);
    expect(told).toEqual([
      '10 12:00 fraud has spent an estimated $300.00 of $300.00 today (UTC)',
      '10 12:00 fraud is frozen until 2026-11-11 00:00 UTC',
      '10 12:00 1 resource of fraud stopped: over budget',
      '10 15:02 1 resource of fraud stopped 0 s after its start: the project is frozen',
      '10 15:05 1 resource of fraud stopped 180 s after its start: the project is frozen',
      '11 00:00 Roles of fraud may launch again',
      '11 08:05 fraud has spent an estimated $302.92 of $300.00 today (UTC)',
      '11 08:05 fraud is frozen until 2026-11-12 00:00 UTC',
      '11 08:05 1 resource of fraud stopped: over budget',
    ]);
    expect(days.dead).toEqual([]);
  });
});
