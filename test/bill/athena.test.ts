import { join } from 'node:path';
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetTableMetadataCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import type { DuckDBConnection } from '@duckdb/node-api';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { readBillFromAthena } from '../../lib/bill/athena.ts';
import { readBillFromFiles, withDuckDb } from '../../lib/bill/duckdb.ts';
import { literal } from '../../lib/bill/sql-dialect.ts';
import { folderOfTest, parquetOf, question, rule } from './line-items-support.ts';

/*
 * Athena as its API is. The statements are really run, by the engine for files, to which the two functions of Trino that
 * it has not are given as macros: what they say is tested, but not that Trino takes them.
 */

const athena = mockClient(AthenaClient);
const client = new AthenaClient({ region: 'us-east-1' });
const TABLE = { database: 'billing', table: 'cur2', workgroup: 'reports' };
const files = folderOfTest();
const sample = (name: string): string => join(import.meta.dirname, 'samples', name);
const noSleep = () => Promise.resolve();

const asked = {
  ...question({
    rules: [
      rule('support', { service: ['AWS Support*'] }),
      rule("it's shared", { tags: { shared: ['gpu-*'] } }),
      rule('commitments', { charge: ['commitment'] }),
    ],
    dimensions: [
      { of: 'tag', key: 'environment' } as const,
      { of: 'category', name: 'Cost center' } as const,
    ],
  }),
};

/** Types of Glue for those of a Parquet file. */
const glueType = (type: string): string =>
  type.startsWith('MAP') ? 'map<string,string>' : type.startsWith('VARCHAR') ? 'string' : type.toLowerCase();

/** Answers as Athena does, from a file that it knows as its table; a page holds so many rows. */
async function pretend(connection: DuckDBConnection, path: string, pageSize = 3): Promise<string[]> {
  const statements: string[] = [];
  await connection.run('CREATE MACRO element_at(m, k) AS map_extract_value(m, k)');
  await connection.run('CREATE MACRO json_parse(text) AS CAST(text AS JSON)');
  await connection.run(
    `CREATE VIEW ${TABLE.table} AS SELECT *, '2026-11' AS billing_period FROM ${literal(path)}`,
  );
  const described = (await connection.runAndReadAll(`DESCRIBE ${TABLE.table}`)).getRowsJson();
  athena.on(GetTableMetadataCommand).resolves({
    TableMetadata: {
      Name: TABLE.table,
      Columns: described
        .filter(([name]) => name !== 'billing_period')
        .map(([name, type]) => ({ Name: String(name), Type: glueType(String(type)) })),
      PartitionKeys: [{ Name: 'billing_period', Type: 'string' }],
    },
  });
  athena.on(StartQueryExecutionCommand).callsFake(({ QueryString: sql = '' }) => {
    statements.push(sql);
    return { QueryExecutionId: String(statements.length - 1) };
  });
  athena.on(GetQueryExecutionCommand).callsFake(({ QueryExecutionId: id }) => ({
    QueryExecution: {
      QueryExecutionId: id,
      Status: { State: 'SUCCEEDED' },
      Statistics: { DataScannedInBytes: 300 * 1_048_576 },
    },
  }));
  athena.on(GetQueryResultsCommand).callsFake(async ({ QueryExecutionId: id, NextToken: token = '0' }) => {
    const rows = (await connection.runAndReadAll(statements[Number(id)] ?? '')).getRowsJson();
    const all = [
      rows[0]?.map((_, index) => ({ VarCharValue: `column ${index}` })) ?? [],
      ...rows.map((row) => row.map((value) => (value === null ? {} : { VarCharValue: String(value) }))),
    ];
    const from = Number(token);
    return {
      ResultSet: { Rows: all.slice(from, from + pageSize).map((Data) => ({ Data })) },
      ...(from + pageSize < all.length ? { NextToken: String(from + pageSize) } : {}),
    };
  });
  return statements;
}

beforeEach(() => athena.reset());

