import type { ProjectMark, RestoreRecord } from '../ledger/ledger.ts';
import { matchPolicy, type NamedPolicy, type Policy } from '../policy/policy.ts';
import type { RestoreDecision } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { enforcedRules } from './budget.ts';
import { marksOf } from './marks-of.ts';
import { periodStart, readingEnd } from './period.ts';
import { atMinute, utcDay } from './sentences.ts';

/** So many days into a month what its predecessor's budget stopped is still restored; a sweep may have been out. */
const RESTORING_DAYS = 7;

/** True in the days in which `next-period` restores are due. */
export const isRestoringTime = (now: Date): boolean => now.getUTCDate() <= RESTORING_DAYS;

/** What a stop changes of a resource, it changes within this time. Milliseconds. */
export const STOPPING_MS = 3_600_000;

/** True of what is stopped, but has run since that stop: somebody else stopped it. */
export const hasRunSince = (found: Resource | undefined, { savedAt }: RestoreRecord): boolean =>
  found?.state === 'stopped' && found.since.getTime() - savedAt.getTime() > STOPPING_MS;

/**
 * What comes back because a new month has begun: what a budget or a freeze stopped in an earlier one, where the policy
 * that applies to it says `restore: next-period`. What is stopped, but has run since, was stopped by somebody else. It
 * waits while its project, team or model is over a limit that does not count anew with the month: started since, it
 * would run on.
 */
export function nextPeriodRestores(
  stopped: readonly RestoreRecord[],
  fleet: readonly Resource[],
  policy: Policy,
  marks: ReadonlyMap<string, ProjectMark>,
  now: Date,
): readonly RestoreDecision[] {
  const found = new Map(fleet.map((resource) => [resource.arn, resource]));
  const begins = periodStart(`${utcDay(now).slice(0, 7)}-01`);
  return stopped.flatMap((record) => {
    const { arn, resource, project, trigger, savedAt, state } = record;
    const matched = matchPolicy(policy, resource.tags);
    const due =
      isRestoringTime(now) &&
      state === 'stopped' &&
      (trigger === 'budget' || trigger === 'freeze') &&
      savedAt < begins &&
      !hasRunSince(found.get(arn), record) &&
      matched?.restore === 'next-period' &&
      overLimit(matched, marksOf(resource, policy, marks), policy, now) === undefined;
    if (!due) return [];
    return [
      {
        action: 'restore' as const,
        key: `restore/${arn}/${savedAt.toISOString()}/next-period`,
        project,
        target: resource,
        by: `policy ${matched.name}`,
        reason: `A new month has begun. Its budget stopped it at ${atMinute(savedAt)}, and policy ${matched.name} restores it in the next period.`,
      },
    ];
  });
}

/** The first of the marks that is of a limit which is passed, and which the policy enforces. */
export const overLimit = (
  matched: NamedPolicy,
  marks: readonly ProjectMark[],
  policy: Policy,
  now: Date,
): ProjectMark | undefined =>
  marks.find(({ breaches }) =>
    [...breaches.values()].some(
      (breach) => readingEnd(breach) > now && enforcedRules(matched, breach, policy).length > 0,
    ),
  );

/** Who asks for the rest of a restore that somebody else asked for. */
export const FINISHER = 'Bursar';

/** What was begun and is not finished, such as the scaling of an endpoint that had to come into service first. */
export const unfinishedRestores = (
  restoring: readonly RestoreRecord[],
  now: Date,
): readonly RestoreDecision[] =>
  restoring.map(({ arn, resource, project, savedAt }) => ({
    action: 'restore',
    key: `restore/${arn}/${savedAt.toISOString()}/finish/${now.toISOString()}`,
    project,
    target: resource,
    by: FINISHER,
    // Of what somebody else had stopped, what is saved is as it was found then.
    reason:
      resource.state === 'stopped'
        ? `Its start was begun at ${atMinute(savedAt)} and is not finished.`
        : `Its restore was begun and is not finished. It was stopped at ${atMinute(savedAt)}.`,
  }));

/** True of what `unfinishedRestores` asks for: it comes every sweep, whereas a person or a month asks once. */
export const isFinishing = ({ key }: Pick<RestoreDecision, 'key'>): boolean => /\/finish\/[^/]+$/.test(key);
