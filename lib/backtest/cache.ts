import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { parseJsonDocument } from '../signals/json.ts';
import { type RecordedSeries, seriesKey } from '../simulate/account/recorded.ts';

/** What CloudWatch said of one series on one day (UTC); empty lists = it published nothing. */
export interface DaySamples {
  /** The length of the samples as they were read, in seconds: longer than the series' own where AWS keeps no finer ones. */
  readonly periodSeconds: number;
  /** Starts of the samples in seconds since midnight, ascending. */
  readonly seconds: readonly number[];
  /** As CloudWatch gave them, one each. */
  readonly values: readonly number[];
}

/** By day, `YYYY-MM-DD`. */
export type KnownDays = ReadonlyMap<string, DaySamples>;

/** What was read of CloudWatch before. */
export interface HistoryCache {
  /** Every day that is known of a series of an account. What cannot be read, or is not what it should be, is not known. */
  readonly read: (account: string, series: RecordedSeries) => Promise<KnownDays>;
  /**
   * Keeps days beside those that are known. @throws CacheError
   */
  readonly write: (account: string, series: RecordedSeries, days: KnownDays) => Promise<void>;
}

/** The cache cannot be written; the message is one line for people. */
export class CacheError extends Error {
  override readonly name = 'CacheError';
}

const VERSION = 1;

const DaySchema = z
  .strictObject({
    periodSeconds: z.number().int().positive(),
    seconds: z.array(z.number().int().min(0).max(86_399)),
    values: z.array(z.number()),
  })
  .refine(({ seconds, values }) => seconds.length === values.length)
  .refine(({ seconds }) => seconds.every((at, n) => n === 0 || at > (seconds[n - 1] ?? at)));

const FileSchema = z.strictObject({
  version: z.literal(VERSION),
  account: z.string(),
  /** The whole key of the series: names of files are but hashes of it. */
  key: z.string(),
  days: z.record(z.iso.date(), DaySchema),
});

/** One file for each series and month (UTC): `<dir>/<account>/<region>/<hash of the series>/2026-11.json`. */
export function createCache(dir: string): HistoryCache {
  const folderOf = (account: string, series: RecordedSeries): string => {
    const hash = createHash('sha256').update(seriesKey(series)).digest('hex').slice(0, 32);
    return join(dir, account, series.region, hash);
  };

  const readMonth = async (file: string, account: string, series: RecordedSeries): Promise<KnownDays> => {
    const text = await readFile(file, 'utf8').catch(() => '');
    const json = parseJsonDocument(text);
    const parsed = FileSchema.safeParse(json.json ? json.value : undefined);
    if (!parsed.success || parsed.data.account !== account || parsed.data.key !== seriesKey(series)) {
      return new Map();
    }
    return new Map(Object.entries(parsed.data.days));
  };

  return {
    read: async (account, series) => {
      const folder = folderOf(account, series);
      const names = await readdir(folder).catch(() => []);
      const months = await Promise.all(
        names
          .filter((name) => /^\d{4}-\d{2}\.json$/.test(name))
          .map((name) => readMonth(join(folder, name), account, series)),
      );
      return new Map(months.flatMap((days) => [...days]));
    },
    write: async (account, series, days) => {
      const folder = folderOf(account, series);
      const months = new Set([...days.keys()].map((day) => day.slice(0, 7)));
      for (const month of months) {
        const file = join(folder, `${month}.json`);
        const known = await readMonth(file, account, series);
        const some = [...days].filter(([day]) => day.startsWith(month));
        const all = Object.fromEntries([...known, ...some]);
        await replace(
          file,
          JSON.stringify({ version: VERSION, account, key: seriesKey(series), days: all }),
          folder,
        );
      }
    },
  };
}

/** Whole or not at all, whatever stops it: what is written aside takes the place of the old file by its name. */
async function replace(file: string, text: string, folder: string): Promise<void> {
  const aside = `${file}.${randomUUID()}.tmp`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(aside, text);
    await rename(aside, file);
  } catch (cause) {
    await rm(aside, { force: true }).catch(() => {});
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new CacheError(
      `The cache cannot be written (${code}): ${folder}. Name another folder by --cache.`,
      {
        cause,
      },
    );
  }
}
