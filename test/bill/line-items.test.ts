import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { reckon } from '../../bin/make-bill.ts';
import { readBillFromFiles } from '../../lib/bill/duckdb.ts';
import { readBillFromPlaces } from '../../lib/bill/line-items-files.ts';
import { microUsd } from '../../lib/types/money.ts';
import { csvOf, type Fields, folderOfTest, parquetOf, question, rule, sumOf } from './line-items-support.ts';

const files = folderOfTest();
const sample = (name: string): string => join(import.meta.dirname, 'samples', name);
const read = (paths: readonly string[], more: Parameters<typeof question>[0] = {}) =>
  readBillFromFiles(paths, question(more), { threads: 1 });

const RULES = [
  rule('support', { service: ['AWS Support*'] }),
  rule('tax', { charge: ['tax'] }),
  rule('gpu-pool', { tags: { shared: ['gpu-pool', 'llm'] } }),
  rule('transfer', { usageType: ['*DataTransfer*'] }),
  rule('commitments', { charge: ['commitment'] }),
];

describe('a CUR 2.0 file', () => {
  it('gives each line its amortized cost, project and rule', async () => {
    const bill = await read([sample('cur2.csv')], { rules: RULES });
    expect(bill.source).toBe('cur2');
    const of = (project: string, name?: string) =>
      sumOf(bill, (line) => line.project === project && line.rule === name);
    // On demand, what the Savings Plan covers at its rate, less the discount.
    expect(of('fraud-detection')).toBe(1_006_000n + 69_000n - 50_000n);
    // 2.012 on demand, 1.5E-7 of S3, 0.11 of a reservation; a credit is no spend.
    expect(of('recsys')).toBe(2_012_000n + 110_000n);
    expect(of('', 'support')).toBe(100_010_000n);
    expect(of('', 'tax')).toBe(7_770_000n);
    expect(of('', 'gpu-pool')).toBe(12_240_000n);
    // What nobody used: 0.031 of the plan, 3.75 of the reservation. Upfront fees are 0 when amortized.
    expect(of('', 'commitments')).toBe(31_000n + 3_750_000n);
    // 10^-10 is in no line by itself.
    expect(of('', 'transfer')).toBe(0n);
    expect(of('')).toBe(250_000n);
    expect(bill.lines.find(({ project, charge }) => project === 'recsys' && charge === 'usage')).toEqual({
      day: '2026-11-02',
      project: 'recsys',
      rule: undefined,
      service: 'Amazon Elastic Compute Cloud',
      charge: 'usage',
      cost: 2_012_000n,
    });
  });

  it('tells its charges as the bill calls them, invoiced and amortized', async () => {
    const { charges, notes } = await read([sample('cur2.csv')]);
    const by = new Map(charges.map((one) => [one.called, one]));
    expect(by.get('Fee (reservation)')).toEqual({
      charge: 'commitment',
      called: 'Fee (reservation)',
      amortized: 0n,
      unblended: 300_000_000n,
      isSpend: true,
    });
    expect(by.get('Fee')).toMatchObject({ charge: 'fee', unblended: 100_010_000n });
    expect(by.get('RIFee')).toMatchObject({
      charge: 'commitment',
      amortized: 3_750_000n,
      unblended: 79_200_000n,
    });
    expect(by.get('SavingsPlanNegation')).toMatchObject({ amortized: 0n, unblended: -96_000n });
    expect(by.get('Credit')).toMatchObject({ isSpend: false, amortized: -3_000_000n });
    expect(by.get('Refund')).toMatchObject({ isSpend: false });
    expect(by.get('NewKindOfLine')).toMatchObject({ charge: 'other', isSpend: true });
    expect(notes).toEqual([
      '19 lines of CUR 2.0 read.',
      '1 line of other days left out, $1.01: the bill has them, but they are not from 2026-11-01 to 2026-11-30.',
      'Kinds of lines that are not known, counted as spend: "NewKindOfLine".',
    ]);
  });

  it('is allocated by other tags and cost categories, however they are written', async () => {
    const { dimensions } = await read([sample('cur2.csv')], {
      dimensions: [
        { of: 'tag', key: 'environment' },
        { of: 'category', name: 'Cost center' },
      ],
    });
    const valuesOf = (name: string) =>
      new Map(
        [...Map.groupBy(dimensions.get(name) ?? [], ({ value }) => value)].map(([value, lines]) => [
          value,
          lines.reduce((sum, { cost }) => sum + cost, 0n),
        ]),
      );
    expect(valuesOf('environment').get('prod')).toBe(1_006_000n);
    expect(valuesOf('category:Cost center').get('risk')).toBe(1_006_000n);
    expect(valuesOf('category:Cost center').get('growth')).toBe(2_012_000n);
  });

  it('is the same in Parquet, and in several files', async () => {
    const csv = sample('cur2.csv');
    const parquet = await parquetOf(csv, join(files.path, 'cur2.parquet'));
    const [header = '', ...lines] = readFileSync(csv, 'utf8').trimEnd().split('\n');
    const half = (name: string, some: readonly string[]) =>
      files.write(name, gzipSync(`${[header, ...some].join('\n')}\n`));
    const parts = [half('cur2-1.csv.gz', lines.slice(0, 7)), half('cur2-2.csv.gz', lines.slice(7))];
    const asked = { rules: RULES, dimensions: [{ of: 'tag', key: 'environment' }] as const };
    const whole = await read([csv], asked);
    expect(await read([parquet], asked)).toEqual(whole);
    expect(await read(parts, asked)).toEqual(whole);
    expect(await read(parts.toReversed(), asked)).toEqual(whole);
  });

  it('may lack columns: what is then counted otherwise is said', async () => {
    const csv = sample('cur2.csv');
    const without = async (name: string, hidden: RegExp) => {
      const path = files.write(name, withoutColumns(readFileSync(csv, 'utf8'), hidden));
      return read([path], { rules: RULES });
    };
    const cash = await without('no-plans.csv', /^(savings_plan|reservation)/);
    // As invoiced: the plan's fees, what it covers at list price, the negation; fees of the reservation.
    expect(sumOf(cash, ({ rule: name }) => name === 'commitments')).toBe(
      -96_000n + 100_000n + 500_000_000n + 79_200_000n,
    );
    expect(sumOf(cash)).toBe(
      cash.charges.filter(({ isSpend }) => isSpend).reduce((sum, one) => sum + one.unblended, 0n),
    );
    expect(cash.notes.filter((note) => note.includes('as invoiced and not amortized'))).toHaveLength(2);
    const bare = await without(
      'bare.csv',
      /^(product|resource_tags|cost_category|line_item_resource_id|line_item_usage_type|line_item_currency_code)/,
    );
    expect(bare.lines.every(({ project }) => project === '')).toBe(true);
    expect(bare.lines.map(({ service }) => service)).toContain('AmazonEC2');
    expect(bare.notes).toContain(
      'The bill has no column resource_tags, so that nothing carries a project. Add it to the export.',
    );
    expect(bare.notes).toContain(
      'The rule "transfer" matches nothing, as the bill has no column line_item_usage_type. Add it to the export.',
    );
  });

  it('may have keys of maps as columns of their own, or all tags in one map', async () => {
    const line = (more: Fields): Fields => ({
      line_item_usage_start_date: '2026-11-01T00:00:00Z',
      line_item_line_item_type: 'Usage',
      line_item_unblended_cost: '1',
      ...more,
    });
    const flat = files.write(
      'flat.csv',
      csvOf([line({ resource_tags_user_cost_project: 'a', product_product_name: 'S3' })]),
    );
    expect((await read([flat], { tagKey: 'CostProject' })).lines).toMatchObject([
      { project: 'a', service: 'S3' },
    ]);
    const merged = files.write(
      'merged.csv',
      csvOf([line({ tags: { 'resourceTags/project': 'b', 'costCategory/team': 'x' } })]),
    );
    const bill = await read([merged], { dimensions: [{ of: 'category', name: 'team' }] });
    expect(bill.lines).toMatchObject([{ project: 'b' }]);
    expect(bill.dimensions.get('category:team')).toMatchObject([{ value: 'x', cost: 1_000_000n }]);
  });
});

