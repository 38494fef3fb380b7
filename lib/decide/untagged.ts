import { matchPolicy, type NamedPolicy, type Policy, tagOf } from '../policy/policy.ts';
import type { NotifyDecision, RuleRef, TagDecision, Verdict } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { announcementId, wholeMinute } from './announcement.ts';
import { exemption } from './exempt.ts';
import { forgetWarning } from './judge-idle.ts';
import { type Judged, type Judging, reminded } from './judged.ts';
import { mayStop } from './may-stop.ts';
import { atMinute, duration, utcDay } from './sentences.ts';
import { newWatch, spellOf } from './spell.ts';

/** What the creator tag says where CloudTrail does not say who made it. */
export const UNKNOWN_CREATOR = 'unknown';

/**
 * What a running resource without a project comes to: a daily reminder; or, where the policy says `do: stop`, a warning
 * and the stop at the time that was told. IAM binds such a stop to the creator tag, which Bursar writes first.
 */
export function judgeUntagged(resource: Resource, input: Judging): Judged {
  const { policy, now } = input;
  const { afterSeconds, warnSeconds, do: does } = policy.untagged;
  const runs = now.getTime() - resource.since.getTime();
  if (runs < (afterSeconds - (does === 'stop' ? warnSeconds : 0)) * 1000) {
    const why = `It has no tag ${policy.tags.project} and has run for less than ${duration(afterSeconds)}.`;
    return { resource, verdict: { resource, policy: undefined, verdict: 'no-policy', why } };
  }
  if (does === 'notify') return reminded(notice(resource, undefined, input), input);
  const never = neverStopped(resource, policy);
  if (never !== undefined) return reminded(notice(resource, never, input), input);
  const left = (verdict: Verdict['verdict'], why: string): Judged => ({
    resource,
    verdict: { resource, policy: UNTAGGED, verdict, why },
  });
  const kept = exemption(resource, undefined, input);
  const isKept =
    kept !== undefined &&
    (kept.until === undefined || kept.until.getTime() - now.getTime() > warnSeconds * 1000);
  if (isKept) return { ...left('exempt', kept.why), ...forgetWarning(resource, input) };
  if (tagOf(resource.tags, policy.tags.creator) === undefined) {
    return { resource, decision: creatorTag(resource, UNKNOWN_CREATOR, policy) };
  }
  return stopOrWarn(resource, kept?.until, input);
}

/** The policy that decisions on what has no project name: none of the list need match it. */
export const UNTAGGED = 'untagged';

const ruleOf = ({ untagged }: Policy): RuleRef => ({
  policy: UNTAGGED,
  rule: `untagged for ${duration(untagged.afterSeconds)}: ${untagged.do}`,
});

const seen = (resource: Resource, { tags }: Policy): string =>
  `It has no tag ${tags.project}, so nobody's budget sees it. It has run since ${atMinute(resource.since)}.`;

function notice(resource: Resource, never: string | undefined, { policy, now }: Judging): NotifyDecision {
  return {
    action: 'notify',
    trigger: 'untagged',
    key: `untagged/${resource.arn}/${utcDay(now)}`,
    project: undefined,
    target: resource,
    rule: ruleOf(policy),
    reason: never === undefined ? seen(resource, policy) : `${seen(resource, policy)} ${never}`,
  };
}

/**
 * Why the rule for what has no project stops this one never, whatever the policies say; one or two sentences. What its
 * other tags put under a policy that stops nothing, such as production, must not be lost by a tag that was forgotten.
 */
export function neverStopped(resource: Resource, policy: Policy): string | undefined {
  const [protection] = resource.protections;
  if (protection !== undefined) return `It is not stopped: ${protection.detail}`;
  if (resource.consent !== undefined) {
    return 'It is not stopped: what cannot be brought back as it was needs a project whose policy allows that.';
  }
  const matched = matchPolicy(policy, resource.tags);
  return matched !== undefined && spares(matched)
    ? `It is not stopped: policy ${matched.name} names it, and stops nothing.`
    : undefined;
}

/** True of a policy that names resources by their tags and stops none of them; one for all the rest names nothing. */
const spares = (matched: NamedPolicy): boolean => Object.keys(matched.match).length > 0 && !mayStop(matched);

/** Says who made a resource. The same however often and by whomever it is asked for: the first answer stays. */
export const creatorTag = (resource: Resource, who: string, policy: Policy): TagDecision => ({
  action: 'tag',
  key: `creator/${resource.arn}`,
  project: undefined,
  target: resource,
  tags: { [policy.tags.creator]: tagText(who) },
  reason:
    who === UNKNOWN_CREATOR
      ? `It has no tag ${policy.tags.project}, and CloudTrail does not say who made it.`
      : `It has no tag ${policy.tags.project}. CloudTrail says that ${who} made it.`,
});

/**
 * As a tag takes it: 256 characters at most, of those that every service allows.
 * Source: Tagging AWS Resources user guide, "Tag naming limits and requirements".
 */
const tagText = (who: string): string =>
  [...who.replaceAll(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_')].slice(0, 256).join('');

/** The stop at the minute that people were told of; they are told anew where they were not. */
function stopOrWarn(resource: Resource, keptUntil: Date | undefined, input: Judging): Judged {
  const { policy, now, watches } = input;
  const { afterSeconds, warnSeconds } = policy.untagged;
  const of = { project: undefined, target: resource, rule: ruleOf(policy) };
  const reason = `${seen(resource, policy)} What has no project is stopped after ${duration(afterSeconds)}.`;
  const stop: Judged = {
    resource,
    decision: {
      ...of,
      action: 'stop',
      trigger: 'untagged',
      key: `untagged-stop/${resource.arn}/${resource.since.toISOString()}`,
      reason,
    },
  };
  if (warnSeconds === 0 && keptUntil === undefined) return stop;
  const earliest = Math.max(
    resource.since.getTime() + afterSeconds * 1000,
    now.getTime() + warnSeconds * 1000,
    keptUntil?.getTime() ?? 0,
  );
  const stopAt = wholeMinute(new Date(earliest));
  const warned: Judged = {
    resource,
    watch: newWatch(resource, { stopAt }),
    decision: {
      ...of,
      action: 'warn',
      trigger: 'untagged',
      stopAt,
      key: `warn-untagged/${resource.arn}/${stopAt.toISOString()}`,
      reason: `${reason} Set its tag ${policy.tags.project} to keep it.`,
    },
  };
  const announced = spellOf(resource, watches)?.stopAt;
  if (announced === undefined || (keptUntil !== undefined && announced < keptUntil)) return warned;
  if (announced > now) {
    const why = `${seen(resource, policy)} It was warned: without a project it is stopped at ${atMinute(announced)}.`;
    return { resource, verdict: { resource, policy: UNTAGGED, verdict: 'idle', why } };
  }
  const id = announcementId({ trigger: 'untagged', target: resource, stopAt: announced });
  return { ...stop, announcement: { id, otherwise: warned } };
}
