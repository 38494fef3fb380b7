import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { readBillFromFiles } from '../../lib/bill/duckdb.ts';
import { readBillFromPlaces } from '../../lib/bill/line-items-files.ts';
import { newestBillObjects, s3Place, withBillObjects } from '../../lib/bill/s3-files.ts';
import { folderOfTest, question } from './line-items-support.ts';

const s3 = mockClient(S3Client);
const client = new S3Client({ region: 'us-east-1' });
const PLACE = 's3://team-billing/exports/cur2';
const DATA = 'exports/cur2/data/BILLING_PERIOD=2026-11/';
const METADATA = 'exports/cur2/metadata/BILLING_PERIOD=2026-11/';
const files = folderOfTest();

interface Held {
  readonly key: string;
  readonly at: string;
  readonly content?: string | Uint8Array;
}

/** A body as the SDK gives it. */
const bodyOf = (content: Buffer) =>
  Object.assign(Readable.from([content]), { transformToString: async () => content.toString() });

/** A bucket that holds these; a page of a list has two of them. */
function holding(objects: readonly Held[]): void {
  s3.on(ListObjectsV2Command).callsFake(({ Prefix: prefix = '', ContinuationToken: token = '0' }) => {
    const found = objects.filter(({ key }) => key.startsWith(prefix));
    const from = Number(token);
    return {
      Contents: found.slice(from, from + 2).map(({ key, at, content = 'x' }) => ({
        Key: key,
        Size: content.length,
        LastModified: new Date(at),
      })),
      IsTruncated: from + 2 < found.length,
      ...(from + 2 < found.length ? { NextContinuationToken: String(from + 2) } : {}),
    };
  });
  s3.on(GetObjectCommand).callsFake(({ Key: key }) => {
    const content = Buffer.from(objects.find((one) => one.key === key)?.content ?? 'x');
    return { Body: bodyOf(content), ContentLength: content.length };
  });
}

const manifest = (...keys: readonly string[]): string =>
  JSON.stringify({ exportArn: 'arn', dataFiles: keys.map((key) => `s3://team-billing/${key}`) });

const keys = async (): Promise<readonly string[]> =>
  (await newestBillObjects(client, PLACE, '2026-11')).map(({ key }) => key);

beforeEach(() => s3.reset());

