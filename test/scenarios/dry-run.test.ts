import { expect, it } from 'vitest';
import { createSimulation } from '../support/simulation.ts';

const START = new Date('2026-11-10T10:00:00.000Z');
const POLICY = `
version: 1
projects: { recsys: {} }
policies:
  - name: development
    match: { environment: dev }
    idle: { after: 30m, warn: 10m, do: stop }
`;

it('a dry run says what a sweep would do, and neither does, tells nor remembers anything', async () => {
  const simulation = createSimulation({ policy: POLICY, start: START, prices: {} });
  simulation.account.instances.set('i-1', {
    id: 'i-1',
    type: 'm5.xlarge',
    tags: { project: 'recsys', environment: 'dev' },
    since: new Date('2026-11-09T00:00:00.000Z'),
    use: () => ({ cpu: 1, network: 100 }),
  });
  const dry = await simulation.sweepOnce({ dryRun: true });
  expect(dry).toMatchObject({ dryRun: true, decisions: { warn: 1 } });
  expect(dry.decided).toMatchObject([
    { action: 'warn', arn: 'arn:aws:ec2:us-east-1:111122223333:instance/i-1', project: 'recsys' },
  ]);
  expect([simulation.sent, simulation.alerts, simulation.account.effects]).toEqual([[], [], []]);
  expect(await simulation.ledger.watches('111122223333', 'us-east-1', START)).toEqual(new Map());

  const real = await simulation.sweepOnce();
  expect({ ...real, dryRun: true }).toEqual(dry);
  expect(simulation.alerts).toHaveLength(1);
});
