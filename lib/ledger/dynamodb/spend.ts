import { mapLimited } from '../../types/lists.ts';
import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiryOf } from '../lifetimes.ts';
import { dayText, meteredText, monthText } from '../meter-text.ts';
import { mergeDays } from '../spend-days.ts';
import { AT_ONCE } from './batches.ts';
import type { Entities } from './entities.ts';
import { readBilledDay, readMeteredDay, readSpendMonth } from './rows.ts';

/** What was billed, and what the meter said of settled days: an item each, so that neither overwrites the other. */
export const spendPart = (
  entities: Entities,
): Pick<Ledger, 'spendDays' | 'saveBilledDays' | 'saveMeteredDays' | 'spendMonths' | 'saveSpendMonths'> => ({
  spendDays: (account, from, to) =>
    naming('reading spend days', async () => {
      if (from > to) return [];
      const all = { pages: 'all', consistent: true } as const;
      const [billed, metered] = await Promise.all([
        entities.billedDay.query.primary({ account }).between({ day: from }, { day: to }).go(all),
        entities.meteredDay.query.primary({ account }).between({ day: from }, { day: to }).go(all),
      ]);
      return mergeDays(billed.data.map(readBilledDay), metered.data.map(readMeteredDay));
    }),

  saveBilledDays: (account, days) =>
    naming('saving billed days', async () => {
      await mapLimited(days, AT_ONCE, async ({ day, billedAsOf: asOf, billed }) => {
        if (asOf === undefined) return;
        const asOfText = asOf.toISOString();
        await entities.billedDay
          .put({
            account,
            day,
            billedAsOf: asOfText,
            billed: dayText(day, billed),
            expiresAt: expiryOf('spendDay', new Date(day)),
          })
          .where(
            ({ billedAsOf }, { notExists, lte }) =>
              `${notExists(billedAsOf)} OR ${lte(billedAsOf, asOfText)}`,
          )
          .go({ returnOnConditionCheckFailure: true });
      });
    }),

  saveMeteredDays: (account, days) =>
    naming('saving metered days', async () => {
      await mapLimited(days, AT_ONCE, async ({ day, metered, models }) => {
        if (metered === undefined) return;
        await entities.meteredDay
          .put({
            account,
            day,
            metered: meteredText(day, metered, models),
            expiresAt: expiryOf('spendDay', new Date(day)),
          })
          .where((known, { notExists }) => notExists(known.metered))
          .go({ returnOnConditionCheckFailure: true });
      });
    }),

  spendMonths: (account, from) =>
    naming('reading spend months', async () => {
      const { data } = await entities.spendMonth.query
        .primary({ account })
        .gte({ month: from })
        .go({ pages: 'all', consistent: true });
      return data.map(readSpendMonth);
    }),

  saveSpendMonths: (account, months) =>
    naming('saving spend months', async () => {
      await mapLimited(months, AT_ONCE, async (one) => {
        const asOfText = one.billedAsOf.toISOString();
        await entities.spendMonth
          .put({
            account,
            month: one.month,
            billedAsOf: asOfText,
            billed: monthText(one),
            expiresAt: expiryOf('spendMonth', new Date(one.month)),
          })
          .where(
            ({ billedAsOf }, { notExists, lte }) =>
              `${notExists(billedAsOf)} OR ${lte(billedAsOf, asOfText)}`,
          )
          .go({ returnOnConditionCheckFailure: true });
      });
    }),
});
