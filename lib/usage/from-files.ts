import type { S3Client } from '@aws-sdk/client-s3';
import { UsageError } from '../cli/io.ts';
import type { UsageSource } from '../policy/allocation.ts';
import type { DaySpan } from '../types/day-span.ts';
import type { Usage } from '../types/usage.ts';
import { type Listing, listLocal, listS3, placesOf, s3PlaceOf, type UsageFile } from './places.ts';
import { addRow } from './read-row.ts';
import { FILE_FORMS, readRows } from './read-rows.ts';
import { Tally } from './tally.ts';
import { formatCount } from './words.ts';

export type FileUsage = Extract<UsageSource, { readonly from: 'file' }>;

export interface FileQuestion extends DaySpan {
  /** The folder of the policy file. */
  readonly policyFolder: string;
  readonly s3: S3Client | undefined;
}

/** Files that are read at once; of each only a piece is in memory. */
const AT_ONCE = 4;

/**
 * Reads use from CSV files or JSON lines.
 * @throws UsageError, one line: where there is no such file, and of the first row that cannot be read
 */
export async function readUsageFromFiles(
  name: string,
  source: FileUsage,
  question: FileQuestion,
): Promise<Usage> {
  const { columns, tenants, sampled, unit } = source;
  const { files, notes } = await filesOf(name, source.location, question);
  const tally = new Tally(question, tenants, sampled);
  const left = files[Symbol.iterator]();
  const work = async () => {
    for (const { name: file, form, open } of left) {
      await readRows(await open(), file, form, columns, (row, where) =>
        addRow(row, columns, tally, tenants, where),
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { name, unit, entries: tally.entries(), sampled, notes: [...notes, ...tally.notes(name)] };
}

async function filesOf(
  name: string,
  location: string,
  { from, to, policyFolder, s3 }: FileQuestion,
): Promise<{ readonly files: readonly UsageFile[]; readonly notes: readonly string[] }> {
  const places = placesOf(location, from, to);
  const listings = new Map<string, Listing>();
  for (const place of places) listings.set(place, await list(place, policyFolder, s3));
  const found = [...listings.values()].filter((one) => one !== undefined);
  const missing = places.filter((place) => listings.get(place) === undefined);
  if (found.length === 0) {
    throw new UsageError(
      `${missing.join(', ')}: There is no such file. Put it there, or mend \`file\` of the usage "${name}".`,
    );
  }
  const files = found.flatMap((one) => one.files);
  if (files.length === 0) {
    throw new UsageError(`${location}: No file in it can be read. Name them ${FILE_FORMS}.`);
  }
  const others = found.reduce((sum, one) => sum + one.others, 0);
  return {
    files,
    notes: [
      ...missing.map((place) => `${place} is not there: no use of ${name} is known of that month.`),
      ...(others === 0
        ? []
        : [
            `${formatCount(others, 'file')} of ${name} ${others === 1 ? 'is' : 'are'} neither CSV nor JSON lines, and left out.`,
          ]),
    ],
  };
}

function list(place: string, folder: string, s3: S3Client | undefined): Promise<Listing> {
  const remote = s3PlaceOf(place);
  if (remote === undefined) return listLocal(place, folder);
  if (s3 === undefined) {
    throw new UsageError(`${place}: S3 cannot be read here. Sign in to AWS, or copy it to a file.`);
  }
  return listS3(remote, s3);
}
