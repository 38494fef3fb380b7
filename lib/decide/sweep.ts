import type { KeepTag, ProjectMark, Watch } from '../ledger/ledger.ts';
import { type IdleRule, matchPolicy, type NamedPolicy, projectOf } from '../policy/policy.ts';
import type { Decision, StopDecision, Verdict, WarnDecision } from '../types/decision.ts';
import { type Resource, startOf } from '../types/resource.ts';
import { type BudgetReading, SPEND_SOURCES } from '../types/spend.ts';
import type { Asked } from './announced-stop.ts';
import { announcementId } from './announcement.ts';
import { approvalHold } from './approval.ts';
import { ENFORCER_HAS_MS, graceEnd, owedBudgetStop, reachedFreeze, waitsForBill } from './budget.ts';
import { type Exemption, exemption, newKeepTag } from './exempt.ts';
import { freezeStop } from './freeze-stop.ts';
import { judgeHours } from './hours.ts';
import { isTooYoung, windowSeconds } from './idle.ts';
import { forgetWarning, type IdleSubject, judgeIdle, spared, warningRule } from './judge-idle.ts';
import type { BeforeReading, Judged, Judging, SweepInput, UntoldBudget } from './judged.ts';
import { holdBack, metricsOutages } from './limits.ts';
import { marksOf } from './marks-of.ts';
import { readingEnd } from './period.ts';
import { judgeRuntime } from './runtime.ts';
import { atMinute } from './sentences.ts';
import { newWatch, spellOf } from './spell.ts';
import { judgeUntagged } from './untagged.ts';
import { withTimes } from './watch-times.ts';

export interface SweepDecided {
  readonly decisions: readonly Decision[];
  /** Why each of the others is left alone. */
  readonly verdicts: readonly Verdict[];
  /** Those that changed, whole; to be saved once the decisions are queued. */
  readonly watches: readonly Watch[];
  /** Those that were seen for the first time. */
  readonly keepTags: readonly KeepTag[];
  /** Budgets whose grace period ran out without anybody having been told: it must begin anew. */
  readonly untoldBudgets: readonly UntoldBudget[];
  /** How many stops wait for the next sweep, since one orders only so many. */
  readonly deferred: number;
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
    const subject = idleSubject(resource, input);
    if (subject === undefined || isTimedStopDue(subject, input)) return [];
    const rule = warningRule(subject.idle);
    if (isTooYoung(resource, rule, input.now) || spared(subject, input) !== undefined) return [];
    return [{ resource, rule, windowSeconds: windowSeconds(subject.idle) }];
  });
}

/** What each resource comes to, in their order, before it is known who was told, a close look at each, and the limits. */
export const judgeAll = (input: Judging): readonly Judged[] =>
  input.resources.map((resource) => judge(resource, input));

/** Ids of announcements of which must be known whether people were told. */
export const announcementsNeeded = (judged: readonly Judged[]): readonly string[] =>
  judged.flatMap(({ announcement }) =>
    announcement === undefined ? [] : [announcement.id, ...announcementsNeeded([announcement.otherwise])],
  );

/** The stops that are due and the warnings that are to be given, before a close look at each and the limits. */
export const dueDecisions = (
  judged: readonly Judged[],
  untold: SweepInput['untold'],
): readonly (StopDecision | WarnDecision)[] =>
  judged.flatMap((one) => {
    const { decision } = whereTold(one, untold);
    return decision?.action === 'stop' || decision?.action === 'warn' ? [decision] : [];
  });

/**
 * Decides for every resource. Pure: the same input gives the same decisions, keys and all.
 * @param all what `judgeAll` says of the same input, where that is known already
 */
