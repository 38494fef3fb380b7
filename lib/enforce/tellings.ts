import { announcementId } from '../decide/announcement.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { mapLimited } from '../types/lists.ts';
import type { Result } from '../types/outcome.ts';
import { seenOf } from './seen.ts';

/** Remembers of which stops people were told in time: with at least half of the time left that they were to have. */
export async function rememberTold(
  results: readonly Result[],
  ledger: Pick<Ledger, 'once'>,
  { issuedAt, at }: { readonly issuedAt: Date; readonly at: Date },
): Promise<void> {
  const warnings = results.flatMap(({ decision, outcome }) =>
    decision.action === 'warn' &&
    outcome.status === 'taken' &&
    decision.stopAt.getTime() - at.getTime() >= at.getTime() - issuedAt.getTime()
      ? [decision]
      : [],
  );
  await mapLimited(warnings, 10, (warning) => ledger.once(announcementId(warning), at));
}

/** Those of the announcements that never went out. */
export async function untoldOf(
  ids: readonly string[],
  ledger: Pick<Ledger, 'seen'>,
  at: Date,
): Promise<ReadonlySet<string>> {
  const seen = await seenOf(ids, ledger, at);
  return new Set(ids.filter((id) => !seen.has(id)));
}
