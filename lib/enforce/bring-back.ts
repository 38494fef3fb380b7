import { hasRunSince, isFinishing } from '../decide/restores.ts';
import { atMinute } from '../decide/sentences.ts';
import { failure } from '../fleet/aws-errors.ts';
import type { FleetContext, Kind, Restored } from '../fleet/kind.ts';
import type { Ledger, RestoreRecord, RestoreState } from '../ledger/ledger.ts';
import type { Clock } from '../types/clock.ts';
import type { RestoreDecision } from '../types/decision.ts';
import type { Outcome } from '../types/outcome.ts';

interface BringBackDeps {
  readonly ledger: Pick<Ledger, 'restoreRecord' | 'saveRestore' | 'setRestoreState' | 'audit'>;
  readonly now: Clock;
}

/** For so long the sweeps go on with what is not finished; then whoever still wants it must ask again. Milliseconds. */
const GOES_ON_MS = 24 * 3_600_000;

/**
 * Brings a resource back from what was saved before its stop, or goes on with it, and remembers how far it is. What
 * somebody else had stopped is started as it stands.
 */
export async function bringBack(
  decision: RestoreDecision,
  kind: Kind,
  region: FleetContext,
  { ledger, now }: BringBackDeps,
): Promise<Outcome> {
  const skipped = (code: string, detail: string): Outcome => ({ status: 'skipped', at: now(), code, detail });
  if (hasExpired(decision, now())) return skipped('Expired', EXPIRED);
  if (decision.unsaved === true) return startUnsaved(decision, kind, region, { ledger, now });
  const { arn } = decision.target;
  const saved = await ledger.restoreRecord(arn);
  if (saved === undefined) return skipped('NothingSaved', 'Nothing was saved of it: Bursar did not stop it.');
  if (saved.state === 'restored') {
    return skipped(
      'AlreadyRestored',
      `It was restored already, after its stop at ${atMinute(saved.savedAt)}.`,
    );
  }
  if (decision.expires !== undefined && saved.trigger !== 'schedule') {
    const detail = `Bursar stopped it for another reason at ${atMinute(saved.savedAt)}, so it stays stopped.`;
    return skipped('StoppedByBursar', detail);
  }
  const over = saved.state === 'restoring' ? await overBy(saved, kind, region, { ledger, now }) : undefined;
  const { outcome, finished } =
    over ??
    (await kind
      .restore(saved.resource, saved.record, region)
      .catch((error: unknown): Restored => ({ outcome: failure(error, now()), finished: true })));
  await ledger.setRestoreState(arn, saved.savedAt, over?.state ?? stateAfter(saved, outcome, finished));
  return isFinishing(decision) && outcome.status === 'failed' && outcome.retry
    ? skipped('NotYet', `${outcome.code}: ${outcome.detail} The next sweep tries again.`)
    : outcome;
}

const EXPIRED = 'The hours have ended that it was to be started for.';

const hasExpired = ({ expires }: RestoreDecision, now: Date): boolean =>
  expires !== undefined && now >= expires;

/**
 * Starts what somebody else had stopped. Where that fails for now it is remembered as a restore that was begun, so that
 * the sweeps go on with it as with others.
 */
async function startUnsaved(
  { target, project }: RestoreDecision,
  kind: Kind,
  region: FleetContext,
  { ledger, now }: BringBackDeps,
): Promise<Outcome> {
  const { arn } = target;
  const skipped = (code: string, detail: string): Outcome => ({ status: 'skipped', at: now(), code, detail });
  if (kind.start === undefined) {
    return skipped('CannotStart', 'What is of its kind is brought back only from what was saved of it.');
  }
  const saved = await ledger.restoreRecord(arn);
  if (saved?.state === 'stopped' && !hasRunSince(target, saved)) {
    return skipped(
      'StoppedByBursar',
      `Bursar stopped it at ${atMinute(saved.savedAt)}, so it stays stopped.`,
    );
  }
  const savedAt = now();
  const { outcome } = await kind
    .start(target, region)
    .catch((error: unknown): Restored => ({ outcome: failure(error, now()), finished: true }));
  const isBegun = saved?.state === 'restoring';
  if (outcome.status === 'failed' && outcome.retry && !isBegun) {
    await ledger.saveRestore({
      arn,
      resource: target,
      project,
      trigger: 'schedule',
      savedAt,
      state: 'restoring',
      record: {},
    });
  } else if (outcome.status !== 'failed' && isBegun) {
    await ledger.setRestoreState(arn, saved.savedAt, 'restored');
  }
  return outcome;
}

/** When what is being restored was asked for; of what somebody else had stopped the record is of that very moment. */
const askedAt = (
  { resource, savedAt }: Pick<RestoreRecord, 'resource' | 'savedAt'>,
  asked: Date | undefined,
): Date | undefined => asked ?? (resource.state === 'stopped' ? savedAt : undefined);

/** Why a restore that was begun is not gone on with; `undefined` where it is. */
async function overBy(
  record: RestoreRecord,
  kind: Kind,
  region: FleetContext,
  { ledger, now }: BringBackDeps,
): Promise<(Restored & { readonly state?: RestoreState }) | undefined> {
  const { arn, resource, savedAt } = record;
  const at = now();
  const trail = (await ledger.audit({ arn }, savedAt)).flatMap(({ decision, event, at: when }) =>
    decision.action === 'restore' ? [{ decision, event, when }] : [],
  );
  const last = trail.findLast(({ decision, event }) => event === 'intended' && !isFinishing(decision));
  const cameBack = trail.some(({ event }) => event === 'taken');
  // What has come back in part is gone on with: without its scaling it would be neither stopped nor whole.
  if (last !== undefined && hasExpired(last.decision, at) && !cameBack) {
    const outcome: Outcome = { status: 'skipped', at, code: 'Expired', detail: EXPIRED };
    return { finished: true, outcome, state: stoppedState(record) };
  }
  const asked = askedAt(record, last?.when);
  if (asked !== undefined && at.getTime() - asked.getTime() > GOES_ON_MS) {
    const detail = 'It could not be brought back wholly within 24 h of being asked for.';
    return { finished: true, outcome: { status: 'failed', at, code: 'GivenUp', detail, retry: false } };
  }
  if (!cameBack || (await kind.describe([resource.id], region)).length > 0) return undefined;
  const detail = 'It came back and was deleted since, so it is left at that.';
  return { finished: true, outcome: { status: 'skipped', at, code: 'Gone', detail } };
}

/** Of what is not tried any more. What somebody else had stopped is no stop of Bursar's: the next opening may start it. */
const stoppedState = ({ resource }: Pick<RestoreRecord, 'resource'>): RestoreState =>
  resource.state === 'stopped' ? 'restored' : 'stopped';

/**
 * What failed for now is gone on with by the sweeps. A restore that failed for good is not tried by itself, but anybody
 * may ask for it again.
 */
function stateAfter(record: RestoreRecord, outcome: Outcome, finished: boolean): RestoreState {
  if (outcome.status === 'failed') return outcome.retry ? 'restoring' : stoppedState(record);
  return finished ? 'restored' : 'restoring';
}
