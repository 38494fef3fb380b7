import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chargeOfFocus, chargeOfLineItemType, isSpend } from '../../lib/bill/charges.ts';
import { readBillFromFiles } from '../../lib/bill/duckdb.ts';
import { type Pico, parsePico, roundPico, sumPico } from '../../lib/bill/line-items-round.ts';
import { firstMatch, type MatchableCost } from '../../lib/bill/match.ts';
import { serviceName } from '../../lib/bill/services.ts';
import type { Charge, CostMatch, SharedRule } from '../../lib/policy/allocation.ts';
import { CHARGES } from '../../lib/policy/allocation.ts';
import { type Bill, dimensionText } from '../../lib/types/cost.ts';
import { csvOf, type Fields, folderOfTest, parquetOf, question } from './line-items-support.ts';

/*
 * Small bills of every kind of line, with texts that are hard on SQL, read by the engine and added up again in
 * TypeScript by the matcher that all sources share.
 */

const files = folderOfTest();

/** Texts that mean something to SQL, LIKE, CSV, JSON or the patterns of a policy. */
const HARD = [
  "o'clock",
  '100%',
  'a_b',
  'ab',
  'a!b',
  'back\\slash',
  '"quoted"',
  'with, comma',
  'two\nlines',
  "'; DROP TABLE costs; --",
  '$.x',
  '~/~1',
  'ümläut',
  '*',
];
const text = fc.constantFrom('', 'a', 'b', 'gpu-pool', ...HARD);
const pattern = fc.constantFrom(
  'a',
  'b',
  'gpu-pool',
  'a*',
  '*b',
  '*',
  'a*b',
  '*o*',
  '100%',
  'a_b',
  'a!*',
  '*\\*',
  "*'*",
  'AWS Support*',
  'Amazon SageMaker',
  'Amazon SageMaker AI',
  '"*"',
  '*,*',
  ...HARD,
);
const SERVICES = [
  'Amazon EC2',
  'Amazon SageMaker',
  'Amazon SageMaker AI',
  'AWS Support (Business)',
  "Bob's 100% service",
];
/** Amounts of up to 12 decimals, as the text that a bill has. */
const amount = fc
  .tuple(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 15n }), fc.constantFrom(1n, 1_000_000n))
  .map(([count, unit]) => decimal((count / unit) * unit));

function decimal(count: bigint): string {
  const digits = (count < 0n ? -count : count).toString().padStart(13, '0');
  return `${count < 0n ? '-' : ''}${digits.slice(0, -12)}.${digits.slice(-12)}`;
}

/** What a line is to both reckonings. */
interface Line {
  readonly fields: Fields;
  readonly day: string;
  readonly cost: MatchableCost;
  readonly environment: string;
  readonly amortized: string;
}

const common = fc.record({
  day: fc.constantFrom('2026-11-01', '2026-11-15', '2026-11-30'),
  time: fc.constantFrom('T00:00:00.000Z', ' 23:59:59'),
  project: text,
  shared: text,
  environment: text,
  service: fc.constantFrom(...SERVICES),
  account: fc.constantFrom('111122223333', '444455556666'),
  region: fc.constantFrom('', 'us-east-1', 'eu-central-1'),
  usageType: text,
  resource: text,
  amounts: fc.tuple(amount, amount, amount, amount),
});
type Common = typeof common extends fc.Arbitrary<infer Value> ? Value : never;

const costOf = (line: Common, charge: Charge): MatchableCost => ({
  project: line.project,
  service: line.service,
  charge,
  account: line.account,
  region: line.region,
  usageType: line.usageType,
  resource: line.resource,
  tags: { shared: line.shared, 'odd \'key"/~': line.usageType },
});

