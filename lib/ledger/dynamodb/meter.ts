import { randomUUID } from 'node:crypto';
import { mapLimited } from '../../types/lists.ts';
import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiryOf } from '../lifetimes.ts';
import { type MeterText, meterTexts } from '../meter-text.ts';
import { AT_ONCE } from './batches.ts';
import type { Entities } from './entities.ts';
import { readMeter, readMeteredAt, readVersion } from './rows.ts';

/** False where somebody has written the record since it was read. */
async function saveOne(entities: Entities, saved: MeterText, now: Date): Promise<boolean> {
  const { record, version: seen, text } = saved;
  const mine = randomUUID();
  const { rejected, data } = await entities.meter
    .put({
      account: record.account,
      region: record.region,
      arn: record.arn,
      version: mine,
      record: text,
      expiresAt: expiryOf('meter', now),
    })
    .where(({ version }, { notExists, eq }) => (seen === undefined ? notExists(version) : eq(version, seen)))
    .go({ returnOnConditionCheckFailure: 'all_old' });
  // The SDK sends a write again whose answer was lost: it may be refused for the sake of this very write.
  return !rejected || (data !== null && readVersion(data).version === mine);
}

/** What the meter remembers. */
export const meterPart = (
  entities: Entities,
): Pick<
  Ledger,
  'meterRecords' | 'meterRecord' | 'saveMeterRecords' | 'forgetMeterRecords' | 'meteredAt' | 'saveMeteredAt'
> => ({
  meterRecords: (account, region) =>
    naming('reading records of the meter', async () => {
      // At half the price, maybe a second behind: what is made of an old record is refused when it is written, and
      // `meterRecord` then gives the newest.
      const { data } = await entities.meter.query.primary({ account, region }).go({ pages: 'all' });
      return new Map(data.map(readMeter).map((one) => [one.record.arn, one]));
    }),

  meterRecord: (account, region, arn) =>
    naming('reading a record of the meter', async () => {
      const { data } = await entities.meter.get({ account, region, arn }).go({ consistent: true });
      return data === null ? undefined : readMeter(data);
    }),

  saveMeterRecords: (records, now) =>
    naming('saving records of the meter', async () => {
      const { texts, refusal } = meterTexts(records);
      const written = await mapLimited(texts, AT_ONCE, (one) => saveOne(entities, one, now));
      if (refusal !== undefined) throw refusal;
      return new Set(texts.filter((_, index) => written[index] === false).map(({ record }) => record.arn));
    }),

  forgetMeterRecords: (records) =>
    naming('forgetting records of the meter', async () => {
      await mapLimited(records, AT_ONCE, async ({ record: { account, region, arn }, version: seen }) => {
        if (seen === undefined) return;
        await entities.meter
          .delete({ account, region, arn })
          .where(({ version }, { eq }) => eq(version, seen))
          .go({ returnOnConditionCheckFailure: true });
      });
    }),

  meteredAt: (account, region) =>
    naming('reading when the meter saw a region', async () => {
      const { data } = await entities.meteredAt.get({ account, region }).go({ consistent: true });
      return data === null ? undefined : readMeteredAt(data);
    }),

  saveMeteredAt: (account, region, at) =>
    naming('saving when the meter saw a region', async () => {
      const atText = at.toISOString();
      await entities.meteredAt
        .upsert({ account, region, at: atText, expiresAt: expiryOf('meter', at) })
        .ifNotExists({ first: atText })
        .where((seen, { notExists, lt }) => `${notExists(seen.at)} OR ${lt(seen.at, atText)}`)
        .go({ returnOnConditionCheckFailure: true });
    }),
});
