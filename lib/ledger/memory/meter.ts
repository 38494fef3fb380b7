import { randomUUID } from 'node:crypto';
import { naming } from '../errors.ts';
import type { Ledger, MeterLooks, VersionedMeterRecord } from '../ledger.ts';
import { meterTexts, readMeterText } from '../meter-text.ts';
import type { Form } from './copied.ts';

interface Kept {
  readonly version: string;
  readonly text: string;
  /** As it was read from the text; nobody changes a record. */
  read?: VersionedMeterRecord;
}

/** What the meter remembers. */
export function meterIn(
  form: Form,
): Pick<
  Ledger,
  'meterRecords' | 'meterRecord' | 'saveMeterRecords' | 'forgetMeterRecords' | 'meteredAt' | 'saveMeteredAt'
> {
  const regions = new Map<string, Map<string, Kept>>();
  const seen = new Map<string, MeterLooks>();
  const keyOf = (account: string, region: string) => `${account}#${region}`;
  const read = (account: string, region: string, arn: string, kept: Kept): VersionedMeterRecord => {
    const { version, text } = kept;
    kept.read ??= { record: readMeterText({ arn, account, region }, text), version };
    return kept.read;
  };
  return {
    meterRecords: async (account, region) =>
      new Map(
        [...(regions.get(keyOf(account, region)) ?? [])].map(([arn, kept]) => [
          arn,
          read(account, region, arn, kept),
        ]),
      ),
    meterRecord: async (account, region, arn) => {
      const kept = regions.get(keyOf(account, region))?.get(arn);
      return kept === undefined ? undefined : read(account, region, arn, kept);
    },
    saveMeterRecords: (records) =>
      naming('saving records of the meter', async () => {
        const lost = new Set<string>();
        const { texts, refusal } =
          form === 'text'
            ? meterTexts(records)
            : { texts: records.map((one) => ({ ...one, text: '' })), refusal: undefined };
        for (const { record, version, text } of texts) {
          const { arn, account, region } = record;
          const key = keyOf(account, region);
          const kept = regions.get(key) ?? new Map<string, Kept>();
          if (kept.get(arn)?.version === version) {
            const next = randomUUID();
            kept.set(arn, {
              version: next,
              text,
              ...(form === 'text' ? {} : { read: { record, version: next } }),
            });
          } else lost.add(arn);
          regions.set(key, kept);
        }
        if (refusal !== undefined) throw refusal;
        return lost;
      }),
    forgetMeterRecords: async (records) => {
      for (const { record, version } of records) {
        const kept = regions.get(keyOf(record.account, record.region));
        if (version !== undefined && kept?.get(record.arn)?.version === version) kept.delete(record.arn);
      }
    },
    meteredAt: async (account, region) => seen.get(keyOf(account, region)),
    saveMeteredAt: async (account, region, at) => {
      const key = keyOf(account, region);
      const known = seen.get(key);
      if (known === undefined || known.last < at) seen.set(key, { first: known?.first ?? at, last: at });
    },
  };
}
