import { randomUUID } from 'node:crypto';
import type { Decision } from '../../types/decision.ts';
import { mapLimited } from '../../types/lists.ts';
import { encodeDecision, encodeOutcome } from '../../types/wire.ts';
import { LedgerError, naming } from '../errors.ts';
import type { ActionRecord, Claim, Ledger } from '../ledger.ts';
import { expiredBy, expiryOf } from '../lifetimes.ts';
import { intentLine, outcomeLine } from '../trail.ts';
import { appendLines } from './audit.ts';
import { AT_ONCE } from './batches.ts';
import type { Entities } from './entities.ts';
import { readAction } from './rows.ts';

type ClaimOptions = Parameters<Ledger['claim']>[1];
type Settlement = Parameters<Ledger['settle']>[0][number];

async function claimOne(entities: Entities, decision: Decision, options: ClaimOptions): Promise<Claim> {
  const { batch, now, leaseSeconds } = options;
  const record: ActionRecord = {
    key: decision.key,
    batch,
    token: randomUUID(),
    decision,
    status: 'intended',
    intendedAt: now,
    outcome: undefined,
  };
  const result = await entities.action
    .put({
      key: record.key,
      batch,
      token: record.token,
      decision: JSON.stringify(encodeDecision(decision)),
      status: record.status,
      intendedAt: now.toISOString(),
      claimableFrom: new Date(now.getTime() + leaseSeconds * 1_000).toISOString(),
      expiresAt: expiryOf('action', now),
    })
    .where(
      ({ token, claimableFrom, expiresAt }, { notExists, lte }) =>
        `${notExists(token)} OR ${lte(claimableFrom, now.toISOString())} OR ${lte(expiresAt, expiredBy(now))}`,
    )
    .go({ returnOnConditionCheckFailure: 'all_old' });
  if (!result.rejected) return { state: 'won', record };
  if (result.data === null)
    throw new LedgerError(`ledger: no record of ${decision.key} came with the refusal`);
  const other = readAction(result.data);
  return { state: other.status === 'intended' ? 'held' : 'done', record: other };
}

/** What the second of two decisions of one key gets: the first one's claim, but never a second win. */
const repeated = (claim: Claim): Claim => (claim.state === 'won' ? { ...claim, state: 'held' } : claim);

async function settleOne(entities: Entities, settlement: Settlement, now: Date): Promise<void> {
  const { record, outcome, retryAt } = settlement;
  const update = entities.action.update({ key: record.key }).set({
    status: outcome.status,
    outcome: JSON.stringify(encodeOutcome(outcome)),
    expiresAt: expiryOf('action', now),
  });
  const timed =
    retryAt === undefined
      ? update.remove(['claimableFrom'])
      : update.set({ claimableFrom: retryAt.toISOString() });
  // A refusal means that the lease was lost: the record is another worker's now, and stays so.
  await timed
    .where(({ token }, { eq }) => eq(token, record.token))
    .go({ returnOnConditionCheckFailure: true });
}

/** Claims and settlements. */
export const actionsPart = (entities: Entities): Pick<Ledger, 'claim' | 'settle'> => ({
  claim: (decisions, options) =>
    naming('claiming', async () => {
      const firsts = [
        ...new Map(decisions.toReversed().map((decision) => [decision.key, decision])).values(),
      ];
      const claims = await mapLimited(firsts, AT_ONCE, (decision) => claimOne(entities, decision, options));
      const won = claims.filter(({ state }) => state === 'won');
      await appendLines(
        entities,
        won.map(({ record }) => intentLine(record)),
      );
      const unused = new Map(claims.map((claim) => [claim.record.key, claim]));
      return decisions.map(({ key }) => {
        const claim = unused.get(key);
        if (claim === undefined) throw new LedgerError(`ledger: ${key} was not claimed`);
        unused.set(key, repeated(claim));
        return claim;
      });
    }),

  settle: (results, now) =>
    naming('settling', async () => {
      // The trail first: a crash after it repeats a settlement, one before it would lose the line for ever.
      await appendLines(
        entities,
        results.map(({ record, outcome }) => outcomeLine(record, outcome)),
      );
      await mapLimited(results, AT_ONCE, (settlement) => settleOne(entities, settlement, now));
    }),
});
