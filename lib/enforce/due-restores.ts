import { type OpeningsInput, openings } from '../decide/openings.ts';
import { isRestoringTime, nextPeriodRestores, unfinishedRestores } from '../decide/restores.ts';
import type { RegionContexts } from '../fleet/discover.ts';
import { kindOf } from '../fleet/registry.ts';
import type { Approval, AuditEntry, Ledger, ProjectMark, RestoreRecord } from '../ledger/ledger.ts';
import type { Policy } from '../policy/policy.ts';
import type { NotifyDecision, RestoreDecision } from '../types/decision.ts';
import { mapLimited } from '../types/lists.ts';
import type { Resource } from '../types/resource.ts';

interface DueDeps {
  readonly ledger: Pick<Ledger, 'restoreRecords' | 'audit' | 'setRestoreState'>;
  readonly policy: Policy;
  readonly regions: RegionContexts;
}

/** What is known when restores are looked for. */
export interface DueInput {
  readonly fleet: readonly Resource[];
  readonly marks: ReadonlyMap<string, ProjectMark>;
  readonly approval?: Approval | undefined;
  readonly now: Date;
}

/**
 * Restores that nobody has to ask for: those that were begun, those of the next period and those of openings; and what is
 * told where a limit is in the way of an opening. What somebody has started since is forgotten: it is theirs.
 */
export async function dueRestores(
  { fleet, marks, approval, now }: DueInput,
  { ledger, policy, regions }: DueDeps,
): Promise<readonly (RestoreDecision | NotifyDecision)[]> {
  const inScope = ({ resource }: RestoreRecord): boolean => regions.has(resource.region);
  const begun = (await ledger.restoreRecords('restoring')).filter(inScope);
  const unfinished = unfinishedRestores(begun, now);
  const isNextPeriod = isRestoringTime(now) && policy.policies.some((one) => one.restore === 'next-period');
  if (!isNextPeriod && !mayOpen(policy, now)) return unfinished;
  const stopped = (await ledger.restoreRecords('stopped')).filter(inScope);
  return [
    ...unfinished,
    ...(isNextPeriod ? await nextPeriod(stopped, { fleet, marks, now }, { ledger, policy }) : []),
    ...(await ofOpenings(
      { stopped, restoring: new Set(begun.map(({ arn }) => arn)), fleet, policy, marks, approval, now },
      ledger,
    )),
  ];
}

/**
 * Whether there may be something to bring back by hours. Where no policy has any, only what was stopped by those it had
 * before: the first sweep of each hour looks for that.
 */
const mayOpen = ({ policies }: Policy, now: Date): boolean =>
  policies.some(({ hours }) => hours !== undefined) || now.getUTCMinutes() < SWEEP_MINUTES;

/** A regular sweep comes that often. */
const SWEEP_MINUTES = 5;

async function nextPeriod(
  stopped: readonly RestoreRecord[],
  { fleet, marks, now }: Pick<DueInput, 'fleet' | 'marks' | 'now'>,
  { ledger, policy }: Pick<DueDeps, 'ledger' | 'policy'>,
): Promise<readonly RestoreDecision[]> {
  const due = new Set(nextPeriodRestores(stopped, fleet, policy, marks, now).map(({ target }) => target.arn));
  const records = await mapLimited(
    stopped.filter(({ arn }) => due.has(arn)),
    10,
    async (record) => (wasStopped(await trailOf(record, ledger)) ? [record] : []),
  );
  return nextPeriodRestores(records.flat(), fleet, policy, marks, now);
}

async function ofOpenings(
  input: OpeningsInput,
  ledger: DueDeps['ledger'],
): Promise<readonly (RestoreDecision | NotifyDecision)[]> {
  const { due, theirs } = openings(input);
  await mapLimited(theirs, 10, ({ arn, savedAt }) => ledger.setRestoreState(arn, savedAt, 'restored'));
  const checked = await mapLimited(due, 10, async ({ decision, record }) => {
    if (record === undefined) return kindOf(decision.target.kind)?.start === undefined ? [] : [decision];
    const trail = await trailOf(record, ledger);
    const isTold =
      decision.action === 'notify' &&
      trail.some(({ decision: { key }, event }) => key === decision.key && event === 'taken');
    return wasStopped(trail) && !isTold ? [decision] : [];
  });
  return checked.flat();
}

/** A stop takes seconds from what it saves to its outcome, which is dated by its beginning. */
const SLACK_MS = 600_000;

const trailOf = ({ arn, savedAt }: RestoreRecord, ledger: Pick<Ledger, 'audit'>) =>
  ledger.audit({ arn }, new Date(savedAt.getTime() - SLACK_MS));

/** The record is written before the stop: where AWS refused that, whoever stopped the resource later was not us. */
const wasStopped = (trail: readonly AuditEntry[]): boolean =>
  trail.some(({ decision, event }) => decision.action === 'stop' && event === 'taken');
