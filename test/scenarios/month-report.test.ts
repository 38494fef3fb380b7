import { describe, expect, it } from 'vitest';
import { readBill } from '../../lib/bill/read-bill.ts';
import { reportPage } from '../../lib/page/report-page.ts';
import { reportCsv } from '../../lib/report/csv.ts';
import { gatherReport } from '../../lib/report/gather.ts';
import { reportJson } from '../../lib/report/json.ts';
import { ledgerTotal } from '../../lib/report/read-allocation.ts';
import {
  costOver,
  formatUsd,
  microUsd,
  parseUsd,
  sumUsd,
  type Usd,
  ZERO_USD,
} from '../../lib/types/money.ts';
import { trueBills } from '../support/bills.ts';
import { createSimulation } from '../support/simulation.ts';

/*
 * Twelve days of three projects and a shared pool, by the real handlers: an idle machine is stopped, bills come a day
 * late, and then the report of the month is made as the Lambda and the command make it.
 */
const START = new Date('2026-11-02T00:00:00.000Z');
const NOW = new Date('2026-11-14T09:00:00.000Z');
const DAY_MS = 86_400_000;
const PRICE = '1.20';
const usd = (text: string): Usd => parseUsd(text) ?? ZERO_USD;

const POLICY = `
version: 1
teams: { alpha: { budget: 2000 USD } }
projects:
  recsys: { team: alpha, budget: 1500 USD }
  fraud: { team: alpha, budget: 900 USD, owner: ana }
  pool: {}
policies:
  - name: development
    match: { environment: dev }
    idle: { after: 30m, do: stop }
  - name: everything-else
    match: {}
    idle: off
allocation:
  shared:
    - { name: shared pool, match: { project: pool }, split: { weights: { recsys: 3, fraud: 1 } } }
`;

async function play() {
  const simulation = createSimulation({ policy: POLICY, start: START, prices: { 'm5.xlarge': PRICE } });
  const { account, ledger, policy, regions } = simulation;
  const put = (id: string, project: string | undefined, environment: string, idleFrom?: Date): void => {
    account.instances.set(id, {
      id,
      type: 'm5.xlarge',
      tags: { ...(project === undefined ? {} : { project }), environment },
      since: START,
      use: (at) =>
        idleFrom !== undefined && at >= idleFrom
          ? { cpu: 0.5, network: 100 }
          : { cpu: 90, network: 1_000_000 },
    });
  };
  put('i-recsys-1', 'recsys', 'prod');
  put('i-recsys-2', 'recsys', 'dev', new Date('2026-11-12T12:00:00.000Z'));
  put('i-fraud', 'fraud', 'prod');
  put('i-pool', 'pool', 'prod');
  put('i-stray', undefined, 'prod');
  account.billing.bills = () =>
    trueBills(account.changes, {
      through: new Date(simulation.now().getTime() - DAY_MS),
      hourlyOf: () => usd(PRICE),
      paid: 100,
    });
  await simulation.run(NOW, 30);
  const costExplorer = account.costExplorer;
  const report = await gatherReport(
    {
      policy,
      ledger,
      regions,
      account: account.account,
      now: NOW,
      recommend: async () => ({ open: [], dismissed: [], monthly: ZERO_USD, notes: [] }),
      sources: {
        readBill: (span) =>
          readBill(
            { from: 'cost-explorer' },
            { ...span, dimensions: [] },
            {
              policy,
              account: account.account,
              costExplorer,
              ledger,
              athena: () => {
                throw new Error('Athena was asked');
              },
            },
          ),
        readUsage: async () => {
          throw new Error('no rule goes by usage');
        },
      },
      ownCost: async () => ({ items: [], total: ZERO_USD, without: ['Not measured here.'] }),
    },
    { month: '2026-11', project: undefined },
  );
  return { report, ledger, account };
}

