import type { Ledger } from '../ledger/ledger.ts';
import type { MeterRecord } from '../types/meter.ts';

/** As often as two writers of one record may come between each other. */
const ATTEMPTS = 5;

/**
 * Writes what a change makes of a resource's record of the meter, over what others write meanwhile. `change` gives the
 * new record, or `undefined` where nothing is to be written; it may be called several times.
 * @throws where others wrote first each time, and `LedgerError`: the same change can then be noted again.
 */
export async function noteChange(
  { account, region, arn }: Pick<MeterRecord, 'account' | 'region' | 'arn'>,
  change: (record: MeterRecord | undefined) => Promise<MeterRecord | undefined>,
  ledger: Pick<Ledger, 'meterRecord' | 'saveMeterRecords'>,
  now: Date,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const known = await ledger.meterRecord(account, region, arn);
    const record = await change(known?.record);
    if (record === undefined || record === known?.record) return;
    const lost = await ledger.saveMeterRecords([{ record, version: known?.version }], now);
    if (lost.size === 0) return;
  }
  throw new Error(`The meter's record of ${arn} was written by others ${ATTEMPTS} times in a row.`);
}
