import { describe, expect, it } from 'vitest';
import { BillError } from '../../lib/bill/bill-error.ts';
import { readBillFromLedger } from '../../lib/bill/from-ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import type { CostMatch, SharedRule } from '../../lib/policy/allocation.ts';
import { usdToDecimal } from '../../lib/types/money.ts';
import { ACCOUNT, NOW, usd } from '../fleet/fixtures.ts';

const rule = (name: string, match: CostMatch): SharedRule => ({ name, match, split: { by: 'even' } });
const SUPPORT = 'AWS Support (Business)';

const day = (name: string, billed: Readonly<Record<string, Readonly<Record<string, string>>>>) => ({
  day: name,
  billedAsOf: NOW,
  billed: new Map(
    Object.entries(billed).map(([project, services]) => [
      project,
      new Map(Object.entries(services).map(([service, amount]) => [service, usd(amount)])),
    ]),
  ),
});

async function read(rules: readonly SharedRule[], from = '2026-11-20', to = '2026-11-22') {
  const ledger = createMemoryLedger();
  await ledger.saveBilledDays(ACCOUNT, [
    day('2026-11-19', { fraud: { 'AWS Lambda': '9' } }),
    day('2026-11-20', {
      fraud: { 'AWS Lambda': '1.5', [SUPPORT]: '2' },
      '': { [SUPPORT]: '10', Tax: '3' },
    }),
    day('2026-11-22', { recsys: { 'Amazon SageMaker AI': '4' } }),
  ]);
  await ledger.saveMeteredDays(ACCOUNT, [
    { day: '2026-11-21', metered: new Map([['fraud', new Map([['AWS Lambda', usd('8')]])]]) },
  ]);
  return readBillFromLedger(ledger, {
    account: ACCOUNT,
    tagKey: 'project',
    from,
    to,
    rules,
    dimensions: [],
  });
}

describe('a bill of the ledger', () => {
  it('has what was billed, by the rules that go by project and service', async () => {
    const bill = await read([
      rule('support', { service: ['AWS Support*'] }),
      rule('models', { project: ['recsys'], service: ['Amazon SageMaker'] }),
    ]);
    expect(
      bill.lines
        .map(
          ({ day: of, project, rule: by = '-', service, charge, cost }) =>
            `${of} ${project || '-'} ${by} ${service} ${charge} ${usdToDecimal(cost)}`,
        )
        .sort(),
    ).toEqual([
      '2026-11-20 - - Tax tax 3',
      '2026-11-20 - support AWS Support (Business) usage 10',
      '2026-11-20 fraud - AWS Lambda usage 1.5',
      '2026-11-20 fraud - AWS Support (Business) usage 2',
      '2026-11-22 recsys models Amazon SageMaker usage 4',
    ]);
    expect(bill).toMatchObject({ source: 'ledger', charges: [], dimensions: new Map() });
    // Metered alone is not billed.
    expect(bill.notes).toEqual([
      'The ledger knows no bill of 2026-11-21: what was spent then is missing here.',
    ]);
  });

  it('says which rules it cannot go by, and of which days it knows nothing', async () => {
    const bill = await read(
      [
        rule('tax', { charge: ['tax'] }),
        rule('pool', { tags: { pool: ['gpu'] } }),
        rule('all', { service: ['*'] }),
      ],
      '2026-11-17',
      '2026-11-24',
    );
    expect(bill.lines.filter(({ rule: by }) => by === 'all')).toHaveLength(2);
    expect(bill.notes).toEqual([
      'The rules "tax", "pool" cannot be applied to what the ledger knows, which is the project and the service alone. What they mean stays where it is, or goes by a later rule.',
      'The ledger knows no bill of 2026-11-17 to 2026-11-18, 2026-11-21 and 2026-11-23 to 2026-11-24: what was spent then is missing here.',
    ]);
  });

  it('refuses to tell of tags and cost categories, which it does not know', async () => {
    const ledger = createMemoryLedger();
    const asked = { account: ACCOUNT, tagKey: 'project', from: '2026-11-20', to: '2026-11-22', rules: [] };
    const dimensions = [
      { of: 'tag', key: 'env' },
      { of: 'category', name: 'Cost center' },
    ] as const;
    await expect(readBillFromLedger(ledger, { ...asked, dimensions })).rejects.toThrow(
      new BillError(
        'The ledger knows the project and the service alone, and nothing by env, category:Cost center. Leave out --by, or read another bill.',
      ),
    );
  });

  it('refuses a span that ends before it begins', async () => {
    await expect(read([], '2026-11-22', '2026-11-20')).rejects.toThrow(BillError);
  });
});
