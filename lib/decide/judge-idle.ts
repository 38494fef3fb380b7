import type { Watch } from '../ledger/ledger.ts';
import type { IdleRule, NamedPolicy } from '../policy/policy.ts';
import type { NotifyDecision, StopDecision, Verdict } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { announcementId, wholeMinute } from './announcement.ts';
import { type Idleness, judgeIdleness, MAX_LAG_SECONDS } from './idle.ts';
import { isToday, type Judged, type Judging, reminded, type SweepInput } from './judged.ts';
import { atMinute, duration, nextUtcDay, utcDay } from './sentences.ts';
import { newWatch, spellOf } from './spell.ts';

/** A warning comes `warn` before the stop, so what it needs is `after` less `warn` of idleness. */
export const warningRule = (rule: IdleRule): IdleRule => ({
  ...rule,
  afterSeconds: rule.afterSeconds - rule.warnSeconds,
});

/**
 * Why nothing need be read of a resource now, and what is said of it; `undefined` = it must be read. It was
 * seen busy and cannot be idle for long enough yet; or it waits for its announced stop, at which its whole
 * window is read; or its policy only tells, and people were told today. `until`: when that ends.
 */
export function spared(
  subject: IdleSubject,
  { watches, now }: Pick<SweepInput, 'watches' | 'now'>,
): (Pick<Verdict, 'verdict' | 'why'> & { readonly until: Date }) | undefined {
  const { resource, idle } = subject;
  const watch = spellOf(resource, watches);
  if (watch === undefined) return undefined;
  const { busyAt, toldAt } = watch;
  const stopAt = announcedFor(subject, watch);
  if (busyAt !== undefined) {
    const until = new Date(busyAt.getTime() + warningRule(idle).afterSeconds * 1000);
    if (until > now) {
      const why = `It was busy at ${atMinute(busyAt)}; it is looked at again at ${atMinute(until)}.`;
      return { verdict: 'busy', why, until };
    }
  }
  if (stopAt !== undefined && stopAt > now) {
    return {
      verdict: 'idle',
      why: `It was warned: unless it is used, it is stopped at ${atMinute(stopAt)}.`,
      until: stopAt,
    };
  }
  if (idle.do === 'notify' && isToday(toldAt, now)) {
    return { verdict: 'idle', why: 'It was idle, and people were told today.', until: nextUtcDay(now) };
  }
  return undefined;
}

/** The time for which its stop was announced; one before the end of a keep is void. */
const announcedFor = ({ notBefore }: IdleSubject, watch: Watch | undefined): Date | undefined =>
  watch?.stopAt === undefined || (notBefore !== undefined && watch.stopAt < notBefore)
    ? undefined
    : watch.stopAt;

/** A resource and the idle rule that applies to it. */
export interface IdleSubject {
  readonly resource: Resource;
  readonly project: string;
  readonly matched: NamedPolicy;
  readonly idle: IdleRule;
  /** It is kept until then, and the time has come to say that this ends. */
  readonly notBefore: Date | undefined;
}

/** What the idle rule of its policy comes to for one resource: nothing, a reminder, a warning or the stop. */
export function judgeIdle(subject: IdleSubject, input: Judging): Judged {
  const { resource, matched, idle } = subject;
  const { now } = input;
  const watch = spellOf(resource, input.watches);
  const rule = warningRule(idle);
  const left = (verdict: Verdict['verdict'], why: string): Judged => ({
    resource,
    verdict: { resource, policy: matched.name, verdict, why },
  });
  const without = spared(subject, input);
  if (without !== undefined) return left(without.verdict, without.why);

  const evidence = input.evidence.get(resource.arn);
  const found = judgeIdleness(resource, evidence, rule, now);
  switch (found.state) {
    case 'busy':
      return { ...left('busy', found.figures), watch: newWatch(resource, { busyAt: found.busyAt }) };
    case 'too-young':
      return left('too-young', found.figures);
    case 'unknown':
      if (found.tell) return reminded(idleNotice(subject, found.why, now), input);
      return { ...left('unknown', found.why), ...voidWarning(resource, watch, now) };
    case 'idle':
      break;
  }
  if (idle.do === 'notify') {
    return reminded(idleNotice(subject, found.figures, now), input);
  }
  if (idle.warnSeconds === 0) return { resource, decision: idleStop(subject, found) };
  const stopAt = announcedFor(subject, watch);
  if (stopAt === undefined) return warn(subject, found, watch, now);
  const whole = judgeIdleness(resource, evidence, idle, now);
  if (whole.state === 'idle') {
    const id = announcementId({ trigger: 'idle', target: resource, stopAt });
    const otherwise = warn(subject, found, watch, now);
    return { resource, decision: idleStop(subject, whole), announcement: { id, otherwise } };
  }
  // Used since the warning, while no sweep looked: the warning is void.
  if (whole.state === 'busy')
    return { ...left('busy', whole.figures), watch: newWatch(resource, { busyAt: whole.busyAt }) };
  const why = `${found.figures} Not yet for the whole ${duration(idle.afterSeconds)}.`;
  return { ...left('idle', why), ...voidWarning(resource, watch, now) };
}

