import { matchPolicy, type NamedPolicy, projectOf } from '../policy/policy.ts';
import type { StopDecision } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { type Exemption, exemption, type Keeping, untouchable } from './exempt.ts';
import { periodEnd } from './period.ts';
import { atMinute, utcDay } from './sentences.ts';

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
    | 'Expired';
  readonly detail: string;
  readonly retry: boolean;
}

/** Idleness is a fact of the moment: a stop for it that waited longer than this is decided anew by the next sweep. */
const IDLE_EXPIRES_MS = 6 * 60_000;

/**
 * Looks again, with the resource and the policy as they are now, just before a stop: the queue may have
 * delivered late or twice, and people may have acted meanwhile. `undefined` = go on.
 */
export function recheck(
  decision: StopDecision,
  fresh: Resource | undefined,
  keeping: Keeping,
  issuedAt: Date,
): Objection | undefined {
  const { policy, now } = keeping;
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
  const project = projectOf(policy, fresh.tags);
  if (project === undefined || project !== decision.project) {
    return no('Retagged', `Its project is now ${project ?? 'unknown'}.`);
  }
  const matched = matchPolicy(policy, fresh.tags);
  if (matched === undefined || matched.name !== decision.rule.policy) {
    return no(
      'Retagged',
      `Policy ${matched?.name ?? 'none'} applies to it now, not ${decision.rule.policy}.`,
    );
  }
  if (!stillAsked(decision, matched)) {
    return no(
      'PolicyChanged',
      decision.trigger === 'person'
        ? `No rule of policy ${matched.name} stops anything, so nobody stops it by name either.`
        : `Policy ${matched.name} no longer asks for it.`,
    );
  }
  // A person who asks for it by name knows better than a keep of before, but not than a protection or a later word.
  const kept =
    decision.trigger === 'person'
      ? (untouchable(fresh, matched) ?? keptSince(fresh, keeping, issuedAt))
      : exemption(fresh, matched, keeping);
  if (kept !== undefined) return no('Exempt', kept.why);
  const expired = expiry(decision, issuedAt, now);
  return expired === undefined ? undefined : no('Expired', expired);
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

/** Why the decision is too old; `undefined` where it is not. A budget starts anew with the month (UTC). */
function expiry({ trigger }: StopDecision, issuedAt: Date, now: Date): string | undefined {
  if (trigger === 'idle' || trigger === 'person') {
    return now.getTime() - issuedAt.getTime() > IDLE_EXPIRES_MS
      ? `It was decided more than 6 min ago; ${trigger === 'idle' ? 'the next sweep looks again' : 'ask again'}.`
      : undefined;
  }
  return now >= periodEnd(utcDay(issuedAt))
    ? 'It was decided in an earlier month, whose budget is closed.'
    : undefined;
}

function stillAsked(decision: StopDecision, matched: NamedPolicy): boolean {
  switch (decision.trigger) {
    case 'idle':
      return matched.idle !== 'off' && matched.idle.do === 'stop';
    case 'freeze':
      return matched.budget.some((rule) => rule.do === 'freeze');
    case 'budget':
      return matched.budget.some((rule) => rule.do !== 'notify');
    case 'person':
      return mayStop(matched);
    case 'untagged':
    case 'keep-tag':
      return false;
  }
}

/** True where some rule of the policy stops: where none does (production), a slip of the finger must not either. */
export const mayStop = ({ idle, budget }: NamedPolicy): boolean =>
  (idle !== 'off' && idle.do === 'stop') || budget.some((rule) => rule.do !== 'notify');
