import { matchPolicy, projectOf } from '../policy/policy.ts';
import type { Resource } from '../types/resource.ts';
import { ENFORCER_HAS_MS } from './budget.ts';
import { exemption, newKeepTag } from './exempt.ts';
import { hoursChangeAt } from './hours.ts';
import { isTooYoung } from './idle.ts';
import { forgetWarning, spared, warningRule } from './judge-idle.ts';
import { type BeforeReading, isToday } from './judged.ts';
import { marksOf } from './marks-of.ts';
import { runtimeChangeAt } from './runtime.ts';
import { nextUtcDay } from './sentences.ts';
import { spellOf } from './spell.ts';
import { newStartNote, startNoteEnds } from './starts.ts';
import { askedByTime, idleSubject, owedStop, TELLING_MS } from './sweep.ts';
import { neverStopped } from './untagged.ts';

/** Nothing comes of it until something about it changes. */
export const UNTIL_CHANGED = Number.POSITIVE_INFINITY;

export interface Quiet {
  /**
   * Epoch milliseconds. Never later than it is true, but maybe earlier: `now` where a sweep may well decide something
   * now, or must read its metrics.
   */
  readonly until: number;
  /** It is so because it was in use lately: as long as it stays in use it stays so. */
  readonly isInUse: boolean;
  /** Epoch milliseconds. However much it is used, something may come of it then: of its hours or its longest runtime. */
  readonly timed: number;
}

/**
 * Until when a sweep makes nothing but a verdict of a resource, as long as nothing about it changes: the resource
 * itself, the marks of its model, project and team, and what people said of it. Pure.
 */
export function quietOf(resource: Resource, input: BeforeReading): Quiet {
  const { now } = input;
  const timed = timedQuietUntil(resource, input);
  const until = Math.min(quietUntil(resource, input), timed);
  const subject = until > now.getTime() ? idleSubject(resource, input) : undefined;
  const isInUse =
    subject !== undefined &&
    subject.notBefore === undefined &&
    !isTooYoung(resource, warningRule(subject.idle), now) &&
    spared(subject, input)?.verdict === 'busy';
  return { until, isInUse, timed };
}

function quietUntil(resource: Resource, input: BeforeReading): number {
  const { policy, marks, now } = input;
  const at = now.getTime();
  if (resource.state !== 'running') return UNTIL_CHANGED;
  if (newKeepTag(resource, input) !== undefined) return at;
  const project = projectOf(policy, resource.tags);
  if (project === undefined) return untaggedQuietUntil(resource, input);
  const matched = matchPolicy(policy, resource.tags);
  if (matched === undefined) return UNTIL_CHANGED;
  const kept = exemption(resource, matched, input);
  const subject = idleSubject(resource, input);
  if (kept !== undefined && subject === undefined) {
    if (forgetWarning(resource, input).watch !== undefined) return at;
    const warned = matched.idle === 'off' ? 0 : matched.idle.warnSeconds * 1000;
    return kept.until === undefined ? UNTIL_CHANGED : kept.until.getTime() - warned;
  }
  const own = kept === undefined ? marksOf(resource, policy, marks) : [];
  if (own.length > 0) {
    const breaches = own.flatMap((mark) => [...mark.breaches.values()]);
    const newest = Math.max(0, ...breaches.map(({ asOf }) => asOf.getTime()));
    if (at - newest < SETTLING_MS) return at;
    if (owedStop(resource, project, matched, own, input) !== undefined) return at;
  }
  if (subject === undefined) return UNTIL_CHANGED;
  const young = resource.since.getTime() + warningRule(subject.idle).afterSeconds * 1000;
  const until = young > at ? young : (spared(subject, input)?.until.getTime() ?? at);
  // Once nobody keeps it any more, its project's budget counts again.
  return Math.min(until, subject.notBefore?.getTime() ?? UNTIL_CHANGED);
}

/** Until when its hours, its longest runtime and what is remembered of its start ask for nothing new. */
function timedQuietUntil(resource: Resource, input: BeforeReading): number {
  const { policy, now } = input;
  const matched = matchPolicy(policy, resource.tags);
  if (matched?.hours === undefined && matched?.maxRuntime === undefined) return UNTIL_CHANGED;
  if (newStartNote(resource, input) !== undefined) return now.getTime();
  const noted = startNoteEnds(resource, input);
  const project = projectOf(policy, resource.tags);
  if (resource.state !== 'running' || project === undefined) return noted;
  const kept = exemption(resource, matched, input);
  if (kept !== undefined && kept.until === undefined) return noted;
  const asked = askedByTime(resource, project, matched, kept, input);
  if (asked.some(({ state }) => state === 'due' || state === 'told')) return now.getTime();
  return Math.min(
    noted,
    hoursChangeAt(resource, matched, kept?.until, input),
    runtimeChangeAt(resource, matched, kept?.until, input),
  );
}

/** For so long the enforcer may be at work on a breach, and its warnings on their way. */
const SETTLING_MS = Math.max(ENFORCER_HAS_MS, TELLING_MS);

function untaggedQuietUntil(resource: Resource, input: BeforeReading): number {
  const { policy, watches, now } = input;
  const { afterSeconds, warnSeconds, do: does } = policy.untagged;
  const told = does === 'stop' ? afterSeconds - warnSeconds : afterSeconds;
  const young = resource.since.getTime() + told * 1000;
  if (young > now.getTime()) return young;
  const watch = spellOf(resource, watches);
  const isRemindedOf = does === 'notify' || neverStopped(resource, policy) !== undefined;
  if (isRemindedOf && isToday(watch?.toldAt, now)) return nextUtcDay(now).getTime();
  return now.getTime();
}
