import { describe, expect, it } from 'vitest';
import { enforceSpends } from '../../lib/enforce/enforce-spends.ts';
import type { Metered } from '../../lib/enforce/meter-fleet.ts';
import { LedgerError } from '../../lib/ledger/errors.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import type { Decision } from '../../lib/types/decision.ts';
import type { ProjectSpend } from '../../lib/types/meter.ts';
import { ZERO_USD } from '../../lib/types/money.ts';
import { development, instance, minutes, NOW, policyOf, usd } from '../decide/fixtures.ts';

const names = ['fraud', 'recsys', 'churn'] as const;
const policy = policyOf(
  [
    development({
      match: {},
      idle: 'off',
      budget: [{ at: 100, of: 'estimated', per: 'month', do: 'stop', graceSeconds: 0 }],
    }),
  ],
  {
    projects: Object.fromEntries(
      names.map((name) => [name, { name, owners: [], members: [], freezeRoles: [], budget: usd('1000') }]),
    ),
  },
);
const fleet = names.map((project) => instance(`i-${project}`, { tags: { project }, hourly: usd('100') }));

const spendOf = (project: string, estimated: string, asOf: Date): ProjectSpend => ({
  project,
  asOf,
  billed: ZERO_USD,
  estimated: usd(estimated),
  low: usd(estimated),
  high: usd(estimated),
  band: 'assumed',
  billedThrough: undefined,
  today: ZERO_USD,
  todayBilled: ZERO_USD,
  burn: usd('1'),
  usualBurn: undefined,
  discount: 0,
  running: 1,
  unpriced: [],
  forecast: { amount: usd(estimated), low: usd(estimated), high: usd(estimated), basis: 'burn' },
});

/** Every project has spent $1,050 of its $1,000. */
async function enforce(ledger: Ledger, at = NOW) {
  const sent: Decision[] = [];
  const spends: Metered['spends'] = new Map(names.map((name) => [name, spendOf(name, '1050', at)]));
  const ended = await enforceSpends(
    { spends, models: new Map(), byDay: () => new Map(), earlier: new Map(), beside: [] },
    {
      fleet,
      marks: await ledger.projectMarks(at),
      keeps: new Map(),
      keepTags: new Map(),
      approval: undefined,
    },
    at,
    {
      policy,
      ledger,
      send: async (decisions) => {
        sent.push(...decisions);
        return 1;
      },
    },
  ).then(
    () => 'done',
    (error: unknown) => String(error),
  );
  const by = (action: Decision['action']) =>
    sent.flatMap((one) => (one.action === action ? [one.project] : [])).sort();
  return { ended, stops: by('stop'), notices: by('budget-notice') };
}

describe('what the meter says of several projects', () => {
  it('is enforced of each, and told once, however often it is read', async () => {
    const ledger = createMemoryLedger();
    const all = [...names].sort();
    expect(await enforce(ledger)).toEqual({ ended: 'done', stops: all, notices: all });
    expect(await enforce(ledger, minutes(5))).toEqual({ ended: 'done', stops: [], notices: [] });
  });

  it('is enforced of the others where it cannot be of one, and that one is not passed over in silence', async () => {
    const memory = createMemoryLedger();
    const broken: Ledger = {
      ...memory,
      markBreach: async (reading, until) => {
        if (reading.holder === 'fraud') throw new LedgerError('ledger: fraud cannot be marked');
        return memory.markBreach(reading, until);
      },
    };
    const first = await enforce(broken);
    expect(first.stops).toEqual(['churn', 'recsys']);
    expect(first.ended).toContain('fraud cannot be marked');
    expect((await enforce(memory, minutes(5))).stops).toEqual(['fraud']);
  });
});
