import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { UsageError } from '../cli/io.ts';
import { errorCode, errorMessage } from '../fleet/aws-errors.ts';
import { allPages } from '../fleet/pages.ts';
import { FILE_FORMS, type FileForm, formOf } from './read-rows.ts';

/** A file that can be read. */
export interface UsageFile {
  /** For people: as the policy names it, and what lies below. */
  readonly name: string;
  readonly form: FileForm;
  readonly open: () => Promise<Readable>;
}

/** What lies at a place; `undefined` = nothing does. */
export type Listing = { readonly files: readonly UsageFile[]; readonly others: number } | undefined;

/** What `location` means for each month of a span, `2026-11`, in order; one place where it names no month. */
export function placesOf(location: string, from: string, to: string): readonly string[] {
  if (!location.includes('{month}')) return [location];
  const places: string[] = [];
  const month = new Date(`${from.slice(0, 7)}-01`);
  for (; month.toISOString().slice(0, 7) <= to.slice(0, 7); month.setUTCMonth(month.getUTCMonth() + 1)) {
    places.push(location.replaceAll('{month}', month.toISOString().slice(0, 7)));
  }
  return places;
}

/**
 * A file, or all files in a folder and in those below it.
 * @param folder that of the policy file, which paths begin at
 * @throws UsageError where it cannot be looked at
 */
export async function listLocal(location: string, folder: string): Promise<Listing> {
  const path = isAbsolute(location) ? location : join(folder, location);
  try {
    if (!(await stat(path)).isDirectory()) {
      return { files: [await fileOf(location, () => openLocal(path, location))], others: 0 };
    }
    const all = await readdir(path, { recursive: true, withFileTypes: true });
    const names = all.flatMap((one) =>
      one.isDirectory() ? [] : [join(one.parentPath, one.name).slice(path.length)],
    );
    return listed(names, (name) => ({
      name: join(location, name),
      open: () => openLocal(join(path, name), join(location, name)),
    }));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (systemCode(error) === 'ENOENT') return undefined;
    throw unreadable(location, error);
  }
}

async function fileOf(name: string, open: UsageFile['open']): Promise<UsageFile> {
  const form = formOf(name);
  if (form !== undefined) return { name, form, open };
  throw new UsageError(`${name}: Its name does not say how it is written. Name it ${FILE_FORMS}.`);
}

/** Those that can be read, by name; the others are counted. */
function listed(
  names: readonly string[],
  of: (name: string) => Pick<UsageFile, 'name' | 'open'>,
): NonNullable<Listing> {
  const files = names.toSorted().flatMap((name): readonly UsageFile[] => {
    const form = formOf(name);
    return form === undefined ? [] : [{ ...of(name), form }];
  });
  return { files, others: names.length - files.length };
}

async function openLocal(path: string, name: string): Promise<Readable> {
  const stream = createReadStream(path);
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', (error) => reject(unreadable(name, error)));
  });
  return stream;
}

const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

function unreadable(name: string, error: unknown): UsageError {
  const code = systemCode(error);
  const why =
    code === 'EACCES'
      ? 'No permission to read it. Change its mode or its owner.'
      : `It cannot be read (${code === '' ? errorMessage(error) : code}).`;
  return new UsageError(`${name}: ${why}`, { cause: error });
}

/** `s3://bucket/prefix`; `undefined` of other texts. */
export function s3PlaceOf(
  location: string,
): { readonly bucket: string; readonly prefix: string } | undefined {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(location) ?? [];
  return bucket === undefined ? undefined : { bucket, prefix };
}

/**
 * The object of that key; else all below it as if it were a folder; else all whose keys begin so.
 * @throws UsageError where S3 does not allow it, or knows no such bucket
 */
export async function listS3(
  { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
  client: S3Client,
): Promise<Listing> {
  const keys = await allowed(`s3://${bucket}/${prefix}`, 's3:ListBucket', () =>
    allPages<string>(async (token) => {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      // A folder made in the console is an empty object of that name.
      const items = (page.Contents ?? []).flatMap(({ Key }) =>
        Key === undefined || Key.endsWith('/') ? [] : [Key],
      );
      return { items, next: page.NextContinuationToken };
    }),
  );
  const open = (key: string) => () => openS3(bucket, key, client);
  if (keys.includes(prefix)) {
    return { files: [await fileOf(`s3://${bucket}/${prefix}`, open(prefix))], others: 0 };
  }
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const inside = keys.filter((key) => key.startsWith(folder));
  const found = inside.length > 0 ? inside : keys;
  if (found.length === 0) return undefined;
  return listed(found, (key) => ({ name: `s3://${bucket}/${key}`, open: open(key) }));
}

async function openS3(bucket: string, key: string, client: S3Client): Promise<Readable> {
  const { Body } = await allowed(`s3://${bucket}/${key}`, 's3:GetObject', () =>
    client.send(new GetObjectCommand({ Bucket: bucket, Key: key })),
  );
  if (Body instanceof Readable) return Body;
  throw new UsageError(`s3://${bucket}/${key}: It has no content.`);
}

async function allowed<T>(name: string, action: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const fail = (what: string) => new UsageError(`${name}: ${what}`, { cause: error });
    switch (errorCode(error)) {
      case 'AccessDenied':
      case 'AccessDeniedException':
      case 'Forbidden':
        throw fail(
          `AWS does not allow it: ${errorMessage(error).replace(/\.$/, '')}. Allow ${action} on it.`,
        );
      case 'NoSuchBucket':
        throw fail('There is no such bucket. Name the one that the files are in.');
      case 'NoSuchKey':
        throw fail('It is gone since it was listed. Try again.');
      default:
        throw error;
    }
  }
}
