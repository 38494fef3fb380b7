import { CostExplorerServiceException } from '@aws-sdk/client-cost-explorer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BillError } from '../../lib/bill/bill-error.ts';
import { chargeOfRecordType, isSpend } from '../../lib/bill/charges.ts';
import { readBillFromCostExplorer } from '../../lib/bill/cost-explorer.ts';
import { firstMatch, type MatchableCost } from '../../lib/bill/match.ts';
import type { BillQuestion } from '../../lib/bill/question.ts';
import type { CostMatch, SharedRule } from '../../lib/policy/allocation.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { answering } from '../../lib/simulate/account/answering.ts';
import { costExplorerIn } from '../../lib/simulate/account/cost-explorer.ts';
import { ACCOUNT, type MemoryBill, REGION } from '../../lib/simulate/account/state.ts';
import type { Bill, CostLine } from '../../lib/types/cost.ts';
import { sumUsd, usdToDecimal } from '../../lib/types/money.ts';
import { usd } from '../fleet/fixtures.ts';

const NOW = new Date('2026-11-25T10:30:00.000Z');
const SPAN = { from: '2026-11-20', to: '2026-11-23' } as const;

const rule = (name: string, match: CostMatch): SharedRule => ({ name, match, split: { by: 'even' } });

type Line = Omit<MemoryBill, 'project'> & { readonly tags: Readonly<Record<string, string>> };

/** A bill whose project is that of its tags. */
const line = (more: Partial<Line> = {}): MemoryBill => {
  const one = { day: '2026-11-21', service: 'AWS Lambda', usd: 1, tags: {}, ...more };
  return { ...one, project: one.tags.project ?? '' };
};

function play(lines: readonly MemoryBill[], sizes: { groups?: number; values?: number } = {}) {
  const account = createAccount(() => NOW);
  account.bills.push(...lines);
  const client = costExplorerIn(account, sizes.groups, sizes.values);
  const read = (more: Partial<BillQuestion> = {}) =>
    readBillFromCostExplorer(client, { ...SPAN, tagKey: 'project', rules: [], dimensions: [], ...more }, []);
  return { account, client, read };
}

const shown = ({ lines }: Bill) =>
  lines.map(
    ({ day, project, rule: name = '-', service, charge, cost }) =>
      `${day.slice(8)} ${project || '-'} ${name} ${service} ${charge} ${usdToDecimal(cost)}`,
  );
const refusal = (bill: Promise<Bill>): Promise<unknown> =>
  bill.then(
    () => 'read',
    (error: unknown) => error,
  );

const SUPPORT = 'AWS Support (Business)';