describe('the files of an export', () => {
  it('that is overwritten are those that its manifest names', async () => {
    holding([
      { key: `${DATA}cur2-00002.snappy.parquet`, at: '2026-11-20T00:00:00Z' },
      { key: `${DATA}cur2-00001.snappy.parquet`, at: '2026-11-20T00:00:00Z' },
      // Left of a delivery that had more of them.
      { key: `${DATA}cur2-00003.snappy.parquet`, at: '2026-11-02T00:00:00Z' },
      { key: `${DATA}_SUCCESS`, at: '2026-11-20T00:00:00Z' },
      {
        key: `${METADATA}cur2-Manifest.json`,
        at: '2026-11-20T00:00:00Z',
        content: manifest(`${DATA}cur2-00001.snappy.parquet`, `${DATA}cur2-00002.snappy.parquet`),
      },
    ]);
    expect(await keys()).toEqual([`${DATA}cur2-00001.snappy.parquet`, `${DATA}cur2-00002.snappy.parquet`]);
  });

  it('that keeps its executions are those of the newest', async () => {
    const [old, recent] = ['2026-11-18T20:16:37.306Z-3695a728', '2026-11-19T20:16:37.306Z-00000000'];
    holding([
      { key: `${DATA}${old}/cur2-00001.csv.gz`, at: '2026-11-18T20:20:00Z' },
      { key: `${DATA}${recent}/cur2-00001.csv.gz`, at: '2026-11-19T20:20:00Z' },
      { key: `${DATA}${recent}/cur2-00002.csv.gz`, at: '2026-11-19T20:21:00Z' },
      { key: `${METADATA}${old}/cur2-Manifest.json`, at: '2026-11-18T20:22:00Z', content: manifest('gone') },
    ]);
    expect(await keys()).toEqual([
      `${DATA}${recent}/cur2-00001.csv.gz`,
      `${DATA}${recent}/cur2-00002.csv.gz`,
    ]);
  });

  it('are found where the partition is in lower case', async () => {
    const lower = DATA.replace('BILLING_PERIOD', 'billing_period');
    holding([{ key: `${lower}focus-00001.snappy.parquet`, at: '2026-11-20T00:00:00Z' }]);
    expect(await keys()).toEqual([`${lower}focus-00001.snappy.parquet`]);
  });

  it('are not read while they are being written', async () => {
    holding([
      { key: `${DATA}cur2-00001.csv.gz`, at: '2026-11-20T00:00:00Z' },
      {
        key: `${METADATA}cur2-Manifest.json`,
        at: '2026-11-20T00:00:00Z',
        content: manifest(`${DATA}cur2-00001.csv.gz`, `${DATA}cur2-00002.csv.gz`),
      },
    ]);
    await expect(keys()).rejects.toThrow('names cur2-00002.csv.gz, which is not there');
  });

  it('are all of the folder where a manifest says nothing of them', async () => {
    holding([
      { key: `${DATA}cur2-00001.csv.gz`, at: '2026-11-20T00:00:00Z' },
      { key: `${METADATA}cur2-Manifest.json`, at: '2026-11-20T00:00:00Z', content: 'no JSON' },
    ]);
    expect(await keys()).toEqual([`${DATA}cur2-00001.csv.gz`]);
  });

  it('are told where they cannot be had', async () => {
    holding([]);
    await expect(keys()).rejects.toThrow(`There is no bill of 2026-11 in ${PLACE}/data/.`);
    const refusing = (name: string) =>
      s3.on(ListObjectsV2Command).rejects(Object.assign(new Error(name), { name }));
    refusing('AccessDenied');
    await expect(keys()).rejects.toThrow('The bucket team-billing may not be read. Allow s3:ListBucket');
    refusing('NoSuchBucket');
    await expect(keys()).rejects.toThrow('There is no bucket team-billing.');
    expect(() => s3Place('s3://bucket')).toThrow('is no place of an export');
    expect(s3Place('s3://bucket/a/b/')).toEqual({ bucket: 'bucket', prefix: 'a/b' });
  });

  it('are downloaded, read as a bill, and gone afterwards', async () => {
    const sample = join(import.meta.dirname, 'samples', 'cur2-400.snappy.parquet');
    holding([
      { key: `${DATA}cur2-00001.snappy.parquet`, at: '2026-11-20T00:00:00Z', content: readFileSync(sample) },
    ]);
    const bill = await readBillFromPlaces([PLACE], question(), { s3: () => client, limits: { threads: 1 } });
    expect(bill).toEqual(await readBillFromFiles([sample], question(), { threads: 1 }));
    let seen: readonly string[] = [];
    const failing = withBillObjects(
      client,
      PLACE,
      ['2026-11'],
      async (paths) => {
        seen = paths;
        expect(paths.every((path) => existsSync(path))).toBe(true);
        throw new Error('stopped');
      },
      files.path,
    );
    await expect(failing).rejects.toThrow('stopped');
    expect(seen).toHaveLength(1);
    expect(await readdir(files.path)).toEqual([]);
  });

  it('are not taken where the download was cut off', async () => {
    holding([{ key: `${DATA}cur2-00001.csv.gz`, at: '2026-11-20T00:00:00Z' }]);
    s3.on(GetObjectCommand).callsFake(() => ({ Body: bodyOf(Buffer.from('xy')), ContentLength: 5 }));
    await expect(withBillObjects(client, PLACE, ['2026-11'], async () => 1, files.path)).rejects.toThrow(
      'was cut off after 2 of 5 bytes',
    );
  });
});
