import { type Objection, recheck } from '../decide/recheck.ts';
import { atMinute } from '../decide/sentences.ts';
import { errorCode, errorMessage, isTransient } from '../fleet/aws-errors.ts';
import type { RegionContexts } from '../fleet/discover.ts';
import type { FleetContext, Kind, Restored, StopContext } from '../fleet/kind.ts';
import { kindOf } from '../fleet/registry.ts';
import type { ActionRecord, Ledger, RestoreState } from '../ledger/ledger.ts';
import { matchPolicy, type Policy } from '../policy/policy.ts';
import { assertNever } from '../types/assert-never.ts';
import type { Clock } from '../types/clock.ts';
import type { Decision, KeepDecision, RestoreDecision, StopDecision } from '../types/decision.ts';
import type { Outcome, Result } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import type { CommandBatch } from './command.ts';
import { readKeeping } from './read-keeping.ts';
import { rememberRefusals } from './refusals.ts';
import { release } from './releases.ts';
import type { Wake } from './wake.ts';

/**
 * How long one worker holds an intent, in seconds: longer than the Lambda may run, so that nobody else
 * acts while it lives.
 */
export const LEASE_SECONDS = 90;

export interface EnforceDeps {
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly regions: RegionContexts;
  readonly now: Clock;
  /** Makes a sweep look at an announced minute. */
  readonly wake: Wake;
  /** Told where no sweep could be set for a minute; that never stops the work. */
  readonly onWakeError: (error: unknown) => void;
}

export interface CarriedOut {
  /** What this call has settled: what metrics count, each once. */
  readonly settled: readonly Result[];
  /** That, and what an earlier delivery of the same message has settled: what people are told, each once. */
  readonly results: readonly Result[];
  /** True where something must be tried again: the message has to come back. */
  readonly again: boolean;
}

/**
 * Carries a batch out: claims each decision in the ledger, looks again, acts, writes the outcome. May be
 * called any number of times with the same batch; what is settled is not done again.
 * @throws `LedgerError`; nothing that was not claimed has then been touched.
 */
export async function carryOut(batch: CommandBatch, deps: EnforceDeps): Promise<CarriedOut> {
  const claims = await deps.ledger.claim(batch.decisions, {
    batch: batch.id,
    now: deps.now(),
    leaseSeconds: LEASE_SECONDS,
  });
  const won = claims.flatMap(({ state, record }) => (state === 'won' ? [record] : []));
  const outcomes = await act(won, batch, deps);
  const recorded = won.map((record) => {
    const outcome = outcomes.get(record.key) ?? lost(deps.now());
    return { record, outcome, retryAt: retryAt(record.decision, outcome, deps.now()) };
  });
  await deps.ledger.settle(recorded, deps.now());
  const settled = recorded.map(({ record, outcome }) => ({ decision: record.decision, outcome }));
  await rememberRefusals(settled, deps.ledger, deps.now());

  const earlier = claims.flatMap(({ state, record }) =>
    state === 'done' && record.batch === batch.id && record.outcome !== undefined
      ? [{ decision: record.decision, outcome: record.outcome }]
      : [],
  );
  const results = [...earlier, ...settled];
  return {
    settled,
    results,
    again: claims.some(({ state }) => state === 'held') || results.some(({ outcome }) => mayRetry(outcome)),
  };
}

export const mayRetry = (outcome: Outcome): boolean => outcome.status === 'failed' && outcome.retry;

const lost = (at: Date): Outcome => ({
  status: 'failed',
  at,
  code: 'NoOutcome',
  detail: 'Its kind gave no outcome.',
  retry: true,
});

/** Outcomes by decision key. */
async function act(
  records: readonly ActionRecord[],
  batch: CommandBatch,
  deps: EnforceDeps,
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const stops: StopDecision[] = [];
  const taken = (detail: string): Outcome => ({ status: 'taken', at: deps.now(), detail });
  for (const { key, decision } of records) {
    switch (decision.action) {
      case 'stop':
        stops.push(decision);
        break;
      case 'freeze':
        await deps.ledger.freeze(decision.project, decision.until);
        outcomes.set(key, taken('The project is frozen.'));
        break;
      case 'restore':
        outcomes.set(key, await restore(decision, batch, deps));
        break;
      case 'keep':
        outcomes.set(key, taken(await keep(decision, deps)));
        break;
      case 'release':
        await release(decision.heldAt, deps.ledger, deps.now());
        await lookAt(deps.now(), deps);
        outcomes.set(key, taken('What was held back may go ahead.'));
        break;
      case 'warn':
        outcomes.set(
          key,
          taken(
            (await lookAt(decision.stopAt, deps))
              ? 'People are told.'
              : 'People are told. No sweep could be set for the minute, so the stop may come up to 5 min later.',
          ),
        );
        break;
      // To tell people is all that these ask for, and the alert of this batch does.
      case 'notify':
      case 'budget-notice':
      case 'hold':
      case 'canary':
        outcomes.set(key, taken('People are told.'));
        break;
      default:
        return assertNever(decision);
    }
  }
  const groups = Map.groupBy(stops, ({ target }) => `${target.kind} ${target.region}`);
  for (const group of groups.values()) {
    for (const [key, outcome] of await stopGroup(group, batch.issuedAt, deps)) outcomes.set(key, outcome);
  }
  return outcomes;
}