/** A warning of what is kept since is void, as is a hold: people are told and asked anew when that ends. */
export function forgetWarning(
  resource: Resource,
  { watches }: Pick<Judging, 'watches'>,
): Pick<Judged, 'watch'> {
  const watch = spellOf(resource, watches);
  return watch === undefined || (watch.stopAt === undefined && watch.heldAt === undefined)
    ? {}
    : { watch: { ...watch, stopAt: undefined, heldAt: undefined, heldDue: undefined } };
}

/**
 * Where too little was known of it for too long after the announced minute, the warning is void and its idle
 * time starts anew: it may have been used meanwhile, or stopped and started by somebody.
 */
function voidWarning(resource: Resource, watch: Watch | undefined, now: Date): Pick<Judged, 'watch'> {
  if (watch?.stopAt === undefined || now.getTime() - watch.stopAt.getTime() <= MAX_LAG_SECONDS * 1000)
    return {};
  return { watch: newWatch(resource, { busyAt: now }) };
}

type Idle = Extract<Idleness, { state: 'idle' }>;

function warn(
  { resource, project, matched, idle, notBefore }: IdleSubject,
  found: Idle,
  watch: Watch | undefined,
  now: Date,
): Judged {
  const earliest = Math.max(
    found.from.getTime() + idle.afterSeconds * 1000,
    now.getTime() + idle.warnSeconds * 1000,
  );
  // The minute that people are told, so that the sweep of that very minute keeps the word.
  const minute = new Date(Math.floor(earliest / 60_000) * 60_000);
  const keptUntil = wholeMinute(notBefore ?? minute);
  const stopAt = keptUntil > minute ? keptUntil : minute;
  return {
    resource,
    watch: newWatch(resource, { busyAt: watch?.busyAt, stopAt }),
    decision: {
      action: 'warn',
      trigger: 'idle',
      key: `warn/${resource.arn}/${stopAt.toISOString()}`,
      project,
      target: resource,
      stopAt,
      rule: idleRef(matched, idle),
      reason: `${found.figures} Policy ${matched.name} stops it after ${duration(idle.afterSeconds)} idle.`,
    },
  };
}

function idleStop({ resource, project, matched, idle }: IdleSubject, found: Idle): StopDecision {
  return {
    action: 'stop',
    trigger: 'idle',
    key: `idle/${resource.arn}/${resource.since.toISOString()}`,
    project,
    target: resource,
    rule: idleRef(matched, idle),
    reason: `${found.figures} Policy ${matched.name} stops after ${duration(idle.afterSeconds)} idle.`,
  };
}

function idleNotice(
  { resource, project, matched, idle }: IdleSubject,
  reason: string,
  now: Date,
): NotifyDecision {
  return {
    action: 'notify',
    trigger: 'idle',
    key: `idle-notify/${resource.arn}/${utcDay(now)}`,
    project,
    target: resource,
    rule: idleRef(matched, idle),
    reason,
  };
}

const idleRef = (matched: NamedPolicy, idle: IdleRule) => ({
  policy: matched.name,
  rule: `idle for ${duration(idle.afterSeconds)}: ${idle.do}`,
});
