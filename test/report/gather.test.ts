import { describe, expect, it } from 'vitest';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { dayName, numberOfDay } from '../../lib/meter/days.ts';
import { reportPage } from '../../lib/page/report-page.ts';
import { type GatherDeps, gatherReport } from '../../lib/report/gather.ts';
import type { Report } from '../../lib/report/report.ts';
import type { Bill, CostLine } from '../../lib/types/cost.ts';
import { microUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';
import { createSimulation } from '../support/simulation.ts';

/* What is read of a month in every state that it may be in; the sources are in memory. */

const S3 = 'Amazon Simple Storage Service';
const usd = (dollars: number): Usd => microUsd(BigInt(Math.round(dollars * 1e6)));
const POLICY = `version: 1
teams: { alpha: { budget: 2000 USD } }
projects:
  recsys: { team: alpha, budget: 1500 USD, models: { ranker: { budget: 100 USD } } }
  fraud: { team: alpha }
policies: [{ name: everything, match: {}, idle: 'off' }]
`;

const daysFrom = (first: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => dayName(numberOfDay(first) + n));

const line = (day: string, project: string, dollars: number): CostLine => ({
  day,
  project,
  rule: undefined,
  service: S3,
  charge: 'usage',
  cost: usd(dollars),
});

/** A bill of $10 a day of recsys and $1 of what has no project, through a day. */
const billThrough =
  (through: string) =>
  async ({ from, to }: { from: string; to: string }): Promise<Bill> => ({
    source: 'cost-explorer',
    from,
    to,
    lines: daysFrom(from, numberOfDay(to) - numberOfDay(from) + 1).flatMap((day) =>
      day <= through ? [line(day, 'recsys', 10), line(day, '', 1)] : [],
    ),
    dimensions: new Map(),
    charges: [],
    notes: [],
  });

const dayBefore = (now: Date): string => dayName(Math.floor(now.getTime() / 86_400_000) - 1);

/** Of an account without a deployed Bursar: an empty ledger. */
function depsAt(now: Date, more: Partial<GatherDeps> = {}): GatherDeps {
  const { policy, account, regions } = createSimulation({ policy: POLICY, start: now, prices: {} });
  return {
    policy,
    ledger: createMemoryLedger(),
    regions,
    account: account.account,
    now,
    sources: {
      readBill: billThrough(dayBefore(now)),
      readUsage: async () => {
        throw new Error('no rule goes by usage');
      },
    },
    ownCost: async () => ({ items: [], total: ZERO_USD, without: [] }),
    recommend: async () => ({ open: [], dismissed: [], monthly: ZERO_USD, notes: [] }),
    ...more,
  };
}

const NOW = new Date('2026-11-25T12:00:00.000Z');
const november = (deps: GatherDeps) => gatherReport(deps, { month: '2026-11', project: undefined });
const spentOf = ({ levels }: Report, of: string) => levels.find(({ name }) => name === of)?.spent;
const withoutBill = {
  readBill: async () => {
    throw new Error('Cost Explorer is off.');
  },
  readUsage: async () => {
    throw new Error('no rule goes by usage');
  },
};

describe('where the ledger knows nothing', () => {
  it('a month that is long over is told by its bill', async () => {
    const report = await gatherReport(depsAt(NOW), { month: '2026-06', project: undefined });
    expect(report.total).toMatchObject({ billed: usd(330), estimated: ZERO_USD, spent: usd(330) });
    expect(report.total.spent).toBe(report.allocation?.total);
    expect(spentOf(report, 'recsys')).toBe(usd(300));
    expect(spentOf(report, 'alpha')).toBe(usd(300));
    expect(report.days).toHaveLength(30);
    expect(report.notes).toEqual([]);
    // What the bill was asked is no word of the ledger.
    expect(report.allocation?.reconciliation.ledger).toBeUndefined();
  });

  it('so is the month under way, with the forecast of all of it', async () => {
    const report = await november(depsAt(NOW));
    expect(report.total.spent).toBe(usd(264));
    expect(Number(report.total.forecast?.amount)).toBeGreaterThan(Number(usd(300)));
    expect(report.notes).toEqual(['AWS bills hours to days late: the last day with any bill is 2026-11-24.']);
  });

  it('and without a bill it says that nothing is known', async () => {
    const report = await gatherReport(depsAt(NOW, { sources: withoutBill }), {
      month: '2026-06',
      project: undefined,
    });
    expect(report.total.spent).toBe(ZERO_USD);
    expect(report.notes).toEqual([
      'The bill could not be allocated. Cost Explorer is off.',
      'What was billed on 30 days from 2026-06-01 to 2026-06-30 is not known, and in no figure of what was spent in 2026-06.',
    ]);
  });
});

describe('where the ledger knows a day', () => {
  it('it stands, whatever the bill says now', async () => {
    const ledger = createMemoryLedger();
    const billed = new Map([['recsys', new Map([[S3, usd(25)]])]]);
    const deps = depsAt(NOW, { ledger });
    await ledger.saveBilledDays(deps.account, [{ day: '2026-11-03', billedAsOf: NOW, billed }]);
    const report = await november(deps);
    expect(report.total.spent).toBe(usd(264 - 11 + 25));
  });

  it('what changed is told, and unusual days up to the last of a month that is over', async () => {
    const now = new Date('2026-12-05T12:00:00.000Z');
    const ledger = createMemoryLedger();
    const deps = depsAt(now, { ledger });
    const days = daysFrom('2026-08-01', 127).map((day) => ({
      day,
      billedAsOf: now,
      billed: new Map([['recsys', new Map([[S3, usd(day === '2026-11-30' ? 400 : 50)]])]]),
    }));
    await ledger.saveBilledDays(deps.account, days);
    const report = await november(deps);
    expect(report.movers).toEqual([{ project: 'recsys', service: S3, before: usd(1500), now: usd(1850) }]);
    expect(report.anomalies).toMatchObject([{ day: '2026-11-30', by: 'bill', project: 'recsys' }]);
  });
});

describe('a month', () => {
  it.each(['2026-11-01T00:00:00.000Z', '2026-11-01T00:00:30.000Z'])(
    'that has just begun (%s) has nothing, and says so',
    async (at) => {
      const report = await november(depsAt(new Date(at)));
      expect(report.total.spent).toBe(ZERO_USD);
      expect(report.days).toEqual([]);
      expect(report.anomalies).toEqual([]);
      expect(report.notes).toEqual([
        'Nothing is billed for 2026-11 so far: what is shown as spent is estimated, price × time.',
      ]);
      expect(reportPage(report)).toContain('Nothing was spent on any day that is known.');
    },
  );

  it('that has not begun is none', async () => {
    await expect(gatherReport(depsAt(NOW), { month: '2026-12', project: undefined })).rejects.toThrow(
      RangeError,
    );
  });

  it('that is over still shows the models that have limits', async () => {
    const ledger = createMemoryLedger();
    const now = new Date('2026-12-25T12:00:00.000Z');
    const deps = depsAt(now, { ledger });
    const billed = new Map([['recsys', new Map([[S3, usd(10)]])]]);
    const days = daysFrom('2026-11-01', 40).map((day) => ({ day, billedAsOf: now, billed }));
    await ledger.saveBilledDays(deps.account, days);
    await ledger.saveMeteredDays(
      deps.account,
      days.map(({ day }) => ({
        day,
        metered: new Map([['recsys', new Map([[S3, usd(20)]])]]),
        models: new Map([['recsys', new Map([['ranker', new Map([[S3, usd(5)]])]])]]),
      })),
    );
    const { levels } = await november(deps);
    expect(levels.find(({ level }) => level === 'model')).toMatchObject({
      name: 'ranker',
      within: 'recsys',
      limit: usd(100),
      spent: usd(75),
      forecast: undefined,
    });
  });
});

it('what Bursar itself costs may be unreadable', async () => {
  const report = await november(
    depsAt(NOW, {
      ownCost: async () => {
        throw new Error('not authorized');
      },
    }),
  );
  expect(report.ownCost).toEqual({
    items: [],
    total: ZERO_USD,
    without: ['What Bursar itself costs could not be read: not authorized'],
  });
});

it('of one project is its spend, and the allocation of all, which is said', async () => {
  const deps = depsAt(NOW);
  const report = await gatherReport(deps, { month: '2026-11', project: 'recsys' });
  expect(report.total.spent).toBe(usd(240));
  expect(report.levels.map(({ level, name }) => `${level} ${name}`)).toEqual([
    'project recsys',
    'model ranker',
  ]);
  expect(report.days.every(({ projects }) => [...projects.keys()].join() === 'recsys')).toBe(true);
  expect(report.allocation?.total).toBe(usd(264));
  expect(report.notes).toContainEqual(expect.stringContaining('that of the whole account'));
});
