import { atMinute, nextUtcDay } from '../decide/sentences.ts';
import { kindOf } from '../fleet/registry.ts';
import type { ActionRecord } from '../ledger/ledger.ts';
import { matchPolicy, type NamedPolicy } from '../policy/policy.ts';
import { assertNever } from '../types/assert-never.ts';
import type {
  Decision,
  KeepDecision,
  RestoreDecision,
  StopDecision,
  TagDecision,
} from '../types/decision.ts';
import type { Outcome, Result } from '../types/outcome.ts';
import { approve } from './approve.ts';
import { bringBack } from './bring-back.ts';
import { carryOutStops } from './carry-out-stops.ts';
import type { CommandBatch } from './command.ts';
import type { EnforceDeps } from './deps.ts';
import { BROKE_OFF, earlierAttempt } from './earlier-attempt.ts';
import { freeze, UNAPPROVED } from './freeze.ts';
import { lost, outOfScope } from './no-outcome.ts';
import { rememberRefusals } from './refusals.ts';
import { release } from './releases.ts';
import { carryOutTags } from './tagging.ts';
import { unfreeze } from './unfreeze.ts';

/**
 * How long one worker holds an intent, in seconds: longer than the Lambda may run, so that nobody else
 * acts while it lives.
 */
export const LEASE_SECONDS = 90;

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

/** Outcomes by decision key. */
async function act(
  records: readonly ActionRecord[],
  batch: CommandBatch,
  deps: EnforceDeps,
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const stops: StopDecision[] = [];
  const tags: TagDecision[] = [];
  const taken = (detail: string): Outcome => ({ status: 'taken', at: deps.now(), detail });
  for (const { key, decision } of records) {
    switch (decision.action) {
      case 'stop':
        stops.push(decision);
        break;
      case 'freeze':
        outcomes.set(key, await freeze(decision, deps));
        break;
      case 'unfreeze':
        outcomes.set(key, await unfreeze(decision, batch.issuedAt, deps));
        break;
      case 'tag':
        tags.push(decision);
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
      case 'approve':
        outcomes.set(key, await approve(decision, deps));
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
      case 'burn-rate':
      case 'spend-anomaly':
      case 'weekly':
      case 'canary':
        outcomes.set(key, taken('People are told.'));
        break;
      default:
        return assertNever(decision);
    }
  }
  return new Map([
    ...outcomes,
    ...(await carryOutTags(tags, batch.issuedAt, deps)),
    ...(await carryOutStops(stops, batch.issuedAt, deps)),
  ]);
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
  for (const seconds of warnings(matchPolicy(deps.policy, target.tags))) {
    await lookAt(new Date(kept.until.getTime() - seconds * 1000), deps);
  }
  await lookAt(kept.until, deps);
  return { status: 'taken', at: deps.now(), detail: `Kept until ${atMinute(kept.until)}.` };
}

/** How long before a stop people are told by each rule of the policy, seconds; each length once, and none of 0. */
function warnings(matched: NamedPolicy | undefined): ReadonlySet<number> {
  if (matched === undefined) return new Set();
  const { idle, hours = [], maxRuntime } = matched;
  const rules = [
    ...(idle === 'off' ? [] : [idle]),
    ...hours,
    ...(maxRuntime === undefined ? [] : [maxRuntime]),
  ];
  return new Set(rules.map(({ warnSeconds }) => warnSeconds).filter((seconds) => seconds > 0));
}

/** Brings one back from what was saved before its stop, and says what was found. */
async function restore(decision: RestoreDecision, batch: CommandBatch, deps: EnforceDeps): Promise<Outcome> {
  const { target } = decision;
  const kind = kindOf(target.kind);
  const region = deps.regions.get(target.region);
  if (kind === undefined || region === undefined) return outOfScope(target, deps.now());
  const outcome = await bringBack(decision, kind, region, deps);
  if (outcome.status !== 'skipped' || !STARTED.has(outcome.code)) return outcome;
  const earlier = await earlierAttempt(decision, batch.issuedAt, deps);
  if (earlier === undefined) return outcome;
  const detail = earlier.told ?? `It is ${kind.restored}: ${BROKE_OFF}`;
  return { status: 'taken', at: outcome.at, detail };
}

/** What an attempt that broke off leaves behind. */
const STARTED: ReadonlySet<string> = new Set(['AlreadyRunning', 'InProgress', 'AlreadyRestored']);

const MINUTE_MS = 60_000;

/**
 * When the same decision may be acted on again; `undefined` = never. A budget stop is done once a period:
 * who starts the resource again has decided so, and only a freeze overrules it. An idle or frozen resource
 * that still runs an hour after its stop was accepted gets another; a lasting refusal is met again the next day (UTC),
 * until when the sweeps leave it out. A freeze and its end are done once, but for one that waits for an approval, and the sweeps see to the roles.
 */
export function retryAt(decision: Decision, outcome: Outcome, now: Date): Date | undefined {
  const after = (minutes: number): Date => new Date(now.getTime() + minutes * MINUTE_MS);
  const isFreeze = decision.action === 'freeze' || decision.action === 'unfreeze';
  if (isFreeze && decision.roles === undefined) {
    const waits = outcome.status === 'skipped' && outcome.code === UNAPPROVED;
    return mayRetry(outcome) || waits ? now : undefined;
  }
  switch (outcome.status) {
    case 'taken':
      // A tag that somebody has taken off again, or of a name that is used anew, is written anew.
      return isFreeze ||
        decision.action === 'tag' ||
        (decision.action === 'stop' && decision.trigger !== 'budget')
        ? after(60)
        : undefined;
    case 'skipped':
      return now;
    case 'failed':
      return outcome.retry ? now : nextUtcDay(now);
  }
}
