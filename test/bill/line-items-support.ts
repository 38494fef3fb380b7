import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { withDuckDb } from '../../lib/bill/duckdb.ts';
import type { BillQuestion } from '../../lib/bill/question.ts';
import { literal } from '../../lib/bill/sql-dialect.ts';
import type { CostMatch, SharedRule } from '../../lib/policy/allocation.ts';
import type { Bill } from '../../lib/types/cost.ts';

/** A row of a file: null is an empty field, an object is a map. */
export type Fields = Readonly<Record<string, string | null | Readonly<Record<string, string>>>>;

const field = (value: Fields[string] | undefined): string => {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `"${text.replaceAll('"', '""')}"`;
};

/** CSV as AWS writes it: maps are JSON text. */
export function csvOf(rows: readonly Fields[], columns = Object.keys(rows[0] ?? {})): string {
  return [columns, ...rows.map((row) => columns.map((name) => field(row[name])))]
    .map((fields) => `${fields.join(',')}\n`)
    .join('');
}

/** A folder for the files of a test file, removed when it is done. */
export function folderOfTest(): {
  readonly path: string;
  readonly write: (name: string, content: string | Uint8Array) => string;
} {
  const path = mkdtempSync(join(tmpdir(), 'bursar-test-bill-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
  };
}

/** The same rows in Parquet: numbers are doubles and times timestamps, as AWS has them. */
export async function parquetOf(csv: string, path: string): Promise<string> {
  const double = /cost|fee|commitment$|commitment_to_date/i;
  const time = /(start_date|end_date|Start|End)$/;
  const map = /^(resource_tags|cost_category|product|Tags|x_CostCategories)$/;
  await withDuckDb({ threads: 1 }, async (connection) => {
    const read = `read_csv(${literal(csv)}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')`;
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${read}`);
    const columns = described.getRowsJson().map(([name]) => {
      const column = `"${String(name)}"`;
      if (map.test(String(name)))
        return `CAST(CAST(${column} AS JSON) AS MAP(VARCHAR, VARCHAR)) AS ${column}`;
      if (time.test(String(name))) return `CAST(${column} AS TIMESTAMP) AS ${column}`;
      if (double.test(String(name))) return `CAST(NULLIF(${column}, '') AS DOUBLE) AS ${column}`;
      return column;
    });
    await connection.run(
      `COPY (SELECT ${columns.join(', ')} FROM ${read}) TO ${literal(path)} (FORMAT parquet)`,
    );
  });
  return path;
}

export const rule = (name: string, match: CostMatch): SharedRule => ({ name, match, split: { by: 'even' } });

export const question = (more: Partial<BillQuestion> = {}): BillQuestion => ({
  tagKey: 'project',
  rules: [],
  dimensions: [],
  from: '2026-11-01',
  to: '2026-11-30',
  ...more,
});

/** Micro-dollars of the lines that are so. */
export const sumOf = (bill: Bill, is: (line: Bill['lines'][number]) => boolean = () => true): bigint =>
  bill.lines.filter(is).reduce((sum, { cost }) => sum + cost, 0n);
