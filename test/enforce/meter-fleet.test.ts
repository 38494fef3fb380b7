import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../lib/ledger/ledger.ts';
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

describe('a limit on all time of a team', () => {
  const policy = (total: string): string => `
version: 1
teams: { alpha: { budget: { total: ${total} USD, since: 2026-05-20 } } }
projects: { recsys: { team: alpha }, vision: { team: alpha } }
policies:
  - { name: development, match: { environment: dev }, budget: [ { at: 100%, of: estimated, per: total, do: stop } ] }
`;

  it('counts the months of all its projects, which Cost Explorer is asked for', async () => {
    const months = { '2026-05': '490', '2026-06': '500' };
    expect(await swept(months, { policy: policy('1001') })).toEqual([]);
    expect(await swept(months, { policy: policy('1000') })).toEqual(['i-1']);
    expect(await swept(months, { policy: policy('1'), costExplorer: false })).toEqual([]);
  });
});

describe('a limit on all time of a model', () => {
  /** One instance of $1 an hour from the first of the month before on, and the total that stops it in this one. */
  async function sweptModel(total: string, since: string) {
    const simulation = createSimulation({
      policy: `
version: 1
projects: { recsys: { models: { scorer: { budget: { total: ${total} USD, since: ${since} } } } } }
policies: [{ name: all, match: {}, idle: off, budget: [{ at: 100%, of: estimated, per: total, do: stop }] }]
`,
      start: new Date('2026-06-28T00:00:00.000Z'),
      prices: { 'g5.xlarge': '1' },
    });
    for (const [id, model] of [
      ['i-1', 'scorer'],
      ['i-2', 'ranker'],
    ] as const) {
      simulation.account.instances.set(id, {
        id,
        type: 'g5.xlarge',
        tags: { project: 'recsys', model },
        since: new Date('2026-06-28T00:00:00.000Z'),
        use: () => ({ cpu: 50, gpu: 50, network: 1_000_000 }),
      });
    }
    await simulation.run(new Date('2026-07-01T10:05:00.000Z'));
    return simulation.account.effects.map(({ id, at }) => `${id} ${at.toISOString().slice(0, 16)}`);
  }

  it('counts what the meter saw of it since its first month, and stops it alone', async () => {
    // 72 hours of June and 10 of July.
    expect(await sweptModel('82', '2026-06-01')).toEqual(['i-1 2026-07-01T10:00']);
    expect(await sweptModel('82', '2026-07-01')).toEqual([]);
  });
});

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/**
 * One instance of $1 an hour from the first of the month on, and what the meter says of it at each midnight and noon.
 * Days are billed in full a day after their end; the tag is known to Cost Explorer from a day on, or never.
 */
async function fortnight(
  activated: string | undefined,
  { begun = '2026-07-01', budget = '1000 USD' }: { readonly begun?: string; readonly budget?: string } = {},
) {
  const first = Date.parse(begun);
  const simulation = createSimulation({
    policy: `version: 1\nprojects: { recsys: { budget: ${budget} } }\npolicies: [{ name: everything, match: {}, idle: off }]\n`,
    start: new Date(first),
    prices: { 'g5.xlarge': '1' },
  });
  const { account } = simulation;
  account.instances.set('i-1', {
    id: 'i-1',
    type: 'g5.xlarge',
    tags: { project: 'recsys' },
    since: new Date(first),
    use: () => ({ cpu: 50, gpu: 50, network: 1_000_000 }),
  });
  account.billing.bills = () =>
    Array.from({ length: 14 }, (_, index) => first + index * DAY_MS)
      .filter((day) => day + 2 * DAY_MS <= simulation.now().getTime())
      .map((day) => ({
        day: dayOf(day),
        project: activated !== undefined && dayOf(day) >= activated ? 'recsys' : '',
        service: 'Amazon Elastic Compute Cloud - Compute',
        usd: 24,
      }));
  const spent: number[] = [];
  const inAll: (string | undefined)[] = [];
  for (let hour = 1; hour <= 14 * 24; hour += 1) {
    simulation.skipTo(new Date(first + hour * HOUR_MS));
    const { spend = [] } = await simulation.sweepOnce();
    const row = spend.find(({ project }) => project === 'recsys');
    if (hour % 12 !== 0) continue;
    spent.push(Number(row?.billed) + Number(row?.estimated));
    inAll.push(row?.total?.spent);
  }
  return {
    spent,
    inAll,
    row: (await simulation.sweepOnce()).spend?.find(({ project }) => project === 'recsys'),
  };
}

