import { utcDay } from '../decide/sentences.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { mapLimited } from '../types/lists.ts';
import type { Result } from '../types/outcome.ts';
import { seenOf } from './seen.ts';

/** A lasting refusal (stop protection, a service control policy) is remembered for the day (UTC). */
const mark = (key: string, at: Date): string => `refused/${key}/${utcDay(at)}`;

/** Remembers the stops that AWS refused and would refuse again. */
export async function rememberRefusals(
  results: readonly Result[],
  ledger: Pick<Ledger, 'once'>,
  at: Date,
): Promise<void> {
  const refused = results.filter(
    ({ decision, outcome }) => decision.action === 'stop' && outcome.status === 'failed' && !outcome.retry,
  );
  await mapLimited(refused, 10, ({ decision }) => ledger.once(mark(decision.key, at), at));
}

/** Those of the keys whose stop was refused today. */
export async function refusedToday(
  keys: readonly string[],
  ledger: Pick<Ledger, 'seen'>,
  at: Date,
): Promise<ReadonlySet<string>> {
  const marks = await seenOf(
    keys.map((key) => mark(key, at)),
    ledger,
    at,
  );
  return new Set(keys.filter((key) => marks.has(mark(key, at))));
}
