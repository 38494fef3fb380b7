import { describe, expect, it } from 'vitest';
import { LedgerError } from '../../../lib/ledger/errors.ts';
import type { Ledger, SpendMonth } from '../../../lib/ledger/ledger.ts';
import type { ByProject, SpendDay } from '../../../lib/types/meter.ts';
import { microUsd } from '../../../lib/types/money.ts';
import { at } from '../fixtures.ts';

const ACCOUNT = '111122223333';
const EC2 = 'Amazon Elastic Compute Cloud - Compute';

/** What Recsys spent, in micro-dollars. */
const spent = (micros: number): ByProject =>
  new Map([['Recsys', new Map([[EC2, microUsd(BigInt(micros))]])]]);

const billed = (day: string, asOf: Date, micros: number): Omit<SpendDay, 'metered'> => ({
  day,
  billedAsOf: asOf,
  billed: spent(micros),
});

const whole = (ledger: Ledger) => ledger.spendDays(ACCOUNT, '0000-01-01', '9999-12-31');

const month = (name: string, asOf: Date, micros: number): SpendMonth => ({
  month: name,
  billedAsOf: asOf,
  billed: new Map([
    ['Recsys', microUsd(BigInt(micros))],
    ['', microUsd(-1n)],
    ['__proto__', microUsd(2n)],
  ]),
});

/** Projects of so many kilobytes in all. */
const names = (kilobytes: number): string[] =>
  Array.from({ length: kilobytes * 5 }, (_, n) => `${n}`.padEnd(200, '.'));

