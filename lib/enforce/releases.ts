import type { Ledger, Watch } from '../ledger/ledger.ts';
import { seenOf } from './seen.ts';

const mark = (heldAt: string): string => `released/${heldAt}`;

/** Releases what was held at that time. */
export const release = (heldAt: Date, ledger: Pick<Ledger, 'once'>, at: Date): Promise<boolean> =>
  ledger.once(mark(heldAt.toISOString()), at);

/** Has a person released what was held at that time? */
export const isReleased = (heldAt: Date, ledger: Pick<Ledger, 'seen'>, at: Date): Promise<boolean> =>
  ledger.seen(mark(heldAt.toISOString()), at);

/** Those of the holds that the watches remember which a person has released, as ISO 8601 texts. */
export async function releasedOf(
  watches: Iterable<Watch>,
  ledger: Pick<Ledger, 'seen'>,
  at: Date,
): Promise<ReadonlySet<string>> {
  const holds = [...new Set([...watches].flatMap(({ heldAt }) => heldAt?.toISOString() ?? []))];
  const marks = await seenOf(holds.map(mark), ledger, at);
  return new Set(holds.filter((heldAt) => marks.has(mark(heldAt))));
}
