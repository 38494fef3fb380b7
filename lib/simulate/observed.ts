import type { Ledger, RestoreRecord, RestoreState } from '../ledger/ledger.ts';

export interface Observer {
  /** What became of decisions. */
  readonly settled: (results: Parameters<Ledger['settle']>[0], now: Date) => void;
  /** Somebody said something of a resource, or its keep tag was seen for the first time. */
  readonly said: (arn: string) => void;
  /** What brings something back was saved, … */
  readonly saved: (record: RestoreRecord) => void;
  /** … or is in another state. */
  readonly changed: (arn: string, savedAt: Date, state: RestoreState) => void;
}

/**
 * A ledger that tells what is written to it. `restoring`: ARNs whose restore has begun and is not finished.
 * @param begun those of which that is so at the beginning
 */
export function observed(
  ledger: Ledger,
  { settled, said, saved, changed }: Observer,
  begun: Iterable<string> = [],
): { readonly ledger: Ledger; readonly restoring: ReadonlySet<string> } {
  const restoring = new Set<string>(begun);
  return {
    restoring,
    ledger: {
      ...ledger,
      settle: async (results, now) => {
        await ledger.settle(results, now);
        settled(results, now);
      },
      keep: async (wish) => {
        said(wish.arn);
        return ledger.keep(wish);
      },
      saveKeepTags: async (account, region, tags, now) => {
        for (const { arn } of tags) said(arn);
        await ledger.saveKeepTags(account, region, tags, now);
      },
      // Nobody looks at an alert again in a run.
      saveAlert: async () => {},
      saveRestore: async (record) => {
        saved(record);
        await ledger.saveRestore(record);
      },
      setRestoreState: async (arn, savedAt, state) => {
        changed(arn, savedAt, state);
        if (state === 'restoring') restoring.add(arn);
        else restoring.delete(arn);
        await ledger.setRestoreState(arn, savedAt, state);
      },
    },
  };
}
