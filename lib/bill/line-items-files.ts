import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Bill } from '../types/cost.ts';
import { BillError } from './bill-error.ts';
import { type DuckDbLimits, readBillFromFiles } from './duckdb.ts';
import type { BillQuestion } from './question.ts';
import { withBillObjects } from './s3-files.ts';
import { monthsOf } from './sql.ts';

/**
 * Reads a bill from line items wherever they lie: files, folders of them, or the place of an export in S3, whose files
 * of the months that are asked for are downloaded first and removed afterwards.
 * @param s3 called only where a place in S3 is among the locations
 * @throws BillError, one line
 */
export async function readBillFromPlaces(
  locations: readonly string[],
  question: BillQuestion,
  { s3, limits = {} }: { readonly s3: () => S3Client; readonly limits?: Partial<DuckDbLimits> },
): Promise<Bill> {
  const [first, ...others] = locations;
  if (first?.startsWith('s3://')) {
    if (others.length > 0) {
      throw new BillError('A bill in S3 is read by itself. Name one s3:// place, or files.');
    }
    return withBillObjects(s3(), first, monthsOf(question.from, question.to), (files) =>
      readBillFromFiles(files, question, limits),
    );
  }
  const files: string[] = [];
  for (const location of locations) files.push(...(await filesIn(location)));
  return readBillFromFiles(files, question, limits);
}

/** All files of a bill in a folder and the folders in it, in order; a file is itself. */
async function filesIn(location: string): Promise<readonly string[]> {
  const found = await stat(location).catch(() => undefined);
  if (found === undefined) {
    throw new BillError(`${location} cannot be opened: it is not there, or may not be read.`);
  }
  if (!found.isDirectory()) return [location];
  const names = (await readdir(location, { recursive: true })).toSorted();
  const files = names.filter((name) => /\.(parquet|csv|csv\.gz)$/i.test(name));
  if (files.length === 0) {
    throw new BillError(`${location} has no .parquet, .csv or .csv.gz files. Name the folder of an export.`);
  }
  return files.map((name) => join(location, name));
}