describe('a bill by Athena', () => {
  it.each([
    { format: 'cur2', name: 'cur2.csv' },
    { format: 'focus', name: 'focus-1.0.csv' },
  ] as const)('of $format is that of its files', async ({ format, name }) => {
    const parquet = await parquetOf(sample(name), join(files.path, `${name}.parquet`));
    const local = await readBillFromFiles([parquet], asked, { threads: 1 });
    await withDuckDb({ threads: 1 }, async (connection) => {
      const statements = await pretend(connection, parquet);
      const bill = await readBillFromAthena(client, TABLE, { ...asked, format }, noSleep);
      expect({ ...bill, source: format, notes: [] }).toEqual({ ...local, notes: [] });
      expect(bill.source).toBe('athena');
      expect(bill.notes.at(-1)).toBe(
        'Athena scanned 1,200 MB in 4 queries: about a cent or less, at $5 a TB.',
      );
      expect(bill.notes.slice(0, -1)).toEqual(local.notes);
      expect(statements).toHaveLength(4);
      expect(statements.every((sql) => sql.includes(`"billing_period" IN ('2026-11')`))).toBe(true);
    });
    expect(athena.commandCalls(StartQueryExecutionCommand)[0]?.args[0].input).toMatchObject({
      WorkGroup: 'reports',
      QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: 'billing' },
    });
  });

  it('reads maps that are JSON text, as tables of CSV have them', async () => {
    const local = await readBillFromFiles([sample('focus-1.0.csv')], asked, { threads: 1 });
    await withDuckDb({ threads: 1 }, async (connection) => {
      const typed = files.write('typed.csv', '');
      await connection.run(
        `COPY (SELECT * FROM read_csv(${literal(sample('focus-1.0.csv'))}, all_varchar = true)) TO ${literal(`${typed}.parquet`)} (FORMAT parquet)`,
      );
      await pretend(connection, `${typed}.parquet`, 1_000);
      const bill = await readBillFromAthena(client, TABLE, { ...asked, format: 'focus' }, noSleep);
      expect({ ...bill, source: 'focus', notes: [] }).toEqual({ ...local, notes: [] });
    });
  });

  const metadata = () =>
    athena.on(GetTableMetadataCommand).resolves({
      TableMetadata: {
        Name: 'cur2',
        Columns: [
          ...['line_item_usage_start_date', 'line_item_line_item_type', 'line_item_unblended_cost'].map(
            (Name) => ({ Name, Type: 'string' }),
          ),
          { Name: 'resource_tags', Type: 'map<string,string>' },
        ],
      },
    });
  const failing = () =>
    readBillFromAthena(client, TABLE, { ...asked, format: 'cur2' }, noSleep).then(
      () => 'no failure',
      (error: unknown) => String(error),
    );
  const refusal = (name: string, message: string) => Object.assign(new Error(message), { name });

  it('waits longer each time, and no longer than ten minutes', async () => {
    metadata();
    athena.on(StartQueryExecutionCommand).resolves({ QueryExecutionId: 'q' });
    athena.on(GetQueryExecutionCommand).resolves({ QueryExecution: { Status: { State: 'RUNNING' } } });
    const pauses: number[] = [];
    const failure = await readBillFromAthena(client, TABLE, { ...asked, format: 'cur2' }, async (pause) => {
      pauses.push(pause);
    }).catch((error: unknown) => String(error));
    expect(failure).toBe(
      'BillError: Athena had no answer from cur2 within ten minutes, and was told to stop. Partition the table by billing_period, or ask for fewer days.',
    );
    expect(pauses.slice(0, 3)).toEqual([250, 375, 562.5]);
    expect(Math.max(...pauses)).toBe(5_000);
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeLessThan(10.2 * 60_000);
    expect(athena.commandCalls(StopQueryExecutionCommand)).toHaveLength(1);
  });

  it('tells what Athena refuses, and how to mend it', async () => {
    athena
      .on(GetTableMetadataCommand)
      .rejects(refusal('MetadataException', 'EntityNotFoundException: Table cur2 not found'));
    expect(await failing()).toContain('Athena knows no table cur2');
    athena.on(GetTableMetadataCommand).rejects(refusal('AccessDeniedException', 'not authorized'));
    expect(await failing()).toContain('Allow athena:StartQueryExecution');
    athena
      .on(GetTableMetadataCommand)
      .resolves({ TableMetadata: { Name: 'cur2', Columns: [{ Name: 'a', Type: 'string' }] } });
    expect(await failing()).toContain(
      'The table billing.cur2 is no CUR 2.0: it lacks line_item_usage_start_date',
    );
    metadata();
    athena
      .on(StartQueryExecutionCommand)
      .rejects(refusal('InvalidRequestException', 'No output location provided.'));
    expect(await failing()).toContain('does not say where results of queries go');
    athena.on(StartQueryExecutionCommand).resolves({ QueryExecutionId: 'q' });
    const failed = (StateChangeReason: string) =>
      athena
        .on(GetQueryExecutionCommand)
        .resolves({ QueryExecution: { Status: { State: 'FAILED', StateChangeReason } } });
    failed('Query cancelled! : Bytes scanned limit was exceeded');
    expect(await failing()).toContain('Raise its limit');
    failed('COLUMN_NOT_FOUND: line 1:1');
    expect(await failing()).toContain('Make the table again');
    failed('SYNTAX_ERROR: line 3:4');
    expect(await failing()).toBe('BillError: Athena could not answer: SYNTAX_ERROR: line 3:4');
  });

  it('refuses rules that make a statement longer than Athena takes', async () => {
    metadata();
    const many = Array.from({ length: 9_000 }, (_, index) => `a-service-of-some-name-${index}`);
    const failure = await readBillFromAthena(
      client,
      TABLE,
      {
        ...asked,
        format: 'cur2',
        rules: [rule('long', { tags: Object.fromEntries(many.map((key) => [key, ['x']])) })],
      },
      noSleep,
    ).catch((error: unknown) => String(error));
    expect(failure).toContain('longer than Athena takes');
  });
});
