import { type Policy, tagOf } from '../policy/policy.ts';
import type { NotifyDecision, RuleRef, TagDecision, Verdict } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { announcementId, wholeMinute } from './announcement.ts';
import { exemption } from './exempt.ts';
import { forgetWarning } from './judge-idle.ts';
import { isToday, type Judged, type Judging, reminded } from './judged.ts';
import { sparedUntagged } from './may-stop.ts';
import { atMinute, duration, utcDay } from './sentences.ts';
import { newWatch, spellOf } from './spell.ts';

/** What the creator tag says where CloudTrail does not say who made it. */
export const UNKNOWN_CREATOR = 'unknown';

/**
 * What a running resource without a project comes to: a daily reminder; or, where the policy says `do: stop`, a warning
 * and the stop at the time that was told. IAM binds such a stop to the creator tag: one that has none is tagged, and
 * stopped by the next sweep.
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
  const judged = stopOrWarn(resource, kept?.until, input);
  // Without that tag AWS refuses the stop. Since people were told CloudTrail has been asked who made it.
  return judged.decision?.action === 'stop' && tagOf(resource.tags, policy.tags.creator) === undefined
    ? { ...judged, decision: creatorTag(resource, UNKNOWN_CREATOR, policy) }
    : judged;
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

/** Why the rule for what has no project stops this one never, whatever the policies say; one or two sentences. */
export function neverStopped(resource: Resource, policy: Policy): string | undefined {
  const [protection] = resource.protections;
  return protection === undefined
    ? sparedUntagged(resource, policy)
    : `It is not stopped: ${protection.detail}`;
}

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

const HOUR_MS = 3_600_000;
/** What had run for long when it was first seen without a project is stopped in a day at the earliest, or in `after`. */
const MOST_NOTICE_MS = 24 * HOUR_MS;

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
  const due = resource.since.getTime() + afterSeconds * 1000;
  const watch = spellOf(resource, watches);
  // It was there before Bursar was, or has lost its tag: its people had none of the time that the policy gives.
  const isNews = watch === undefined && keptUntil === undefined && now.getTime() - due >= HOUR_MS;
  const announced = watch?.stopAt;
  if (warnSeconds === 0 && keptUntil === undefined && announced === undefined && !isNews) return stop;
  const noticeMs = Math.max(warnSeconds * 1000, isNews ? Math.min(afterSeconds * 1000, MOST_NOTICE_MS) : 0);
  const earliest = Math.max(due, now.getTime() + noticeMs, keptUntil?.getTime() ?? 0);
  const stopAt = wholeMinute(new Date(earliest));
  const warned: Judged = {
    resource,
    watch: newWatch(resource, { stopAt, toldAt: now }),
    decision: {
      ...of,
      action: 'warn',
      trigger: 'untagged',
      stopAt,
      key: `warn-untagged/${resource.arn}/${stopAt.toISOString()}`,
      reason: `${reason} Set its tag ${policy.tags.project} to keep it.`,
    },
  };
  if (announced === undefined || (keptUntil !== undefined && announced < keptUntil)) return warned;
  if (announced > now) {
    const why = `${seen(resource, policy)} It was warned: without a project it is stopped at ${atMinute(announced)}.`;
    const verdict = { resource, policy: UNTAGGED, verdict: 'idle', why } as const;
    // A watch that is not written for two days is forgotten, and a warning may come a week ahead.
    return isToday(watch?.toldAt, now)
      ? { resource, verdict }
      : { resource, verdict, watch: { ...(watch ?? newWatch(resource)), toldAt: now } };
  }
  const id = announcementId({ trigger: 'untagged', target: resource, stopAt: announced });
  return { ...stop, announcement: { id, otherwise: warned } };
}
