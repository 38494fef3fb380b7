import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiryOf } from '../lifetimes.ts';
import type { Entities } from './entities.ts';
import { readTold } from './rows.ts';

/** What was told of a batch. One item, so that a crash leaves all of a telling or nothing. */
export const toldPart = (entities: Entities): Pick<Ledger, 'told' | 'rememberTold'> => ({
  told: (batch) =>
    naming('reading what was told', async () => {
      const { data } = await entities.told.get({ batch }).go({ consistent: true });
      return data === null ? new Set() : readTold(data);
    }),

  rememberTold: (batch, marks, now) =>
    naming('remembering what was told', async () => {
      if (marks.length === 0) return;
      await entities.told
        .upsert({ batch, expiresAt: expiryOf('once', now) })
        .add({ marks: [...marks] })
        .go();
    }),
});