export function decideSweep(input: SweepInput, all: readonly Judged[] = judgeAll(input)): SweepDecided {
  const judged = all.map((one) =>
    withoutRefused(withoutProtected(whereTold(one, input.untold), input.inspected), input.refused),
  );
  const outages = metricsOutages(
    evidenceNeeded(input).map(({ resource }) => resource),
    input.evidence,
    input.now,
  );
  const held = holdBack(
    judged.flatMap(({ decision }) => (decision?.action === 'stop' ? [decision] : [])),
    input,
  );
  const waiting = approvalHold(input.fleet ?? input.resources, input, input.now);
  const stopped = new Set(held.allowed.map(({ key }) => key));
  const isHeld = (decision: Decision): boolean => decision.action === 'stop' && !stopped.has(decision.key);
  const late = new Set(held.deferred.map(({ key }) => key));
  const untold = judged.flatMap(({ untoldBudget }) => (untoldBudget === undefined ? [] : [untoldBudget]));
  return {
    decisions: [
      ...judged.flatMap(({ decision }) => (decision === undefined || isHeld(decision) ? [] : [decision])),
      ...held.holds,
      ...outages,
      ...(waiting === undefined ? [] : [waiting]),
    ],
    verdicts: judged.flatMap(({ decision, verdict }) =>
      decision?.action === 'stop' && isHeld(decision)
        ? [heldVerdict(decision, late.has(decision.key))]
        : (verdict ?? []),
    ),
    watches: withTimes(
      [...judged.flatMap(({ watch }) => (watch === undefined ? [] : [watch])), ...held.watches],
      input,
    ),
    keepTags: judged.flatMap(({ keepTag }) => (keepTag === undefined ? [] : [keepTag])),
    untoldBudgets: [
      ...new Map(untold.map((one) => [`${one.period} ${one.rule} ${one.holder}`, one])).values(),
    ],
    deferred: held.deferred.length,
  };
}

/** What holds where nobody was told of what was to be announced. */
const whereTold = (judged: Judged, untold: ReadonlySet<string>): Judged =>
  judged.announcement !== undefined && untold.has(judged.announcement.id)
    ? whereTold(judged.announcement.otherwise, untold)
    : judged;

/** What a close look found protects from the warning as it does from the stop. */
function withoutProtected(judged: Judged, inspected: SweepInput['inspected']): Judged {
  const { resource, decision } = judged;
  const found = inspected.get(resource.arn);
  if (found === undefined || (decision?.action !== 'stop' && decision?.action !== 'warn')) return judged;
  const { policy } = decision.rule;
  return { resource, verdict: { resource, policy, verdict: 'exempt', why: found.detail } };
}

/** A refused stop that stayed due would take the place of others within the limits, sweep after sweep. */
function withoutRefused(judged: Judged, refused: ReadonlySet<string>): Judged {
  const { resource, decision } = judged;
  if (decision?.action !== 'stop' || !refused.has(decision.key)) return judged;
  const why = `${decision.reason} AWS refused its stop today, and people were told; it is tried again tomorrow.`;
  return { resource, verdict: { resource, policy: decision.rule.policy, verdict: 'refused', why } };
}

const heldVerdict = ({ target, rule, reason }: StopDecision, isLate: boolean): Verdict => ({
  resource: target,
  policy: rule.policy,
  verdict: 'held',
  why: isLate
    ? `${reason} It waits for the next sweep: more are due than one sweep may stop.`
    : `${reason} It is held back: more were due at once than the limits allow.`,
});

/** The idle rule by which the resource is judged by its metrics; `undefined` = it is not. */
export function idleSubject(resource: Resource, input: BeforeReading): IdleSubject | undefined {
  const { policy } = input;
  const project = projectOf(policy, resource.tags);
  if (resource.state !== 'running' || project === undefined || resource.neverIdle !== undefined)
    return undefined;
  const matched = matchPolicy(policy, resource.tags);
  if (matched === undefined || matched.idle === 'off') return undefined;
  const kept = exemption(resource, matched, input);
  if (kept !== undefined && !isEnding(kept, matched.idle, input.now)) return undefined;
  return { resource, project, matched, idle: matched.idle, notBefore: kept?.until };
}

/** True where a keep ends so soon that people must be told now of the stop that follows it. */
const isEnding = ({ until }: Exemption, idle: IdleRule, now: Date): boolean =>
  until !== undefined && idle.do === 'stop' && until.getTime() - now.getTime() <= idle.warnSeconds * 1000;