describe('a FOCUS file', () => {
  it('gives effective cost, and knows fees, commitments and corrections', async () => {
    const bill = await read([sample('focus-1.0.csv')], { rules: RULES });
    expect(bill.source).toBe('focus');
    expect(sumOf(bill, ({ project }) => project === 'fraud-detection')).toBe(1_006_000n);
    expect(sumOf(bill, ({ project }) => project === 'recsys')).toBe(69_000n);
    const of = (name: string) => sumOf(bill, (line) => line.rule === name);
    expect(of('support')).toBe(100_010_000n);
    expect(of('tax')).toBe(7_770_000n);
    expect(of('gpu-pool')).toBe(3_100_000n);
    expect(of('transfer')).toBe(90_000n);
    expect(of('commitments')).toBe(31_000n);
    expect(bill.charges.map(({ called, charge, isSpend }) => [called, charge, isSpend])).toEqual([
      ['Adjustment', 'discount', true],
      ['Credit', 'credit', false],
      ['Purchase', 'fee', true],
      ['Purchase (commitment)', 'commitment', true],
      ['Tax', 'tax', true],
      ['Usage', 'usage', true],
      ['Usage (correction)', 'refund', false],
      ['Usage (unused commitment)', 'commitment', true],
    ]);
    expect(
      await read([await parquetOf(sample('focus-1.0.csv'), join(files.path, 'focus.parquet'))], {
        rules: RULES,
      }),
    ).toEqual(bill);
  });
});

