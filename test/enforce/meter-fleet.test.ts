import { describe, expect, it } from 'vitest';
import { createSimulation } from '../support/simulation.ts';

const policyOf = (total: string, since: string): string => `
version: 1
projects: { recsys: { budget: { total: ${total} USD, since: ${since} } } }
policies:
  - { name: development, match: { environment: dev }, budget: [ { at: 100%, of: estimated, per: total, do: stop } ] }
`;
const START = new Date('2026-07-14T10:00:00.000Z');

/** One instance of $1 an hour since the 14th began: $10 at the first sweep. */
async function swept(
  months: Readonly<Record<string, string>>,
  { policy = policyOf('1000', '2026-05-20'), costExplorer = true } = {},
) {
  const simulation = createSimulation({ policy, start: START, prices: { 'g5.xlarge': '1' } });
  simulation.account.health.costExplorer = costExplorer;
  simulation.account.instances.set('i-1', {
    id: 'i-1',
    type: 'g5.xlarge',
    tags: { project: 'recsys', environment: 'dev' },
    since: new Date('2026-07-14T00:00:00.000Z'),
    use: () => ({ cpu: 50, gpu: 50, network: 1_000_000 }),
  });
  for (const [month, amount] of Object.entries(months)) {
    simulation.account.bills.push({
      day: `${month}-02`,
      project: 'recsys',
      service: 'Amazon S3',
      usd: Number(amount),
    });
  }
  await simulation.run(new Date(START.getTime() + 60_000));
  return simulation.account.effects.map(({ id }) => id);
}

describe('a limit on all time', () => {
  it('counts the months from that of its first day on, and this one by the meter', async () => {
    expect(await swept({ '2026-04': '5000', '2026-05': '490', '2026-06': '499' })).toEqual([]);
    expect(await swept({ '2026-04': '5000', '2026-05': '490', '2026-06': '500' })).toEqual(['i-1']);
  });

  it('counts only where every month since its start is known', async () => {
    const silent = { costExplorer: false };
    expect(await swept({}, { policy: policyOf('5', '2026-06-30'), ...silent })).toEqual([]);
    expect(await swept({}, { policy: policyOf('5', '2026-07-01'), ...silent })).toEqual(['i-1']);
  });
});
