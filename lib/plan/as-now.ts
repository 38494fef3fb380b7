import { windowSeconds } from '../decide/idle.ts';
import type { RegionContexts } from '../fleet/discover.ts';
import type { SignalPlan } from '../fleet/kind.ts';
import { type MetricsRequest, readMetrics } from '../fleet/metrics.ts';
import { kinds } from '../fleet/registry.ts';
import { matchPolicy, type Policy } from '../policy/policy.ts';
import { type RecordedMetrics, seriesKey } from '../simulate/account/recorded.ts';
import { seriesOfQuery } from '../simulate/recorded-use.ts';
import type { Sample } from '../types/evidence.ts';
import type { Resource } from '../types/resource.ts';

export interface UseAsNow {
  readonly metrics: RecordedMetrics;
  /** What each running resource that is judged by its use is judged by, by ARN. */
  readonly signals: ReadonlyMap<string, SignalPlan>;
  /** Regions whose metrics could not be read, and why. */
  readonly failed: ReadonlyMap<string, unknown>;
}

/** A little more than a window, so that its first sample is whole. Seconds. */
const MARGIN_SECONDS = 600;

/**
 * Reads what the use of the fleet is judged by, and lays it out as if everything went on until `to` as its newest
 * samples are: what publishes nothing now publishes nothing then.
 */
export async function useAsNow(
  resources: readonly Resource[],
  policy: Policy,
  regions: RegionContexts,
  { now, to }: { readonly now: Date; readonly to: Date },
): Promise<UseAsNow> {
  const metrics: RecordedMetrics = new Map();
  const signals = new Map<string, SignalPlan>();
  const failed = new Map<string, unknown>();
  await Promise.all(
    [...regions].map(async ([region, context]) => {
      const windows = new Map<string, number>();
      const judged = resources.filter((resource) => {
        if (resource.region !== region || resource.state !== 'running') return false;
        const idle = matchPolicy(policy, resource.tags)?.idle;
        if (idle === undefined || idle === 'off') return false;
        windows.set(resource.arn, windowSeconds(idle) + MARGIN_SECONDS);
        return true;
      });
      try {
        const plans = new Map<string, SignalPlan>();
        for (const { kind, signals: signalsOf } of kinds) {
          const own = judged.filter((resource) => resource.kind === kind);
          if (own.length === 0) continue;
          for (const [arn, plan] of await signalsOf(own, context)) plans.set(arn, plan);
        }
        const requests = judged.flatMap(({ arn }): MetricsRequest[] => {
          const plan = plans.get(arn);
          const seconds = windows.get(arn);
          return plan === undefined || seconds === undefined
            ? []
            : [{ arn, plan, windowSeconds: seconds, isBusy: () => false }];
        });
        const { evidence } = await readMetrics(requests, context.clients.cloudwatch, now);
        for (const { arn, plan } of requests) {
          signals.set(arn, plan);
          plan.queries.forEach((query, index) => {
            const samples = evidence.get(arn)?.readings[index]?.samples ?? [];
            const raw = samples.map(({ at, value }) => ({ at, value: value / query.scale }));
            const series = extended(raw, query.periodSeconds * 1000, now, to);
            metrics.set(seriesKey(seriesOfQuery(region, query)), series);
          });
        }
      } catch (error) {
        failed.set(region, error);
      }
    }),
  );
  return { metrics, signals, failed };
}

/** In the order of time, the newest whole one again and again: one whose period is not over says too little. */
function extended(samples: readonly Sample[], periodMs: number, now: Date, to: Date): readonly Sample[] {
  const sorted = samples
    .filter(({ at }) => at.getTime() + periodMs <= now.getTime())
    .sort((a, b) => a.at.getTime() - b.at.getTime());
  const last = sorted.at(-1);
  if (last === undefined) return [];
  const more: Sample[] = [];
  for (let at = last.at.getTime() + periodMs; at < to.getTime(); at += periodMs) {
    more.push({ at: new Date(at), value: last.value });
  }
  return [...sorted, ...more];
}