describe('a made month', () => {
  it.each(['cur2-400.snappy.parquet', 'focus-400.csv.gz'])(
    'of %s comes to what it was made of',
    async (name) => {
      const bill = await read([sample(name)], { rules: RULES });
      const made = reckon(400);
      const near = (cost: bigint, units: bigint | undefined = 0n) => {
        const off = cost - units / 10_000n;
        // Lines are rounded one by one to come to the rounded whole.
        return off < 400n && off > -400n;
      };
      expect(sumOf(bill)).toBe(microUsd((made.spend + 5_000n) / 10_000n));
      for (const [project, units] of made.byProject) {
        expect(
          near(
            sumOf(bill, (line) => line.project === project),
            units,
          ),
        ).toBe(true);
      }
      for (const [shared, names] of [
        ['support', 'support'],
        ['tax', 'tax'],
        ['transfer', 'transfer'],
        ['commitment', 'commitments'],
      ] as const) {
        expect(
          near(
            sumOf(bill, (line) => line.rule === names),
            made.byShared.get(shared),
          ),
        ).toBe(true);
      }
    },
  );
});

describe('files that are no bill', () => {
  const cases: readonly (readonly [string, () => readonly string[], string])[] = [
    ['nothing', () => [], 'There are no files of the bill'],
    ['a name', () => [files.write('bill.txt', 'x')], 'is no file of a bill by its name'],
    ['absent', () => [join(files.path, 'absent.parquet')], 'absent.parquet cannot be opened'],
    [
      'other columns',
      () => [files.write('other.csv', 'a,b\n1,2\n')],
      'other.csv is no bill: it has none of the columns',
    ],
    [
      'some columns',
      () => [
        files.write(
          'some.csv',
          'ChargePeriodStart,ChargeCategory,EffectiveCost,ServiceName\n2026-11-01,Usage,1,S3\n',
        ),
      ],
      'some.csv looks like FOCUS and lacks BilledCost. Add this column to the export.',
    ],
    [
      'both formats',
      () => [sample('cur2.csv'), sample('focus-1.0.csv')],
      'cur2.csv is CUR 2.0 and focus-1.0.csv is FOCUS',
    ],
    [
      'both types',
      () => [sample('cur2.csv'), sample('cur2-400.snappy.parquet')],
      'is csv and cur2-400.snappy.parquet is parquet',
    ],
    [
      'cut Parquet',
      () => [files.write('cut.parquet', readFileSync(sample('cur2-400.snappy.parquet')).subarray(0, 9_000))],
      'cut.parquet is damaged or cut off',
    ],
    [
      'a cut .gz',
      () => [files.write('cut.csv.gz', readFileSync(sample('focus-400.csv.gz')).subarray(0, 12_000))],
      'cut.csv.gz is damaged or cut off',
    ],
    ['no .gz', () => [files.write('plain.csv.gz', 'a,b\n1,2\n')], 'plain.csv.gz is damaged or cut off'],
    [
      'no amount',
      () => [
        files.write('words.csv', readFileSync(sample('focus-1.0.csv'), 'utf8').replace('1.006', 'much')),
      ],
      'words.csv holds something that is no amount',
    ],
    [
      'euros',
      () => [
        files.write('euros.csv', readFileSync(sample('focus-1.0.csv'), 'utf8').replaceAll('USD', 'EUR')),
      ],
      'The bill has 11 lines in EUR, and budgets are in USD. Export a bill in USD.',
    ],
  ];
  it.each(cases)('are told: %s', async (_name, paths, message) => {
    const failure = await read(paths()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'BillError' });
    expect(String(failure)).toContain(message);
  });

  it('have names that mean nothing to the engine', async () => {
    const odd = files.write("it's [1]*.csv", readFileSync(sample('focus-1.0.csv')));
    expect(sumOf(await read([odd]))).toBe(sumOf(await read([sample('focus-1.0.csv')])));
  });

  it('leave nothing behind', async () => {
    const left = async () => (await readdir(files.path)).filter((name) => name.startsWith('bursar-duckdb-'));
    await readBillFromFiles([sample('cur2.csv')], question(), {
      threads: 1,
      memory: '64MB',
      spillTo: files.path,
    });
    expect(await left()).toEqual([]);
    await expect(readBillFromFiles(['x.csv'], question(), { spillTo: files.path })).rejects.toThrow('x.csv');
    expect(await left()).toEqual([]);
  });
});

