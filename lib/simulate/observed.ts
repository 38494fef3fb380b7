import type { Ledger } from '../ledger/ledger.ts';

export interface Observer {
  /** What became of decisions. */
  readonly settled: (results: Parameters<Ledger['settle']>[0], now: Date) => void;
  /** Somebody said something of a resource, or its keep tag was seen for the first time. */
  readonly said: (arn: string) => void;
}

/** A ledger that tells what is written to it. `restoring`: ARNs whose restore has begun and is not finished. */
export function observed(
  ledger: Ledger,
  { settled, said }: Observer,
): { readonly ledger: Ledger; readonly restoring: ReadonlySet<string> } {
  const restoring = new Set<string>();
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
      setRestoreState: async (arn, savedAt, state) => {
        if (state === 'restoring') restoring.add(arn);
        else restoring.delete(arn);
        await ledger.setRestoreState(arn, savedAt, state);
      },
    },
  };
}
