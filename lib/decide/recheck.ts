import { holderOfDecision, holdersOf, levelText, levelTitle } from '../policy/levels.ts';
import { matchPolicy, type NamedPolicy, projectOf, tagOf } from '../policy/policy.ts';
import type { StopDecision } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { unapproved } from './approval.ts';
import { type Exemption, exemption, type Keeping, untouchable } from './exempt.ts';
import { hoursObjection, stopsAtClosing } from './hours.ts';
import { mayStop } from './may-stop.ts';
import { periodEnd } from './period.ts';
import { runtimeObjection } from './runtime.ts';
import { atMinute, utcDay } from './sentences.ts';
import { toldStart } from './starts.ts';
import { neverStopped } from './untagged.ts';

/** Why a stop that was decided must not be carried out now. `retry`: the state is changing, look again soon. */
export interface Objection {
  readonly code:
    | 'Gone'
    | 'AlreadyStopped'
    | 'InProgress'
    | 'OutOfService'
    | 'Restarted'
    | 'Retagged'
    | 'PolicyChanged'
    | 'Exempt'
    | 'Unfrozen'
    | 'Expired';
  readonly detail: string;
  readonly retry: boolean;
}

/** Idleness is a fact of the moment: a stop for it that waited longer than this is decided anew by the next sweep. */
const IDLE_EXPIRES_MS = 6 * 60_000;

/** A stop of what has just been launched undoes the launch; later it would end somebody's work. */
const LAUNCH_EXPIRES_MS = 30 * 60_000;

/** What is known right before a stop. */
export interface StopsNow extends Keeping {
  /** Holders of limits that are frozen; absent = no stop for a freeze is among those that are looked at. */
  readonly frozen?: ReadonlySet<string> | undefined;
}

/**
 * Looks again, with the resource and the policy as they are now, just before a stop: the queue may have
 * delivered late or twice, and people may have acted meanwhile. `undefined` = go on.
 */
export function recheck(
  decision: StopDecision,
  fresh: Resource | undefined,
  keeping: StopsNow,
  issuedAt: Date,
): Objection | undefined {
  const { now, frozen } = keeping;
  const no = (code: Objection['code'], detail: string): Objection => ({
    code,
    detail,
    retry: code === 'InProgress',
  });
  if (fresh === undefined) return no('Gone', 'It no longer exists.');
  switch (fresh.state) {
    case 'stopped':
      return no('AlreadyStopped', 'It is stopped already.');
    case 'transitional':
      return no('InProgress', 'It is between two states.');
    case 'failed':
      return no('OutOfService', 'It has failed by itself and serves nothing.');
    case 'running':
      break;
  }
  if (fresh.since.getTime() !== decision.target.since.getTime()) {
    return no('Restarted', `It was started again at ${fresh.since.toISOString()}, after this was decided.`);
  }
  const refused =
    decision.trigger === 'untagged'
      ? untaggedNow(fresh, keeping)
      : namedNow(decision, fresh, keeping, issuedAt);
  if (refused !== undefined) return no(refused.code, refused.detail);
  const holder = holderOfDecision(decision);
  if (decision.trigger === 'freeze' && frozen !== undefined && holder !== undefined && !frozen.has(holder)) {
    return no('Unfrozen', `${levelTitle(holder)} is not frozen any more.`);
  }
  const over = decision.trigger === 'schedule' ? scheduleNow(decision, fresh, keeping, issuedAt) : undefined;
  if (over !== undefined) return no(over.code, over.detail);
  const expired = expiry(decision, issuedAt, now);
  return expired === undefined ? undefined : no('Expired', expired);
}

type Refusal = Pick<Objection, 'code' | 'detail'>;

/** Of what belongs to a project: whether it is the same one, under the same policy, and nothing protects it by now. */
function namedNow(
  decision: StopDecision,
  fresh: Resource,
  keeping: Keeping,
  issuedAt: Date,
): Refusal | undefined {
  const { policy } = keeping;
  const project = projectOf(policy, fresh.tags);
  if (project === undefined || project !== decision.project) {
    return { code: 'Retagged', detail: `Its project is now ${project ?? 'unknown'}.` };
  }
  const { holder } = decision;
  if (holder !== undefined && !holdersOf(policy, fresh.tags).includes(holder)) {
    return { code: 'Retagged', detail: `It does not count for ${levelText(holder)} any more.` };
  }
  const matched = matchPolicy(policy, fresh.tags);
  if (matched === undefined || matched.name !== decision.rule.policy) {
    return {
      code: 'Retagged',
      detail: `Policy ${matched?.name ?? 'none'} applies to it now, not ${decision.rule.policy}.`,
    };
  }
  if (!stillAsked(decision, matched, fresh, latest(keeping.now, issuedAt))) {
    return {
      code: 'PolicyChanged',
      detail:
        decision.trigger === 'person'
          ? `No rule of policy ${matched.name} stops anything, so nobody stops it by name either.`
          : `Policy ${matched.name} no longer asks for it.`,
    };
  }
  // A person who asks for it by name knows better than a keep of before, but not than a protection or a later word.
  const kept =
    decision.trigger === 'person'
      ? (untouchable(fresh, matched) ?? keptSince(fresh, keeping, issuedAt))
      : exemption(fresh, matched, keeping);
  const why = kept?.why ?? (decision.trigger === 'person' ? undefined : unapproved(fresh, keeping));
  return why === undefined ? undefined : { code: 'Exempt', detail: why };
}

