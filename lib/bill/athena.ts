import { setTimeout as wait } from 'node:timers/promises';
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetTableMetadataCommand,
  paginateGetQueryResults,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import type { Bill } from '../types/cost.ts';
import { formatUsd, microUsd, type Usd } from '../types/money.ts';
import { BillError } from './bill-error.ts';
import { billFromLineItems, type Row } from './line-items.ts';
import type { BillQuestion } from './question.ts';
import { costsSql, daysSql, FORMATS, withCosts } from './sql.ts';
import type { Columns } from './sql-columns.ts';
import { ATHENA, identifier } from './sql-dialect.ts';
import type { Format } from './sql-format.ts';

/** Where Athena knows the line items. */
export interface AthenaTable {
  readonly database: string;
  readonly table: string;
  /** It must say where results go. */
  readonly workgroup: string;
}

const CATALOG = 'AwsDataCatalog';

/** The partition of an export by months, as crawlers and AWS's own tables name it. */
const PARTITION = 'billing_period';

/** Longest statement that Athena takes, in bytes (AWS, quotas of Athena). */
const LONGEST_STATEMENT = 262_144;

/** Athena ends a query itself after 30 minutes (AWS, quotas of Athena); nobody waits for a report that long. */
const LONGEST_WAIT_MS = 10 * 60_000;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** $5 a TB scanned in most regions, at least 10 MB a query (AWS, Athena pricing). */
const USD_PER_TB = 5n;
const BYTES_PER_TB = 1_099_511_627_776n;
const LEAST_BYTES = 10n * 1_048_576n;

/**
 * Reads a bill from a table of Athena: CUR 2.0 or FOCUS, by the same statements that files are read by. Each statement
 * scans the columns that it needs of the months that are asked for, where the table is partitioned by `billing_period`.
 * @param sleep waits between looks at a query
 * @throws BillError, one line: no such table, columns that are missing, no permission, a query that failed or takes more
 * than ten minutes
 */
export async function readBillFromAthena(
  client: AthenaClient,
  table: AthenaTable,
  question: BillQuestion & { readonly format: Format['name'] },
  sleep: (milliseconds: number) => Promise<unknown> = wait,
): Promise<Bill> {
  const format = FORMATS[question.format];
  const { columns, isPartitioned } = await tableOf(client, table, format);
  const source = { format, columns, dialect: ATHENA };
  const costs = costsSql(source, question, {
    from: identifier(table.table),
    where: daysSql(source, question, isPartitioned ? PARTITION : undefined),
  });
  const scanned: bigint[] = [];
  const ask = async (statement: string): Promise<readonly Row[]> => {
    const { rows, bytes } = await query(client, table, withCosts(costs, statement), sleep);
    scanned.push(bytes);
    return rows;
  };
  return billFromLineItems('athena', { ...source, ask, notes: () => [scannedText(scanned)] }, question);
}

async function tableOf(
  client: AthenaClient,
  { database, table }: AthenaTable,
  format: Format,
): Promise<{ readonly columns: Columns; readonly isPartitioned: boolean }> {
  const { TableMetadata: found } = await asking(
    table,
    client.send(
      new GetTableMetadataCommand({ CatalogName: CATALOG, DatabaseName: database, TableName: table }),
    ),
  );
  const typed = (
    columns: readonly { readonly Name?: string | undefined; readonly Type?: string | undefined }[] = [],
  ) =>
    columns.map(({ Name: name = '', Type: type = 'string' }): [string, string] => [name.toLowerCase(), type]);
  const partitions = typed(found?.PartitionKeys);
  const columns = new Map([...typed(found?.Columns), ...partitions]);
  const missing = format.required.filter((name) => !columns.has(name.toLowerCase()));
  if (missing.length > 0) {
    throw new BillError(
      `The table ${database}.${table} is no ${format.title}: it lacks ${missing.join(', ')}. Look at \`format\` and \`athena\` in the policy file.`,
    );
  }
  return { columns, isPartitioned: partitions.some(([name]) => name === PARTITION) };
}

