import { describe, expect, it } from 'vitest';
import { createSimulation } from '../support/simulation.ts';

/** A Monday. */
const START = new Date('2026-11-09T00:00:00.000Z');
const at = (days: number, hours: number, minutes = 0) =>
  new Date(START.getTime() + ((days * 24 + hours) * 60 + minutes) * 60_000);

const policy = (burnRate: string) => `
version: 1
projects: { vision: { budget: 100000 USD } }
policies:
  - name: development
    match: { environment: dev }
    budget: [{ at: 100%, of: estimated, do: stop }]
alerts: { burnRate: ${burnRate} }
`;

/** A week of $1.20 an hour, and on the second Monday from 10:02 on ten p3.8xlarge beside it. */
async function fortnight(burnRate: string) {
  const simulation = createSimulation({
    policy: policy(burnRate),
    start: START,
    prices: { 'g5.xlarge': '1.20', 'p3.8xlarge': '12.24' },
  });
  const { account, run } = simulation;
  const launch = (id: string, type: 'g5.xlarge' | 'p3.8xlarge') =>
    account.instances.set(id, {
      id,
      type,
      tags: { project: 'vision', environment: 'dev' },
      since: simulation.now(),
      use: () => ({ cpu: 90, network: 1_000_000 }),
    });
  launch('i-usual', 'g5.xlarge');
  await run(at(7, 7, 59), 60);
  await run(at(7, 10, 2));
  for (let n = 0; n < 10; n += 1) launch(`i-${n}`, 'p3.8xlarge');
  await run(at(7, 23, 59));
  return simulation;
}

describe('a project that suddenly spends a hundred times the usual', () => {
  it('is told of once, by the first sweep after', async () => {
    const { alerts, account } = await fortnight('10x');
    const told = alerts.filter(({ kind }) => kind === 'burn-rate');
    expect(told.map((one) => one.at)).toEqual([at(7, 10, 5).toISOString()]);
    expect(told[0]?.reason).toContain('costs $123.60 an hour now; on its usual days it costs $1.20');
    expect(account.effects).toEqual([]);
  });

  it('is not told of where the policy says so, or the multiple is larger', async () => {
    for (const burnRate of ['off', '200x']) {
      const { alerts } = await fortnight(burnRate);
      expect(alerts.filter(({ kind }) => kind === 'burn-rate')).toEqual([]);
    }
  });
});

it('the week is told on Monday at 8:00, once, however many sweeps there are', async () => {
  const { alerts } = await fortnight('10x');
  const told = alerts.filter(({ kind }) => kind === 'weekly');
  expect(told.map((one) => one.at)).toEqual([at(0, 8).toISOString(), at(7, 8).toISOString()]);
  expect(told[1]?.lines?.[0]).toContain('Project vision has spent $211.20');
});
