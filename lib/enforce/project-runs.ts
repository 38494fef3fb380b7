import type { Ledger } from '../ledger/ledger.ts';
import type { MeterRecord } from '../types/meter.ts';
import { sumUsd, type Usd } from '../types/money.ts';
import type { Resource } from '../types/resource.ts';

/** What runs in a project now, by the meter, since when, and what it costs an hour at list price. */
export interface Run {
  readonly record: MeterRecord;
  readonly start: Date;
  readonly hourly: Usd | undefined;
}

/**
 * All that runs in a project, in the order in which it was launched: the same order whichever event of several launches
 * at once comes first, so that the same ones are within a limit however often they are looked at.
 * @throws `LedgerError`
 */
export async function runsOf(
  project: string,
  ledger: Pick<Ledger, 'meterRecords'>,
  account: string,
  regions: Iterable<string>,
): Promise<readonly Run[]> {
  const all = await Promise.all([...regions].map((region) => ledger.meterRecords(account, region)));
  return all
    .flatMap((records) => [...records.values()].flatMap(({ record }) => runOf(record, project) ?? []))
    .sort((a, b) => a.start.getTime() - b.start.getTime() || (a.record.arn < b.record.arn ? -1 : 1));
}

function runOf(record: MeterRecord, project: string): Run | undefined {
  const { points } = record;
  const last = points.at(-1);
  if (last === undefined || !last.on || last.project !== project) return undefined;
  const ended = points.findLastIndex((point) => !point.on || point.project !== project);
  return { record, start: points[ended + 1]?.at ?? last.at, hourly: last.hourly };
}

/** What was launched before a resource, and after it; of one that the meter does not know all was before. */
export function around(
  { arn }: Resource,
  runs: readonly Run[],
): { readonly before: readonly Run[]; readonly after: readonly Run[] } {
  const own = runs.findIndex(({ record }) => record.arn === arn);
  return own < 0 ? { before: runs, after: [] } : { before: runs.slice(0, own), after: runs.slice(own + 1) };
}

/** USD an hour of those that are priced. */
export const hourlyOf = (runs: readonly Run[]): Usd => sumUsd(runs.flatMap(({ hourly }) => hourly ?? []));