describe('a bill of Cost Explorer', () => {
  it('has each cost under the first rule that means it', async () => {
    const { read } = play([
      line({ tags: { project: 'fraud' } }),
      line({ service: SUPPORT, usd: 100 }),
      line({ service: SUPPORT, usd: 7, tags: { project: 'fraud' } }),
      line({ service: 'Tax', usd: 20, recordType: 'Tax' }),
      line({ service: 'Amazon SageMaker AI', usd: 30, tags: { pool: 'gpu' } }),
      line({ service: 'Amazon SageMaker', usd: 0.5, tags: { pool: 'gpu', project: 'recsys' } }),
      line({ service: 'Amazon SageMaker', usd: 3 }),
      line({ usd: -4, recordType: 'Credit' }),
      line({ day: '2026-11-19' }),
    ]);
    const bill = await read({
      rules: [
        rule('support', { service: ['AWS Support*'] }),
        rule('pool', { tags: { pool: ['gpu'] } }),
        rule('platform', { service: ['Amazon SageMaker', 'Tax'], charge: ['usage'] }),
        rule('tax', { charge: ['tax'] }),
        rule('no such thing', { service: ['Nothing*'] }),
      ],
    });
    expect(shown(bill)).toEqual([
      '21 - support AWS Support (Business) usage 100',
      '21 - pool Amazon SageMaker usage 30',
      '21 recsys pool Amazon SageMaker usage 0.5',
      '21 - platform Amazon SageMaker usage 3',
      '21 - tax Tax tax 20',
      '21 fraud - AWS Lambda usage 1',
      '21 fraud - AWS Support (Business) usage 7',
    ]);
    expect(bill.charges).toEqual([
      { charge: 'credit', called: 'Credit', amortized: usd('-4'), unblended: usd('-4'), isSpend: false },
      { charge: 'tax', called: 'Tax', amortized: usd('20'), unblended: usd('20'), isSpend: true },
      { charge: 'usage', called: 'Usage', amortized: usd('141.5'), unblended: usd('141.5'), isSpend: true },
    ]);
    // 1 for the charges, 1 for the services, and 5 for four rules and the rest.
    expect(bill.notes).toEqual(['Cost Explorer was asked 7 times, for $0.07.']);
  });

  it('tells of the invoiced amount beside the amortized one', async () => {
    const { read } = play([
      line({ usd: 6, unblended: 10, recordType: 'SavingsPlanCoveredUsage', tags: { project: 'a' } }),
      line({ usd: 0, unblended: -10, recordType: 'SavingsPlanNegation' }),
      line({ usd: 2, unblended: 8, recordType: 'SavingsPlanRecurringFee' }),
    ]);
    expect(
      (await read()).charges.map(
        ({ charge, amortized, unblended }) =>
          `${charge} ${usdToDecimal(amortized)} ${usdToDecimal(unblended)}`,
      ),
    ).toEqual(['usage 6 10', 'commitment 0 -10', 'commitment 2 8']);
  });

  it('is by dimension too, of which each rule comes to the same', async () => {
    const lines = [
      line({ tags: { project: 'a', env: 'prod' }, categories: { Team: 'red' }, usd: 0.123_456_4 }),
      line({ tags: { project: 'a', env: 'prod' }, service: 'EC2', usd: 0.123_456_4 }),
      line({ tags: { project: 'a' }, service: 'EC2', usd: 5 }),
      line({ tags: { env: 'prod' }, service: SUPPORT, usd: 9 }),
    ];
    const { read } = play(lines);
    const bill = await read({
      rules: [rule('support', { service: [SUPPORT] })],
      dimensions: [
        { of: 'tag', key: 'env' },
        { of: 'category', name: 'Team' },
        { of: 'tag', key: 'project' },
        { of: 'tag', key: 'env' },
      ],
    });
    const told = (name: string) =>
      (bill.dimensions.get(name) ?? [])
        .map(
          ({ project, rule: of = '-', value, cost }) =>
            `${project || '-'} ${of} ${value || '-'} ${usdToDecimal(cost)}`,
        )
        .sort();
    // Both amounts of production are rounded by themselves in the bill, and together here.
    expect(told('env')).toEqual(['- support prod 9', 'a - - 4.999999', 'a - prod 0.246913']);
    expect(told('category:Team')).toEqual(['- support - 9', 'a - - 5.123456', 'a - red 0.123456']);
    expect(told('project')).toEqual(['- support - 9', 'a - a 5.246912']);
    expect(bill.notes[0]).toBe('Cost Explorer was asked 7 times, for $0.07.');
  });

  it('costs a cent for each page', async () => {
    const lines = ['a', 'b', 'c', 'd', 'e'].map((service) => line({ service, tags: { project: 'x' } }));
    const { read, account } = play(lines, { groups: 2, values: 2 });
    const bill = await read({
      rules: [rule('some', { project: ['*'], service: ['a*'] })],
    });
    // Charges, 1 page of tag values, 3 of services, 1 for the rule, 2 and the days without groups for the rest.
    expect(account.asked.costExplorer).toBe(11);
    expect(bill.notes).toEqual(['Cost Explorer was asked 11 times, for $0.11.']);
    expect(shown(bill)).toHaveLength(5);
  });

  it('says where nothing carries the tag', async () => {
    const { read } = play([line()]);
    expect((await read()).notes[1]).toMatch(/^No cost carries the tag project\. Activate it/);
    expect((await play([]).read()).notes).toHaveLength(1);
  });

  it('says where the answers do not agree', async () => {
    const { client, read } = play([line({ tags: { project: 'a' } })]);
    const send = client.send.bind(client);
    let asked = 0;
    const more = line({ tags: { project: 'a' }, usd: 2 });
    Object.assign(client, {
      send: (command: Parameters<typeof send>[0]) => {
        asked += 1;
        return asked === 1 ? play([line(), more]).client.send(command) : send(command);
      },
    });
    expect((await read()).notes[1]).toBe(
      'The answers of Cost Explorer differ by $2: it tells of $1.00 by rule, and of $3.00 as a whole. It may have been updated in between: read the bill again.',
    );
  });
});

