import { alertsFromBatch } from '../alerts/from-outcomes.ts';
import { kindOf } from '../fleet/registry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Policy } from '../policy/policy.ts';
import type { Alert } from '../types/alert.ts';
import type { Result } from '../types/outcome.ts';
import { mayRetry } from './carry-out.ts';
import type { CommandBatch } from './command.ts';
import { rememberTold } from './tellings.ts';

export interface AnnounceDeps {
  readonly ledger: Pick<Ledger, 'told' | 'rememberTold' | 'once'>;
  readonly policy: Policy;
  readonly account: string;
  readonly publish: (alert: Alert) => Promise<void>;
}

/**
 * Tells people what became of a batch, each result once. What is to be tried again is told when it is final,
 * or at the `lastAttempt`. A crash after publishing repeats the same alert under the same id.
 */
export async function announce(
  batch: CommandBatch,
  results: readonly Result[],
  { lastAttempt, now }: { readonly lastAttempt: boolean; readonly now: Date },
  deps: AnnounceDeps,
): Promise<void> {
  const final = results.filter(({ outcome }) => lastAttempt || !mayRetry(outcome));
  const told = await deps.ledger.told(batch.id);
  const untold = final.filter((result) => !told.has(mark(result)));
  if (untold.length === 0) return;
  const alerts = alertsFromBatch({
    batch: batch.id,
    at: now,
    account: deps.account,
    policy: deps.policy,
    undo: (kind, ids, region) => kindOf(kind)?.undo(ids, region),
    results: untold,
  });
  for (const alert of alerts) await deps.publish(alert);
  await rememberTold(untold, deps.ledger, { issuedAt: batch.issuedAt, at: now });
  // All at once: were only some of them remembered, the others would be told by an alert of another id.
  await deps.ledger.rememberTold(batch.id, untold.map(mark), now);
}

/** A decision that ends otherwise when it is tried again is a result of its own. */
const mark = ({ decision, outcome }: Result): string => `${decision.key}/${outcome.status}`;
