import { describe, expect, it } from 'vitest';
import { LedgerError } from '../../../lib/ledger/errors.ts';
import type { Ledger, VersionedMeterRecord } from '../../../lib/ledger/ledger.ts';
import type { MeterRecord } from '../../../lib/types/meter.ts';
import { microUsd } from '../../../lib/types/money.ts';
import { arnOf, at, meterRecord, T0 } from '../fixtures.ts';

const ACCOUNT = '111122223333';
const REGION = 'us-east-1';

const fresh = (record: MeterRecord): VersionedMeterRecord => ({ record, version: undefined });

const held = async (ledger: Ledger, id: string): Promise<VersionedMeterRecord> => {
  const found = await ledger.meterRecord(ACCOUNT, REGION, arnOf(id));
  if (found === undefined) throw new Error(`there is no record of ${id}`);
  return found;
};

/** A record of some `kilobytes`: each of its points takes 15 bytes at least. */
const large = (id: string, kilobytes: number): MeterRecord =>
  meterRecord(id, {
    points: Array.from({ length: (kilobytes * 1_024) / 15 }, (_, n) => ({
      at: at(n),
      on: false,
      project: undefined,
      hourly: undefined,
      by: 'event',
    })),
  });

/** Adds a point for as long as others are faster, as all writers of the meter do. */
async function add(ledger: Ledger, id: string, seconds: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { record, version } = await held(ledger, id);
    const points = [...record.points, ...meterRecord(id, { points: [pointAt(seconds)] }).points];
    const lost = await ledger.saveMeterRecords([{ record: { ...record, points }, version }], T0);
    if (lost.size === 0) return;
  }
  throw new Error(`no turn in 100 attempts for ${seconds}`);
}

const pointAt = (seconds: number) =>
  ({ at: at(seconds), on: true, project: 'Recsys', hourly: microUsd(1n), by: 'event' }) as const;

