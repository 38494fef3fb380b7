import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { BillError } from './bill-error.ts';
import { withDuckDb } from './duckdb.ts';
import {
  FOCUS_COLUMNS,
  FOCUS_COSTS,
  FOCUS_TIMES,
  type FocusInput,
  focusCsv,
  focusRows,
} from './focus-out.ts';
import { identifier, literal } from './sql-dialect.ts';

/**
 * Writes an allocation as FOCUS 1.0: `.csv`, `.csv.gz` or `.parquet`, by the name of the file.
 * @returns how many rows there are
 * @throws BillError where the name is of no such file
 */
export async function writeFocus(input: FocusInput, path: string): Promise<number> {
  const rows = focusRows(input);
  if (/\.csv$/i.test(path)) {
    await pipeline(Readable.from(focusCsv(rows)), createWriteStream(path));
  } else if (/\.csv\.gz$/i.test(path)) {
    await pipeline(Readable.from(focusCsv(rows)), createGzip(), createWriteStream(path));
  } else if (/\.parquet$/i.test(path)) {
    const folder = await mkdtemp(join(tmpdir(), 'bursar-focus-'));
    try {
      const csv = join(folder, 'rows.csv');
      await pipeline(Readable.from(focusCsv(rows)), createWriteStream(csv));
      await withDuckDb({ spillTo: folder }, (connection) => connection.run(parquetSql(csv, path)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } else {
    throw new BillError(
      `${path} cannot be FOCUS. Name a .csv, .csv.gz or .parquet file in ${dirname(path)}.`,
    );
  }
  return rows.length;
}

/** Types as AWS's own exports of FOCUS have them, but for money, which is exact here. */
function parquetSql(csv: string, path: string): string {
  const columns = FOCUS_COLUMNS.map((name) => {
    const column = identifier(name);
    if (FOCUS_COSTS.includes(name)) return `CAST(${column} AS DECIMAL(38, 6)) AS ${column}`;
    if (name === 'PricingQuantity') return `CAST(${column} AS DOUBLE) AS ${column}`;
    if (FOCUS_TIMES.includes(name)) return `CAST(${column} AS TIMESTAMP) AS ${column}`;
    if (name === 'Tags') return `CAST(CAST(${column} AS JSON) AS MAP(VARCHAR, VARCHAR)) AS ${column}`;
    return column;
  });
  const types = FOCUS_COLUMNS.map((name) => `${literal(name)}: 'VARCHAR'`);
  return `COPY (SELECT ${columns.join(', ')}
    FROM read_csv(${literal(csv)}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
      new_line = '\\r\\n', columns = {${types.join(', ')}}))
    TO ${literal(path)} (FORMAT parquet, COMPRESSION snappy)`;
}