async function query(
  client: AthenaClient,
  { database, table, workgroup }: AthenaTable,
  statement: string,
  sleep: (milliseconds: number) => Promise<unknown>,
): Promise<{ readonly rows: readonly Row[]; readonly bytes: bigint }> {
  if (Buffer.byteLength(statement) > LONGEST_STATEMENT) {
    throw new BillError(
      'The rules of `allocation.shared` make a query that is longer than Athena takes (256 KB). Use fewer patterns, or read the files.',
    );
  }
  const { QueryExecutionId: id } = await asking(
    table,
    client.send(
      new StartQueryExecutionCommand({
        QueryString: statement,
        WorkGroup: workgroup,
        QueryExecutionContext: { Catalog: CATALOG, Database: database },
      }),
    ),
  );
  if (id === undefined) throw new BillError('Athena took the query and named it not. Try again.');
  const bytes = await finished(client, table, id, sleep);
  const rows: Row[] = [];
  const pages = paginateGetQueryResults({ client }, { QueryExecutionId: id });
  for await (const page of asked(table, pages)) {
    for (const { Data: data } of page.ResultSet?.Rows ?? []) {
      rows.push((data ?? []).map(({ VarCharValue: value }) => value ?? null));
    }
  }
  // The first row of a SELECT holds the names of the columns.
  return { rows: rows.slice(1), bytes };
}

/** Waits for a query, each time a little longer. */
async function finished(
  client: AthenaClient,
  table: string,
  id: string,
  sleep: (milliseconds: number) => Promise<unknown>,
): Promise<bigint> {
  let pause = FIRST_PAUSE_MS;
  for (let waited = 0; waited < LONGEST_WAIT_MS; waited += pause) {
    const { QueryExecution: execution } = await asking(
      table,
      client.send(new GetQueryExecutionCommand({ QueryExecutionId: id })),
    );
    switch (execution?.Status?.State) {
      case 'SUCCEEDED':
        return BigInt(execution.Statistics?.DataScannedInBytes ?? 0);
      case 'FAILED':
      case 'CANCELLED':
        throw new BillError(failureText(table, execution.Status.State, execution.Status.StateChangeReason));
      default:
        await sleep(pause);
        pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
    }
  }
  await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
  throw new BillError(
    `Athena had no answer from ${table} within ten minutes, and was told to stop. Partition the table by ${PARTITION}, or ask for fewer days.`,
  );
}

function failureText(table: string, state: 'FAILED' | 'CANCELLED', reason = 'no reason given'): string {
  if (/bytes scanned limit/i.test(reason)) {
    return `The workgroup lets Athena scan less than the bill takes: ${reason}. Raise its limit, or partition ${table} by ${PARTITION}.`;
  }
  if (/COLUMN_NOT_FOUND|TYPE_MISMATCH|HIVE_BAD_DATA|HIVE_PARTITION_SCHEMA_MISMATCH/.test(reason)) {
    return `The table ${table} is not as its files are: ${reason}. Make the table again, or let its crawler run.`;
  }
  return `Athena ${state === 'FAILED' ? 'could not answer' : 'was stopped'}: ${reason}`;
}

function scannedText(scanned: readonly bigint[]): string {
  const bytes = scanned.reduce((sum, one) => sum + one, 0n);
  const billed = scanned.reduce((sum, one) => sum + (one < LEAST_BYTES ? LEAST_BYTES : one), 0n);
  const cost: Usd = microUsd((billed * USD_PER_TB * 1_000_000n) / BYTES_PER_TB);
  const queries = scanned.length === 1 ? '1 query' : `${scanned.length} queries`;
  const size = (Number(bytes) / 1_048_576).toLocaleString('en-US', { maximumFractionDigits: 1 });
  return `Athena scanned ${size} MB in ${queries}: about ${cost < 10_000n ? 'a cent or less' : formatUsd(cost)}, at $5 a TB.`;
}

async function asking<Answer>(table: string, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw refused(table, error);
  }
}

async function* asked<Page>(table: string, pages: AsyncIterable<Page>): AsyncIterable<Page> {
  try {
    yield* pages;
  } catch (error) {
    throw refused(table, error);
  }
}

/** What Athena refuses, in words for people. */
function refused(table: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message } = error;
  if (name === 'AccessDeniedException') {
    return new BillError(
      `Athena may not be asked: ${message}. Allow athena:StartQueryExecution, StopQueryExecution, GetQueryExecution, GetQueryResults and GetTableMetadata, glue:GetTable and GetPartitions, and the buckets of the bill and of the results.`,
      { cause: error },
    );
  }
  if (name === 'MetadataException' || /EntityNotFound|not found/i.test(message)) {
    return new BillError(
      `Athena knows no table ${table}: ${message}. Look at \`athena\` in the policy file.`,
      { cause: error },
    );
  }
  if (/output location/i.test(message)) {
    return new BillError(
      'The workgroup does not say where results of queries go. Give it an output location in S3.',
      { cause: error },
    );
  }
  return name === 'InvalidRequestException'
    ? new BillError(`Athena refused the query: ${message}`, { cause: error })
    : error;
}
