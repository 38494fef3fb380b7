import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { allocationCsv } from '../../lib/report/allocation-csv.ts';
import { toCent } from '../../lib/report/cents.ts';
import { reportCsv, reportDaysCsv } from '../../lib/report/csv.ts';
import { textCell } from '../../lib/report/csv-text.ts';
import { parseUsd, sumUsd, ZERO_USD } from '../../lib/types/money.ts';
import { anyName, anyReport, sampleReport } from '../support/report-fixture.ts';

const RowsSchema = z.array(z.record(z.string(), z.string()));

const rowsOf = (csv: string) =>
  RowsSchema.parse(parse(csv, { columns: true, bom: true, record_delimiter: '\r\n' }));
const sumOf = (rows: z.output<typeof RowsSchema>, column = 'usd') =>
  sumUsd(rows.map((row) => parseUsd(row[column] ?? '') ?? ZERO_USD));

test('a finance person opens a row an amount, and they sum to the total', () => {
  const report = sampleReport();
  const csv = reportCsv(report);
  expect(csv.startsWith('\uFEFFmonth,account,from,to,part,project,team,rule,service,usd\r\n')).toBe(true);
  const rows = rowsOf(csv);
  expect(rows.slice(0, 1)).toMatchObject([
    {
      month: '2026-11',
      account: '123456789012',
      from: '2026-11-01',
      to: '2026-11-24',
      part: 'direct',
      project: 'recsys',
      team: 'growth',
      rule: '',
      service: 'Amazon Elastic Compute Cloud - Compute',
    },
  ]);
  expect(new Set(rows.map(({ part }) => part))).toEqual(new Set(['direct', 'shared', 'idle', 'unowned']));
  expect(sumOf(rows)).toBe(toCent(report.allocation?.total ?? ZERO_USD));
  for (const { usd } of rows) expect(usd).toMatch(/^-?\d+\.\d{2}$/);
});

test('the days sum to the spend of the month, billed and estimated', () => {
  const report = sampleReport();
  const rows = rowsOf(reportDaysCsv(report));
  expect(sumOf(rows)).toBe(toCent(report.total.spent));
  expect(sumUsd([sumOf(rows, 'billed_usd'), sumOf(rows, 'estimated_usd')])).toBe(sumOf(rows));
  expect(rows.filter(({ project }) => project === '')).toHaveLength(23);
});

test('any allocation sums to its total and is read back, and no cell of it is a formula', () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      const rows = rowsOf(reportCsv(report));
      expect(sumOf(rows)).toBe(toCent(report.allocation?.total ?? ZERO_USD));
      for (const row of [...rows, ...rowsOf(reportDaysCsv(report))]) {
        for (const [column, cell] of Object.entries(row)) {
          if (column.endsWith('usd')) expect(cell).toMatch(/^-?\d+\.\d{2}$/);
          else expect(cell).not.toMatch(/^["\s]*[=+\-@]|[\r\n\t]/);
        }
      }
      expect(reportCsv(report)).not.toMatch(/(^|[^\r])\n/);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['＝1', "'＝1"],
  ['  =1', "'  =1"],
  ["'=1", "''=1"],
  ['a;=1', "a;'=1"],
  ['a-b', 'a-b'],
  ["O'Hara", "O'Hara"],
  ['a\tb\nc', 'a\\u{9}b\\u{a}c'],
  ['\u202egnp', '\\u{202e}gnp'],
])('the text %j stands in a cell as %j', (text, cell) => {
  expect(textCell(text)).toBe(cell);
});

test('no text begins a cell as a formula, also where cells are parted by semicolons', () => {
  fc.assert(
    fc.property(anyName, (text) => {
      for (const part of textCell(text).split(';')) expect(part).not.toMatch(/^["\s]*[=+\-@]/);
    }),
  );
});

test('where no bill could be read there is the head alone', () => {
  expect(rowsOf(reportCsv({ ...sampleReport(), allocation: undefined }))).toEqual([]);
  expect(allocationCsv(undefined)).toBe('\uFEFFfrom,to,part,project,team,rule,service,usd\r\n');
});
