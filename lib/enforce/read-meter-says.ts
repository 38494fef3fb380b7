import { utcDay } from '../decide/sentences.ts';
import { billedAs } from '../fleet/metered-kinds.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { MeterSays } from '../meter/day-series.ts';
import { daysBefore } from '../meter/days.ts';
import { measure } from '../meter/measure.ts';
import { DAYS_BACK } from '../meter/settled.ts';
import type { ProjectSpend } from '../types/meter.ts';

export interface MeterSaysDeps {
  readonly ledger: Pick<Ledger, 'meterRecords' | 'meteredAt'>;
  /** By name. */
  readonly regions: Pick<ReadonlyMap<string, unknown>, 'keys'>;
  readonly account: string;
}

/**
 * What the meter says day by day, from what it has noted so far.
 * @param spends whose discount is taken off; by project
 * @returns `undefined` where it never looked at anything
 * @throws `LedgerError`
 */
export async function readMeterSays(
  spends: ReadonlyMap<string, Pick<ProjectSpend, 'discount'>>,
  now: Date,
  { ledger, regions, account }: MeterSaysDeps,
): Promise<MeterSays | undefined> {
  const each = await Promise.all(
    [...regions.keys()].map(async (region) => ({
      records: await ledger.meterRecords(account, region),
      first: (await ledger.meteredAt(account, region))?.first,
    })),
  );
  const looks = each.flatMap(({ first }) => (first === undefined ? [] : [first.getTime()]));
  if (looks.length === 0) return undefined;
  const from = daysBefore(utcDay(now), DAYS_BACK);
  const records = each.flatMap((one) => [...one.records.values()].map(({ record }) => record));
  return {
    from,
    days: measure(records, { now, from, billedAs }).days,
    // Of the day of the first look only a part was seen.
    watchedFrom: daysBefore(utcDay(new Date(Math.min(...looks))), -1),
    discountOf: (project) => spends.get(project)?.discount ?? 0,
  };
}
