import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiredBy, expiryOf } from '../lifetimes.ts';
import type { Entities } from './entities.ts';
import { readExpiry } from './rows.ts';

/** Ids that must be acted on once. */
export const oncePart = (entities: Entities): Pick<Ledger, 'once' | 'forget' | 'seen'> => ({
  once: (id, now) =>
    naming('remembering an id', async () => {
      const { rejected } = await entities.once
        .put({ id, expiresAt: expiryOf('once', now) })
        .where(
          ({ expiresAt }, { notExists, lte }) =>
            `${notExists(expiresAt)} OR ${lte(expiresAt, expiredBy(now))}`,
        )
        .go({ returnOnConditionCheckFailure: true });
      return !rejected;
    }),

  forget: (id) =>
    naming('forgetting an id', async () => {
      await entities.once.delete({ id }).go();
    }),

  seen: (id, now) =>
    naming('looking an id up', async () => {
      const { data } = await entities.once.get({ id }).go({ consistent: true });
      return data !== null && readExpiry(data).expiresAt > expiredBy(now);
    }),
});
