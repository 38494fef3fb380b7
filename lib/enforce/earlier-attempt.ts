import type { Ledger } from '../ledger/ledger.ts';
import type { Decision } from '../types/decision.ts';

const MINUTE_MS = 60_000;

/** Told of what was done by an attempt that could not say what. */
export const BROKE_OFF = 'an earlier attempt broke off before its end was recorded.';

/**
 * What an earlier attempt at the same did, which nobody was told of; `undefined` where there was none. Either it wrote
 * its intent and never an outcome, so it may have acted; or it wrote in the trail that it had, and no further.
 */
export async function earlierAttempt(
  decision: Decision,
  issuedAt: Date,
  { ledger }: { readonly ledger: Pick<Ledger, 'audit'> },
): Promise<{ readonly told: string | undefined } | undefined> {
  const of = 'target' in decision ? { arn: decision.target.arn } : { project: decision.project };
  // The clock of whoever ordered it may be ahead of the one that dated the intent.
  const trail = await ledger.audit(of, new Date(issuedAt.getTime() - MINUTE_MS));
  const own = trail.filter(({ decision: { key } }) => key === decision.key);
  const taken = own.find(({ event }) => event === 'taken');
  if (taken !== undefined) return { told: taken.detail };
  const intents = own.filter(({ event }) => event === 'intended').length;
  // One intent without an outcome is that of this very attempt.
  return intents - (own.length - intents) > 1 ? { told: undefined } : undefined;
}
