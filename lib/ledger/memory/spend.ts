import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import {
  dayText,
  meteredText,
  monthText,
  readDayText,
  readMeteredText,
  readMonthText,
} from '../meter-text.ts';
import { mergeDays } from '../spend-days.ts';

interface Billed {
  readonly asOf: Date;
  readonly text: string;
}

/** What a text says, read once: the same text is asked for at each look at the meter. */
function remembering<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size >= 1_000) known.clear();
    const value = read(text);
    known.set(text, value);
    return value;
  };
}

/** By account, and day or month. */
type Kept<T> = Map<string, Map<string, T>>;

const of = <T>(kept: Kept<T>, account: string): Map<string, T> => {
  const some = kept.get(account) ?? new Map<string, T>();
  kept.set(account, some);
  return some;
};

/** An older answer never takes the place of a newer one. */
const put = (some: Map<string, Billed>, key: string, billed: Billed): void => {
  const known = some.get(key);
  if (known === undefined || known.asOf <= billed.asOf) some.set(key, billed);
};

/** What was billed, and what the meter said of settled days. */
export function spendIn(): Pick<
  Ledger,
  'spendDays' | 'saveBilledDays' | 'saveMeteredDays' | 'spendMonths' | 'saveSpendMonths'
> {
  const readDay = remembering(readDayText);
  const readMetered = remembering(readMeteredText);
  const billedDays: Kept<Billed> = new Map();
  const meteredDays: Kept<string> = new Map();
  const months: Kept<Billed> = new Map();
  return {
    spendDays: async (account, from, to) =>
      mergeDays(
        [...of(billedDays, account)].map(([day, { asOf, text }]) => ({
          day,
          billedAsOf: asOf,
          billed: readDay(text),
        })),
        [...of(meteredDays, account)].map(([day, text]) => ({ day, ...readMetered(text) })),
      ).filter(({ day }) => day >= from && day <= to),
    saveBilledDays: (account, days) =>
      naming('saving billed days', async () => {
        for (const { day, billedAsOf, billed } of days) {
          if (billedAsOf === undefined) continue;
          put(of(billedDays, account), day, { asOf: billedAsOf, text: dayText(day, billed) });
        }
      }),
    saveMeteredDays: (account, days) =>
      naming('saving metered days', async () => {
        const some = of(meteredDays, account);
        for (const { day, metered, models } of days) {
          if (metered !== undefined && !some.has(day)) some.set(day, meteredText(day, metered, models));
        }
      }),
    spendMonths: async (account, from) =>
      [...of(months, account)]
        .filter(([month]) => month >= from)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([month, { asOf, text }]) => ({ month, billedAsOf: asOf, billed: readMonthText(text) })),
    saveSpendMonths: (account, some) =>
      naming('saving spend months', async () => {
        for (const month of some) {
          put(of(months, account), month.month, { asOf: month.billedAsOf, text: monthText(month) });
        }
      }),
  };
}
