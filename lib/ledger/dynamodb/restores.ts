import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiryOf } from '../lifetimes.ts';
import { restoreText } from '../restore-text.ts';
import type { Entities } from './entities.ts';
import { readRestore } from './rows.ts';

/** What restores need. */
export const restoresPart = (entities: Entities): Pick<Ledger, 'saveRestore' | 'restoreRecord'> => ({
  saveRestore: (record) =>
    naming('saving a restore record', async () => {
      await entities.restore
        .put({
          arn: record.arn,
          saved: restoreText(record),
          expiresAt: expiryOf('restore', record.savedAt),
        })
        .go();
    }),

  restoreRecord: (arn) =>
    naming('reading a restore record', async () => {
      const { data } = await entities.restore.get({ arn }).go({ consistent: true });
      return data === null ? undefined : readRestore(data);
    }),
});
