import type { Ledger, Watch } from '../ledger/ledger.ts';
import type { Policy } from '../policy/policy.ts';
import { mapLimited } from '../types/lists.ts';

/** What the sweep remembers of every region: of what it held back, when. */
export async function allWatches(
  { policy, ledger, account }: { readonly policy: Policy; readonly ledger: Ledger; readonly account: string },
  at: Date,
): Promise<readonly Watch[]> {
  const watches = await mapLimited(policy.scope.regions, 5, (region) => ledger.watches(account, region, at));
  return watches.flatMap((some) => [...some.values()]);
}

/** The times at which something was held back that is held still, as ISO 8601 texts. */
export const heldTimes = (watches: readonly Watch[]): ReadonlySet<string> =>
  new Set(watches.flatMap(({ heldAt }) => heldAt?.toISOString() ?? []));
