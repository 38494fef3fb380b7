import type { ProjectMark, Watch } from '../ledger/ledger.ts';
import { type IdleRule, matchPolicy, type NamedPolicy, type Policy, projectOf } from '../policy/policy.ts';
import type { Decision, NotifyDecision, StopDecision, Verdict } from '../types/decision.ts';
import type { Evidence } from '../types/evidence.ts';
import type { Resource } from '../types/resource.ts';
import { ENFORCER_HAS_MS, owedBudgetStop, reachedFreeze } from './budget.ts';
import { exemption } from './exempt.ts';
import { type Idleness, isTooYoung, judgeIdleness, MAX_LAG_SECONDS, windowSeconds } from './idle.ts';
import { holdBack, metricsOutages } from './limits.ts';
import { atMinute, duration, utcDay } from './sentences.ts';
import { newWatch, spellOf } from './spell.ts';

export interface SweepInput {
  readonly policy: Policy;
  readonly resources: readonly Resource[];
  /** By ARN; at least of those that `evidenceNeeded` names. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** By ARN. */
  readonly watches: ReadonlyMap<string, Watch>;
  /** By project. */
  readonly marks: ReadonlyMap<string, ProjectMark>;
  /** Keys of stops that AWS refused today for good: they are not tried again, nor counted as due. */
  readonly refused: ReadonlySet<string>;
  readonly now: Date;
}

/** What a resource is judged by. */
type Judging = Omit<SweepInput, 'refused'>;

/** What is needed to know which metrics to read. */
type BeforeReading = Omit<SweepInput, 'evidence' | 'refused'>;

export interface SweepDecided {
  readonly decisions: readonly Decision[];
  /** Why each of the others is left alone. */
  readonly verdicts: readonly Verdict[];
  /** Those that changed, whole; to be saved once the decisions are queued. */
  readonly watches: readonly Watch[];
}

/** What one resource comes to. At most one decision; a verdict where there is none. */
interface Judged {
  readonly resource: Resource;
  readonly decision?: Decision;
  readonly verdict?: Verdict;
  readonly watch?: Watch;
}

/** A resource whose metrics must be read. */
export interface EvidenceNeed {
  readonly resource: Resource;
  /** A reading that is busy by this rule settles the matter: no other need be read. */
  readonly rule: IdleRule;
  /** How far back from now its samples are needed, in seconds. */
  readonly windowSeconds: number;
}

/**
 * The resources whose metrics must be read at `now`. Reading costs money and most reads can be spared: one
 * that is exempt is not judged, and of others `spared` says why not now.
 */
export function evidenceNeeded(input: BeforeReading): readonly EvidenceNeed[] {
  return input.resources.flatMap((resource) => {
    const idle = judgedBy(resource, input);
    if (idle === undefined) return [];
    const rule = warningRule(idle);
    if (isTooYoung(resource, rule, input.now) || spared(resource, idle, input) !== undefined) return [];
    return [{ resource, rule, windowSeconds: windowSeconds(idle) }];
  });
}

/** The stops that are due, before those that were refused are left out and the limits are kept. */
export const dueStops = (input: Judging): readonly StopDecision[] =>
  input.resources.flatMap((resource) => {
    const { decision } = judge(resource, input);
    return decision?.action === 'stop' ? [decision] : [];
  });

/** Decides for every resource. Pure: the same input gives the same decisions, keys and all. */
export function decideSweep(input: SweepInput): SweepDecided {
  const judged = input.resources.map((resource) => withoutRefused(judge(resource, input), input.refused));
  const outages = metricsOutages(
    evidenceNeeded(input).map(({ resource }) => resource),
    input.evidence,
    input.now,
  );
  const held = holdBack(
    judged.flatMap(({ decision }) => (decision?.action === 'stop' ? [decision] : [])),
    input,
  );
  const stopped = new Set(held.allowed.map(({ key }) => key));
  const isHeld = (decision: Decision): boolean => decision.action === 'stop' && !stopped.has(decision.key);
  return {
    decisions: [
      ...judged.flatMap(({ decision }) => (decision === undefined || isHeld(decision) ? [] : [decision])),
      ...held.holds,
      ...outages,
    ],
    verdicts: judged.flatMap(({ decision, verdict }) =>
      decision?.action === 'stop' && isHeld(decision) ? [heldVerdict(decision)] : (verdict ?? []),
    ),
    watches: [...judged.flatMap(({ watch }) => (watch === undefined ? [] : [watch])), ...held.watches],
  };
}

/** A refused stop that stayed due would take the place of others within the limits, sweep after sweep. */
function withoutRefused(judged: Judged, refused: ReadonlySet<string>): Judged {
  const { resource, decision } = judged;
  if (decision?.action !== 'stop' || !refused.has(decision.key)) return judged;
  const why = `${decision.reason} AWS refused its stop today, and people were told; it is tried again tomorrow.`;
  return { resource, verdict: { resource, policy: decision.rule.policy, verdict: 'refused', why } };
}

