import { newestBusy } from '../decide/idle.ts';
import type { EvidenceNeed } from '../decide/sweep.ts';
import type { RegionContexts } from './discover.ts';
import type { FleetContext, SignalPlan } from './kind.ts';
import { type MetricsCount, type MetricsRead, type MetricsRequest, readMetrics } from './metrics.ts';
import { kinds } from './registry.ts';

/** Evidence of every region. One whose metrics cannot be read gives none: not knowing is not idle. */
export async function readEvidence(
  needs: readonly EvidenceNeed[],
  regions: RegionContexts,
  at: Date,
  onError: (region: string, error: unknown) => void,
): Promise<MetricsRead> {
  const reads = await Promise.all(
    [...Map.groupBy(needs, ({ resource }) => resource.region)].map(async ([region, some]) => {
      const context = regions.get(region);
      if (context === undefined) return NOTHING_READ;
      try {
        return await readMetrics(await requestsOf(some, context, at), context.clients.cloudwatch, at);
      } catch (error) {
        onError(region, error);
        return NOTHING_READ;
      }
    }),
  );
  const sum = (of: keyof MetricsCount): number => reads.reduce((total, { count }) => total + count[of], 0);
  return {
    evidence: new Map(reads.flatMap(({ evidence }) => [...evidence])),
    count: { calls: sum('calls'), metrics: sum('metrics') },
  };
}

const NOTHING_READ: MetricsRead = { evidence: new Map(), count: { calls: 0, metrics: 0 } };

async function requestsOf(
  needs: readonly EvidenceNeed[],
  context: FleetContext,
  at: Date,
): Promise<readonly MetricsRequest[]> {
  const plans = new Map<string, SignalPlan>();
  for (const { kind, signals } of kinds) {
    const some = needs.map(({ resource }) => resource).filter((resource) => resource.kind === kind);
    if (some.length === 0) continue;
    for (const [arn, plan] of await signals(some, context)) plans.set(arn, plan);
  }
  return needs.flatMap(({ resource, rule, windowSeconds }) => {
    const plan = plans.get(resource.arn);
    if (plan === undefined) return [];
    return [
      {
        arn: resource.arn,
        plan,
        windowSeconds,
        isBusy: (reading) => newestBusy(reading, rule, at) !== undefined,
      },
    ];
  });
}