/** Lets a sweep look at a minute. Without one what is due comes with the next regular sweep: late, and never early. */
async function lookAt(at: Date, { wake, onWakeError }: EnforceDeps): Promise<boolean> {
  try {
    await wake(at);
    return true;
  } catch (error) {
    onWakeError(error);
    return false;
  }
}

/** @returns one sentence that says until when. */
async function keep(decision: KeepDecision, deps: EnforceDeps): Promise<string> {
  const { target, until, by, key } = decision;
  const { account, region, arn, since } = target;
  const kept = await deps.ledger.keep({ account, region, id: key, arn, since, until, by, at: deps.now() });
  // Before it ends people are told again, and at its end the stop comes: a sweep must look at both minutes.
  const idle = matchPolicy(deps.policy, target.tags)?.idle;
  const warnMs = idle === undefined || idle === 'off' ? 0 : idle.warnSeconds * 1000;
  if (warnMs > 0) await lookAt(new Date(kept.until.getTime() - warnMs), deps);
  await lookAt(kept.until, deps);
  return `Kept until ${atMinute(kept.until)}.`;
}

/** Brings one back from what was saved before its stop, and says what was found. */
async function restore(decision: RestoreDecision, batch: CommandBatch, deps: EnforceDeps): Promise<Outcome> {
  const { target } = decision;
  const kind = kindOf(target.kind);
  const region = deps.regions.get(target.region);
  if (kind === undefined || region === undefined) return { ...outOfScope(target), at: deps.now() };
  const outcome = await bringBack(target, kind, region, deps);
  return outcome.status === 'skipped' &&
    STARTED.has(outcome.code) &&
    (await brokeOff(decision, batch.issuedAt, deps))
    ? { status: 'taken', at: outcome.at, detail: `It is ${kind.restored}: ${BROKE_OFF}` }
    : outcome;
}

async function bringBack(
  { arn }: Resource,
  kind: Kind,
  region: FleetContext,
  { ledger, now }: EnforceDeps,
): Promise<Outcome> {
  const skipped = (code: string, detail: string): Outcome => ({ status: 'skipped', at: now(), code, detail });
  const saved = await ledger.restoreRecord(arn);
  if (saved === undefined) return skipped('NothingSaved', 'Nothing was saved of it: Bursar did not stop it.');
  if (saved.state === 'restored') {
    return skipped(
      'AlreadyRestored',
      `It was restored already, after its stop at ${atMinute(saved.savedAt)}.`,
    );
  }
  const { outcome, finished } = await kind.restore(saved.resource, saved.record, region).catch(
    (error: unknown): Restored => ({
      outcome: failure(error, now()),
      // One that had begun is gone on with by the sweep.
      finished: saved.state !== 'restoring' || !isTransient(error),
    }),
  );
  await ledger.setRestoreState(arn, saved.savedAt, stateAfter(outcome, finished));
  return outcome;
}

/** What an attempt that broke off leaves behind. */
const STARTED: ReadonlySet<string> = new Set(['AlreadyRunning', 'InProgress', 'AlreadyRestored']);

/** A restore that failed for good is not tried by itself, but anybody may ask for it again. */
function stateAfter({ status }: Outcome, finished: boolean): RestoreState {
  if (!finished) return 'restoring';
  return status === 'failed' ? 'stopped' : 'restored';
}

const failure = (error: unknown, at: Date): Outcome => ({
  status: 'failed',
  at,
  code: errorCode(error),
  detail: errorMessage(error),
  retry: isTransient(error),
});

const outOfScope = ({ kind, region }: Resource) =>
  ({
    status: 'skipped',
    code: 'OutOfScope',
    detail: `No resource of kind ${kind} in ${region} is in the scope of the policy.`,
  }) as const;

