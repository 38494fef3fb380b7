import { allocationCsv } from './allocation-csv.ts';
import { centText } from './cents.ts';
import { csv, textCell } from './csv-text.ts';
import type { Report } from './report.ts';
import { shownSpends } from './shown.ts';

/** Who pays what of the month, as `allocationCsv` has it; the head alone where no bill could be read. */
export const reportCsv = ({ month, account, allocation }: Report): string =>
  allocationCsv(allocation, [
    ['month', month],
    ['account', account],
  ]);

const DAYS = ['month', 'account', 'day', 'project', 'team', 'billed_usd', 'estimated_usd', 'usd'] as const;

/**
 * What each project spent each UTC day, in the form of `reportCsv`: billed and estimated USD in whole cents, which sum to
 * the spend on the page. An empty project is what has none.
 */
export function reportDaysCsv(report: Report): string {
  const teams = new Map(
    report.levels.flatMap(({ level, name, within }) =>
      level === 'project' ? [[name, within] as const] : [],
    ),
  );
  return csv(
    DAYS,
    shownSpends(report).days.flatMap(({ day, projects }) =>
      [...projects].map(([project, { billed, estimated, spent }]) => [
        report.month,
        textCell(report.account),
        day,
        textCell(project),
        textCell(teams.get(project) ?? ''),
        centText(billed),
        centText(estimated),
        centText(spent),
      ]),
    ),
  );
}
