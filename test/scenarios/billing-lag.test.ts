import { describe, expect, it } from 'vitest';
import type { SpendRow } from '../../lib/enforce/spend-summary.ts';
import { costOver, microUsd, parseUsd, sumUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';
import { trueBills } from '../support/bills.ts';
import { createSimulation } from '../support/simulation.ts';

/*
 * Two weeks of a fleet whose bills come a day late and are 30 % below list prices, which nobody has told Bursar.
 */
const START = new Date('2026-11-02T00:00:00.000Z');
const DAY_MS = 86_400_000;
const day = (n: number) => new Date(START.getTime() + n * DAY_MS);
const usd = (text: string | undefined): Usd => parseUsd(text ?? '') ?? ZERO_USD;
const PRICE = '1.20';
const INSTANCES = 10;
/** USD an hour of all at list price, and as billed. */
const LIST = microUsd(BigInt(INSTANCES) * usd(PRICE));
const PAID = 70;

const POLICY = `
version: 1
projects: { recsys: { budget: 100000 USD } }
policies:
  - name: development
    match: { environment: dev }
    budget: [{ at: 100%, of: estimated, do: stop }, { at: 100%, of: actual, do: stop }]
`;

function play() {
  const simulation = createSimulation({ policy: POLICY, start: START, prices: { 'g5.xlarge': PRICE } });
  const { account } = simulation;
  for (let n = 0; n < INSTANCES; n += 1) {
    account.instances.set(`i-${n}`, {
      id: `i-${n}`,
      type: 'g5.xlarge',
      tags: { project: 'recsys', environment: 'dev' },
      since: START,
      use: () => ({ cpu: 90, network: 1_000_000 }),
    });
  }
  account.billing.bills = () =>
    trueBills(account.changes, {
      through: new Date(simulation.now().getTime() - DAY_MS),
      hourlyOf: () => usd(PRICE),
      paid: PAID,
    });
  /** How it stands after each hour up to a time. */
  const hours = async (until: Date): Promise<readonly SpendRow[]> => {
    const rows: SpendRow[] = [];
    while (simulation.now() < until) {
      await simulation.run(new Date(simulation.now().getTime() + 3_600_000), 60);
      const { spend } = await simulation.sweepOnce({ dryRun: true });
      rows.push(...(spend ?? []));
    }
    return rows;
  };
  return { ...simulation, hours };
}

const spent = ({ billed, estimated }: SpendRow): Usd => sumUsd([usd(billed), usd(estimated)]);
const width = ({ low, high, estimated }: SpendRow): number =>
  Number(usd(high) - usd(low)) / Math.max(1, Number(usd(estimated)));

describe('bills that come a day late, 30 % below list prices', async () => {
  const { hours, account, alerts } = play();
  const rows = await hours(day(14));
  const learnedAt = rows.findIndex(({ discount }) => discount > 0);
  const before = rows.slice(0, learnedAt);
  const after = rows.slice(learnedAt);
  const steps = (some: readonly SpendRow[]) =>
    some.slice(1).map((row, index) => Number(spent(row)) - Number(some[index] ? spent(some[index]) : 0n));

  it('are told apart from what is estimated until then', () => {
    expect(rows).toHaveLength(14 * 24);
    expect(rows[11]).toMatchObject({ billed: '0', estimated: '144', band: 'assumed' });
    const last = rows.at(-1);
    expect(usd(last?.billed) > usd(last?.estimated)).toBe(true);
    expect(last?.billedThrough).toBe(day(12).toISOString());
  });

  it('tell the discount after three days that are billed for good', () => {
    expect(after.map(({ discount }) => discount).every((percent) => percent === 30)).toBe(true);
    // The third, fourth and fifth of November have ended 48 hours ago; the day on which it was installed teaches nothing.
    expect(rows[learnedAt]?.asOf).toBe(day(6).toISOString());
  });

  it('make no jump while they catch up: an hour costs an hour', () => {
    // To the rounding of a discount, and of bills.
    const isNear = (step: number, amount: number) => Math.abs(step - amount) < 100;
    const list = Number(LIST);
    expect(steps(after).filter((step) => !isNear(step, 0.7 * list))).toEqual([]);
    // Until the discount is known, a day that is billed for good costs so much less than was estimated.
    const jumps = steps(before).filter((step) => !isNear(step, list));
    expect(jumps).toHaveLength(2);
    for (const jump of jumps) expect(jump).toBeCloseTo(list - 0.3 * 24 * list, -2);
  });

  it('once known, estimates are what is billed later', () => {
    for (const row of after) {
      const truth = costOver(microUsd((LIST * 7n) / 10n), new Date(row.asOf).getTime() - START.getTime());
      expect(Math.abs(Number(spent(row) - truth))).toBeLessThan(1_000);
    }
  });

  it('narrow the band from what is assumed to what was learned', () => {
    const learned = rows.filter(({ band }) => band === 'learned');
    expect(rows.findIndex(({ band }) => band === 'learned')).toBeGreaterThan(learnedAt);
    for (const row of rows.filter(({ band }) => band === 'assumed')) expect(width(row)).toBeCloseTo(0.4, 5);
    for (const row of learned) expect(width(row)).toBeLessThan(0.01);
    expect(rows.at(-1)?.band).toBe('learned');
  });

  it('cost four requests a day at most, and stop nothing', () => {
    expect(account.asked.costExplorer).toBeLessThanOrEqual(4 * 15);
    expect(account.asked.costExplorer).toBeGreaterThan(2 * 14);
    expect(account.effects).toEqual([]);
    expect(alerts.map(({ kind }) => kind)).toEqual(['weekly', 'weekly']);
  });
});
