import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { BillError } from './bill-error.ts';

/*
 * How Data Exports delivers (AWS, "Understanding export delivery" of the Data Exports guide), under prefix/name:
 *
 *   data/BILLING_PERIOD=2026-11/name-00001.snappy.parquet                    overwritten each time
 *   data/BILLING_PERIOD=2026-11/2026-11-18T20:16:37.306Z-<id>/name-00001.…   a new execution beside the old ones
 *   metadata/BILLING_PERIOD=2026-11/…/name-Manifest.json                     which files are the bill
 *
 * Exports of FOCUS were seen to write `billing_period=` in lower case, so both are looked for.
 */

export interface S3Place {
  readonly bucket: string;
  /** Without slashes at its ends. */
  readonly prefix: string;
}

/**
 * Reads `s3://bucket/prefix/name`.
 * @throws BillError where it is none
 */
export function s3Place(location: string): S3Place {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/(.*?)\/*$/.exec(location) ?? [];
  if (bucket === undefined || prefix === undefined || prefix === '') {
    throw new BillError(`${location} is no place of an export. Write s3://bucket/prefix/name-of-the-export.`);
  }
  return { bucket, prefix };
}

export interface BillObject {
  readonly key: string;
  readonly bytes: number;
}

interface Listed extends BillObject {
  readonly modified: Date;
}

/**
 * The files of a month's bill, of the newest execution: those that its manifest names, or all of its folder where there
 * is no manifest that can be read.
 * @param month `2026-11`
 * @throws BillError where there are none, or the place may not be read
 */
export async function newestBillObjects(
  client: S3Client,
  location: string,
  month: string,
): Promise<readonly BillObject[]> {
  const { bucket, prefix } = s3Place(location);
  for (const partition of [`BILLING_PERIOD=${month}`, `billing_period=${month}`]) {
    const folder = `${prefix}/data/${partition}/`;
    const listed = await list(client, bucket, folder);
    const files = newestExecution(folder, listed);
    const [first] = files;
    if (first === undefined) continue;
    const execution = executionOf(folder, first.key);
    const named = await manifestKeys(client, bucket, `${prefix}/metadata/${partition}/`, execution);
    const missing = named?.find((key) => !files.some((file) => file.key === key));
    if (missing !== undefined) {
      throw new BillError(
        `The manifest of ${location} for ${month} names ${basename(missing)}, which is not there: the export is just being written. Try again in some minutes.`,
      );
    }
    return named === undefined ? files : files.filter(({ key }) => named.includes(key));
  }
  throw new BillError(
    `There is no bill of ${month} in ${location}/data/. Exports deliver their first files within 24 hours; look at \`location\` in the policy file.`,
  );
}

/**
 * Downloads the bill of months to a folder of its own, which is removed when `use` is done with it.
 * @param months `2026-11`, …
 */
export async function withBillObjects<Result>(
  client: S3Client,
  location: string,
  months: readonly string[],
  use: (files: readonly string[]) => Promise<Result>,
  downloadTo: string = tmpdir(),
): Promise<Result> {
  const { bucket } = s3Place(location);
  const folder = await mkdtemp(join(downloadTo, 'bursar-bill-'));
  try {
    const files: string[] = [];
    for (const month of months) {
      for (const { key } of await newestBillObjects(client, location, month)) {
        // Chunks are numbered anew in each month.
        const path = join(folder, `${month}-${files.length}-${basename(key)}`);
        await download(client, bucket, key, path);
        files.push(path);
      }
    }
    return await use(files);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(client: S3Client, bucket: string, key: string, path: string): Promise<void> {
  const { Body: body, ContentLength: length } = await reading(
    bucket,
    client.send(new GetObjectCommand({ Bucket: bucket, Key: key })),
  );
  if (!(body instanceof Readable)) throw new BillError(`s3://${bucket}/${key} has no content.`);
  const file = createWriteStream(path);
  await pipeline(body, file);
  if (length !== undefined && file.bytesWritten !== length) {
    throw new BillError(
      `s3://${bucket}/${key} was cut off after ${file.bytesWritten} of ${length} bytes. Try again.`,
    );
  }
}

async function list(client: S3Client, bucket: string, prefix: string): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix });
  for await (const page of pagesOf(bucket, pages)) {
    for (const { Key: key, Size: bytes = 0, LastModified: modified } of page.Contents ?? []) {
      if (key !== undefined) found.push({ key, bytes, modified: modified ?? new Date(0) });
    }
  }
  return found;
}

const IS_DATA = /\.(parquet|csv|csv\.gz)$/i;

/** The folder below `folder` that a key is in; `''` where it is in that itself. */
const executionOf = (folder: string, key: string): string =>
  key.slice(folder.length).split('/').slice(0, -1).join('/');

/** Of several executions the one that was written last; its files in order of their names. */
function newestExecution(folder: string, listed: readonly Listed[]): readonly Listed[] {
  const executions = [
    ...Map.groupBy(
      listed.filter(({ key, bytes }) => IS_DATA.test(key) && bytes > 0),
      ({ key }) => executionOf(folder, key),
    ).values(),
  ];
  const writtenAt = (files: readonly Listed[]): number =>
    Math.max(...files.map(({ modified }) => modified.getTime()));
  const [newest = []] = executions.sort((a, b) => writtenAt(b) - writtenAt(a));
  return newest.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** `dataFiles` are `s3://bucket/key` (as seen in exports); other keys of a manifest are not looked at. */
const ManifestSchema = z.object({ dataFiles: z.array(z.string()).min(1) });

/** Keys that the newest manifest of an execution names; `undefined` where there is none that says so. */
async function manifestKeys(
  client: S3Client,
  bucket: string,
  folder: string,
  execution: string,
): Promise<readonly string[] | undefined> {
  const manifests = (await list(client, bucket, folder))
    .filter(({ key }) => key.endsWith('Manifest.json') && executionOf(folder, key) === execution)
    .sort((a, b) => b.modified.getTime() - a.modified.getTime());
  const [newest] = manifests;
  if (newest === undefined) return undefined;
  const { Body: body } = await reading(
    bucket,
    client.send(new GetObjectCommand({ Bucket: bucket, Key: newest.key })),
  );
  const manifest = ManifestSchema.safeParse(parsed((await body?.transformToString()) ?? ''));
  return manifest.data?.dataFiles.map((file) => file.replace(`s3://${bucket}/`, ''));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function reading<Answer>(bucket: string, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw refused(bucket, error);
  }
}

async function* pagesOf<Page>(bucket: string, pages: AsyncIterable<Page>): AsyncIterable<Page> {
  try {
    yield* pages;
  } catch (error) {
    throw refused(bucket, error);
  }
}

/** What S3 refuses, in words for people. */
function refused(bucket: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  switch (error.name) {
    case 'NoSuchBucket':
      return new BillError(`There is no bucket ${bucket}. Look at \`location\` in the policy file.`, {
        cause: error,
      });
    case 'AccessDenied':
      return new BillError(
        `The bucket ${bucket} may not be read. Allow s3:ListBucket on it and s3:GetObject on its objects, and kms:Decrypt where it is encrypted by a key.`,
        { cause: error },
      );
    default:
      return error;
  }
}
