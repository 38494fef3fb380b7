import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ReportKeys } from '../ledger/ledger.ts';
import { reportCsv, reportDaysCsv } from './csv.ts';
import { reportJson } from './json.ts';
import type { Report } from './report.ts';

export interface ReportStore {
  readonly s3: S3Client;
  readonly bucket: string;
}

/**
 * Writes a report to S3: CSV (of the allocation, and of the days beside it) and JSON, and the page last, so that where there is a page all is there. Writing it again
 * puts the same in its place.
 * @throws whatever S3 throws; the page is not written then.
 */
export async function storeReport(
  report: Report,
  keys: ReportKeys,
  { s3, bucket }: ReportStore,
): Promise<void> {
  // It brings the charting library along.
  const { reportPage } = await import('../page/report-page.ts');
  const files = [
    [keys.csv, 'text/csv; charset=utf-8', reportCsv(report)],
    [keys.csv.replace(/\.csv$/, '-days.csv'), 'text/csv; charset=utf-8', reportDaysCsv(report)],
    [keys.json, 'application/json', `${JSON.stringify(reportJson(report), null, 2)}\n`],
    [keys.html, 'text/html; charset=utf-8', reportPage(report)],
  ] as const;
  for (const [Key, ContentType, Body] of files) {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key,
        Body,
        ContentType,
        // A browser shows it, by the name that it would be saved under.
        ContentDisposition: `inline; filename="${nameOf(Key)}"`,
        CacheControl: 'no-store',
      }),
    );
  }
}

const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