/** What every ledger must do with what was billed and metered. */
export function spendContract(makeLedger: () => Promise<Ledger>): void {
  describe('spend days', () => {
    it('come back as they were saved, in order, from the first to the last that is asked for', async () => {
      const ledger = await makeLedger();
      const byProject: ByProject = new Map([
        ['', new Map([[EC2, microUsd(1n)]])],
        ['__proto__', new Map([['constructor', microUsd(-2_000_000n)]])],
        ['a#b', new Map()],
        [
          'Recsys',
          new Map([
            [EC2, microUsd(21_957_642n)],
            ['Amazon SageMaker', microUsd(10n ** 18n)],
          ]),
        ],
      ]);
      await ledger.saveBilledDays(ACCOUNT, [
        billed('2026-11-03', at(3), 3),
        { day: '2026-11-01', billedAsOf: at(1), billed: byProject },
        { day: '2026-10-31', billedAsOf: at(0), billed: new Map() },
      ]);
      await ledger.saveMeteredDays(ACCOUNT, [
        { day: '2026-11-02', metered: new Map() },
        { day: '2026-11-01', metered: byProject },
      ]);
      const none = new Map();
      expect(await whole(ledger)).toStrictEqual([
        { day: '2026-10-31', billedAsOf: at(0), billed: none, metered: undefined },
        { day: '2026-11-01', billedAsOf: at(1), billed: byProject, metered: byProject },
        { day: '2026-11-02', billedAsOf: undefined, billed: none, metered: none },
        { day: '2026-11-03', billedAsOf: at(3), billed: spent(3), metered: undefined },
      ]);
      const days = async (from: string, to: string) =>
        (await ledger.spendDays(ACCOUNT, from, to)).map(({ day }) => day);
      expect(await days('2026-11-01', '2026-11-02')).toEqual(['2026-11-01', '2026-11-02']);
      expect(await days('2026-11-03', '2026-11-03')).toEqual(['2026-11-03']);
      expect(await days('2026-11-04', '2026-11-30')).toEqual([]);
      expect(await days('2026-11-02', '2026-11-01')).toEqual([]);
      expect(await ledger.spendDays('11112222333', '2026-01-01', '2026-12-31')).toEqual([]);
    });

    it('are billed as was last said, in whatever order it comes', async () => {
      const ledger = await makeLedger();
      await ledger.saveBilledDays(ACCOUNT, [billed('2026-11-01', at(100), 1)]);
      await ledger.saveBilledDays(ACCOUNT, [
        billed('2026-11-01', at(99), 2),
        billed('2026-11-02', at(99), 2),
      ]);
      expect(await whole(ledger)).toMatchObject([
        { day: '2026-11-01', billedAsOf: at(100), billed: spent(1) },
        { day: '2026-11-02', billedAsOf: at(99), billed: spent(2) },
      ]);
      // Of the same moment the last counts: a repeat may have got further.
      await ledger.saveBilledDays(ACCOUNT, [billed('2026-11-01', at(100), 3)]);
      await ledger.saveBilledDays(ACCOUNT, [billed('2026-11-02', at(101), 4)]);
      expect((await whole(ledger)).map((day) => day.billed)).toEqual([spent(3), spent(4)]);
    });

    it('are billed as the newest of concurrent answers says', async () => {
      const ledger = await makeLedger();
      const seconds = [7, 3, 19, 1, 12, 18, 4, 0, 16, 9];
      await Promise.all(
        seconds.map((second) => ledger.saveBilledDays(ACCOUNT, [billed('2026-11-01', at(second), second)])),
      );
      expect(await whole(ledger)).toMatchObject([{ billedAsOf: at(19), billed: spent(19) }]);
    });

    it('are metered as was first said', async () => {
      const ledger = await makeLedger();
      await ledger.saveMeteredDays(ACCOUNT, [{ day: '2026-11-01', metered: spent(1) }]);
      await ledger.saveMeteredDays(ACCOUNT, [
        { day: '2026-11-01', metered: spent(2) },
        { day: '2026-11-02', metered: spent(2) },
      ]);
      expect((await whole(ledger)).map(({ metered }) => metered)).toEqual([spent(1), spent(2)]);
    });

    it('keep what was billed and what was metered apart, whichever is saved first or last', async () => {
      const ledger = await makeLedger();
      await ledger.saveMeteredDays(ACCOUNT, [{ day: '2026-11-01', metered: spent(1) }]);
      await ledger.saveBilledDays(ACCOUNT, [billed('2026-11-01', at(5), 2), billed('2026-11-02', at(5), 3)]);
      await ledger.saveMeteredDays(ACCOUNT, [{ day: '2026-11-02', metered: spent(4) }]);
      await ledger.saveBilledDays(ACCOUNT, [billed('2026-11-02', at(6), 5)]);
      expect(await whole(ledger)).toStrictEqual([
        { day: '2026-11-01', billedAsOf: at(5), billed: spent(2), metered: spent(1) },
        { day: '2026-11-02', billedAsOf: at(6), billed: spent(5), metered: spent(4) },
      ]);
    });

    it('of which nothing is known leave nothing, and overwrite nothing', async () => {
      const ledger = await makeLedger();
      const unknown = { day: '2026-11-01', billedAsOf: undefined, billed: new Map() };
      await ledger.saveBilledDays(ACCOUNT, [unknown]);
      await ledger.saveMeteredDays(ACCOUNT, [{ day: '2026-11-01', metered: undefined }]);
      expect(await whole(ledger)).toEqual([]);
      await ledger.saveBilledDays(ACCOUNT, [billed('2026-11-01', at(5), 2)]);
      await ledger.saveBilledDays(ACCOUNT, [unknown]);
      await ledger.saveMeteredDays(ACCOUNT, [{ day: '2026-11-01', metered: spent(1) }]);
      expect(await whole(ledger)).toStrictEqual([
        { day: '2026-11-01', billedAsOf: at(5), billed: spent(2), metered: spent(1) },
      ]);
    });

    it('are saved and read by the hundred', async () => {
      const ledger = await makeLedger();
      const days = Array.from({ length: 100 }, (_, n) =>
        new Date(Date.UTC(2026, 7, 1 + n)).toISOString().slice(0, 10),
      );
      await ledger.saveBilledDays(
        ACCOUNT,
        days.map((day, n) => billed(day, at(0), n)),
      );
      await ledger.saveMeteredDays(
        ACCOUNT,
        days.map((day, n) => ({ day, metered: spent(n) })),
      );
      const found = await whole(ledger);
      expect(found.map(({ day }) => day)).toEqual(days);
      expect(found.map((day) => day.billed)).toEqual(days.map((_, n) => spent(n)));
      expect(found.map((day) => day.metered)).toEqual(days.map((_, n) => spent(n)));
    });

    it('over 350 KB are refused, and pages of smaller ones are all read', async () => {
      const ledger = await makeLedger();
      const of = (kilobytes: number): ByProject =>
        new Map(names(kilobytes).map((name) => [name, new Map([[EC2, microUsd(1n)]])]));
      const day = (kilobytes: number, n: number) => ({
        day: `2026-11-0${n}`,
        billedAsOf: at(0),
        billed: of(kilobytes),
        metered: of(kilobytes),
      });
      for (const save of [ledger.saveBilledDays, ledger.saveMeteredDays]) {
        const refused = save(ACCOUNT, [day(400, 1)]);
        await expect(refused).rejects.toBeInstanceOf(LedgerError);
        await expect(refused).rejects.toThrow(/the spend of 2026-11-01 is \d{3} KB; at most 350 KB/);
      }
      expect(await whole(ledger)).toEqual([]);
      const days = [1, 2, 3, 4, 5].map((n) => day(300, n));
      await ledger.saveBilledDays(ACCOUNT, days);
      await ledger.saveMeteredDays(ACCOUNT, days);
      expect(await whole(ledger)).toStrictEqual(days);
    }, 60_000);
  });

  describe('spend months', () => {
    it('come back as they were saved, in order, from the first that is asked for', async () => {
      const ledger = await makeLedger();
      const months = [month('2026-09', at(1), 9), month('2025-12', at(2), 12), month('2026-10', at(3), 10)];
      await ledger.saveSpendMonths(ACCOUNT, months);
      await ledger.saveSpendMonths('999999999999', [month('2026-11', at(4), 11)]);
      expect(await ledger.spendMonths(ACCOUNT, '2025-01')).toStrictEqual([months[1], months[0], months[2]]);
      expect(await ledger.spendMonths(ACCOUNT, '2026-09')).toStrictEqual([months[0], months[2]]);
      expect(await ledger.spendMonths(ACCOUNT, '2026-11')).toEqual([]);
    });

    it('are as was last billed, in whatever order it comes', async () => {
      const ledger = await makeLedger();
      await ledger.saveSpendMonths(ACCOUNT, [month('2026-09', at(100), 1)]);
      await ledger.saveSpendMonths(ACCOUNT, [month('2026-09', at(99), 2)]);
      expect(await ledger.spendMonths(ACCOUNT, '2026-09')).toStrictEqual([month('2026-09', at(100), 1)]);
      await ledger.saveSpendMonths(ACCOUNT, [month('2026-09', at(101), 3)]);
      expect(await ledger.spendMonths(ACCOUNT, '2026-09')).toStrictEqual([month('2026-09', at(101), 3)]);
    });

    it('over 350 KB are refused', async () => {
      const ledger = await makeLedger();
      const many = {
        ...month('2026-09', at(1), 1),
        billed: new Map(names(400).map((name) => [name, microUsd(1n)])),
      };
      const refused = ledger.saveSpendMonths(ACCOUNT, [many]);
      await expect(refused).rejects.toBeInstanceOf(LedgerError);
      await expect(refused).rejects.toThrow(/the spend of 2026-09 is \d{3} KB; at most 350 KB/);
    });
  });
}