describe('a month of which the bill does not know the tag', () => {
  const noons = Array.from({ length: 28 }, (_, index) => (index + 1) * 12);

  it('stays estimated to its first day, though all its days are billed, where the tag is never activated', async () => {
    const { spent, row } = await fortnight(undefined);
    expect(spent).toEqual(noons);
    expect(row).toMatchObject({ billed: '0', estimated: '336' });
  }, 60_000);

  it('stays estimated up to the day on which the tag is activated', async () => {
    const { spent, row } = await fortnight('2026-07-08');
    expect(spent).toEqual(noons);
    // As the midnight of the 15th has it, the days from the 8th to the 12th are billed.
    expect(row).toMatchObject({ billed: '120', estimated: `${(14 - 5) * 24}` });
  }, 60_000);
});

describe('a limit on all time, where the month turns', () => {
  it.each<[string, string | undefined]>([
    ['is known', '2026-07-01'],
    ['is never activated', undefined],
  ])(
    'goes on as before, though the last days are not billed yet, where the tag %s',
    async (_, activated) => {
      const budget = '{ total: 1000 USD, since: 2026-07-25 }';
      const { inAll } = await fortnight(activated, { begun: '2026-07-25', budget });
      expect(inAll).toEqual(Array.from({ length: 28 }, (_, index) => `${(index + 1) * 12}`));
    },
    60_000,
  );
});

describe('what a sweep writes of a fleet that runs on unchanged', () => {
  it('is each record once at first, about once a day after that, and never all of them at one look', async () => {
    const fleet = 1_200;
    const written: number[] = [];
    const counting = (ledger: Ledger): Ledger => ({
      ...ledger,
      saveMeterRecords: (records, now) => {
        written.push(records.length);
        return ledger.saveMeterRecords(records, now);
      },
    });
    const start = Date.parse('2026-07-14T10:00:00.000Z');
    const simulation = createSimulation({
      policy:
        'version: 1\nprojects: { recsys: {} }\npolicies: [{ name: everything, match: {}, idle: off }]\n',
      start: new Date(start),
      prices: { 'g5.xlarge': '1' },
      ledger: counting,
    });
    for (let index = 0; index < fleet; index += 1) {
      simulation.account.instances.set(`i-${index}`, {
        id: `i-${index}`,
        type: 'g5.xlarge',
        tags: { project: 'recsys' },
        since: new Date(start - (index % 5) * DAY_MS),
        use: () => ({ cpu: 50, gpu: 50, network: 1_000_000 }),
      });
    }
    for (let hour = 0; hour <= 3 * 24; hour += 1) {
      simulation.skipTo(new Date(start + hour * HOUR_MS));
      await simulation.sweepOnce();
    }
    const [first, ...later] = written;
    expect(first).toBe(fleet);
    expect(later.filter((count) => count > 0).length).toBeLessThanOrEqual(4 * 3);
    expect(Math.max(...later)).toBeLessThanOrEqual(500);
    expect(later.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(3 * fleet);
  }, 60_000);
});

describe('what is gone', () => {
  it('is forgotten once its days are billed, so that the meter has as much to read as there is, not as there ever was', async () => {
    const start = Date.parse('2026-07-01T10:00:00.000Z');
    const simulation = createSimulation({
      policy:
        'version: 1\nprojects: { recsys: {} }\npolicies: [{ name: everything, match: {}, idle: off }]\n',
      start: new Date(start),
      prices: { 'g5.xlarge': '1' },
    });
    const { account, ledger } = simulation;
    account.billing.bills = () =>
      Array.from({ length: 20 }, (_, index) => dayOf(start + index * DAY_MS))
        .filter((day) => Date.parse(day) + 2 * DAY_MS <= simulation.now().getTime())
        .map((day) => ({
          day,
          project: 'recsys',
          service: 'Amazon Elastic Compute Cloud - Compute',
          usd: 6,
        }));
    const counts: number[] = [];
    for (let hour = 0; hour < 20 * 24; hour += 1) {
      simulation.skipTo(new Date(start + hour * HOUR_MS));
      // A new one each six hours, which lives for as long.
      if (hour % 6 === 0) {
        account.instances.clear();
        account.instances.set(`i-${hour}`, {
          id: `i-${hour}`,
          type: 'g5.xlarge',
          tags: { project: 'recsys' },
          since: simulation.now(),
          use: () => ({ cpu: 50, gpu: 50, network: 1_000_000 }),
        });
      }
      await simulation.sweepOnce();
      if (hour % 24 === 0) counts.push((await ledger.meterRecords('111122223333', 'us-east-1')).size);
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(5 * 4);
    const { spend = [] } = await simulation.sweepOnce();
    // Since the second day all is as it was told.
    expect(spend.find(({ project }) => project === 'recsys')?.running).toBe(1);
  }, 60_000);
});
