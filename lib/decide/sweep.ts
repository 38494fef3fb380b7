import type { ProjectMark, Watch } from '../ledger/ledger.ts';
import { type IdleRule, matchPolicy, type NamedPolicy, projectOf } from '../policy/policy.ts';
import type { Decision, StopDecision, Verdict } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { ENFORCER_HAS_MS, owedBudgetStop, reachedFreeze } from './budget.ts';
import { exemption } from './exempt.ts';
import { isTooYoung, windowSeconds } from './idle.ts';
import { forgetWarning, judgeIdle, spared, warningRule } from './judge-idle.ts';
import { type BeforeReading, type Judged, type Judging, reminded, type SweepInput } from './judged.ts';
import { holdBack, metricsOutages } from './limits.ts';
import { atMinute, duration, utcDay } from './sentences.ts';

export interface SweepDecided {
  readonly decisions: readonly Decision[];
  /** Why each of the others is left alone. */
  readonly verdicts: readonly Verdict[];
  /** Those that changed, whole; to be saved once the decisions are queued. */
  readonly watches: readonly Watch[];
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
  return judgeIdle({ resource, project, matched, idle: matched.idle }, input);
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