/** What the resource comes to, and what is to be remembered of its keep tag. */
function judge(resource: Resource, input: Judging): Judged {
  const judged = judgeUse(resource, input);
  const found = newKeepTag(resource, input);
  if (found === undefined) return judged;
  if (!found.unreadable) return { ...judged, keepTag: found.tag };
  // People are told of it once, when it is first seen; where there is something else to tell, the next time.
  const { verdict, decision, ...rest } = judged;
  if (decision?.action === 'warn') return { ...judged, keepTag: found.tag };
  if (verdict === undefined || decision !== undefined) return judged;
  return {
    ...rest,
    keepTag: found.tag,
    decision: {
      action: 'notify',
      trigger: 'keep-tag',
      key: `keep-tag/${resource.arn}/${found.tag.value}`,
      project: projectOf(input.policy, resource.tags),
      target: resource,
      rule: { policy: verdict.policy ?? 'none', rule: `tag ${input.policy.tags.keepUntil}` },
      reason: verdict.why,
    },
  };
}

function judgeUse(resource: Resource, input: Judging): Judged {
  const { policy, marks } = input;
  const matched = matchPolicy(policy, resource.tags);
  const left = (verdict: Verdict['verdict'], why: string): Judged => ({
    resource,
    verdict: { resource, policy: matched?.name, verdict, why },
  });

  if (resource.state !== 'running') return left('not-running', `It is ${resource.state}.`);
  const project = projectOf(policy, resource.tags);
  if (project === undefined) return judgeUntagged(resource, input);
  if (matched === undefined) return left('no-policy', 'No policy matches its tags.');
  const kept = exemption(resource, matched, input);
  const subject = idleSubject(resource, input);
  const asked = askedByTime(resource, project, matched, kept, input);
  if (kept !== undefined && subject === undefined) {
    return withAsked({ ...left('exempt', kept.why), ...forgetWarning(resource, input) }, asked, input);
  }
  const owed =
    kept === undefined
      ? owedStop(resource, project, matched, marksOf(resource, policy, marks), input)
      : undefined;
  const dues = [owed, ...asked].flatMap((one) => (one?.state === 'due' ? [one.judged] : []));
  const due = dues.reduceRight<Judged | undefined>((later, one) => orElse(one, later), undefined);
  if (due !== undefined) return due;

  const judged = withAsked(
    subject !== undefined
      ? judgeIdle(subject, input)
      : left('exempt', resource.neverIdle ?? `Policy ${matched.name} has idle: off.`),
    asked,
    input,
  );
  if (owed?.state !== 'announced' || judged.decision !== undefined) return judged;
  // It runs on through its grace period; people are told again where the first warning was lost.
  const { warning, mayBeLost } = owed;
  const why = `${judged.verdict?.why ?? ''} ${warning.reason} It is stopped at ${atMinute(warning.stopAt)}.`;
  const waiting: Judged = {
    ...judged,
    verdict: { resource, policy: matched.name, verdict: 'idle', why: why.trim() },
  };
  if (!mayBeLost) return waiting;
  const again = { ...warning, key: `${warning.key}/again/${input.now.toISOString()}` };
  return {
    ...waiting,
    announcement: { id: announcementId(warning), otherwise: { resource, decision: again } },
  };
}

/**
 * What its hours and its longest runtime ask of a running resource of a project, in this order: the calendar was known,
 * so its stop comes first.
 */
export function askedByTime(
  resource: Resource,
  project: string,
  matched: NamedPolicy,
  kept: Exemption | undefined,
  input: BeforeReading,
): readonly Asked[] {
  if (matched.hours === undefined && matched.maxRuntime === undefined) return [];
  if (kept !== undefined && kept.until === undefined) return [];
  return [judgeHours, judgeRuntime].flatMap(
    (judge) => judge(resource, project, matched, kept?.until, input) ?? [],
  );
}

/** True where its hours or its runtime stop it now, whatever its metrics say. */
function isTimedStopDue(
  { resource, project, matched, notBefore }: IdleSubject,
  input: BeforeReading,
): boolean {
  return (
    notBefore === undefined &&
    askedByTime(resource, project, matched, undefined, input).some(({ state }) => state === 'due')
  );
}

/** A stop that nobody was told of gives way to the next one that is due. */
function orElse(judged: Judged, next: Judged | undefined): Judged {
  const { announcement } = judged;
  if (announcement === undefined || next === undefined) return judged;
  const { id, otherwise } = announcement;
  return { ...judged, announcement: { id, otherwise: withUntold(next, otherwise.untoldBudget) } };
}

