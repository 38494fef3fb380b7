import type { RestoreRecord } from '../ledger/ledger.ts';
import { matchPolicy, type Policy } from '../policy/policy.ts';
import type { RestoreDecision } from '../types/decision.ts';
import { periodStart } from './period.ts';
import { atMinute, utcDay } from './sentences.ts';

/** So many days into a month what its predecessor's budget stopped is still restored; a sweep may have been out. */
const RESTORING_DAYS = 7;

/** True in the days in which `next-period` restores are due. */
export const isRestoringTime = (now: Date): boolean => now.getUTCDate() <= RESTORING_DAYS;

/**
 * What comes back because a new month has begun: what a budget or a freeze stopped in an earlier one, where the policy
 * that applies to it says `restore: next-period`.
 */
export function nextPeriodRestores(
  stopped: readonly RestoreRecord[],
  policy: Policy,
  now: Date,
): readonly RestoreDecision[] {
  const begins = periodStart(`${utcDay(now).slice(0, 7)}-01`);
  return stopped.flatMap(({ arn, resource, project, trigger, savedAt, state }) => {
    const matched = matchPolicy(policy, resource.tags);
    const due =
      isRestoringTime(now) &&
      state === 'stopped' &&
      (trigger === 'budget' || trigger === 'freeze') &&
      savedAt < begins &&
      matched?.restore === 'next-period';
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
    by: 'Bursar',
    reason: `Its restore was begun and is not finished. It was stopped at ${atMinute(savedAt)}.`,
  }));