/** Of what its hours are over: whether they still are. */
function scheduleNow(
  decision: StopDecision,
  fresh: Resource,
  { policy, now }: Keeping,
  issuedAt: Date,
): Refusal | undefined {
  const matched = matchPolicy(policy, fresh.tags);
  return matched && hoursObjection(fresh, matched, decision, latest(now, issuedAt));
}

/** The clock of whoever ordered it may be ahead: a stop of this very minute must not be found to come too soon. */
const latest = (now: Date, issuedAt: Date): Date => (issuedAt > now ? issuedAt : now);

/** Of what has no project: whether it still has none, and no policy need match it. */
function untaggedNow(fresh: Resource, keeping: Keeping): Refusal | undefined {
  const { policy } = keeping;
  const project = projectOf(policy, fresh.tags);
  if (project !== undefined) return { code: 'Retagged', detail: `Its project is now ${project}.` };
  if (policy.untagged.do !== 'stop') {
    return { code: 'PolicyChanged', detail: 'The policy no longer stops what has no project.' };
  }
  // AWS would refuse it: the role may stop only what carries this tag or that of a project.
  if (tagOf(fresh.tags, policy.tags.creator) === undefined) {
    return { code: 'Retagged', detail: `It has no tag ${policy.tags.creator}.` };
  }
  const why =
    neverStopped(fresh, policy) ?? exemption(fresh, undefined, keeping)?.why ?? unapproved(fresh, keeping);
  return why === undefined ? undefined : { code: 'Exempt', detail: why };
}

/** What somebody said after a stop was asked for. */
function keptSince({ arn }: Resource, { keeps, now }: Keeping, since: Date): Exemption | undefined {
  const keep = keeps.get(arn);
  if (keep === undefined || keep.at <= since || keep.until <= now) return undefined;
  return {
    why: `${keep.by} kept it until ${atMinute(keep.until)} after this was asked for.`,
    until: keep.until,
  };
}

/** Why the decision is too old; `undefined` where it is not. A budget starts anew with its month or day (UTC). */
function expiry({ trigger, target, expires }: StopDecision, issuedAt: Date, now: Date): string | undefined {
  if (expires !== undefined && now >= expires) {
    return trigger === 'schedule'
      ? `It was decided for the time until ${atMinute(expires)}, when its hours begin.`
      : `It was decided for a period that ended at ${atMinute(expires)}.`;
  }
  const late = now.getTime() - issuedAt.getTime();
  switch (trigger) {
    case 'idle':
    case 'untagged':
    case 'person':
      return late > IDLE_EXPIRES_MS
        ? `It was decided more than 6 min ago; ${trigger === 'person' ? 'ask again' : 'the next sweep looks again'}.`
        : undefined;
    case 'launch':
      return late > LAUNCH_EXPIRES_MS
        ? 'Its launch was to be undone, and that was decided more than 30 min ago.'
        : undefined;
    case 'budget':
    case 'freeze':
    case 'keep-tag':
      return now >= periodEnd(utcDay(issuedAt))
        ? 'It was decided in an earlier month, whose budget is closed.'
        : undefined;
    // Whether it is closed, and how long it has run, is looked up anew; but of some nobody knows whether they were started since.
    case 'schedule':
    case 'runtime':
      return toldStart(target) === undefined && late > IDLE_EXPIRES_MS
        ? 'It was decided more than 6 min ago, and may have been started since; the next sweep looks again.'
        : undefined;
  }
}

function stillAsked(decision: StopDecision, matched: NamedPolicy, fresh: Resource, now: Date): boolean {
  switch (decision.trigger) {
    case 'idle':
      return matched.idle !== 'off' && matched.idle.do === 'stop';
    case 'freeze':
      return matched.budget.some((rule) => rule.do === 'freeze');
    case 'budget':
      return matched.budget.some((rule) => rule.do !== 'notify');
    case 'launch':
      return matched.launch === 'stop';
    case 'person':
      return mayStop(matched);
    case 'schedule':
      return matched.hours?.some(stopsAtClosing) === true;
    case 'runtime':
      return matched.maxRuntime?.do === 'stop' && runtimeObjection(fresh, matched, now) === undefined;
    case 'untagged':
    case 'keep-tag':
      return false;
  }
}
