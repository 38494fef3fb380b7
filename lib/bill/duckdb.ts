import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Bill } from '../types/cost.ts';
import { BillError } from './bill-error.ts';
import { billFromLineItems, type Row } from './line-items.ts';
import type { BillQuestion } from './question.ts';
import { costsSql, FORMATS } from './sql.ts';
import type { Columns } from './sql-columns.ts';
import { DUCKDB, literal } from './sql-dialect.ts';
import type { Format } from './sql-format.ts';

/** What the engine may use. */
export interface DuckDbLimits {
  /** As DuckDB writes it: `512MB`, `2GB`. More than that is spilled to disk. */
  readonly memory: string;
  readonly threads: number;
  /** Where to spill to: a folder in which one more is made, and removed afterwards. */
  readonly spillTo: string;
}

const USUAL_LIMITS: DuckDbLimits = {
  memory: '1GB',
  threads: availableParallelism(),
  spillTo: tmpdir(),
};

/** A file of the bill, and how the engine reads it. */
interface BillFile {
  readonly path: string;
  readonly type: FileType;
  readonly columns: Columns;
}

type FileType = 'parquet' | 'csv';

/**
 * Reads a bill from files of line items: CUR 2.0 or FOCUS, Parquet or CSV (plain or `.gz`), all of one export. The
 * engine is loaded when it is needed first, and never in Lambda, which has no need of it.
 * @throws BillError, one line: files that are no bill, of two formats, damaged, or in another currency
 */
export async function readBillFromFiles(
  files: readonly string[],
  question: BillQuestion,
  limits: Partial<DuckDbLimits> = {},
): Promise<Bill> {
  if (files.length === 0) {
    throw new BillError('There are no files of the bill. Name .parquet, .csv or .csv.gz files of an export.');
  }
  return withDuckDb(limits, async (connection) => {
    const bill = await openBill(connection, files);
    const source = { format: bill.format, columns: bill.columns, dialect: DUCKDB };
    // One pass over the files; all that is asked afterwards is of what is left.
    const read = reading(
      files,
      connection.run(`CREATE TEMP TABLE costs AS ${costsSql(source, question, { from: bill.table })}`),
    );
    const whole = files.filter(isGzip).map(checkWhole);
    // All of them are waited for: the engine must not be closed while it reads.
    const failed = (await Promise.allSettled([...whole, read])).find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return billFromLineItems(
      bill.format.name,
      { ...source, ask: asker(connection), notes: () => [] },
      question,
    );
  });
}

