import { naming } from '../errors.ts';
import type { Ledger, RestoreRecord, RestoreState } from '../ledger.ts';
import { readRestoreText, restoreText } from '../restore-text.ts';

interface Saved {
  readonly state: RestoreState;
  readonly text: string;
}

/** What restores need. */
export function restoresIn(): Pick<
  Ledger,
  'saveRestore' | 'restoreRecord' | 'setRestoreState' | 'restoreRecords'
> {
  const records = new Map<string, Saved>();
  const read = (arn: string, { state, text }: Saved): RestoreRecord => readRestoreText(arn, state, text);
  return {
    saveRestore: (record) =>
      naming('saving a restore record', async () => {
        records.set(record.arn, { state: record.state, text: restoreText(record) });
      }),
    restoreRecord: async (arn) => {
      const saved = records.get(arn);
      return saved === undefined ? undefined : read(arn, saved);
    },
    setRestoreState: async (arn, savedAt, state) => {
      const saved = records.get(arn);
      if (saved === undefined || read(arn, saved).savedAt.getTime() !== savedAt.getTime()) return;
      records.set(arn, { ...saved, state });
    },
    restoreRecords: async (state, project) =>
      [...records]
        .map(([arn, saved]) => read(arn, saved))
        .filter((record) => record.state === state && (project === undefined || record.project === project)),
  };
}
