import { expect, it } from 'vitest';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { ELSEWHERE } from '../../lib/simulate/account/state.ts';
import { createSimulation } from '../support/simulation.ts';

const START = new Date('2026-11-10T10:00:00.000Z');
const after = (minutes: number) => new Date(START.getTime() + minutes * 60_000);

const POLICY = `
version: 1
projects: { vision: { budget: { monthly: 9000 USD, daily: 40 USD } } }
policies:
  - name: development
    match: { environment: dev }
    budget:
      - { at: 50%, of: estimated, do: notify }
      - { at: 100%, of: estimated, per: day, do: freeze }
scope: { regions: [us-east-1, ${ELSEWHERE}] }
`;

/** What a ledger is told, by the name of the method; what changes nothing is not counted. */
function counting(counts: Map<string, number>) {
  const count = (what: string, many = 1): void => {
    if (many > 0) counts.set(what, (counts.get(what) ?? 0) + many);
  };
  return (ledger: Ledger): Ledger => ({
    ...ledger,
    claim: async (decisions, options) => {
      count('claim', decisions.length);
      return ledger.claim(decisions, options);
    },
    markBreach: async (...breach) => {
      count('markBreach');
      return ledger.markBreach(...breach);
    },
    reach: async (...rule) => {
      count('reach');
      return ledger.reach(...rule);
    },
    once: async (...id) => {
      count('once');
      return ledger.once(...id);
    },
    saveWatches: async (account, region, watches, now) => {
      count('saveWatches', watches.length);
      return ledger.saveWatches(account, region, watches, now);
    },
    saveMeterRecords: async (records, now) => {
      count('saveMeterRecords', records.length);
      return ledger.saveMeterRecords(records, now);
    },
    saveMeteredAt: async (...looked) => {
      count('saveMeteredAt');
      return ledger.saveMeteredAt(...looked);
    },
    saveBilledDays: async (account, days) => {
      count('saveBilledDays', days.length);
      return ledger.saveBilledDays(account, days);
    },
    saveMeteredDays: async (account, days) => {
      count('saveMeteredDays', days.length);
      return ledger.saveMeteredDays(account, days);
    },
  });
}

it('a sweep in which nothing has changed writes that it has looked, and nothing else, though a limit is passed', async () => {
  const counts = new Map<string, number>();
  const { account, run, ledger, now } = createSimulation({
    policy: POLICY,
    start: START,
    prices: { 'p3.8xlarge': '12.24' },
    ledger: counting(counts),
  });
  for (const id of ['i-1', 'i-2', 'i-3', 'i-4']) {
    account.instances.set(id, {
      id,
      type: 'p3.8xlarge',
      // One that is kept runs on through the freeze.
      tags: {
        project: 'vision',
        environment: 'dev',
        ...(id === 'i-1' ? { 'bursar:keep-until': '2026-12-01' } : {}),
      },
      since: START,
      use: () => ({ cpu: 90, network: 1_000_000 }),
    });
  }
  await run(after(90));
  expect((await ledger.projectMarks(now())).get('vision')?.frozenUntil).toBeDefined();
  expect(account.effects).toHaveLength(3);
  expect(counts.get('saveMeterRecords')).toBe(7);

  counts.clear();
  await run(after(129));
  // Eight sweeps over two regions.
  expect(counts).toEqual(new Map([['saveMeteredAt', 16]]));
});