const heldVerdict = ({ target, rule, reason }: StopDecision): Verdict => ({
  resource: target,
  policy: rule.policy,
  verdict: 'held',
  why: `${reason} It is held back: more were due at once than the limits allow.`,
});

/** The idle rule by which the resource is judged by its metrics; `undefined` = it is not. */
function judgedBy(resource: Resource, { policy, now }: BeforeReading): IdleRule | undefined {
  if (resource.state !== 'running' || projectOf(policy, resource.tags) === undefined) return undefined;
  if (exemption(resource, policy, now) !== undefined) return undefined;
  const idle = matchPolicy(policy, resource.tags)?.idle;
  return idle === 'off' ? undefined : idle;
}

/** A warning comes `warn` before the stop, so what it needs is `after` less `warn` of idleness. */
const warningRule = (rule: IdleRule): IdleRule => ({
  ...rule,
  afterSeconds: rule.afterSeconds - rule.warnSeconds,
});

/**
 * Why nothing need be read of a resource now, and what is said of it; `undefined` = it must be read. It was
 * seen busy and cannot be idle for long enough yet; or it waits for its announced stop, at which its whole
 * window is read; or its policy only tells, and people were told today.
 */
function spared(
  resource: Resource,
  idle: IdleRule,
  { watches, now }: Pick<SweepInput, 'watches' | 'now'>,
): Pick<Verdict, 'verdict' | 'why'> | undefined {
  const watch = spellOf(resource, watches);
  if (watch === undefined) return undefined;
  const { busyAt, stopAt, toldAt } = watch;
  if (busyAt !== undefined) {
    const until = new Date(busyAt.getTime() + warningRule(idle).afterSeconds * 1000);
    if (until > now) {
      const why = `It was busy at ${atMinute(busyAt)}; it is looked at again at ${atMinute(until)}.`;
      return { verdict: 'busy', why };
    }
  }
  if (stopAt !== undefined && stopAt > now) {
    return {
      verdict: 'idle',
      why: `It was warned: unless it is used, it is stopped at ${atMinute(stopAt)}.`,
    };
  }
  if (idle.do === 'notify' && isToday(toldAt, now)) {
    return { verdict: 'idle', why: 'It was idle, and people were told today.' };
  }
  return undefined;
}

const isToday = (at: Date | undefined, now: Date): boolean => at !== undefined && utcDay(at) === utcDay(now);

function judge(resource: Resource, input: Judging): Judged {
  const { policy, marks, now } = input;
  const matched = matchPolicy(policy, resource.tags);
  const left = (verdict: Verdict['verdict'], why: string): Judged => ({
    resource,
    verdict: { resource, policy: matched?.name, verdict, why },
  });

  if (resource.state !== 'running') return left('not-running', `It is ${resource.state}.`);
  const project = projectOf(policy, resource.tags);
  if (project === undefined) return judgeUntagged(resource, input);
  if (matched === undefined) return left('no-policy', 'No policy matches its tags.');
  const kept = exemption(resource, policy, now);
  if (kept !== undefined) return { ...left('exempt', kept), ...forgetWarning(resource, input) };

  const mark = marks.get(project);
  const owed = mark === undefined ? undefined : owedStop(resource, project, matched, mark, input);
  if (owed !== undefined) return { resource, decision: owed };
  if (matched.idle === 'off') return left('exempt', `Policy ${matched.name} has idle: off.`);
  return judgeIdle(resource, project, matched, matched.idle, input);
}

function judgeUntagged(resource: Resource, input: Judging): Judged {
  const { policy, now } = input;
  const runs = now.getTime() - resource.since.getTime();
  if (runs < policy.untagged.afterSeconds * 1000) {
    const why = `It has no tag ${policy.tags.project} and has run for less than ${duration(policy.untagged.afterSeconds)}.`;
    return { resource, verdict: { resource, policy: undefined, verdict: 'no-policy', why } };
  }
  return reminded(
    {
      action: 'notify',
      trigger: 'untagged',
      key: `untagged/${resource.arn}/${utcDay(now)}`,
      project: undefined,
      target: resource,
      rule: { policy: 'untagged', rule: `untagged for ${duration(policy.untagged.afterSeconds)}: notify` },
      reason: `It has no tag ${policy.tags.project}, so nobody's budget sees it. It has run since ${atMinute(resource.since)}.`,
    },
    input,
  );
}

/** Once a day, and no more: it stays so whether or not people read it. */
function reminded(decision: NotifyDecision, { watches, now }: Pick<SweepInput, 'watches' | 'now'>): Judged {
  const { target: resource, reason, rule } = decision;
  const watch = spellOf(resource, watches);
  if (isToday(watch?.toldAt, now)) {
    const why = `${reason} People were told of it today.`;
    return { resource, verdict: { resource, policy: rule.policy, verdict: 'idle', why } };
  }
  return { resource, decision, watch: { ...(watch ?? newWatch(resource)), toldAt: now } };
}