/** What every ledger must do with the records of the meter. */
export function meterContract(makeLedger: () => Promise<Ledger>): void {
  describe('records of the meter', () => {
    it('come back as they were written, one and all', async () => {
      const ledger = await makeLedger();
      const record = meterRecord('i-1', {
        size: 'ml.g5.xlarge × 2',
        points: [
          { at: at(0), on: true, project: 'Recsys', hourly: microUsd(1_006_000n), by: 'event' },
          { at: at(0.001), on: true, project: undefined, hourly: microUsd(1_006_000n), by: 'seen' },
          { at: at(9), on: true, project: '__proto__', hourly: undefined, by: 'seen' },
          { at: at(10), on: false, project: undefined, hourly: undefined, by: 'guess' },
        ],
        closed: [
          { day: '2026-01-26', project: 'a#b', hourly: microUsd(1_006_000n), milliseconds: 86_400_000 },
          { day: '2026-01-27', project: 'Recsys', hourly: undefined, milliseconds: 1 },
        ],
      });
      expect(await ledger.meterRecord(ACCOUNT, REGION, record.arn)).toBeUndefined();
      expect(await ledger.saveMeterRecords([fresh(record)], T0)).toEqual(new Set());
      const found = await ledger.meterRecord(ACCOUNT, REGION, record.arn);
      expect(found).toStrictEqual({ record, version: expect.any(String) });
      expect(await ledger.meterRecords(ACCOUNT, REGION)).toStrictEqual(new Map([[record.arn, found]]));
    });

    it('are kept by account, region and ARN', async () => {
      const ledger = await makeLedger();
      const records = [
        meterRecord('i-1'),
        meterRecord('I-1'),
        meterRecord('i-1', { region: 'us-east-10' }),
        meterRecord('i-1', { account: '999999999999' }),
      ];
      expect(await ledger.saveMeterRecords(records.map(fresh), T0)).toEqual(new Set());
      const found = await ledger.meterRecords(ACCOUNT, REGION);
      expect([...found.keys()].toSorted()).toEqual([arnOf('I-1'), arnOf('i-1')]);
      expect((await ledger.meterRecords(ACCOUNT, 'us-east-10')).get(arnOf('i-1'))?.record).toStrictEqual(
        records[2],
      );
      expect((await ledger.meterRecords('999999999999', REGION)).size).toBe(1);
      expect((await ledger.meterRecords(ACCOUNT, 'eu-west-1')).size).toBe(0);
      expect(await ledger.saveMeterRecords([], T0)).toEqual(new Set());
    });

    it('are written by who read what is there now, and by nobody else', async () => {
      const ledger = await makeLedger();
      const [first, second, third] = [1, 2, 3].map((n) => meterRecord('i-1', { size: `turn ${n}` }));
      if (first === undefined || second === undefined || third === undefined) throw new Error('three');
      const lost = new Set([first.arn]);
      expect(await ledger.saveMeterRecords([{ record: first, version: 'gone' }], T0)).toEqual(lost);
      expect(await ledger.meterRecord(ACCOUNT, REGION, first.arn)).toBeUndefined();

      await ledger.saveMeterRecords([fresh(first)], T0);
      const { version } = await held(ledger, 'i-1');
      expect(await ledger.saveMeterRecords([fresh(second)], T0)).toEqual(lost);
      expect(await ledger.saveMeterRecords([{ record: second, version }], T0)).toEqual(new Set());
      expect(await ledger.saveMeterRecords([{ record: third, version }], T0)).toEqual(lost);
      const now = await held(ledger, 'i-1');
      expect(now.record).toStrictEqual(second);
      expect(now.version).not.toBe(version);
    });

    it('are written by the hundred; those that somebody else wrote are named', async () => {
      const ledger = await makeLedger();
      const records = Array.from({ length: 130 }, (_, index) => meterRecord(`i-${index}`));
      await ledger.saveMeterRecords(records.map(fresh), T0);
      const read = [...(await ledger.meterRecords(ACCOUNT, REGION)).values()];
      expect(read).toHaveLength(130);
      const others = read.filter((_, index) => index % 40 === 7);
      await ledger.saveMeterRecords(others, at(1));
      const mine = read.map(({ record, version }) => ({ record: { ...record, size: 'mine' }, version }));
      const lost = await ledger.saveMeterRecords(mine, at(2));
      expect(lost).toEqual(new Set(others.map(({ record }) => record.arn)));
      const sizes = [...(await ledger.meterRecords(ACCOUNT, REGION)).values()].map(
        ({ record }) => record.size,
      );
      expect(sizes.filter((size) => size === 'mine')).toHaveLength(126);
    });

    it.each(['that is new', 'that is there'])('have one winner of many who write one %s', async (which) => {
      const ledger = await makeLedger();
      if (which === 'that is there') await ledger.saveMeterRecords([fresh(meterRecord('i-1'))], T0);
      const version = (await ledger.meterRecord(ACCOUNT, REGION, arnOf('i-1')))?.version;
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, n) => {
          const record = meterRecord('i-1', { size: `writer ${n}` });
          return { n, lost: await ledger.saveMeterRecords([{ record, version }], T0) };
        }),
      );
      const winners = answers.filter(({ lost }) => lost.size === 0);
      expect(winners).toHaveLength(1);
      expect((await held(ledger, 'i-1')).record.size).toBe(`writer ${winners[0]?.n}`);
    });

    it('lose nothing to many who read, change and write again until they win', async () => {
      const ledger = await makeLedger();
      await ledger.saveMeterRecords([fresh(meterRecord('i-1', { points: [] }))], T0);
      const seconds = Array.from({ length: 12 }, (_, n) => n);
      await Promise.all(seconds.map((second) => add(ledger, 'i-1', second)));
      const times = (await held(ledger, 'i-1')).record.points.map((point) => point.at.getTime());
      expect(times.toSorted((a, b) => a - b)).toEqual(seconds.map((second) => at(second).getTime()));
    });

    it('are forgotten by who read what is there now, and by nobody else', async () => {
      const ledger = await makeLedger();
      await ledger.saveMeterRecords([fresh(meterRecord('i-1')), fresh(meterRecord('i-2'))], T0);
      const [old, other] = [await held(ledger, 'i-1'), await held(ledger, 'i-2')];
      await ledger.saveMeterRecords([{ ...old, record: { ...old.record, size: 'new' } }], T0);
      await ledger.forgetMeterRecords([old, other, fresh(old.record), { ...other, version: 'gone' }]);
      const left = await ledger.meterRecords(ACCOUNT, REGION);
      expect([...left.values()].map(({ record: { id, size } }) => [id, size])).toEqual([['i-1', 'new']]);
      expect(await ledger.saveMeterRecords([fresh(other.record)], T0)).toEqual(new Set());
    });

    it('are read from every page', async () => {
      const ledger = await makeLedger();
      // DynamoDB gives 1 MB a page.
      const records = Array.from({ length: 20 }, (_, index) => large(`i-${index}`, 100));
      await ledger.saveMeterRecords(records.map(fresh), T0);
      const found = await ledger.meterRecords(ACCOUNT, REGION);
      expect([...found.keys()].toSorted()).toEqual(records.map(({ arn }) => arn).toSorted());
    }, 60_000);

    it('over 350 KB are refused, and hold no other back', async () => {
      const ledger = await makeLedger();
      const refused = ledger.saveMeterRecords([large('i-1', 500), meterRecord('i-2')].map(fresh), T0);
      await expect(refused).rejects.toBeInstanceOf(LedgerError);
      await expect(refused).rejects.toThrow(/record of .*i-1 is \d{3} KB; at most 350 KB/);
      expect([...(await ledger.meterRecords(ACCOUNT, REGION)).keys()]).toEqual([arnOf('i-2')]);
    });
  });

  describe('when the meter saw a region', () => {
    it('is known of that region alone, and never goes back; the first time stays', async () => {
      const ledger = await makeLedger();
      expect(await ledger.meteredAt(ACCOUNT, REGION)).toBeUndefined();
      await ledger.saveMeteredAt(ACCOUNT, REGION, at(300));
      await ledger.saveMeteredAt(ACCOUNT, REGION, at(299.999));
      expect(await ledger.meteredAt(ACCOUNT, REGION)).toStrictEqual({ first: at(300), last: at(300) });
      await ledger.saveMeteredAt(ACCOUNT, REGION, at(600));
      expect(await ledger.meteredAt(ACCOUNT, REGION)).toStrictEqual({ first: at(300), last: at(600) });
      expect(await ledger.meteredAt(ACCOUNT, 'eu-west-1')).toBeUndefined();
      expect(await ledger.meteredAt('999999999999', REGION)).toBeUndefined();
    });

    it('is the latest of concurrent ones', async () => {
      const ledger = await makeLedger();
      const seconds = [7, 3, 19, 1, 12, 18, 4, 0, 16, 9];
      await Promise.all(seconds.map((second) => ledger.saveMeteredAt(ACCOUNT, REGION, at(second))));
      expect((await ledger.meteredAt(ACCOUNT, REGION))?.last).toStrictEqual(at(19));
    });
  });
}
