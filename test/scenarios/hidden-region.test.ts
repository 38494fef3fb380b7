import { describe, expect, it } from 'vitest';
import { ACCOUNT, ELSEWHERE } from '../../lib/simulate/account/state.ts';
import {
  costOver,
  formatUsd,
  microUsd,
  parseUsd,
  sumUsd,
  usdToDecimal,
  ZERO_USD,
} from '../../lib/types/money.ts';
import { forecasted, render } from '../signals/budget-messages.ts';
import { createSimulation } from '../support/simulation.ts';

/*
 * Four p3.8xlarge in a region that nobody looks at, $48.96 an hour, and a budget of $1,000.
 */
const BEGUN = new Date('2026-11-12T08:00:00.000Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const IDS = ['i-1', 'i-2', 'i-3', 'i-4'];
const after = (hours: number, minutes = 0) =>
  new Date(BEGUN.getTime() + hours * HOUR_MS + minutes * MINUTE_MS);
const each = parseUsd('12.24') ?? ZERO_USD;
const hourly = sumUsd(IDS.map(() => each));
const budget = parseUsd('1000') ?? ZERO_USD;

const policy = (of: 'estimated' | 'actual') => `
version: 1
projects: { vision: { owner: team-gamma, budget: 1000 USD } }
policies:
  - name: development
    match: { environment: dev }
    budget: [{ at: 100%, of: ${of}, do: stop }]
limits: { maxStopsPerSweep: 1, maxFleetShare: 1% }
scope: { regions: [us-east-1, ${ELSEWHERE}] }
`;

/** `startedAt` moves the fleet against the sweeps of every five minutes. */
function fleet(of: 'estimated' | 'actual', startedAt = BEGUN) {
  const simulation = createSimulation({
    policy: policy(of),
    start: BEGUN,
    prices: { 'p3.8xlarge': '12.24' },
  });
  for (const id of IDS) {
    simulation.account.instances.set(id, {
      id,
      region: ELSEWHERE,
      type: 'p3.8xlarge',
      tags: { project: 'vision', environment: 'dev' },
      since: startedAt,
      use: () => ({ cpu: 90, network: 1_000_000 }),
    });
  }
  return simulation;
}

const spentBy = (at: Date, startedAt = BEGUN) => costOver(hourly, at.getTime() - startedAt.getTime());
const overrun = (at: Date, startedAt = BEGUN) => microUsd(spentBy(at, startedAt) - budget);

describe('the meter', () => {
  it('$48.96 an hour reach $1,000 after 20 h 25 m', () => {
    expect(formatUsd(hourly)).toBe('$48.96');
    expect(spentBy(after(20, 25)) < budget).toBe(true);
    expect(spentBy(after(20, 26)) > budget).toBe(true);
  });

  it('finds it by the first sweep after, and all four are stopped', async () => {
    const { account, alerts, run } = fleet('estimated');
    await run(after(20, 29));
    expect(account.effects).toEqual([]);
    expect(alerts).toEqual([]);
    await run(after(24));
    expect(account.effects.map(({ id }) => id).sort()).toEqual(IDS);
    for (const { at } of account.effects) expect(at).toEqual(after(20, 30));
    expect(formatUsd(overrun(after(20, 30)))).toBe('$3.68');
    const [notice] = alerts;
    expect(notice?.title).toContain('vision');
    expect(notice?.reason).toContain('at most $4.08');
  });

  it('goes beyond the limit by at most $4.08, however its start lies between two sweeps', async () => {
    const most = costOver(hourly, 5 * MINUTE_MS);
    expect(formatUsd(most)).toBe('$4.08');
    for (const minutes of [0, 1, 2, 3, 4]) {
      const begun = new Date(BEGUN.getTime() - minutes * MINUTE_MS - 17_000);
      const { account, run } = fleet('estimated', begun);
      await run(after(21));
      const [first] = account.effects;
      if (first === undefined) throw new Error('nothing was stopped');
      expect(account.effects).toHaveLength(IDS.length);
      expect(overrun(first.at, begun) >= 0n).toBe(true);
      expect(overrun(first.at, begun) <= most).toBe(true);
    }
  });
});

describe('AWS Budgets, twelve hours late', () => {
  it('lets it go on for $587.52 more', async () => {
    const simulation = fleet('actual');
    const { account, run, skipTo, budgetMessage } = simulation;
    const budgetName = simulation.budgetName('vision');
    const late = 12 * HOUR_MS;
    const tell = (at: Date) =>
      account.budgets.set(budgetName, {
        project: 'vision',
        limit: '1000',
        actual: usdToDecimal(spentBy(new Date(at.getTime() - late))),
        forecasted: '0',
      });
    for (let hour = 13; hour <= 32; hour += 1) {
      tell(after(hour));
      await run(after(hour));
    }
    expect(account.effects).toEqual([]);
    const told = new Date(BEGUN.getTime() + Math.ceil((Number(budget) / Number(hourly)) * HOUR_MS) + late);
    await run(new Date(Math.floor(told.getTime() / MINUTE_MS) * MINUTE_MS));
    skipTo(told);
    tell(told);
    await budgetMessage({ id: 'sqs-1', body: render({ ...forecasted, name: budgetName, account: ACCOUNT }) });
    expect(account.effects).toHaveLength(IDS.length);
    for (const { at } of account.effects) expect(formatUsd(overrun(at))).toBe('$587.52');
  });
});
