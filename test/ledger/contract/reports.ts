import { describe, expect, it } from 'vitest';
import type { Ledger, SavedReport } from '../../../lib/ledger/ledger.ts';
import { microUsd } from '../../../lib/types/money.ts';
import { at, DAY, T0 } from '../fixtures.ts';

const HASH = 'a'.repeat(64);
const keys = (month: string) => ({
  html: `reports/${month}/x.html`,
  csv: `reports/${month}/x.csv`,
  json: `reports/${month}/x.json`,
});
const report = (more: Partial<SavedReport> = {}): SavedReport => ({
  month: '2026-01',
  madeAt: T0,
  keys: keys('2026-01'),
  link: { url: 'https://links.example.com/r/secret', tokenHash: HASH, until: at(8 * DAY) },
  ...more,
});

/** What every ledger must do with reports and the links to them. */
export function reportsContract(makeLedger: () => Promise<Ledger>): void {
  describe('reports', () => {
    it('come back as they were saved, with and without a link', async () => {
      const ledger = await makeLedger();
      expect(await ledger.newestReport(T0)).toBeUndefined();
      await ledger.saveReport(report());
      expect(await ledger.newestReport(T0)).toStrictEqual(report());
      const advising = report({
        recommended: {
          count: 2,
          monthly: microUsd(12_345_678_901_234_567n),
          largest: [{ title: 'Delete “vol-1”.', monthly: microUsd(1n) }],
        },
      });
      await ledger.saveReport(advising);
      expect(await ledger.newestReport(T0)).toStrictEqual(advising);
      const unlinked = report({ madeAt: at(1), link: undefined });
      await ledger.saveReport(unlinked);
      expect(await ledger.newestReport(at(1))).toStrictEqual(unlinked);
    });

    it('of which the one that was made last is the newest, in whatever order they come', async () => {
      const ledger = await makeLedger();
      const later = report({ month: '2026-02', madeAt: at(60), link: undefined });
      await ledger.saveReport(later);
      await ledger.saveReport(report());
      expect(await ledger.newestReport(at(60))).toStrictEqual(later);
      // Made anew at the same moment: the link that was told last holds.
      const again = report({ madeAt: at(60) });
      await ledger.saveReport(again);
      expect(await ledger.newestReport(at(60))).toStrictEqual(again);
    });

    it('are no news 30 days after they were made', async () => {
      const ledger = await makeLedger();
      await ledger.saveReport(report());
      expect(await ledger.newestReport(at(30 * DAY - 1))).toStrictEqual(report());
      expect(await ledger.newestReport(at(30 * DAY))).toBeUndefined();
    });

    it('are found by the hash of a token until the link ends; then it says so, and at last is unknown', async () => {
      const ledger = await makeLedger();
      await ledger.saveReport(report());
      const found = (now: Date) => ledger.reportByToken(HASH, now);
      expect(await found(at(8 * DAY - 0.001))).toStrictEqual({
        state: 'open',
        month: '2026-01',
        keys: keys('2026-01'),
      });
      expect(await found(at(8 * DAY))).toStrictEqual({ state: 'expired' });
      expect(await found(at(38 * DAY - 1))).toStrictEqual({ state: 'expired' });
      expect(await found(at(38 * DAY))).toBeUndefined();
      expect(await ledger.reportByToken('b'.repeat(64), T0)).toBeUndefined();
      expect(await ledger.reportByToken('', T0).catch(() => undefined)).toBeUndefined();
    });

    it('keep the links of earlier ones', async () => {
      const ledger = await makeLedger();
      await ledger.saveReport(report());
      const link = {
        url: 'https://links.example.com/r/other',
        tokenHash: 'c'.repeat(64),
        until: at(9 * DAY),
      };
      await ledger.saveReport(report({ month: '2026-02', madeAt: at(DAY), keys: keys('2026-02'), link }));
      expect(await ledger.reportByToken(HASH, at(DAY))).toMatchObject({ month: '2026-01' });
      expect(await ledger.reportByToken('c'.repeat(64), at(DAY))).toMatchObject({ month: '2026-02' });
    });
  });
}