const TYPES = [
  ...[
    'Usage',
    'Tax',
    'Fee',
    'Credit',
    'Refund',
    'EdpDiscount',
    'BundledDiscount',
    'SppDiscount',
    'SomethingNew',
  ],
  ...['SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'SavingsPlanRecurringFee', 'SavingsPlanUpfrontFee'],
  ...['DiscountedUsage', 'RIFee'],
];

const cur2 = fc
  .record({ line: common, type: fc.constantFrom(...TYPES), isReserved: fc.boolean() })
  .map(({ line, type, isReserved }): Line => {
    const [unblended, first, second, third] = line.amounts;
    const isFee = type === 'Fee' && isReserved;
    return {
      fields: {
        line_item_usage_start_date: `${line.day}${line.time}`,
        line_item_line_item_type: type,
        line_item_unblended_cost: unblended,
        line_item_currency_code: 'USD',
        line_item_usage_account_id: line.account,
        line_item_usage_type: line.usageType,
        line_item_resource_id: line.resource === '' ? null : line.resource,
        product_region_code: line.region,
        product: { product_name: line.service },
        savings_plan_savings_plan_effective_cost: first,
        savings_plan_total_commitment_to_date: first,
        savings_plan_used_commitment: second,
        reservation_effective_cost: third,
        reservation_unused_amortized_upfront_fee_for_billing_period: second,
        reservation_unused_recurring_fee: null,
        reservation_reservation_a_r_n: isReserved ? 'arn:aws:ec2:r' : null,
        resource_tags: {
          ...(line.project === '' ? {} : { user_project: line.project }),
          user_shared: line.shared,
          user_environment: line.environment,
          'odd \'key"/~': line.usageType,
        },
      },
      day: line.day,
      environment: line.environment,
      cost: costOf(line, isFee ? 'commitment' : chargeOfLineItemType(type)),
      amortized: amortizedOf(type, isFee, line.amounts),
    };
  });

function amortizedOf(
  type: string,
  isFee: boolean,
  [unblended, first, second, third]: Common['amounts'],
): string {
  switch (type) {
    case 'SavingsPlanCoveredUsage':
      return first;
    case 'SavingsPlanRecurringFee':
      return decimal(count(first) - count(second));
    case 'SavingsPlanNegation':
    case 'SavingsPlanUpfrontFee':
      return '0';
    case 'DiscountedUsage':
      return third;
    case 'RIFee':
      return second;
    default:
      return isFee ? '0' : unblended;
  }
}

const focus = fc
  .record({
    line: common,
    category: fc.constantFrom('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment', 'Strange'),
    isCorrection: fc.boolean(),
    commitment: fc.constantFrom('', 'Used', 'Unused'),
  })
  .map(({ line, category, isCorrection, commitment }): Line => {
    const charge = chargeOfFocus(category, isCorrection ? 'Correction' : null);
    const isCommitment =
      (charge === 'usage' && commitment === 'Unused') || (charge === 'fee' && commitment !== '');
    return {
      fields: {
        ChargePeriodStart: `${line.day}${line.time}`,
        ChargeCategory: category,
        ChargeClass: isCorrection ? 'Correction' : null,
        EffectiveCost: line.amounts[0],
        BilledCost: line.amounts[1],
        BillingCurrency: 'USD',
        ServiceName: line.service,
        SubAccountId: line.account,
        RegionId: line.region === '' ? null : line.region,
        ResourceId: line.resource,
        x_UsageType: line.usageType,
        CommitmentDiscountId: commitment === '' ? null : 'arn:aws:savingsplans::1:savingsplan/1',
        CommitmentDiscountStatus: commitment === '' ? null : commitment,
        Tags: {
          'user:project': line.project,
          shared: line.shared,
          environment: line.environment,
          'odd \'key"/~': line.usageType,
        },
      },
      day: line.day,
      environment: line.environment,
      cost: costOf(line, isCommitment ? 'commitment' : charge),
      amortized: line.amounts[0],
    };
  });

const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 });
const match: fc.Arbitrary<CostMatch> = fc.record(
  {
    project: patterns,
    service: patterns,
    charge: fc.array(fc.constantFrom(...CHARGES), { minLength: 1, maxLength: 3 }),
    account: fc.constant(['1111*']),
    region: fc.constantFrom(['us-east-1'], ['*']),
    usageType: patterns,
    resource: patterns,
    tags: fc.oneof(
      fc.record({ shared: patterns }),
      fc.constant({}),
      fc.record({ 'odd \'key"/~': patterns, shared: patterns }),
    ),
  },
  { requiredKeys: [] },
);
const rules = fc
  .array(match, { maxLength: 5 })
  .map((matches) =>
    matches.map((one, index): SharedRule => ({ name: `rule '${index}'`, match: one, split: { by: 'even' } })),
  );