describe('a bill that cannot be read is one line', () => {
  it.each([
    [
      { rules: [rule('pool', { resource: ['arn:*'] })] },
      /^The rule "pool" of `allocation\.shared` matches by resource, .*`allocation\.bill`/,
    ],
    [{ from: '2026-11-24' }, /ends on 2026-11-23, before it begins on 2026-11-24/],
    [{ from: '2024-01-01' }, /^Cost Explorer does not know the bill from 2024-01-01 on: .*last 13 months/],
  ] as const)('%o', async (more, message) => {
    const error = await refusal(play([line()]).read(more));
    expect(error).toBeInstanceOf(BillError);
    expect(String(error)).not.toContain('\n');
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  const refused = (name: string, message: string) => {
    const { client, read, account } = play([line()]);
    const fault = new CostExplorerServiceException({ name, message, $fault: 'client', $metadata: {} });
    Object.assign(client, {
      send: async () => {
        account.asked.costExplorer += 1;
        throw fault;
      },
    });
    return { error: refusal(read()), account };
  };

  it.each([
    ['AccessDeniedException', 'User: x is not authorized', /may not be read: .* Allow ce:GetCostAndUsage/],
    ['AccessDeniedException', 'User not enabled for cost explorer access', /Open Cost Explorer once/],
    ['DataUnavailableException', 'Data is not available.', /has no data yet/],
    ['LimitExceededException', 'Rate exceeded', /asked too often/],
    ['ValidationException', 'Dimension X is not allowed', /does not take the question: Dimension X/],
    ['BillExpirationException', 'expired', /changed while it was read/],
  ])('%s %s', async (name, told, message) => {
    const error = await refused(name, told).error;
    expect(error).toBeInstanceOf(BillError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  it('what says nothing of the bill stays as it is', async () => {
    const error = await refused('ExpiredTokenException', 'expired').error;
    expect(error).toMatchObject({ name: 'ExpiredTokenException' });
  });

  it('an account in another currency', async () => {
    const { client, read } = play([line()]);
    Object.assign(client, {
      send: async () => ({
        ResultsByTime: [
          {
            TimePeriod: { Start: '2026-11-20' },
            Groups: [{ Keys: ['Usage'], Metrics: { AmortizedCost: { Amount: '1', Unit: 'EUR' } } }],
          },
        ],
      }),
    });
    expect(await refusal(read())).toMatchObject({ message: 'Cost Explorer answers in EUR, not in USD.' });
  });

  it('a throttled request is made again, and counted', async () => {
    const { client, account } = play([line({ tags: { project: 'a' } })]);
    const whole = client.send.bind(client);
    let asked = 0;
    Object.assign(client, {
      send: async (command: Parameters<typeof whole>[0]) => {
        asked += 1;
        if (asked === 2) {
          throw new CostExplorerServiceException({
            name: 'LimitExceededException',
            message: 'Rate exceeded',
            $fault: 'client',
            $metadata: {},
          });
        }
        return whole(command);
      },
    });
    const bill = await readBillFromCostExplorer(
      client,
      { ...SPAN, tagKey: 'project', rules: [], dimensions: [] },
      [0],
    );
    expect(bill.notes).toEqual(['Cost Explorer was asked 3 times, for $0.03.']);
    expect(account.asked.costExplorer).toBe(2);
  });
});

describe('whatever the lines and the rules', () => {
  const SERVICES = ['Amazon SageMaker', 'Amazon SageMaker AI', SUPPORT, 'EC2 - Other', 'Tax'];
  const RECORDS = [
    'Usage',
    'Tax',
    'Credit',
    'Refund',
    'SavingsPlanRecurringFee',
    'Support',
    'Bundled Discount',
  ];
  const PROJECTS = ['', 'fraud', 'recsys', 'fraud-2'];
  const POOLS = ['', 'gpu', 'gpu-big', 'cpu'];
  const of = <T>(values: readonly T[]) => fc.constantFrom(...values);
  const anyLine = fc
    .record({
      day: of(['2026-11-19', '2026-11-20', '2026-11-22', '2026-11-23', '2026-11-24']),
      service: of(SERVICES),
      micros: fc.integer({ min: -2_000_000, max: 5_000_000 }),
      recordType: of(RECORDS),
      account: of([ACCOUNT, '999988887777']),
      region: of([REGION, 'eu-west-1']),
      usageType: of(['USE1-Hours', 'EUW1-Hours', 'DataTransfer-Out']),
      tags: fc.record({ project: of(PROJECTS), pool: of(POOLS), env: of(['', 'prod', 'dev']) }),
    })
    .map(({ micros, ...one }) => line({ ...one, usd: micros / 1e6 }));

  const patterns = (values: readonly string[]) =>
    fc.uniqueArray(of([...values.filter((value) => value !== ''), '*', 'A*', '*u*', 'no such']), {
      minLength: 1,
      maxLength: 2,
    });
  const keys = {
    project: patterns(PROJECTS),
    service: patterns([...SERVICES, '*SageMaker']),
    charge: fc.uniqueArray(of(['usage', 'tax', 'fee', 'commitment', 'discount', 'credit'] as const), {
      minLength: 1,
    }),
    account: patterns([ACCOUNT, '999*']),
    region: patterns([REGION]),
    usageType: patterns(['*Hours']),
    tags: fc.record({ pool: patterns(POOLS) }),
  };
  // Rules that ask for one or two things mean something, and the same things as others.
  const anyMatch = fc
    .tuple(
      fc.record(keys),
      fc.uniqueArray(
        of(['service', 'tags', 'project', 'charge', 'account', 'region', 'usageType'] as const),
        { minLength: 1, maxLength: 2 },
      ),
    )
    .map(([all, chosen]): CostMatch => Object.fromEntries(chosen.map((name) => [name, all[name]])));
  const anyRules = fc
    .array(anyMatch, { maxLength: 5 })
    .map((matches) => matches.map((match, n) => rule(`r${n}`, match)));

  const matchable = (one: MemoryBill): MatchableCost => ({
    project: one.project,
    service: one.service,
    charge: chargeOfRecordType(one.recordType ?? ''),
    account: one.account ?? '',
    region: one.region ?? '',
    usageType: one.usageType ?? '',
    resource: '',
    tags: one.tags ?? {},
  });

  const key = ({ day, project, rule: name }: Pick<CostLine, 'day' | 'project' | 'rule'>) =>
    JSON.stringify([day, project, name ?? null]);
  const totals = (entries: readonly (readonly [string, bigint])[]) => {
    const sums = new Map<string, bigint>();
    for (const [name, amount] of entries) sums.set(name, (sums.get(name) ?? 0n) + amount);
    return Object.fromEntries([...sums].filter(([, amount]) => amount !== 0n).sort());
  };

  it('each cost is under the first rule that means it, and all of them come to the whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { maxLength: 25 }), anyRules, async (lines, rules) => {
        const { read } = play(lines, { groups: 3, values: 2 });
        const bill = await read({ rules, dimensions: [{ of: 'tag', key: 'env' }] });
        const spend = lines.filter(
          ({ day, recordType = '' }) =>
            day >= SPAN.from && day <= SPAN.to && isSpend(chargeOfRecordType(recordType)),
        );
        const known = spend.map((one) => ({
          amount: BigInt(Math.round(one.usd * 1e6)),
          rule: firstMatch(rules, matchable(one))?.name,
          one,
        }));
        const name = (service: string) => (service === 'Amazon SageMaker AI' ? 'Amazon SageMaker' : service);
        expect(totals(bill.lines.map((each) => [`${key(each)} ${each.service}`, each.cost]))).toEqual(
          totals(
            known.map(({ one, rule: of, amount }) => [
              `${key({ ...one, rule: of })} ${name(one.service)}`,
              amount,
            ]),
          ),
        );
        expect(
          totals((bill.dimensions.get('env') ?? []).map((each) => [`${key(each)} ${each.value}`, each.cost])),
        ).toEqual(
          totals(
            known.map(({ one, rule: of, amount }) => [
              `${key({ ...one, rule: of })} ${one.tags?.env ?? ''}`,
              amount,
            ]),
          ),
        );
        const counted = bill.charges.filter(({ isSpend: counts }) => counts);
        expect(sumUsd(bill.lines.map(({ cost }) => cost))).toBe(
          sumUsd(counted.map(({ amortized }) => amortized)),
        );
        expect(bill.notes.some((note) => note.includes('differ'))).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

it('a client that answers nothing has no costs', async () => {
  const { client } = play([]);
  const bill = await readBillFromCostExplorer(
    answering(client).client,
    { ...SPAN, tagKey: 'project', rules: [], dimensions: [{ of: 'tag', key: 'env' }] },
    [],
  );
  expect(bill.lines).toEqual([]);
});
