import type { Ledger } from '../ledger/ledger.ts';
import type { MeterRecord } from '../types/meter.ts';
import { sumUsd, type Usd } from '../types/money.ts';
import type { Resource } from '../types/resource.ts';

/**
 * USD an hour, at list price, of what ran in the project before a resource was launched, by the meter. Of several
 * launches at once each counts those before it, whichever event comes first: so the same ones are within a limit
 * however often and in whatever order they are looked at.
 * @throws `LedgerError`
 */
export async function hourlyBefore(
  { arn }: Resource,
  project: string,
  {
    ledger,
    account,
    regions,
    at,
  }: {
    readonly ledger: Pick<Ledger, 'meterRecords'>;
    readonly account: string;
    readonly regions: Iterable<string>;
    readonly at: Date;
  },
): Promise<Usd> {
  const all = await Promise.all([...regions].map((region) => ledger.meterRecords(account, region)));
  const records = new Map(
    all.flatMap((some) => [...some].map(([key, { record }]) => [key, record] as const)),
  );
  const own = records.get(arn);
  const start = (own === undefined ? undefined : runOf(own, project)?.start) ?? at;
  return sumUsd(
    [...records.values()].flatMap((record) => {
      const run = record.arn === arn ? undefined : runOf(record, project);
      const isBefore =
        run !== undefined &&
        (run.start < start || (run.start.getTime() === start.getTime() && record.arn < arn));
      return isBefore && run.hourly !== undefined ? [run.hourly] : [];
    }),
  );
}

/** Since when it has run in the project, if it does now, and what it costs an hour. */
function runOf(
  { points }: MeterRecord,
  project: string,
): { readonly start: Date; readonly hourly: Usd | undefined } | undefined {
  const last = points.at(-1);
  if (last === undefined || !last.on || last.project !== project) return undefined;
  const ended = points.findLastIndex((point) => !point.on || point.project !== project);
  return { start: points[ended + 1]?.at ?? last.at, hourly: last.hourly };
}
