import type { Ledger } from '../ledger/ledger.ts';
import type { StopDecision } from '../types/decision.ts';

/**
 * Whether one more launch of a project may be undone in this hour (UTC), of `most`. The same launch counts once,
 * however often it is asked for.
 * @throws `LedgerError`
 */
export async function mayUndo(
  { project, key }: Pick<StopDecision, 'project' | 'key'>,
  most: number,
  ledger: Pick<Ledger, 'once' | 'seen'>,
  now: Date,
): Promise<boolean> {
  const own = `undone/${key}`;
  if (await ledger.seen(own, now)) return true;
  const place = (n: number): string => `undone/${now.toISOString().slice(0, 13)}/${n}/${project ?? ''}`;
  // They are taken in their order, so where the last is taken all are.
  if (await ledger.seen(place(most), now)) return false;
  for (let n = 1; n <= most; n += 1) {
    if (!(await ledger.once(place(n), now))) continue;
    await ledger.once(own, now);
    return true;
  }
  return false;
}
