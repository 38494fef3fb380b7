import { describe, expect, it } from 'vitest';
import { parseUsd, ZERO_USD } from '../../lib/types/money.ts';
import { trueBills } from '../support/bills.ts';
import { createSimulation } from '../support/simulation.ts';

const START = new Date('2026-11-09T00:00:00.000Z');
const day = (n: number) => new Date(START.getTime() + n * 86_400_000);
const PRICE = '1.20';

const POLICY = `
version: 1
projects: { recsys: { budget: 10000 USD } }
policies:
  - name: development
    match: { environment: dev }
    budget: [{ at: 100%, of: estimated, do: stop }, { at: 100%, of: actual, do: stop }]
`;

/** It works for four days, is down for a week, and works again. */
async function play() {
  const simulation = createSimulation({ policy: POLICY, start: START, prices: { 'g5.xlarge': PRICE } });
  const { account, run, sweepOnce } = simulation;
  account.instances.set('i-1', {
    id: 'i-1',
    type: 'g5.xlarge',
    tags: { project: 'recsys', environment: 'dev' },
    since: START,
    use: () => ({ cpu: 90, network: 1_000_000 }),
  });
  account.billing.bills = () =>
    trueBills(account.changes, {
      through: new Date(simulation.now().getTime() - 86_400_000),
      hourlyOf: () => parseUsd(PRICE) ?? ZERO_USD,
      paid: 100,
    });
  const days: { asked: number; tries: number; billed: string; spent: number }[] = [];
  for (let n = 0; n < 14; n += 1) {
    account.health.costExplorer = n < 4 || n >= 11;
    const { costExplorer: asked } = account.asked;
    const tries = simulation.errors.length;
    await run(new Date(day(n + 1).getTime() - 60_000), 15);
    const [row] = (await sweepOnce({ dryRun: true })).spend ?? [];
    days.push({
      asked: account.asked.costExplorer - asked,
      tries: simulation.errors.length - tries,
      billed: row?.billed ?? '',
      spent: Number(row?.billed) + Number(row?.estimated),
    });
  }
  return { ...simulation, days };
}

describe('Cost Explorer is down for a week', async () => {
  const { days, account, alerts, dead, errors } = await play();

  it('is asked four times a day at most all the same', () => {
    for (const { asked } of days) expect(asked).toBeLessThanOrEqual(4);
    for (const { asked } of days) expect(asked).toBeGreaterThanOrEqual(2);
  });

  it('each try is logged once, and nothing else', () => {
    expect(days.slice(0, 4).map(({ tries }) => tries)).toEqual([0, 0, 0, 0]);
    for (const { tries, asked } of days.slice(4, 11)) expect(tries).toBe(asked);
    expect(new Set(errors)).toEqual(new Set(['Cost Explorer could not be asked']));
  });

  it('what was billed stays as it was, and the estimate goes on', () => {
    const down = days.slice(4, 11);
    expect(new Set(down.map(({ billed }) => billed)).size).toBe(1);
    for (const [n, { spent }] of days.entries()) {
      expect(spent).toBeCloseTo((n + 1) * 24 * 1.2 - 0.02, 2);
    }
    expect(Number(days[13]?.billed)).toBeGreaterThan(Number(days[10]?.billed));
  });

  it('nothing is stopped, and nobody is told anything but how the week was', () => {
    expect(account.effects).toEqual([]);
    expect(dead).toEqual([]);
    expect(alerts.filter(({ kind }) => kind !== 'weekly')).toEqual([]);
  });
});