const BROKE_OFF = 'an earlier attempt broke off before its end was recorded.';

/** Stops of one kind in one region. Whatever goes wrong becomes an outcome of each. */
async function stopGroup(
  stops: readonly StopDecision[],
  issuedAt: Date,
  deps: EnforceDeps,
): Promise<readonly (readonly [string, Outcome])[]> {
  const [first] = stops;
  if (first === undefined) return [];
  const kind = kindOf(first.target.kind);
  const region = deps.regions.get(first.target.region);
  const at = deps.now();
  if (kind === undefined || region === undefined) {
    return stops.map(({ key, target }) => [key, { ...outOfScope(target), at }]);
  }
  const byTarget = new Map(stops.map((stop) => [stop.target.arn, stop]));
  const context: StopContext = {
    ...region,
    saveRestore: async (resource, record) => {
      const stop = byTarget.get(resource.arn);
      if (stop === undefined) throw new Error(`${resource.arn} was not to be stopped`);
      const { project, trigger } = stop;
      const { arn } = resource;
      const savedAt = deps.now();
      await deps.ledger.saveRestore({ arn, resource, project, trigger, savedAt, state: 'stopped', record });
    },
    unrestored: async ({ arn }) => {
      const saved = await deps.ledger.restoreRecord(arn);
      return saved?.state === 'stopped' ? saved.record : undefined;
    },
  };
  try {
    const kept = await readKeeping(deps.ledger, region.account, [region.region], at);
    const keeping = { policy: deps.policy, ...kept, now: at };
    const fresh = await kind.describe(
      stops.map(({ target }) => target.id),
      context,
    );
    const byArn = new Map(fresh.map((resource) => [resource.arn, resource]));
    const checked = stops.map((stop) => {
      const resource = byArn.get(stop.target.arn);
      return { stop, resource, objection: recheck(stop, resource, keeping, issuedAt) };
    });
    const go = checked.flatMap(({ resource, objection }) =>
      resource !== undefined && objection === undefined ? [resource] : [],
    );
    const done = go.length === 0 ? new Map<string, Outcome>() : await kind.stop(go, context);
    return await Promise.all(
      checked.map(
        async ({ stop, objection }) =>
          [
            stop.key,
            objection === undefined
              ? (done.get(stop.target.arn) ?? lost(at))
              : await objected(stop, objection, kind, issuedAt, deps),
          ] as const,
      ),
    );
  } catch (error) {
    return stops.map(({ key }) => [key, failure(error, at)]);
  }
}

/** What an objection comes to. One that the wish is fulfilled already is a stop of ours where one broke off. */
async function objected(
  stop: StopDecision,
  { code, detail, retry }: Objection,
  kind: Kind,
  issuedAt: Date,
  deps: EnforceDeps,
): Promise<Outcome> {
  const at = deps.now();
  if (retry) return { status: 'failed', at, code, detail, retry };
  if ((code === 'AlreadyStopped' || code === 'Gone') && (await brokeOff(stop, issuedAt, deps))) {
    return {
      status: 'taken',
      at,
      detail: `It is ${kind.stopped} now: ${BROKE_OFF}`,
    };
  }
  return { status: 'skipped', at, code, detail };
}

/** True where an earlier attempt wrote its intent and never an outcome: it may have acted, and nobody was told. */
async function brokeOff(
  { key, target }: StopDecision | RestoreDecision,
  issuedAt: Date,
  { ledger }: EnforceDeps,
): Promise<boolean> {
  const trail = await ledger.audit({ arn: target.arn }, issuedAt);
  const own = trail.filter(({ decision }) => decision.key === key);
  const intents = own.filter(({ event }) => event === 'intended').length;
  // One intent without an outcome is that of this very attempt.
  return intents - (own.length - intents) > 1;
}

const MINUTE_MS = 60_000;

/**
 * When the same decision may be acted on again; `undefined` = never. A budget stop is done once a period:
 * who starts the resource again has decided so, and only a freeze overrules it. An idle or frozen resource
 * that still runs an hour after its stop was accepted gets another; a lasting refusal is met again in a day.
 */
function retryAt(decision: Decision, outcome: Outcome, now: Date): Date | undefined {
  const after = (minutes: number): Date => new Date(now.getTime() + minutes * MINUTE_MS);
  switch (outcome.status) {
    case 'taken':
      return decision.action === 'stop' && decision.trigger !== 'budget' ? after(60) : undefined;
    case 'skipped':
      return now;
    case 'failed':
      return outcome.retry ? now : after(24 * 60);
  }
}