function withUntold(judged: Judged, untoldBudget: UntoldBudget | undefined): Judged {
  if (untoldBudget === undefined) return judged;
  const { announcement } = judged;
  if (announcement === undefined) return { ...judged, untoldBudget };
  const otherwise = withUntold(announcement.otherwise, untoldBudget);
  return { ...judged, untoldBudget, announcement: { ...announcement, otherwise } };
}

/** What people are to be told of its hours or its runtime, unless it is stopped now anyway; or why it runs on. */
function withAsked(judged: Judged, asked: readonly Asked[], { watches }: Judging): Judged {
  const { resource, decision, verdict, watch } = judged;
  if (asked.length === 0 || decision?.action === 'stop') return judged;
  const told = asked.find((one) => one.state === 'told');
  if (told !== undefined) {
    // What idleness would have told waits for the next sweep, and what it would have remembered of that with it.
    const before = decision === undefined ? watch : undefined;
    const known = before ?? spellOf(resource, watches) ?? newWatch(resource);
    return { resource, decision: told.decision, watch: { ...known, ...told.news } };
  }
  if (verdict === undefined) return judged;
  const notes = asked.flatMap((one) => ('note' in one && one.note !== '' ? [one.note] : []));
  return { ...judged, verdict: { ...verdict, why: [verdict.why, ...notes].join(' ') } };
}

type Owed =
  | { readonly state: 'due'; readonly judged: Judged }
  /** Within its grace period. `mayBeLost`: its warning should have been told by now. */
  | { readonly state: 'announced'; readonly warning: WarnDecision; readonly mayBeLost: boolean };

/** For so long the warning of a breach may be on its way. Milliseconds. */
export const TELLING_MS = 3 * 60_000;

type Owing = Pick<Judging, 'policy' | 'now'>;

/**
 * What breaches still ask of a resource, be it those of its model, its project or its team: of what is due the first, else
 * what is announced.
 */
export function owedStop(
  resource: Resource,
  project: string,
  matched: NamedPolicy,
  marks: readonly ProjectMark[],
  input: Owing,
): Owed | undefined {
  const owed = marks.flatMap((mark) =>
    SPEND_SOURCES.flatMap((source) => {
      const breach = mark.breaches.get(source);
      return breach === undefined ? [] : (owedTo(breach, resource, project, matched, mark, input) ?? []);
    }),
  );
  return owed.find(({ state }) => state === 'due') ?? owed[0];
}

/** The stop that a freeze, or a breach that is not wholly enforced yet, still asks for. */
function owedTo(
  breach: BudgetReading,
  resource: Resource,
  project: string,
  matched: NamedPolicy,
  mark: ProjectMark,
  { policy, now }: Owing,
): Owed | undefined {
  if (waitsForBill(resource, breach.source)) return undefined;
  const { holder, frozenUntil, reached, unfrozenAt } = mark;
  const startedSince = startOf(resource) > breach.asOf;
  const handed = now.getTime() - breach.asOf.getTime() >= ENFORCER_HAS_MS;
  const freezes = reachedFreeze(matched, breach, policy);
  if (freezes !== undefined && frozenUntil !== undefined && frozenUntil > now && handed) {
    const hasGrace = freezes.graceSeconds > 0 && !startedSince && graceEnd(freezes, breach, reached) > now;
    if (!hasGrace) {
      return {
        state: 'due',
        judged: {
          resource,
          decision: freezeStop(resource, project, matched, { holder, rule: freezes, until: frozenUntil }),
        },
      };
    }
  }
  if (startedSince) return undefined;
  const owed = owedBudgetStop(resource, matched, breach, { policy, reached, frozenUntil, unfrozenAt });
  if (owed === undefined) return undefined;
  const { decision, warning } = owed;
  if (warning === undefined) return handed ? { state: 'due', judged: { resource, decision } } : undefined;
  if (warning.stopAt > now) {
    const mayBeLost = now.getTime() - breach.asOf.getTime() >= TELLING_MS;
    return { state: 'announced', warning, mayBeLost };
  }
  const why = `${warning.reason} Nobody could be told of the stop, so its grace period begins anew.`;
  return {
    state: 'due',
    judged: {
      resource,
      decision,
      announcement: {
        id: announcementId(warning),
        otherwise: {
          resource,
          verdict: { resource, policy: matched.name, verdict: 'unknown', why },
          untoldBudget: { holder, period: breach.period, rule: owed.ruleId, until: readingEnd(breach) },
        },
      },
    },
  };
}