describe('places of files', () => {
  const noS3 = {
    s3: () => {
      throw new Error('S3 was asked');
    },
  };
  it('are files and folders', async () => {
    const folder = join(files.path, 'export');
    files.write('lone.csv', readFileSync(sample('focus-1.0.csv')));
    mkdirSync(join(folder, 'data'), { recursive: true });
    copyFileSync(sample('focus-1.0.csv'), join(folder, 'data', 'part-1.csv'));
    copyFileSync(sample('focus-1.0.csv'), join(folder, 'data', 'part-2.csv'));
    files.write(join('export', 'readme.txt'), 'not a bill');
    const one = await readBillFromPlaces([join(files.path, 'lone.csv')], question(), noS3);
    const two = await readBillFromPlaces([folder], question(), noS3);
    expect(sumOf(two)).toBe(2n * sumOf(one));
  });
  it('are told where they are none', async () => {
    const empty = join(files.path, 'nothing');
    mkdirSync(empty);
    await expect(readBillFromPlaces([empty], question(), noS3)).rejects.toThrow(
      'has no .parquet, .csv or .csv.gz files',
    );
    await expect(readBillFromPlaces([join(empty, 'no')], question(), noS3)).rejects.toThrow(
      'it is not there',
    );
    await expect(readBillFromPlaces(['s3://bucket/a', 'b.csv'], question(), noS3)).rejects.toThrow(
      'is read by itself',
    );
  });
});

/** The CSV without the columns that are so called. */
function withoutColumns(csv: string, hidden: RegExp): string {
  const rows: readonly string[][] = parse(csv);
  const [header = []] = rows;
  const kept = header.flatMap((name, index) => (hidden.test(name) ? [] : [index]));
  return rows
    .map((row) => `${kept.map((index) => `"${(row[index] ?? '').replaceAll('"', '""')}"`).join(',')}\n`)
    .join('');
}
