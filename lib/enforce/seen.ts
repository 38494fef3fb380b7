import type { Ledger } from '../ledger/ledger.ts';
import { mapLimited } from '../types/lists.ts';

/** Ledger ids that are looked up at once. */
const LOOKS_AT_ONCE = 10;

/** Those of the ids that the ledger has seen (`Ledger.once`). */
export async function seenOf(
  ids: readonly string[],
  ledger: Pick<Ledger, 'seen'>,
  at: Date,
): Promise<ReadonlySet<string>> {
  const seen = await mapLimited(ids, LOOKS_AT_ONCE, (id) => ledger.seen(id, at));
  return new Set(ids.filter((_, index) => seen[index]));
}
