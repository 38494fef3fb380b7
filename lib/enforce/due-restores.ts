import { isRestoringTime, nextPeriodRestores, unfinishedRestores } from '../decide/restores.ts';
import type { RegionContexts } from '../fleet/discover.ts';
import type { Ledger, ProjectMark, RestoreRecord } from '../ledger/ledger.ts';
import type { Policy } from '../policy/policy.ts';
import type { RestoreDecision } from '../types/decision.ts';
import { mapLimited } from '../types/lists.ts';
import type { Resource } from '../types/resource.ts';

/** Restores that nobody has to ask for: those that were begun, and those of the next period. */
export async function dueRestores(
  resources: readonly Resource[],
  marks: ReadonlyMap<string, ProjectMark>,
  at: Date,
  {
    ledger,
    policy,
    regions,
  }: {
    readonly ledger: Pick<Ledger, 'restoreRecords' | 'audit'>;
    readonly policy: Policy;
    readonly regions: RegionContexts;
  },
): Promise<readonly RestoreDecision[]> {
  const inScope = ({ resource }: RestoreRecord): boolean => regions.has(resource.region);
  const begun = (await ledger.restoreRecords('restoring')).filter(inScope);
  const unfinished = unfinishedRestores(begun, at);
  if (!isRestoringTime(at) || !policy.policies.some((one) => one.restore === 'next-period'))
    return unfinished;
  const stopped = (await ledger.restoreRecords('stopped')).filter(inScope);
  const due = new Set(
    nextPeriodRestores(stopped, resources, policy, marks, at).map(({ target }) => target.arn),
  );
  const records = await mapLimited(
    stopped.filter(({ arn }) => due.has(arn)),
    10,
    async (record) => ((await wasStopped(record, ledger)) ? [record] : []),
  );
  return [...unfinished, ...nextPeriodRestores(records.flat(), resources, policy, marks, at)];
}

/** A stop takes seconds from what it saves to its outcome, which is dated by its beginning. */
const SLACK_MS = 600_000;

/** The record is written before the stop: where AWS refused that, whoever stopped the resource later was not us. */
async function wasStopped({ arn, savedAt }: RestoreRecord, ledger: Pick<Ledger, 'audit'>): Promise<boolean> {
  const trail = await ledger.audit({ arn }, new Date(savedAt.getTime() - SLACK_MS));
  return trail.some(({ decision, event }) => decision.action === 'stop' && event === 'taken');
}
