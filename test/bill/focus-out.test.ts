import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { allocate } from '../../lib/allocate/allocate.ts';
import { readBillFromFiles } from '../../lib/bill/duckdb.ts';
import { FOCUS_COLUMNS, type FocusInput, focusCsv, focusRows } from '../../lib/bill/focus-out.ts';
import { writeFocus } from '../../lib/bill/focus-out-files.ts';
import type { SharedRule } from '../../lib/policy/allocation.ts';
import { sumUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';
import { folderOfTest, question, sumOf } from './line-items-support.ts';

const files = folderOfTest();
const sample = join(import.meta.dirname, 'samples', 'cur2-400.snappy.parquet');

const RULES: readonly SharedRule[] = [
  { name: 'support', match: { service: ['AWS Support*'] }, split: { by: 'direct' } },
  { name: 'tax, all of it', match: { charge: ['tax'] }, split: { by: 'even' }, among: ['recsys', 'speech'] },
  {
    name: 'pool',
    match: { tags: { shared: ['*'] } },
    split: { by: 'weights', weights: { recsys: 2, vision: 1 } },
  },
  { name: 'commitments', match: { charge: ['commitment'] }, split: { by: 'project', project: 'platform' } },
  {
    name: 'transfer',
    match: { usageType: ['*DataTransfer*'] },
    split: { by: 'usage', usage: 'bytes', per: 'day', idle: 'line', whenUnused: 'idle' },
  },
];

let given: Promise<FocusInput> | undefined;
/** The same for all tests: nothing changes it. */
const input = (): Promise<FocusInput> => (given ??= made());

async function made(): Promise<FocusInput> {
  const bill = await readBillFromFiles([sample], question({ rules: RULES }), { threads: 1 });
  const allocation = allocate({
    bill,
    rules: RULES,
    usage: new Map([
      [
        'bytes',
        {
          name: 'bytes',
          unit: 'bytes',
          entries: [
            { at: new Date('2026-11-03T00:00:00Z'), tenant: 'recsys', amount: 3 },
            { at: new Date('2026-11-03T00:00:00Z'), tenant: 'vision', amount: 1 },
          ],
          sampled: false,
          notes: [],
        },
      ],
    ]),
    projects: [{ name: 'recsys' }, { name: 'vision' }, { name: 'speech' }, { name: 'platform' }],
  });
  return { bill, allocation, rules: RULES, account: '999988887777', tagKey: 'project' };
}

/** What each project pays, nobody's as the empty text. */
const totals = ({ allocation }: FocusInput): ReadonlyMap<string, Usd> =>
  new Map([
    ...allocation.projects.map(({ project, total }) => [project, total] as const),
    ['', sumUsd([allocation.unowned.total, allocation.idle])],
  ]);

describe('an allocation as FOCUS', () => {
  it.each(['out.csv', 'out.csv.gz', 'out.parquet'])(
    'in %s gives each project its total when it is read again',
    async (name) => {
      const given = await input();
      const path = join(files.path, name);
      const count = await writeFocus(given, path);
      const again = await readBillFromFiles([path], question(), { threads: 1 });
      expect(again.source).toBe('focus');
      expect(again.notes).toEqual([`${count} lines of FOCUS read.`]);
      expect(sumOf(again)).toBe(given.allocation.total);
      for (const [project, total] of totals(given)) {
        expect({ project, total: sumOf(again, (line) => line.project === project) }).toEqual({
          project,
          total,
        });
      }
    },
  );

  it('has every mandatory column, and null only where FOCUS allows it or the note says so', async () => {
    const rows = focusRows(await input());
    const nullable = new Set([
      'BillingAccountName',
      'ChargeClass',
      'SubAccountId',
      'SubAccountName',
      'PricingQuantity',
      'PricingUnit',
    ]);
    const own = (name: string) => name.startsWith('x_');
    for (const row of rows) {
      for (const name of FOCUS_COLUMNS) {
        if (!nullable.has(name) && !own(name)) expect(row[name]).toMatch(/./);
      }
    }
    const mandatory = [
      ...['BilledCost', 'BillingAccountId', 'BillingAccountName', 'BillingCurrency', 'BillingPeriodEnd'],
      ...['BillingPeriodStart', 'ChargeCategory', 'ChargeClass', 'ChargeDescription', 'ChargePeriodEnd'],
      ...[
        'ChargePeriodStart',
        'ContractedCost',
        'EffectiveCost',
        'InvoiceIssuerName',
        'ListCost',
        'PricingQuantity',
      ],
      ...['PricingUnit', 'ProviderName', 'PublisherName', 'ServiceCategory', 'ServiceName'],
    ];
    expect(FOCUS_COLUMNS).toEqual(expect.arrayContaining(mandatory));
  });

  it('tells the rule and the method of each part', async () => {
    const rows = focusRows(await input());
    const methods = new Map(rows.map((row) => [row.x_AllocationRule, new Set<string | null>()]));
    for (const row of rows) methods.get(row.x_AllocationRule)?.add(row.x_AllocationMethod);
    expect(methods.get('support')).toEqual(new Set(['direct']));
    expect(methods.get('pool')).toEqual(new Set(['weights']));
    expect(methods.get('commitments')).toEqual(new Set(['project']));
    expect(methods.get(null)).toEqual(new Set(['tag', 'unowned']));
    expect(methods.get('transfer')?.has('idle')).toBe(true);
    const support = rows.find((row) => row.x_AllocationRule === 'support');
    expect(support).toMatchObject({ ServiceName: 'AWS Support (Business)', ChargeCategory: 'Purchase' });
    const pool = rows.find((row) => row.x_AllocationRule === 'pool');
    expect(pool).toMatchObject({
      ServiceName: 'Shared costs (pool)',
      BillingPeriodStart: '2026-11-01T00:00:00Z',
      BillingPeriodEnd: '2026-12-01T00:00:00Z',
    });
  });

  it('has a row a day, project and rule, which come to what each day cost when they are read again', async () => {
    const given = await input();
    const path = join(files.path, 'days.parquet');
    await writeFocus(given, path);
    const again = await readBillFromFiles([path], question(), { threads: 1 });
    const days = new Set(given.bill.lines.map(({ day }) => day));
    expect(days.size).toBeGreaterThan(20);
    for (const day of days) {
      expect(sumOf(again, (line) => line.day === day)).toBe(sumOf(given.bill, (line) => line.day === day));
    }
    for (const { project, byDay } of given.allocation.projects) {
      const own = [...days].map((day) => [
        day,
        sumOf(again, (line) => line.project === project && line.day === day),
      ]);
      expect(own.filter(([, cost]) => cost !== ZERO_USD).sort()).toEqual([...byDay].sort());
    }
    const keys = focusRows(given)
      .filter((row) => row.x_AllocationRule !== null)
      .map((row) => `${row.ChargePeriodStart} ${row.x_AllocatedProject} ${row.x_AllocationRule}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => key.endsWith(' vision pool')).length).toBeGreaterThan(1);
  });

  it('refuses a bill that is not the one allocated', async () => {
    const given = await input();
    const bill = { ...given.bill, lines: given.bill.lines.filter(({ project }) => project !== 'recsys') };
    expect(() => focusRows({ ...given, bill })).toThrow('rows of FOCUS come to');
    await expect(writeFocus(given, join(files.path, 'out.xlsx'))).rejects.toThrow(
      'Name a .csv, .csv.gz or .parquet file',
    );
  });

  it('is CSV that others read', async () => {
    const given = await input();
    const text = [...focusCsv(focusRows(given))].join('');
    const rows: readonly Record<string, string>[] = parse(text, { columns: true });
    expect(rows.some((row) => row.x_AllocationRule === 'tax, all of it')).toBe(true);
    const tagged = rows.find((row) => row.x_AllocatedProject === 'recsys');
    expect(JSON.parse(tagged?.Tags ?? '')).toEqual({ project: 'recsys' });
    await writeFocus(given, join(files.path, 'same.csv'));
    expect(readFileSync(join(files.path, 'same.csv'), 'utf8')).toBe(text);
  });
});
