import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiryOf } from '../lifetimes.ts';
import { restoreText } from '../restore-text.ts';
import type { Entities } from './entities.ts';
import { readRestore } from './rows.ts';

const placeOf = (project: string | undefined): string => JSON.stringify(project ?? null);

/** What restores need. */
export const restoresPart = (
  entities: Entities,
): Pick<Ledger, 'saveRestore' | 'restoreRecord' | 'setRestoreState' | 'restoreRecords'> => ({
  saveRestore: (record) =>
    naming('saving a restore record', async () => {
      await entities.restore
        .put({
          arn: record.arn,
          place: placeOf(record.project),
          savedAt: record.savedAt.toISOString(),
          state: record.state,
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

  setRestoreState: (arn, savedAt, state) =>
    naming('changing the state of a restore record', async () => {
      // The state is in the key of the index, and so is the project, which only the record itself knows.
      const { data } = await entities.restore.get({ arn }).go({ consistent: true });
      if (data === null) return;
      await entities.restore
        .update({ arn })
        .set({ state })
        .composite({ place: placeOf(readRestore(data).project) })
        .where((record, { eq }) => eq(record.savedAt, savedAt.toISOString()))
        .go({ returnOnConditionCheckFailure: true });
    }),

  restoreRecords: (state, project) =>
    naming('reading restore records', async () => {
      const { data } = await entities.restore.query
        .byState({})
        .begins(project === undefined ? { state } : { state, place: placeOf(project) })
        .go({ pages: 'all' });
      return data.map(readRestore);
    }),
});
