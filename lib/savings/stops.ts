import type { AuditEntry } from '../ledger/ledger.ts';
import type { StopDecision } from '../types/decision.ts';
import { type Resource, startOf } from '../types/resource.ts';

/** A stop that was taken. */
export interface StopTaken {
  readonly at: Date;
  readonly decision: StopDecision;
}

/** What the trail tells of one resource. */
export interface Told {
  /** In order; each decision once, however often its outcome was written. */
  readonly stops: readonly StopTaken[];
  /** Times at which it began to run again, or was seen to have begun to; in order. */
  readonly starts: readonly Date[];
}

/** Of these AWS tells when they last changed: of one that runs that is its start, else it may be its stop. */
const TELL_LAST_CHANGE: ReadonlySet<string> = new Set(['sagemaker-notebook']);

/** When a resource was started last, by what AWS says of it; `undefined` = it does not say. */
export const startTold = (resource: Resource): Date | undefined =>
  resource.state !== 'running' && TELL_LAST_CHANGE.has(resource.kind) ? undefined : startOf(resource);

/** By ARN, of the resources that were stopped. The entries may come in any order, and more than once. */
export function toldOf(trail: readonly AuditEntry[]): ReadonlyMap<string, Told> {
  const stops = new Map<string, Map<string, StopTaken>>();
  for (const { at, decision, event } of trail) {
    if (decision.action !== 'stop' || event !== 'taken') continue;
    const { arn } = decision.target;
    const own = stops.get(arn) ?? new Map<string, StopTaken>();
    stops.set(arn, own);
    const known = own.get(decision.key);
    if (known === undefined || at < known.at) own.set(decision.key, { at, decision });
  }
  const starts = new Map<string, number[]>();
  for (const entry of trail) {
    const target = targetOf(entry);
    if (target === undefined || !stops.has(target.arn)) continue;
    const own = starts.get(target.arn) ?? [];
    starts.set(target.arn, own);
    // As it was found for the decision: it had been started by then, whoever did it.
    const start = startTold(target);
    if (start !== undefined) own.push(start.getTime());
    if (entry.decision.action === 'restore' && entry.event === 'taken') own.push(entry.at.getTime());
  }
  return new Map(
    [...stops].map(([arn, own]) => [
      arn,
      {
        stops: [...own.values()].sort((a, b) => a.at.getTime() - b.at.getTime()),
        starts: (starts.get(arn) ?? []).sort((a, b) => a - b).map((time) => new Date(time)),
      },
    ]),
  );
}

const targetOf = ({ decision }: AuditEntry): Resource | undefined =>
  'target' in decision ? decision.target : undefined;
