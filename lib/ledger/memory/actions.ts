import { randomUUID } from 'node:crypto';
import { decodeDecision, decodeOutcome, encodeDecision, encodeOutcome } from '../../types/wire.ts';
import { naming } from '../errors.ts';
import type { ActionRecord, Claim, Ledger } from '../ledger.ts';
import { expiredBy, expiryOf } from '../lifetimes.ts';
import { intentLine, outcomeLine, type TrailLine } from '../trail.ts';
import { type Form, keptAs } from './copied.ts';

interface Action {
  readonly record: ActionRecord;
  /** The lease's end while intended, the time of a retry once settled; `undefined` = never again. */
  readonly claimableFrom: Date | undefined;
  readonly expiresAt: number;
}

const isClaimable = ({ claimableFrom, expiresAt }: Action, now: Date): boolean =>
  (claimableFrom !== undefined && claimableFrom <= now) || expiresAt <= expiredBy(now);

/** Claims and settlements. */
export function actionsIn(append: (line: TrailLine) => void, form: Form): Pick<Ledger, 'claim' | 'settle'> {
  const copied = keptAs(form);
  const actions = new Map<string, Action>();
  return {
    claim: (decisions, { batch, now, leaseSeconds }) =>
      naming('claiming', async () =>
        decisions.map((decision): Claim => {
          const held = actions.get(decision.key);
          if (held !== undefined && !isClaimable(held, now)) {
            return { state: held.record.status === 'intended' ? 'held' : 'done', record: held.record };
          }
          const record: ActionRecord = {
            key: decision.key,
            batch,
            token: randomUUID(),
            decision: copied(decision, encodeDecision, decodeDecision),
            status: 'intended',
            intendedAt: now,
            outcome: undefined,
          };
          actions.set(record.key, {
            record,
            claimableFrom: new Date(now.getTime() + leaseSeconds * 1_000),
            expiresAt: expiryOf('action', now),
          });
          append(intentLine(record));
          return { state: 'won', record };
        }),
      ),

    settle: (results, now) =>
      naming('settling', async () => {
        for (const { record, outcome, retryAt } of results) {
          append(outcomeLine(record, outcome));
          const held = actions.get(record.key);
          if (held?.record.token !== record.token) continue;
          actions.set(record.key, {
            record: {
              ...held.record,
              status: outcome.status,
              outcome: copied(outcome, encodeOutcome, decodeOutcome),
            },
            claimableFrom: retryAt,
            expiresAt: expiryOf('action', now),
          });
        }
      }),
  };
}
