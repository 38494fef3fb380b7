import { type Objection, recheck } from '../decide/recheck.ts';
import { atMinute, nextUtcDay } from '../decide/sentences.ts';
import { failure } from '../fleet/aws-errors.ts';
import type { RegionContexts } from '../fleet/discover.ts';
import type { Kind, StopContext } from '../fleet/kind.ts';
import { kindOf } from '../fleet/registry.ts';
import type { ActionRecord, Ledger } from '../ledger/ledger.ts';
import { matchPolicy, type Policy } from '../policy/policy.ts';
import { assertNever } from '../types/assert-never.ts';
import type { Clock } from '../types/clock.ts';
import type { Decision, KeepDecision, RestoreDecision, StopDecision } from '../types/decision.ts';
import type { Outcome, Result } from '../types/outcome.ts';
import type { Protection, Resource } from '../types/resource.ts';
import { bringBack } from './bring-back.ts';
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

  const earlier = claims.flatMap(({ state, record }) =>
    state === 'done' && record.batch === batch.id && record.outcome !== undefined
      ? [{ decision: record.decision, outcome: record.outcome }]
      : [],
  );
  const results = [...earlier, ...settled];
  // Those of an earlier delivery too: it may have ended before it came to this.
  await rememberRefusals(results, deps.ledger, deps.now());
  return {
    settled,
    results,
    // What another batch has at hand comes back with that batch, should its worker die. What this very batch has, by
    // an earlier delivery, may be what a worker that died left behind.
    again:
      claims.some(({ state, record }) => state === 'held' && record.batch === batch.id) ||
      results.some(({ outcome }) => mayRetry(outcome)),
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
        outcomes.set(key, await keep(decision, deps));
        break;
      case 'release':
        await release(decision.heldAt, deps.ledger, deps.now());
        await lookAt(deps.now(), deps);
        outcomes.set(key, taken('What was held back is released.'));
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

/** The code of a keep that was not done, since others of the project had kept the resource as often as they may. */
export const KEPT_OFTEN = 'KeptOften';

async function keep(decision: KeepDecision, deps: EnforceDeps): Promise<Outcome> {
  const { target, until, by, key, most } = decision;
  const { account, region, arn, since } = target;
  const at = deps.now();
  const limit = most === undefined ? {} : { most };
  const kept = await deps.ledger.keep({ account, region, id: key, arn, since, until, by, at, ...limit });
  const isAsWished = kept.by === by && kept.until.getTime() === until.getTime();
  if (most !== undefined && kept.count >= most && !isAsWished) {
    const detail = `It was kept ${kept.count} times since it last started, until ${atMinute(kept.until)} by ${kept.by}.`;
    return { status: 'skipped', at, code: KEPT_OFTEN, detail };
  }
  // Before it ends people are told again, and at its end the stop comes: a sweep must look at both minutes.
  const idle = matchPolicy(deps.policy, target.tags)?.idle;
  const warnMs = idle === undefined || idle === 'off' ? 0 : idle.warnSeconds * 1000;
  if (warnMs > 0) await lookAt(new Date(kept.until.getTime() - warnMs), deps);
  await lookAt(kept.until, deps);
  return { status: 'taken', at: deps.now(), detail: `Kept until ${atMinute(kept.until)}.` };
}

/** Brings one back from what was saved before its stop, and says what was found. */
async function restore(decision: RestoreDecision, batch: CommandBatch, deps: EnforceDeps): Promise<Outcome> {
  const { target } = decision;
  const kind = kindOf(target.kind);
  const region = deps.regions.get(target.region);
  if (kind === undefined || region === undefined) return { ...outOfScope(target), at: deps.now() };
  const outcome = await bringBack(decision, kind, region, deps);
  if (outcome.status !== 'skipped' || !STARTED.has(outcome.code)) return outcome;
  const earlier = await earlierAttempt(decision, batch.issuedAt, deps);
  if (earlier === undefined) return outcome;
  const detail = earlier.told ?? `It is ${kind.restored}: ${BROKE_OFF}`;
  return { status: 'taken', at: outcome.at, detail };
}

/** What an attempt that broke off leaves behind. */
const STARTED: ReadonlySet<string> = new Set(['AlreadyRunning', 'InProgress', 'AlreadyRestored']);

const outOfScope = ({ kind, region }: Resource) =>
  ({
    status: 'skipped',
    code: 'OutOfScope',
    detail: `No resource of kind ${kind} in ${region} is in the scope of the policy.`,
  }) as const;

const MINUTE_MS = 60_000;

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
    const fresh = await kind.describe(
      stops.map(({ target }) => target.id),
      context,
    );
    const byArn = new Map(fresh.map((resource) => [resource.arn, resource]));
    const running = fresh.filter(({ state }) => state === 'running');
    const protections = running.length === 0 ? undefined : await kind.inspect?.(running, context);
    // Last of all: a "not now" that is said meanwhile is heard.
    const kept = await readKeeping(deps.ledger, region.account, [region.region], at);
    const keeping = { policy: deps.policy, ...kept, now: deps.now() };
    const checked = stops.map((stop) => {
      const resource = byArn.get(stop.target.arn);
      const found = resource && withProtection(resource, protections?.get(resource.arn));
      return { stop, resource, objection: recheck(stop, found, keeping, issuedAt) };
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

const withProtection = (resource: Resource, found: Protection | undefined): Resource =>
  found === undefined ? resource : { ...resource, protections: [...resource.protections, found] };

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
  const earlier =
    code === 'AlreadyStopped' || code === 'Gone' ? await earlierAttempt(stop, issuedAt, deps) : undefined;
  if (earlier !== undefined) {
    return { status: 'taken', at, detail: earlier.told ?? `It is ${kind.stopped} now: ${BROKE_OFF}` };
  }
  return { status: 'skipped', at, code, detail };
}

/**
 * What an earlier attempt at the same did, which nobody was told of; `undefined` where there was none. Either it wrote
 * its intent and never an outcome, so it may have acted; or it wrote in the trail that it had, and no further.
 */
async function earlierAttempt(
  { key, target }: StopDecision | RestoreDecision,
  issuedAt: Date,
  { ledger }: EnforceDeps,
): Promise<{ readonly told: string | undefined } | undefined> {
  // The clock of whoever ordered it may be ahead of the one that dated the intent.
  const trail = await ledger.audit({ arn: target.arn }, new Date(issuedAt.getTime() - MINUTE_MS));
  const own = trail.filter(({ decision }) => decision.key === key);
  const taken = own.find(({ event }) => event === 'taken');
  if (taken !== undefined) return { told: taken.detail };
  const intents = own.filter(({ event }) => event === 'intended').length;
  // One intent without an outcome is that of this very attempt.
  return intents - (own.length - intents) > 1 ? { told: undefined } : undefined;
}

/**
 * When the same decision may be acted on again; `undefined` = never. A budget stop is done once a period:
 * who starts the resource again has decided so, and only a freeze overrules it. An idle or frozen resource
 * that still runs an hour after its stop was accepted gets another; a lasting refusal is met again the next day (UTC),
 * until when the sweeps leave it out.
 */
function retryAt(decision: Decision, outcome: Outcome, now: Date): Date | undefined {
  const after = (minutes: number): Date => new Date(now.getTime() + minutes * MINUTE_MS);
  switch (outcome.status) {
    case 'taken':
      return decision.action === 'stop' && decision.trigger !== 'budget' ? after(60) : undefined;
    case 'skipped':
      return now;
    case 'failed':
      return outcome.retry ? now : nextUtcDay(now);
  }
}
