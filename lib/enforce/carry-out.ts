import { type Objection, recheck } from '../decide/recheck.ts';
import { errorCode, errorMessage, isTransient } from '../fleet/aws-errors.ts';
import type { RegionContexts } from '../fleet/discover.ts';
import type { Kind, StopContext } from '../fleet/kind.ts';
import { kindOf } from '../fleet/registry.ts';
import type { ActionRecord, Ledger } from '../ledger/ledger.ts';
import type { Policy } from '../policy/policy.ts';
import type { Clock } from '../types/clock.ts';
import type { Decision, StopDecision } from '../types/decision.ts';
import type { Outcome, Result } from '../types/outcome.ts';
import type { CommandBatch } from './command.ts';
import { rememberRefusals } from './refusals.ts';

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
  for (const { key, decision } of records) {
    switch (decision.action) {
      case 'stop':
        stops.push(decision);
        break;
      case 'freeze':
        await deps.ledger.freeze(decision.project, decision.until);
        outcomes.set(key, { status: 'taken', at: deps.now(), detail: 'The project is frozen.' });
        break;
      // To tell people is all that these ask for, and the alert of this batch does.
      case 'warn':
      case 'notify':
      case 'budget-notice':
      case 'hold':
        outcomes.set(key, { status: 'taken', at: deps.now(), detail: 'People are told.' });
        break;
    }
  }
  const groups = Map.groupBy(stops, ({ target }) => `${target.kind} ${target.region}`);
  for (const group of groups.values()) {
    for (const [key, outcome] of await stopGroup(group, batch.issuedAt, deps)) outcomes.set(key, outcome);
  }
  return outcomes;
}

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
    const detail = `No resource of kind ${first.target.kind} in ${first.target.region} is in the scope of the policy.`;
    return stops.map(({ key }) => [key, { status: 'skipped', at, code: 'OutOfScope', detail }]);
  }
  const context: StopContext = {
    ...region,
    saveRestore: (resource, record) =>
      deps.ledger.saveRestore({ arn: resource.arn, resource, savedAt: deps.now(), record }),
  };
  try {
    const fresh = await kind.describe(
      stops.map(({ target }) => target.id),
      context,
    );
    const byArn = new Map(fresh.map((resource) => [resource.arn, resource]));
    const checked = stops.map((stop) => {
      const resource = byArn.get(stop.target.arn);
      return { stop, resource, objection: recheck(stop, resource, deps.policy, issuedAt, at) };
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
    const outcome: Outcome = {
      status: 'failed',
      at,
      code: errorCode(error),
      detail: errorMessage(error),
      retry: isTransient(error),
    };
    return stops.map(({ key }) => [key, outcome]);
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
      detail: `It is ${kind.stopped} now: an earlier attempt broke off before its end was recorded.`,
    };
  }
  return { status: 'skipped', at, code, detail };
}

/** True where an earlier attempt wrote its intent and never an outcome: it may have acted, and nobody was told. */
async function brokeOff(
  { key, target }: StopDecision,
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
