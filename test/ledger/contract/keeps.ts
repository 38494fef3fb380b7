import { describe, expect, it } from 'vitest';
import type { Keep, Ledger } from '../../../lib/ledger/ledger.ts';
import { arnOf, at, DAY, T0 } from '../fixtures.ts';

const ACCOUNT = '111122223333';
const REGION = 'us-east-1';
const HOUR = 3_600;

type Wish = Parameters<Ledger['keep']>[0];

/** A wish that is made `seconds` after `T0`, for two hours. */
const wishAt = (seconds: number, id: string, more: Partial<Wish> = {}): Wish => ({
  arn: arnOf('i-1'),
  since: T0,
  until: at(seconds + 2 * HOUR),
  by: `ana (${id})`,
  at: at(seconds),
  account: ACCOUNT,
  region: REGION,
  id,
  ...more,
});

const keepOf = ({ arn, since, until, by, at: said }: Wish, count: number): Keep => ({
  arn,
  since,
  until,
  by,
  at: said,
  count,
});

const heldIn = async (ledger: Ledger, now: Date, id = 'i-1') =>
  (await ledger.keeps(ACCOUNT, REGION, now)).get(arnOf(id));

/** What every ledger must do with what people want kept. */
export function keepsContract(makeLedger: () => Promise<Ledger>): void {
  describe('keeps', () => {
    it('come no more often in a spell than the wish allows', async () => {
      const ledger = await makeLedger();
      await ledger.keep(wishAt(0, 'p-1'));
      const second = wishAt(60, 'p-2', { most: 2 });
      expect(await ledger.keep(second)).toMatchObject({ count: 2 });
      expect(await ledger.keep(wishAt(120, 'p-3', { most: 2 }))).toStrictEqual(keepOf(second, 2));
      expect(await ledger.keep(second)).toStrictEqual(keepOf(second, 2));
      expect(await ledger.keep(wishAt(180, 'p-4'))).toMatchObject({ count: 3 });
      expect(await ledger.keep(wishAt(240, 'p-5', { since: at(200), most: 1 }))).toMatchObject({ count: 1 });
    });

    it('are counted within a spell; the newest replaces the one before', async () => {
      const ledger = await makeLedger();
      const first = wishAt(0, 'p-1');
      const second = wishAt(60, 'p-2', { until: at(DAY) });
      expect(await ledger.keep(first)).toStrictEqual(keepOf(first, 1));
      expect(await heldIn(ledger, at(1))).toStrictEqual(keepOf(first, 1));
      expect(await ledger.keep(second)).toStrictEqual(keepOf(second, 2));
      expect(await ledger.keeps(ACCOUNT, REGION, at(61))).toStrictEqual(
        new Map([[arnOf('i-1'), keepOf(second, 2)]]),
      );
    });

    it('are counted on where one has ended before the next', async () => {
      const ledger = await makeLedger();
      await ledger.keep(wishAt(0, 'p-1'));
      expect(await ledger.keep(wishAt(5 * HOUR, 'p-2'))).toMatchObject({ count: 2 });
    });

    it('are counted anew after a restart', async () => {
      const ledger = await makeLedger();
      await ledger.keep(wishAt(0, 'p-1'));
      await ledger.keep(wishAt(60, 'p-2'));
      const restarted = wishAt(200, 'p-3', { since: at(100) });
      expect(await ledger.keep(restarted)).toStrictEqual(keepOf(restarted, 1));
      expect(await ledger.keep(wishAt(300, 'p-4', { since: at(100) }))).toMatchObject({ count: 2 });
    });

    it('of a spell that is over count in the present one', async () => {
      const ledger = await makeLedger();
      await ledger.keep(wishAt(200, 'p-1', { since: at(100) }));
      expect(await ledger.keep(wishAt(300, 'p-2', { since: T0 }))).toMatchObject({
        since: at(100),
        until: at(300 + 2 * HOUR),
        count: 2,
      });
    });

    it('change nothing when one wish is heard again, also after others', async () => {
      const ledger = await makeLedger();
      const wishes = Array.from({ length: 10 }, (_, index) => wishAt(index, `p-${index}`));
      for (const wish of wishes) await ledger.keep(wish);
      const held = await heldIn(ledger, at(10));
      expect(held?.count).toBe(10);
      for (const wish of wishes) expect(await ledger.keep(wish)).toStrictEqual(held);
      // The same press, read anew by a later delivery.
      expect(await ledger.keep(wishAt(999, 'p-9'))).toStrictEqual(held);
      expect(await heldIn(ledger, at(10))).toStrictEqual(held);
    });

    it('may be shortened by a newer wish, and by no older one', async () => {
      const ledger = await makeLedger();
      const long = wishAt(60, 'p-1', { until: at(DAY) });
      await ledger.keep(long);
      expect(await ledger.keep(wishAt(30, 'p-2'))).toStrictEqual(keepOf(long, 2));
      expect(await ledger.keep(wishAt(30, 'p-3', { until: at(2 * DAY) }))).toStrictEqual(keepOf(long, 3));
      const short = wishAt(90, 'p-4', { until: at(HOUR) });
      expect(await ledger.keep(short)).toStrictEqual(keepOf(short, 4));
    });

    it('of one moment hold for the longer time, whichever comes first', async () => {
      const ledger = await makeLedger();
      const short = wishAt(60, 'p-1');
      const long = wishAt(60, 'p-2', { until: at(DAY) });
      await ledger.keep(short);
      expect(await ledger.keep(long)).toStrictEqual(keepOf(long, 2));
      const other = { arn: arnOf('i-2') };
      await ledger.keep({ ...long, ...other });
      expect(await ledger.keep({ ...short, ...other })).toStrictEqual(keepOf({ ...long, ...other }, 2));
    });

    it('are shown for 30 days after their end, and counted for as long', async () => {
      const ledger = await makeLedger();
      const wish = wishAt(0, 'p-1', { until: at(HOUR) });
      await ledger.keep(wish);
      const end = HOUR + 30 * DAY;
      expect(await heldIn(ledger, at(end - 1))).toStrictEqual(keepOf(wish, 1));
      expect(await heldIn(ledger, at(end))).toBeUndefined();
      const late = wishAt(end, 'p-2');
      expect(await ledger.keep(late)).toStrictEqual(keepOf(late, 1));
      expect(await ledger.keep(wishAt(end + 1, 'p-3'))).toMatchObject({ count: 2 });
    });

    it('are those of one account and region, each resource by itself', async () => {
      const ledger = await makeLedger();
      await ledger.keep(wishAt(0, 'p-1'));
      await ledger.keep(wishAt(0, 'p-1', { arn: arnOf('i-2') }));
      await ledger.keep(wishAt(0, 'p-2', { arn: arnOf('i-3'), region: 'us-east-10' }));
      await ledger.keep(wishAt(0, 'p-2', { arn: arnOf('i-4'), account: '444455556666' }));
      const held = await ledger.keeps(ACCOUNT, REGION, at(1));
      expect([...held].map(([arn, { count }]) => [arn, count]).toSorted()).toEqual([
        [arnOf('i-1'), 1],
        [arnOf('i-2'), 1],
      ]);
      expect(await ledger.keeps('444455556666', 'us-east-1', at(1))).toHaveProperty('size', 1);
    });

    it('count every one of many wishes that come at once, each of them twice', async () => {
      const ledger = await makeLedger();
      const wishes = Array.from({ length: 12 }, (_, index) => wishAt(index, `p-${index}`));
      const said = await Promise.all([...wishes, ...wishes].map((wish) => ledger.keep(wish)));
      expect(new Set(said.map(({ count }) => count))).toEqual(new Set(wishes.map((_, index) => index + 1)));
      const newest = wishAt(11, 'p-11');
      expect(await heldIn(ledger, at(20))).toStrictEqual(keepOf(newest, 12));
    });
  });

  describe('keep tags', () => {
    const tag = (id: string, value: string, seenAt: Date) => ({ arn: arnOf(id), value, seenAt });

    it('come back as they were saved, by account and region; only those given are written', async () => {
      const ledger = await makeLedger();
      expect(await ledger.keepTags(ACCOUNT, REGION)).toStrictEqual(new Map());
      await ledger.saveKeepTags(ACCOUNT, REGION, [tag('i-1', '2h', T0), tag('i-2', '', at(1))], at(1));
      await ledger.saveKeepTags(ACCOUNT, 'us-east-10', [tag('i-3', 'forever', T0)], T0);
      await ledger.saveKeepTags(ACCOUNT, REGION, [tag('i-1', 'ünïcode 🙂', at(2))], at(2));
      await ledger.saveKeepTags(ACCOUNT, REGION, [], at(3));
      expect(await ledger.keepTags(ACCOUNT, REGION)).toStrictEqual(
        new Map([
          [arnOf('i-1'), tag('i-1', 'ünïcode 🙂', at(2))],
          [arnOf('i-2'), tag('i-2', '', at(1))],
        ]),
      );
    });

    it('are all kept, however many', async () => {
      const ledger = await makeLedger();
      const tags = Array.from({ length: 60 }, (_, index) => tag(`i-${index}`, '3d', T0));
      await ledger.saveKeepTags(ACCOUNT, REGION, tags, T0);
      expect(await ledger.keepTags(ACCOUNT, REGION)).toHaveProperty('size', 60);
    });
  });
}
