import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createMemoryLedger } from '../ledger/memory.ts';
import { show } from '../policy/words.ts';
import { adviceClients } from '../recommend/clients.ts';
import { recommend } from '../recommend/recommend.ts';
import { checks } from '../recommend/registry.ts';
import { gatherReport } from '../report/gather.ts';
import type { Month } from '../report/month.ts';
import type { Report } from '../report/report.ts';
import { type BillParts, type BillRequest, billContext, readableBillError } from './bill-run.ts';
import { writeText } from './html-file.ts';
import { type Io, UsageError } from './io.ts';
import { ownCostReader } from './own-cost-reader.ts';
import { withBar } from './progress-bar.ts';

export type ReportParts = BillParts;

export interface ReportWanted extends BillRequest {
  readonly month: Month;
  /** `undefined` = all. */
  readonly project: string | undefined;
}

/** Reads all that a report shows; touches nothing. @throws UsageError one line */
export async function runReport(request: ReportWanted, io: Io, parts: ReportParts): Promise<Report> {
  const { policy, month, project } = request;
  const context = await billContext(request, io, parts);
  const { account, regions } = context.aws;
  const own = request.profile === undefined ? {} : { profile: request.profile };
  const made = await withBar(io, 'Making the report', () =>
    gatherReport(
      {
        policy,
        ledger: context.ledger ?? createMemoryLedger(),
        regions,
        account,
        now: io.now(),
        sources: context.sources,
        recommend: (fleet, only) =>
          recommend(
            {
              policy,
              checks,
              regions,
              ...adviceClients(own),
              costExplorer: context.aws.costExplorer,
              fleet,
              now: io.now(),
            },
            only,
          ),
        ownCost: ownCostReader({
          stack: request.stack,
          region: context.stackRegion,
          ...own,
          now: io.now(),
          ledger: context.ledger,
        }),
      },
      { month: month.name, project },
    ),
  ).catch((error: unknown) => {
    throw readableBillError(error, account);
  });
  if (project !== undefined && !isKnown(made, project)) {
    throw new UsageError(
      `--project: ${show(project)} is in neither the policy file nor the spend of ${month.name}. Write the value of a project tag.`,
    );
  }
  return { ...made, notes: [...context.notes, ...made.notes] };
}

const isKnown = ({ levels }: Report, project: string): boolean =>
  levels.some(({ level, name }) => level === 'project' && name === project);

/** Where the files of a report were written. */
export interface ReportFiles {
  readonly html: string;
  readonly csv: string;
  /** Spend by day and project. */
  readonly days: string;
  readonly json: string;
}

/** Writes the page, and CSV and JSON beside it. @throws UsageError one line, where that cannot be done */
export async function reportFiles(report: Report, folder: string): Promise<ReportFiles> {
  const [{ reportPage }, { reportCsv, reportDaysCsv }, { reportJson }] = await Promise.all([
    import('../page/report-page.ts'),
    import('../report/csv.ts'),
    import('../report/json.ts'),
  ]);
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new UsageError(`--out ${folder}: It cannot be made a folder (${code}). Name another one.`, {
      cause,
    });
  });
  const name = join(folder, reportName(report));
  const files = {
    html: `${name}.html`,
    csv: `${name}.csv`,
    days: `${name}-days.csv`,
    json: `${name}.json`,
  };
  await writeText('--out', files.csv, reportCsv(report));
  await writeText('--out', files.days, reportDaysCsv(report));
  await writeText('--out', files.json, `${JSON.stringify(reportJson(report), null, 2)}\n`);
  await writeText('--out', files.html, reportPage(report));
  return files;
}

/** `bursar-2026-11`, `bursar-2026-11-fraud-detection`; letters that a file system may refuse are left out. */
const reportName = ({ month, project }: Pick<Report, 'month' | 'project'>): string =>
  `bursar-${month}${project === undefined ? '' : `-${project.replace(/[^\w.-]+/g, '_')}`}`;
