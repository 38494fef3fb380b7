import { expect, it } from 'vitest';
import { createSimulation } from '../support/simulation.ts';

const START = new Date('2026-11-02T00:00:00.000Z');
const DAY_MS = 86_400_000;
const at = (days: number, hours: number): Date =>
  new Date(START.getTime() + days * DAY_MS + hours * 3_600_000);

const policy = `
version: 1
projects: { vision: { owner: team-beta, budget: 100000 USD, slack: "#vision" } }
policies: [{ name: development, match: { environment: dev }, idle: off }]
alerts: { weekly: off, burnRate: off }
`;

/** Two instances run for weeks; on the evening of a Wednesday ten more are started, and left. */
async function weeks() {
  const simulation = createSimulation({
    policy,
    start: START,
    prices: { 'g5.xlarge': '1.20', 'p3.2xlarge': '3.06' },
  });
  const launch = (id: string, type: string) =>
    simulation.account.instances.set(id, {
      id,
      type,
      tags: { project: 'vision', environment: 'dev' },
      since: simulation.now(),
      use: () => ({ cpu: 90, network: 1_000_000 }),
    });
  launch('i-1', 'g5.xlarge');
  launch('i-2', 'g5.xlarge');
  await simulation.run(at(16, 18), 60);
  for (let n = 0; n < 10; n += 1) launch(`i-left-${n}`, 'p3.2xlarge');
  await simulation.run(at(20, 3), 60);
  return simulation.alerts.filter(({ kind }) => kind === 'anomaly');
}

it('what is left running is told once, in the night after, and not again while it goes on', async () => {
  const [told, ...others] = await weeks();
  expect(others).toEqual([]);
  expect(told).toMatchObject({
    at: at(17, 1).toISOString(),
    project: 'vision',
    owner: 'team-beta',
    slack: '#vision',
    title: 'vision cost $241.20 on Wednesday 2026-11-18 instead of about $57.60',
  });
});
