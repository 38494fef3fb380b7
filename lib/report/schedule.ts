import type { ReportKeys } from '../ledger/ledger.ts';
import { monthsBefore } from '../meter/days.ts';
import { monthName } from './month.ts';

/**
 * In so many days of a month (UTC) the month before is written as well. A run a week falls into them exactly once, so
 * each month is written once when it is over.
 */
const OVER_DAYS = 7;

/**
 * The months that a scheduled run writes, `2026-11`; the last of them is the one that people are sent a link to. In the
 * first week of a month that is the month before: it is complete by then, and the new one has hardly begun.
 */
export function monthsDue(now: Date): readonly string[] {
  const month = monthName(now);
  return now.getUTCDate() <= OVER_DAYS ? [month, monthsBefore(now, 1)] : [month];
}

/** All that is written lies under it. */
export const REPORTS_PREFIX = 'reports/';

/** `reports/2026-11/2026-11-23T07-40Z/bursar-2026-11.html`: a folder for each minute that a report is asked for. */
export function reportKeys(month: string, askedAt: Date): ReportKeys {
  const folder = `${askedAt.toISOString().slice(0, '2026-11-23T07:40'.length).replace(':', '-')}Z`;
  const name = `${REPORTS_PREFIX}${month}/${folder}/bursar-${month}`;
  return { html: `${name}.html`, csv: `${name}.csv`, json: `${name}.json` };
}
