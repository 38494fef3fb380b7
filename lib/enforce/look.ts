import type { SweepDecided } from '../decide/sweep.ts';
import { announcementsNeeded, decideSweep, dueDecisions, evidenceNeeded, judgeAll } from '../decide/sweep.ts';
import type { RegionContexts } from '../fleet/discover.ts';
import { inspect } from '../fleet/inspect.ts';
import type { MetricsCount } from '../fleet/metrics.ts';
import { readEvidence } from '../fleet/read-evidence.ts';
import type { Ledger, ProjectMark } from '../ledger/ledger.ts';
import type { Policy } from '../policy/policy.ts';
import { mergedMaps } from '../types/lists.ts';
import type { Resource } from '../types/resource.ts';
import type { Kept } from './read-keeping.ts';
import { refusedToday } from './refusals.ts';
import { releasedOf } from './releases.ts';
import { untoldOf } from './tellings.ts';

export interface LookDeps {
  readonly policy: Policy;
  readonly ledger: Ledger;
  readonly regions: RegionContexts;
  readonly account: string;
  readonly onMetricsError: (region: string, error: unknown) => void;
}

/** What is known before any metric is read. */
export interface Known extends Kept {
  /** Those that are judged. */
  readonly resources: readonly Resource[];
  /** All there are; absent = those that are judged. */
  readonly fleet?: readonly Resource[];
  readonly marks: ReadonlyMap<string, ProjectMark>;
  readonly now: Date;
}

/** Reads what the decisions of a sweep need, as little as possible, and decides. Changes nothing. */
export async function look(
  known: Known,
  { policy, ledger, regions, account, onMetricsError }: LookDeps,
): Promise<{ readonly decided: SweepDecided; readonly count: MetricsCount }> {
  const { now } = known;
  const watches = mergedMaps(
    await Promise.all([...regions.keys()].map((region) => ledger.watches(account, region, now))),
  );
  const before = { ...known, policy, watches };
  const { evidence, count } = await readEvidence(evidenceNeeded(before), regions, now, onMetricsError);
  const judging = { ...before, evidence };
  const judged = judgeAll(judging);
  const untold = await untoldOf(announcementsNeeded(judged), ledger, now);
  const due = dueDecisions(judged, untold);
  const stops = due.filter(({ action }) => action === 'stop');
  const [refused, released, inspected] = await Promise.all([
    refusedToday(
      stops.map(({ key }) => key),
      ledger,
      now,
    ),
    releasedOf(
      stops.flatMap(({ target }) => watches.get(target.arn) ?? []),
      ledger,
      now,
    ),
    inspect(
      due.map(({ target }) => target),
      regions,
    ),
  ]);
  return { decided: decideSweep({ ...judging, untold, refused, released, inspected }, judged), count };
}
