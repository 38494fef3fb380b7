import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { PATIENCE } from '../lib/fleet/patience.ts';
import type { Ledger, SavedReport } from '../lib/ledger/ledger.ts';
import { readOnlyLedger } from '../lib/ledger/read-only.ts';
import { inShort } from '../lib/recommend/in-short.ts';
import { gatherReport } from '../lib/report/gather.ts';
import { hashOfToken, LINK_MS, linkOf, newToken } from '../lib/report/link.ts';
import type { Report } from '../lib/report/report.ts';
import { monthsDue, reportKeys } from '../lib/report/schedule.ts';
import { type ReportStore, storeReport } from '../lib/report/store.ts';
import type { Clock } from '../lib/types/clock.ts';
import { type ReportEnvironment, ReportEnvironmentSchema } from '../lib/types/environment.ts';
import { lambda, type Tools } from './lambda.ts';
import { commonParts } from './parts.ts';
import { reportSources } from './report-sources.ts';

export interface ReportDeps {
  readonly ledger: Pick<Ledger, 'newestReport' | 'saveReport'>;
  /** Reads all that a report of a month shows. */
  readonly gather: (month: string, now: Date) => Promise<Report>;
  readonly store: ReportStore;
  /** Where links are opened; `undefined` = people are sent none. */
  readonly linkUrl: string | undefined;
  readonly newToken: () => string;
  readonly now: Clock;
  readonly tools: Pick<Tools, 'logger'>;
}

/** What the Lambda may be asked. */
const ReportEventSchema = z.looseObject({
  /** This month alone; nobody is sent a link to it. Absent = those that are due. */
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .optional(),
  /** When the schedule asks for it; the same where it asks again. A local AWS leaves its placeholder unfilled. */
  scheduledAt: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .optional()
    .catch(undefined),
});

export interface ReportAnswer {
  /** `repeat`: this run had been done before. */
  readonly state: 'written' | 'repeat';
  /** Keys of the pages in the bucket of reports. */
  readonly pages: readonly string[];
}

/**
 * Writes the reports that are due, and then remembers the last one with a link to it, for the weekly alert: a run that
 * breaks off in between is asked for again, and writes the same objects anew.
 */
export async function report(event: unknown, deps: ReportDeps): Promise<ReportAnswer> {
  const { month, scheduledAt } = ReportEventSchema.parse(event ?? {});
  const { ledger, gather, store, now, tools } = deps;
  const at = now();
  const askedAt = scheduledAt ?? at;
  // By the schedule, so that each try of a run is about the same months.
  const due = (month === undefined ? monthsDue(askedAt) : [month]).map((name) => ({
    month: name,
    keys: reportKeys(name, askedAt),
  }));
  const pages = due.map(({ keys }) => keys.html);
  // Lambda and EventBridge Scheduler deliver at least once.
  const told = due.at(-1);
  if (scheduledAt !== undefined && told !== undefined && month === undefined) {
    const newest = await ledger.newestReport(at);
    if (newest?.keys.html === told.keys.html) return { state: 'repeat', pages };
  }
  let recommended: SavedReport['recommended'];
  for (const one of due) {
    const made = await gather(one.month, at);
    await storeReport(made, one.keys, store);
    recommended = inShort(made.recommendations);
    tools.logger.info('a report is written', { month: one.month, page: one.keys.html });
  }
  if (month === undefined && told !== undefined) {
    const advice = recommended === undefined ? {} : { recommended };
    await ledger.saveReport({ ...told, madeAt: at, link: newLink(at, deps), ...advice });
  }
  return { state: 'written', pages };
}

function newLink(at: Date, { linkUrl, newToken }: ReportDeps): SavedReport['link'] {
  if (linkUrl === undefined) return undefined;
  const token = newToken();
  return {
    url: linkOf(linkUrl, token),
    tokenHash: hashOfToken(token),
    until: new Date(at.getTime() + LINK_MS),
  };
}

export const handler = lambda<ReportEnvironment, ReportDeps, ReportAnswer>({
  name: 'report',
  environment: ReportEnvironmentSchema,
  build: async (environment, tools) => {
    const { policy, ledger, regions, account, now } = await commonParts(environment, tools);
    const parts = { policy, ledger: readOnlyLedger(ledger), regions, account };
    const sources = reportSources({ ...parts, environment, now, tools });
    return {
      ledger,
      gather: (month, at) => gatherReport({ ...parts, ...sources, now: at }, { month, project: undefined }),
      store: {
        s3: tools.tracer.captureAWSv3Client(new S3Client({ ...PATIENCE })),
        bucket: environment.REPORTS_BUCKET,
      },
      linkUrl: environment.REPORT_LINK_URL,
      newToken,
      now,
      tools,
    };
  },
  handle: report,
});