/** Runs something with an engine in memory of its own, which is gone afterwards with all that it wrote to disk. */
export async function withDuckDb<Result>(
  limits: Partial<DuckDbLimits>,
  use: (connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> {
  const { memory, threads, spillTo } = { ...USUAL_LIMITS, ...limits };
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const spill = await mkdtemp(join(spillTo, 'bursar-duckdb-'));
  let instance: DuckDBInstance | undefined;
  let connection: DuckDBConnection | undefined;
  try {
    instance = await DuckDBInstance.create(':memory:', {
      memory_limit: memory,
      threads: String(threads),
      temp_directory: spill,
      // Order of rows means nothing here, and keeping it takes memory.
      preserve_insertion_order: 'false',
      // Everything that is needed is built in: nothing is ever downloaded.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    connection = await instance.connect();
    return await use(connection);
  } finally {
    connection?.closeSync();
    instance?.closeSync();
    await rm(spill, { recursive: true, force: true });
  }
}

const asker =
  (connection: DuckDBConnection) =>
  async (statement: string): Promise<readonly Row[]> => {
    const rows = (await connection.runAndReadAll(statement)).getRowsJson();
    return rows.map((row) => row.map((value) => (value === null ? null : String(value))));
  };

async function openBill(
  connection: DuckDBConnection,
  paths: readonly string[],
): Promise<{ readonly format: Format; readonly columns: Columns; readonly table: string }> {
  const files: BillFile[] = [];
  for (const path of paths) files.push(await openFile(connection, path));
  const [first] = files;
  if (first === undefined) throw new BillError('There are no files of the bill.');
  const format = formatOf(first);
  for (const file of files.slice(1)) {
    if (formatOf(file) !== format) {
      throw new BillError(
        `${basename(first.path)} is ${format.title} and ${basename(file.path)} is ${formatOf(file).title}. Read the files of one export at a time.`,
      );
    }
    if (file.type !== first.type) {
      throw new BillError(
        `${basename(first.path)} is ${first.type} and ${basename(file.path)} is ${file.type}. Read the files of one export at a time.`,
      );
    }
  }
  const table = readerSql(first.type, paths);
  return { format, table, columns: await describe(connection, table, paths) };
}

const FILE_TYPES: readonly (readonly [RegExp, FileType])[] = [
  [/\.parquet$/i, 'parquet'],
  [/\.csv(\.gz)?$/i, 'csv'],
];

async function openFile(connection: DuckDBConnection, path: string): Promise<BillFile> {
  const type = FILE_TYPES.find(([name]) => name.test(path))?.[1];
  if (type === undefined) {
    throw new BillError(
      `${path} is no file of a bill by its name. Name .parquet, .csv or .csv.gz files of an export.`,
    );
  }
  try {
    return { path, type, columns: await describe(connection, readerSql(type, [path]), [path]) };
  } catch (error) {
    // What is cut off is no CSV either, which says less of why.
    if (isGzip(path)) await checkWhole(path);
    throw error;
  }
}

/** All columns of CSV are read as texts, so that a column is of one type whatever the first lines hold. */
function readerSql(type: FileType, paths: readonly string[]): string {
  const list = `[${paths.map((path) => literal(escapeGlob(path))).join(', ')}]`;
  switch (type) {
    case 'parquet':
      return `read_parquet(${list}, union_by_name = true, hive_partitioning = false)`;
    case 'csv':
      return `read_csv(${list}, union_by_name = true, hive_partitioning = false, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')`;
  }
}

/** A file is meant by its name, even where that holds what is a pattern to the engine. */
const escapeGlob = (path: string): string => path.replace(/[*?[]/g, '[$&]');

async function describe(
  connection: DuckDBConnection,
  table: string,
  paths: readonly string[],
): Promise<Columns> {
  const result = await reading(paths, connection.runAndReadAll(`DESCRIBE SELECT * FROM ${table}`));
  return new Map(result.getRowsJson().map(([name, type]) => [String(name).toLowerCase(), String(type)]));
}

function formatOf({ path, columns }: BillFile): Format {
  const missing = Object.values(FORMATS).map((format) => ({
    format,
    missing: format.required.filter((name) => !columns.has(name.toLowerCase())),
  }));
  const found = missing.find((one) => one.missing.length === 0);
  if (found !== undefined) return found.format;
  const [nearest] = missing.toSorted((a, b) => a.missing.length - b.missing.length);
  if (nearest === undefined || nearest.missing.length === nearest.format.required.length) {
    throw new BillError(
      `${basename(path)} is no bill: it has none of the columns of CUR 2.0 or FOCUS. Name the files of such an export.`,
    );
  }
  throw new BillError(
    `${basename(path)} looks like ${nearest.format.title} and lacks ${nearest.missing.join(', ')}. Add ${nearest.missing.length === 1 ? 'this column' : 'these columns'} to the export.`,
  );
}

const isGzip = (path: string): boolean => /\.gz$/i.test(path);

/**
 * The engine takes a `.gz` that was cut off for one that ends there, and its costs would be gone without a word: length
 * and checksum at its end are looked at beside it.
 */
async function checkWhole(path: string): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  await reading([path], pipeline(createReadStream(path), createGunzip(), nowhere));
}

/** What the engine says of a file is long and for its makers; people are told which file, and what to do. */
async function reading<Result>(paths: readonly string[], answer: Promise<Result>): Promise<Result> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const what = paths.length === 1 ? basename(paths[0] ?? '') : `one of ${paths.length} files`;
    const named = paths.find((path) => error.message.includes(path));
    throw new BillError(troubleText(named === undefined ? what : basename(named), error.message), {
      cause: error,
    });
  }
}

function troubleText(file: string, message: string): string {
  const [first = ''] = message.split('\n');
  if (/No files found|No such file|Cannot open file/i.test(message)) {
    return `${file} cannot be opened: it is not there, or may not be read.`;
  }
  if (
    /magic bytes|too small to be a Parquet|footer|TProtocolException|Unsupported compression|not a GZIP|gzip|decompress|unexpected end of file|incorrect (header|data|length) check|invalid (block|distance|stored|code|bit|literal)|Corrupt|Invalid Parquet|out of range.*page/i.test(
      message,
    )
  ) {
    return `${file} is damaged or cut off, or is not what its name says. Download it again.`;
  }
  if (/Out of Memory/i.test(message)) {
    return `${file} does not fit into the memory that may be used. Allow more of it, or let Athena read the bill.`;
  }
  if (/Could not convert|Conversion Error/i.test(message)) {
    return `${file} holds something that is no amount where an amount is due: ${first}`;
  }
  if (/CSV Error|Invalid Input Error.*CSV|sniffing/i.test(message)) {
    return `${file} is no CSV as AWS writes it: ${first}`;
  }
  return `${file} cannot be read: ${first}`;
}
