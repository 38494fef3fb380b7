import { describe, expect, it } from 'vitest';
import { readBillFromCostExplorer } from '../../lib/bill/cost-explorer.ts';
import { readBillFromFiles } from '../../lib/bill/duckdb.ts';
import { readBillFromLedger } from '../../lib/bill/from-ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { costExplorerIn } from '../../lib/simulate/account/cost-explorer.ts';
import type { Bill } from '../../lib/types/cost.ts';
import { microUsd, usdToDecimal } from '../../lib/types/money.ts';
import { ACCOUNT, NOW } from '../fleet/fixtures.ts';
import { csvOf, folderOfTest, question, rule } from './line-items-support.ts';

const files = folderOfTest();

/** One day of charges, as each source has them. */
interface Charge {
  readonly service: string;
  readonly usd: number;
  readonly type?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

const CHARGES: readonly Charge[] = [
  { service: 'Amazon SageMaker', usd: 100, tags: { project: 'platform' } },
  { service: 'Amazon SageMaker', usd: 7, tags: { project: 'fraud' } },
  { service: 'Amazon EC2', usd: 40, tags: { project: 'fraud' } },
  // Of a project, and in a pool that a rule names by its tag.
  { service: 'Amazon EC2', usd: 20, tags: { project: 'fraud', shared: 'pool' } },
  { service: 'Amazon EC2', usd: 30, tags: { shared: 'pool' } },
  // A tag without a value is none.
  { service: 'Amazon EC2', usd: 5, tags: { project: '', shared: '' } },
  { service: 'AWS Support (Business)', usd: 10 },
  { service: 'AWS Support (Business)', usd: 2, tags: { project: 'fraud' } },
  // Something is given back, as a discount, of what a rule names: that is spend below zero.
  { service: 'AWS Support (Business)', usd: -4, type: 'EdpDiscount' },
  { service: 'Tax', usd: 3, type: 'Tax' },
  // No spend, whoever gets it.
  { service: 'Amazon EC2', usd: -50, type: 'Credit', tags: { project: 'fraud' } },
  { service: 'AWS Support (Business)', usd: -6, type: 'Refund' },
];

const DAY = '2026-11-21';

function inCostExplorer() {
  const account = createAccount(() => NOW);
  account.bills.push(
    ...CHARGES.map(({ service, usd, type, tags = {} }) => ({
      day: DAY,
      service,
      usd,
      tags,
      project: tags.project ?? '',
      ...(type === undefined ? {} : { recordType: type }),
    })),
  );
  return costExplorerIn(account);
}

const inFile = (): string =>
  files.write(
    'cur2.csv',
    csvOf(
      CHARGES.map(({ service, usd, type = 'Usage', tags = {} }) => ({
        line_item_usage_start_date: `${DAY}T00:00:00.000Z`,
        line_item_line_item_type: type,
        line_item_unblended_cost: String(usd),
        line_item_currency_code: 'USD',
        line_item_product_code: service,
        resource_tags: Object.fromEntries(Object.entries(tags).map(([key, value]) => [`user_${key}`, value])),
      })),
    ),
  );

async function inLedger() {
  const ledger = createMemoryLedger();
  const billed = new Map<string, Map<string, ReturnType<typeof microUsd>>>();
  for (const { service, usd, type = '', tags = {} } of CHARGES) {
    if (/Credit|Refund/.test(type)) continue;
    const project = tags.project ?? '';
    const services = billed.get(project) ?? new Map<string, ReturnType<typeof microUsd>>();
    billed.set(project, services);
    services.set(service, microUsd((services.get(service) ?? 0n) + BigInt(usd) * 1_000_000n));
  }
  await ledger.saveBilledDays(ACCOUNT, [{ day: DAY, billedAsOf: NOW, billed }]);
  return ledger;
}

/** Sums by project, rule and service. */
function shown({ lines }: Bill): readonly string[] {
  const sums = new Map<string, bigint>();
  for (const { project, rule: of, service, cost } of lines) {
    const key = `${project || '-'} ${of ?? '-'} ${service}`;
    sums.set(key, (sums.get(key) ?? 0n) + cost);
  }
  return [...sums].map(([key, sum]) => `${key} ${usdToDecimal(microUsd(sum))}`).sort();
}

describe('the same charges', () => {
  it('go by the first rule that means them, in Cost Explorer and in line items alike', async () => {
    const asked = question({
      rules: [
        rule('pool', { tags: { shared: ['p*'] } }),
        rule('llm', { project: ['platform'], service: ['Amazon SageMaker'] }),
        rule('support', { service: ['AWS Support*'] }),
        // All that is left without a project, and has none of the above.
        rule('tax', { charge: ['tax'] }),
        rule('machines', { service: ['Amazon *'] }),
        rule('late', { service: ['AWS Support (Business)'], project: ['*'] }),
      ],
    });
    const told = [
      '- machines Amazon EC2 5',
      '- pool Amazon EC2 30',
      '- support AWS Support (Business) 6',
      '- tax Tax 3',
      'fraud - Amazon EC2 40',
      'fraud - Amazon SageMaker 7',
      // Has a project, so that only a rule that names projects takes it.
      'fraud late AWS Support (Business) 2',
      // Has a project too, and the rule names its tag.
      'fraud pool Amazon EC2 20',
      'platform llm Amazon SageMaker 100',
    ];
    const explored = await readBillFromCostExplorer(inCostExplorer(), asked, []);
    const read = await readBillFromFiles([inFile()], asked, { threads: 1 });
    expect(shown(explored)).toEqual(told);
    expect(shown(read)).toEqual(told);
    const totals = (bill: Bill) =>
      bill.charges.map(({ charge, amortized, isSpend }) => `${charge} ${usdToDecimal(amortized)} ${isSpend}`);
    expect(totals(explored).sort()).toEqual([
      'credit -50 false',
      'discount -4 true',
      'refund -6 false',
      'tax 3 true',
      'usage 214 true',
    ]);
    expect(totals(read).sort()).toEqual(totals(explored).sort());
  });

  it('go by rules of projects and services in the ledger as well', async () => {
    const asked = question({
      rules: [
        rule('llm', { project: ['plat*'], service: ['Amazon SageMaker'] }),
        rule('support', { service: ['AWS Support*'] }),
        rule('of all', { service: ['AWS Support*', 'Amazon EC2'], project: ['*'] }),
        rule('rest', { service: ['*'] }),
      ],
    });
    const told = [
      '- rest Amazon EC2 35',
      '- rest Tax 3',
      '- support AWS Support (Business) 6',
      'fraud - Amazon SageMaker 7',
      'fraud of all AWS Support (Business) 2',
      'fraud of all Amazon EC2 60',
      'platform llm Amazon SageMaker 100',
    ];
    const ledger = await inLedger();
    expect(shown(await readBillFromCostExplorer(inCostExplorer(), asked, []))).toEqual(told);
    expect(shown(await readBillFromFiles([inFile()], asked, { threads: 1 }))).toEqual(told);
    expect(shown(await readBillFromLedger(ledger, { ...asked, account: ACCOUNT }))).toEqual(told);
  });
});
