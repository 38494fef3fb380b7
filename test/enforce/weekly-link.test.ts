import { expect, it } from 'vitest';
import type { Ledger, SavedReport } from '../../lib/ledger/ledger.ts';
import type { Alert } from '../../lib/types/alert.ts';
import { createSimulation } from '../support/simulation.ts';

/** A Monday, five minutes before the hour of the weekly alert. */
const START = new Date('2026-11-23T07:55:00.000Z');
const POLICY = `
version: 1
timezone: UTC
projects: { recsys: { budget: 4000 USD } }
policies: [{ name: everything, match: {}, idle: off }]
`;
const REPORT: SavedReport = {
  month: '2026-11',
  madeAt: new Date('2026-11-23T07:41:00.000Z'),
  keys: { html: 'h', csv: 'c', json: 'j' },
  link: {
    url: 'https://links.example.com/r/token',
    tokenHash: 'a1b2',
    until: new Date('2026-12-01T07:41:00.000Z'),
  },
};

/** The weekly alerts of a quarter of an hour. */
async function told(ledger: (one: Ledger) => Ledger, report?: SavedReport): Promise<readonly Alert[]> {
  const simulation = createSimulation({ policy: POLICY, start: START, prices: {}, ledger });
  if (report !== undefined) await simulation.ledger.saveReport(report);
  await simulation.run(new Date(START.getTime() + 15 * 60_000));
  return simulation.alerts.filter(({ kind }) => kind === 'weekly');
}
const asItIs = (one: Ledger): Ledger => one;

it('the weekly alert leads to the newest report', async () => {
  const alerts = await told(asItIs, REPORT);
  expect(alerts.map(({ link }) => link)).toEqual([
    { title: 'The report of November 2026', url: 'https://links.example.com/r/token' },
  ]);
});

it.each<[string, (one: Ledger) => Ledger]>([
  ['there is none', asItIs],
  [
    'it cannot be looked up',
    (one) => ({
      ...one,
      newestReport: async () => {
        throw new Error('DynamoDB is out');
      },
    }),
  ],
])('where %s the weekly alert comes without', async (_, ledger) => {
  const alerts = await told(ledger);
  expect(alerts).toHaveLength(1);
  expect(alerts[0]).not.toHaveProperty('link');
});
