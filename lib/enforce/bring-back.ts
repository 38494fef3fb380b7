import { isFinishing } from '../decide/restores.ts';
import { atMinute } from '../decide/sentences.ts';
import { failure } from '../fleet/aws-errors.ts';
import type { FleetContext, Kind, Restored } from '../fleet/kind.ts';
import type { Ledger, RestoreRecord, RestoreState } from '../ledger/ledger.ts';
import type { Clock } from '../types/clock.ts';
import type { RestoreDecision } from '../types/decision.ts';
import type { Outcome } from '../types/outcome.ts';

interface BringBackDeps {
  readonly ledger: Pick<Ledger, 'restoreRecord' | 'setRestoreState' | 'audit'>;
  readonly now: Clock;
}

/** For so long the sweeps go on with what is not finished; then whoever still wants it must ask again. Milliseconds. */
const GOES_ON_MS = 24 * 3_600_000;

/** Brings a resource back from what was saved before its stop, or goes on with it, and remembers how far it is. */
export async function bringBack(
  decision: RestoreDecision,
  kind: Kind,
  region: FleetContext,
  { ledger, now }: BringBackDeps,
): Promise<Outcome> {
  const { arn } = decision.target;
  const skipped = (code: string, detail: string): Outcome => ({ status: 'skipped', at: now(), code, detail });
  const saved = await ledger.restoreRecord(arn);
  if (saved === undefined) return skipped('NothingSaved', 'Nothing was saved of it: Bursar did not stop it.');
  if (saved.state === 'restored') {
    return skipped(
      'AlreadyRestored',
      `It was restored already, after its stop at ${atMinute(saved.savedAt)}.`,
    );
  }
  const { outcome, finished } =
    (saved.state === 'restoring' ? await overBy(saved, kind, region, { ledger, now }) : undefined) ??
    (await kind
      .restore(saved.resource, saved.record, region)
      .catch((error: unknown): Restored => ({ outcome: failure(error, now()), finished: true })));
  await ledger.setRestoreState(arn, saved.savedAt, stateAfter(outcome, finished));
  return isFinishing(decision) && outcome.status === 'failed' && outcome.retry
    ? skipped('NotYet', `${outcome.code}: ${outcome.detail} The next sweep tries again.`)
    : outcome;
}

/** Why a restore that was begun is not gone on with; `undefined` where it is. */
async function overBy(
  { arn, resource, savedAt }: RestoreRecord,
  kind: Kind,
  region: FleetContext,
  { ledger, now }: BringBackDeps,
): Promise<Restored | undefined> {
  const at = now();
  const trail = (await ledger.audit({ arn }, savedAt)).flatMap(({ decision, event, at: when }) =>
    decision.action === 'restore' ? [{ decision, event, when }] : [],
  );
  const asked = trail.findLast(({ decision, event }) => event === 'intended' && !isFinishing(decision));
  if (asked !== undefined && at.getTime() - asked.when.getTime() > GOES_ON_MS) {
    const detail = 'It could not be brought back wholly within 24 h of being asked for.';
    return { finished: true, outcome: { status: 'failed', at, code: 'GivenUp', detail, retry: false } };
  }
  const cameBack = trail.some(({ event }) => event === 'taken');
  if (!cameBack || (await kind.describe([resource.id], region)).length > 0) return undefined;
  const detail = 'It came back and was deleted since, so it is left at that.';
  return { finished: true, outcome: { status: 'skipped', at, code: 'Gone', detail } };
}

/**
 * What failed for now is gone on with by the sweeps. A restore that failed for good is not tried by itself, but anybody
 * may ask for it again.
 */
function stateAfter(outcome: Outcome, finished: boolean): RestoreState {
  if (outcome.status === 'failed') return outcome.retry ? 'restoring' : 'stopped';
  return finished ? 'restored' : 'restoring';
}