describe('the report of a month', async () => {
  const { report, ledger, account } = await play();
  const { allocation, levels, total, savings } = report;
  const level = (name: string) => levels.find((one) => one.name === name);

  it('is allocated to the micro-dollar, as Cost Explorer and the ledger have it', async () => {
    const billed = microUsd(
      (account.billing.bills?.() ?? []).reduce((sum, bill) => sum + BigInt(Math.round(bill.usd * 1e6)), 0n),
    );
    expect(allocation?.total).toBe(billed);
    expect(allocation?.reconciliation).toMatchObject({
      allocated: billed,
      lines: billed,
      spend: billed,
      difference: 0n,
    });
    // The ledger heard of it some hours ago: of the days that were whole by then it says the same.
    const known = await ledger.spendDays(account.account, '2026-11-01', '2026-11-12');
    const through = { from: '2026-11-01', to: '2026-11-12' };
    const days = report.days.filter(({ day }) => day <= through.to);
    expect(ledgerTotal(known, through)).toBe(
      sumUsd(days.flatMap(({ projects }) => [...projects.values()].map((one) => one.billed))),
    );
    expect(allocation?.unowned.total).toBe(
      sumUsd(
        (account.billing.bills?.() ?? [])
          .filter(({ project }) => project === undefined || project === '')
          .map((bill) => microUsd(BigInt(Math.round(bill.usd * 1e6)))),
      ),
    );
  });

  it('gives the pool to those that share it, three to one', () => {
    const [rule] = allocation?.rules ?? [];
    expect(rule?.shares.map(({ project, percent }) => [project, percent])).toEqual([
      ['recsys', 75],
      ['fraud', 25],
    ]);
    expect(allocation?.projects.map(({ project }) => project)).toEqual(['recsys', 'fraud']);
  });

  it('tells spend by level, billed and estimated, up to now', () => {
    const hour = (count: number) => costOver(usd(PRICE), count * 3_600_000);
    const hours = (NOW.getTime() - START.getTime()) / 3_600_000;
    expect(level('fraud')?.spent).toBe(hour(hours));
    expect(level('alpha')?.spent).toBe(sumUsd([level('recsys')?.spent ?? ZERO_USD, hour(hours)]));
    expect(level('alpha')).toMatchObject({ level: 'team', limit: usd('2000') });
    expect(sumUsd(levels.filter((one) => one.level !== 'team').map(({ spent }) => spent))).toBe(total.spent);
    expect(level('fraud')?.burnDown.at(-1)?.at).toEqual(NOW);
  });

  it('tells what was saved by the one stop, by the minute', () => {
    const [stop] = savings.stops;
    expect(savings.stops).toHaveLength(1);
    expect(stop).toMatchObject({ id: 'i-recsys-2', project: 'recsys', trigger: 'idle', by: 'now' });
    expect(savings.total).toBe(costOver(usd(PRICE), NOW.getTime() - (stop?.stoppedAt.getTime() ?? 0)));
    expect(stop?.stoppedAt.toISOString()).toMatch(/^2026-11-12T12:[34]/);
  });

  it('tells what runs now, by project and owner', () => {
    expect(report.running?.map(({ id, project, owner }) => [id, project, owner])).toEqual([
      ['i-fraud', 'fraud', 'ana'],
      ['i-pool', 'pool', undefined],
      ['i-recsys-1', 'recsys', undefined],
      ['i-stray', undefined, undefined],
    ]);
  });

  it('says the same on its page, in CSV and in JSON', () => {
    const page = reportPage(report);
    expect(page).toContain(formatUsd(total.spent));
    expect(page).toContain(formatUsd(savings.total));
    const cents = reportCsv(report)
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((row) => Math.round(Number(row.split(',').at(-1)) * 100));
    expect(cents.reduce((sum, one) => sum + one, 0)).toBe(
      Math.round(Number(allocation?.total ?? 0n) / 10_000),
    );
    expect(JSON.stringify(reportJson(report))).toContain('"month":"2026-11"');
  });
});