function count(text: string): Pico {
  const read = parsePico(text);
  if (read === undefined) throw new Error(`${text} is no amount`);
  return read;
}

function check(bill: Bill, lines: readonly Line[], shared: readonly SharedRule[]): void {
  const spend = lines.filter(({ cost }) => isSpend(cost.charge));
  const whole = sumPico(spend.map(({ amortized }) => count(amortized)));
  expect(bill.lines.reduce((sum, { cost }) => sum + cost, 0n)).toBe(roundPico(whole));
  const key = (parts: readonly unknown[]): string => JSON.stringify(parts);
  const expected = new Map<string, bigint>();
  const byValue = new Map<string, bigint>();
  const add = (sums: Map<string, bigint>, place: string, cost: bigint) =>
    sums.set(place, (sums.get(place) ?? 0n) + cost);
  for (const { day, cost, amortized, environment } of spend) {
    const name = firstMatch(shared, cost)?.name ?? null;
    add(expected, key([day, cost.project, name, serviceName(cost.service), cost.charge]), count(amortized));
    add(byValue, key([day, cost.project, name, environment]), count(amortized));
  }
  for (const { day, project, rule, service, charge, cost } of bill.lines) {
    const place = key([day, project, rule ?? null, service, charge]);
    const off = cost * 1_000_000n - (expected.get(place) ?? 0n);
    // Rounded by less than a micro-dollar; a place that should not be is off by all of its cost.
    expect({ place, isNear: off < 1_000_000n && off > -1_000_000n }).toEqual({ place, isNear: true });
    expected.delete(place);
  }
  // What comes to less than a micro-dollar may be in no line.
  for (const [place, cost] of expected) {
    expect({ place, isNothing: cost < 1_000_000n && cost > -1_000_000n }).toEqual({ place, isNothing: true });
  }
  const dimension = bill.dimensions.get(dimensionText({ of: 'tag', key: 'environment' })) ?? [];
  const parts = BigInt(lines.length + 1) * 1_000_000n;
  for (const { day, project, rule, value, cost } of dimension) {
    const off = cost * 1_000_000n - (byValue.get(key([day, project, rule ?? null, value])) ?? 0n);
    expect(off < parts && off > -parts).toBe(true);
  }
  const place = ({ day, project, rule }: { day: string; project: string; rule: string | undefined }) =>
    key([day, project, rule ?? null]);
  const sums = (
    some: readonly { day: string; project: string; rule: string | undefined; cost: bigint }[],
  ) => {
    const map = new Map<string, bigint>();
    for (const one of some) add(map, place(one), one.cost);
    return [...map].filter(([, cost]) => cost !== 0n).sort();
  };
  expect(sums(dimension)).toEqual(sums(bill.lines));
  const charged = bill.charges.filter((one) => one.isSpend).reduce((sum, one) => sum + one.amortized, 0n);
  expect(charged).toBe(roundPico(whole));
}

const dimensions = [{ of: 'tag', key: 'environment' }] as const;

describe('random bills', () => {
  it.each([
    { name: 'CUR 2.0', arbitrary: cur2, type: 'csv', runs: 15 },
    { name: 'FOCUS', arbitrary: focus, type: 'csv', runs: 15 },
    { name: 'CUR 2.0', arbitrary: cur2, type: 'parquet', runs: 8 },
    { name: 'FOCUS', arbitrary: focus, type: 'parquet', runs: 8 },
  ])('of $name in $type come to what the matcher of all sources says', async ({ arbitrary, type, runs }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitrary, { minLength: 1, maxLength: 40 }), rules, async (lines, shared) => {
        const csv = files.write('random.csv', csvOf(lines.map(({ fields }) => fields)));
        const path = type === 'csv' ? csv : await parquetOf(csv, `${csv}.parquet`);
        const bill = await readBillFromFiles([path], question({ rules: shared, dimensions }), { threads: 1 });
        check(bill, lines, shared);
      }),
      { numRuns: runs, seed: 6 },
    );
  });
});