/** The stop that a freeze, or a breach that is not wholly enforced yet, still asks for. */
function owedStop(
  resource: Resource,
  project: string,
  matched: NamedPolicy,
  { breach, frozenUntil }: ProjectMark,
  { policy, now }: Judging,
): StopDecision | undefined {
  if (breach === undefined || now.getTime() - breach.asOf.getTime() < ENFORCER_HAS_MS) return undefined;
  const freezes = reachedFreeze(matched, breach, policy);
  if (freezes !== undefined && frozenUntil !== undefined && frozenUntil > now) {
    return {
      action: 'stop',
      trigger: 'freeze',
      key: `freeze/${project}/${frozenUntil.toISOString()}/${resource.arn}/${resource.since.toISOString()}`,
      project,
      target: resource,
      rule: { policy: matched.name, rule: `budget ${freezes.at}% of ${freezes.of}: freeze` },
      reason: `Project ${project} is frozen until ${atMinute(frozenUntil)}: its spend has passed ${freezes.at}% of its budget.`,
    };
  }
  if (resource.since > breach.asOf) return undefined;
  return owedBudgetStop(resource, matched, breach, policy);
}

function judgeIdle(
  resource: Resource,
  project: string,
  matched: NamedPolicy,
  idle: IdleRule,
  input: Judging,
): Judged {
  const { now } = input;
  const watch = spellOf(resource, input.watches);
  const rule = warningRule(idle);
  const left = (verdict: Verdict['verdict'], why: string): Judged => ({
    resource,
    verdict: { resource, policy: matched.name, verdict, why },
  });
  const without = spared(resource, idle, input);
  if (without !== undefined) return left(without.verdict, without.why);

  const evidence = input.evidence.get(resource.arn);
  const found = judgeIdleness(resource, evidence, rule, now);
  switch (found.state) {
    case 'busy':
      return { ...left('busy', found.figures), watch: newWatch(resource, { busyAt: found.busyAt }) };
    case 'too-young':
      return left('too-young', found.figures);
    case 'unknown':
      if (found.othersIdle) {
        return reminded(
          idleNotice(resource, project, matched, idle, `${found.why} All else is idle.`, now),
          input,
        );
      }
      return { ...left('unknown', found.why), ...voidWarning(resource, watch, now) };
    case 'idle':
      break;
  }
  if (idle.do === 'notify') {
    return reminded(idleNotice(resource, project, matched, idle, found.figures, now), input);
  }
  if (idle.warnSeconds === 0)
    return { resource, decision: idleStop(resource, project, matched, idle, found) };
  if (watch?.stopAt === undefined) return warn(resource, project, matched, idle, found, watch, now);
  const whole = judgeIdleness(resource, evidence, idle, now);
  if (whole.state === 'idle')
    return { resource, decision: idleStop(resource, project, matched, idle, whole) };
  // Used since the warning, while no sweep looked: the warning is void.
  if (whole.state === 'busy')
    return { ...left('busy', whole.figures), watch: newWatch(resource, { busyAt: whole.busyAt }) };
  return left('idle', `${found.figures} Not yet for the whole ${duration(idle.afterSeconds)}.`);
}

/** What is kept is warned anew when that ends: its idle time starts then. */
function forgetWarning(resource: Resource, { watches, now }: Judging): Pick<Judged, 'watch'> {
  return spellOf(resource, watches)?.stopAt === undefined
    ? {}
    : { watch: newWatch(resource, { busyAt: now }) };
}

/**
 * Where nothing was known of it for too long after the announced minute, the warning is void and its idle
 * time starts anew: it may have been used meanwhile.
 */
function voidWarning(resource: Resource, watch: Watch | undefined, now: Date): Pick<Judged, 'watch'> {
  if (watch?.stopAt === undefined || now.getTime() - watch.stopAt.getTime() <= MAX_LAG_SECONDS * 1000)
    return {};
  return { watch: newWatch(resource, { busyAt: now }) };
}

type Idle = Extract<Idleness, { state: 'idle' }>;

function warn(
  resource: Resource,
  project: string,
  matched: NamedPolicy,
  idle: IdleRule,
  found: Idle,
  watch: Watch | undefined,
  now: Date,
): Judged {
  const earliest = Math.max(
    found.from.getTime() + idle.afterSeconds * 1000,
    now.getTime() + idle.warnSeconds * 1000,
  );
  // The minute that people are told, so that the sweep of that very minute keeps the word.
  const stopAt = new Date(Math.floor(earliest / 60_000) * 60_000);
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

function idleStop(
  resource: Resource,
  project: string,
  matched: NamedPolicy,
  idle: IdleRule,
  found: Idle,
): StopDecision {
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
  resource: Resource,
  project: string,
  matched: NamedPolicy,
  idle: IdleRule,
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
