import { naming } from '../errors.ts';
import type { Ledger, RestoreRecord, RestoreState } from '../ledger.ts';
import { readRestoreText, restoreText } from '../restore-text.ts';
import type { Form } from './copied.ts';

interface Saved {
  readonly state: RestoreState;
  readonly savedAt: number;
  readonly project: string | undefined;
  /** Its text; or the record itself, where objects are kept. */
  readonly kept: string | RestoreRecord;
}

/** What restores need. */
export function restoresIn(
  form: Form,
): Pick<Ledger, 'saveRestore' | 'restoreRecord' | 'setRestoreState' | 'restoreRecords'> {
  const records = new Map<string, Saved>();
  const read = (arn: string, { state, kept }: Saved): RestoreRecord =>
    typeof kept === 'string' ? readRestoreText(arn, state, kept) : { ...kept, state };
  return {
    saveRestore: (record) =>
      naming('saving a restore record', async () => {
        const { arn, state, savedAt, project } = record;
        const kept = form === 'text' ? restoreText(record) : record;
        records.set(arn, { state, savedAt: savedAt.getTime(), project, kept });
      }),
    restoreRecord: async (arn) => {
      const saved = records.get(arn);
      return saved === undefined ? undefined : read(arn, saved);
    },
    setRestoreState: async (arn, savedAt, state) => {
      const saved = records.get(arn);
      if (saved?.savedAt !== savedAt.getTime()) return;
      records.set(arn, { ...saved, state });
    },
    restoreRecords: async (state, project) =>
      [...records]
        .filter(([, saved]) => saved.state === state && (project === undefined || saved.project === project))
        .map(([arn, saved]) => read(arn, saved)),
  };
}
