import type { Watch } from '../ledger/ledger.ts';
import { matchPolicy } from '../policy/policy.ts';
import { type Resource, startOf } from '../types/resource.ts';
import type { SweepInput } from './judged.ts';

/**
 * When a resource was started, where its service does not tell: RDS says when a database was made, and an endpoint that can
 * be empty stays the same endpoint. The sweeps remember when they first found it running and, before that, stopped.
 */

/** What is known of a start. */
export interface Start {
  readonly at: Date;
  /** Nobody asked for it. */
  readonly byAws: boolean;
}

type Seen = Pick<SweepInput, 'policy' | 'watches' | 'now'>;

const isDatabase = ({ kind }: Resource): boolean => kind === 'rds-instance';

const isUntold = (resource: Resource): boolean =>
  isDatabase(resource) || (resource.kind === 'sagemaker-endpoint' && resource.form !== undefined);

/**
 * RDS starts a database that was stopped for seven days (its user guide, "Stopping an Amazon RDS DB instance
 * temporarily"), less what a sweep may see of its stop too late. Whoever starts one by hand does so before that.
 */
const LONGEST_STOP_MS = 7 * 86_400_000 - 3_600_000;

/** When it was started, as its service tells; `undefined` = it does not. */
export const toldStart = (resource: Resource): Date | undefined =>
  isUntold(resource) ? undefined : startOf(resource);

/** What the sweeps saw of it; what they saw of one of the same name that was made anew since does not count. */
function seenOf(resource: Resource, { watches }: Pick<Seen, 'watches'>): Note {
  const watch = watches.get(resource.arn);
  const told = startOf(resource);
  const { upSince, downSince, notedAt } = watch ?? {};
  return {
    upSince: upSince !== undefined && upSince >= told ? upSince : undefined,
    downSince: downSince !== undefined && downSince >= told ? downSince : undefined,
    notedAt,
  };
}

/** When a running resource was started. A database that no sweep has seen before counts as just started. */
export function knownStart(resource: Resource, seen: Pick<Seen, 'watches' | 'now'>): Start {
  const told = startOf(resource);
  if (!isUntold(resource)) return { at: told, byAws: false };
  const { upSince, downSince } = seenOf(resource, seen);
  const at = upSince ?? (isDatabase(resource) || downSince !== undefined ? seen.now : told);
  const byAws =
    isDatabase(resource) && downSince !== undefined && at.getTime() - downSince.getTime() >= LONGEST_STOP_MS;
  return { at, byAws };
}

type Note = Pick<Watch, 'upSince' | 'downSince' | 'notedAt'>;

/** Half a day: what is not written for two days is forgotten. */
const AGAIN_MS = 43_200_000;

/** What must be remembered of a start that its service does not tell; `undefined` = nothing new. */
export function newStartNote(resource: Resource, seen: Seen): Note | undefined {
  const { now } = seen;
  if (!isNoted(resource, seen.policy)) return undefined;
  const { upSince, downSince, notedAt } = seenOf(resource, seen);
  if (resource.state === 'running' && upSince === undefined) {
    const isStart = isDatabase(resource) || downSince !== undefined;
    return isStart ? { upSince: now, downSince, notedAt: now } : undefined;
  }
  if (resource.state === 'stopped' && (upSince !== undefined || downSince === undefined)) {
    return { upSince: undefined, downSince: now, notedAt: now };
  }
  const isOld = notedAt !== undefined && now.getTime() - notedAt.getTime() >= AGAIN_MS;
  return isOld ? { upSince, downSince, notedAt: now } : undefined;
}

/** When a note of a start must be written again; infinite where there is none. Epoch milliseconds. */
export function startNoteEnds(resource: Resource, { policy, watches }: Omit<Seen, 'now'>): number {
  const notedAt = isNoted(resource, policy) ? watches.get(resource.arn)?.notedAt : undefined;
  return notedAt === undefined ? Number.POSITIVE_INFINITY : notedAt.getTime() + AGAIN_MS;
}

function isNoted(resource: Resource, policy: Seen['policy']): boolean {
  if (!isUntold(resource)) return false;
  const matched = matchPolicy(policy, resource.tags);
  return matched?.hours !== undefined || matched?.maxRuntime !== undefined;
}
