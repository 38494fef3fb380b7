import { MAX_LAG_SECONDS, windowSeconds } from '../decide/idle.ts';
import type { RegionContexts } from '../fleet/discover.ts';
import type { SignalPlan, SignalQuery } from '../fleet/kind.ts';
import { type MetricsRequest, readMetrics } from '../fleet/metrics.ts';
import { kinds } from '../fleet/registry.ts';
import { matchPolicy, type Policy } from '../policy/policy.ts';
import { type RecordedMetrics, seriesKey } from '../simulate/account/recorded.ts';
import { PackedSamples } from '../simulate/account/samples.ts';
import { seriesOfQuery } from '../simulate/recorded-use.ts';
import type { SignalReading } from '../types/evidence.ts';
import type { Resource } from '../types/resource.ts';

export interface UseAsNow {
  readonly metrics: RecordedMetrics;
  /** What each running resource that is judged by its use is judged by, by ARN. */
  readonly signals: ReadonlyMap<string, SignalPlan>;
  /** Regions whose metrics could not be read, and why. */
  readonly failed: ReadonlyMap<string, unknown>;
}

/** For so long a metric is listed that is published no more (`RecentlyActive`), and may be waited for. */
const LISTED_SECONDS = 3 * 3_600;
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
        windows.set(resource.arn, Math.max(windowSeconds(idle), LISTED_SECONDS) + MARGIN_SECONDS);
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
          const readings = evidence.get(arn)?.readings ?? [];
          plan.queries.forEach((query, index) => {
            const reading = readings[index];
            if (reading === undefined) return;
            const lives = livesSince(query, readings, now);
            const series = extended(reading, { scale: query.scale, now, to, lives });
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

/**
 * A series whose newest sample is older than this is silent now, in epoch milliseconds: what is published on use alone
 * as soon as what is always published has a newer one; what is always published once a sweep takes it for dead.
 */
function livesSince(
  { absence, periodSeconds }: SignalQuery,
  readings: readonly SignalReading[],
  now: Date,
): number {
  const dead = now.getTime() - (MAX_LAG_SECONDS + periodSeconds) * 1000;
  if (absence === 'unknown') return dead;
  const always = readings
    .filter((one) => one.absence === 'unknown' && one.periodSeconds === periodSeconds)
    .flatMap(({ samples }) => samples.map(({ at }) => at.getTime()))
    .filter((at) => at + periodSeconds * 1000 <= now.getTime());
  return always.reduce((newest, at) => Math.max(newest, at), dead);
}

/**
 * What was read, as CloudWatch gave it, in the order of time; of one whose period is not over too little is known. The
 * newest goes on for as long as it is looked ahead, unless it is silent now.
 */
function extended(
  { samples, periodSeconds }: SignalReading,
  {
    scale,
    now,
    to,
    lives,
  }: { readonly scale: number; readonly now: Date; readonly to: Date; readonly lives: number },
): PackedSamples {
  const periodMs = periodSeconds * 1000;
  const series = new PackedSamples(periodMs, samples.length);
  for (const { at, value } of samples.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    const isWhole = at.getTime() + periodMs <= now.getTime();
    if (isWhole && at.getTime() >= series.end) series.push(at.getTime(), value / scale);
  }
  return series.end - periodMs >= lives ? series.goOnUntil(to.getTime()) : series;
}
