import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import type { SignalPlan } from '../fleet/kind.ts';
import { type RecordedMetrics, seriesKey } from '../simulate/account/recorded.ts';
import { eachSample, type SampleList } from '../simulate/account/samples.ts';
import { seriesOfQuery } from '../simulate/recorded-use.ts';
import type { Span } from '../simulate/result.ts';
import type { Resource } from '../types/resource.ts';
import type { HistoryCache } from './cache.ts';
import { gapSentences } from './gaps.ts';
import type { History } from './history.ts';
import { lifeOf, seenSpans } from './lifecycle.ts';
import type { PreparedHistory } from './prepare-history.ts';
import { readMetrics } from './read-metrics.ts';
import { readTrails } from './read-trails.ts';
import { recordMetrics } from './record-metrics.ts';
import type { TrailOptions } from './trail-events.ts';

export interface ReadOptions {
  /** By region; of what is not here, CloudTrail says nothing. */
  readonly cloudTrails: ReadonlyMap<string, CloudTrailClient>;
  readonly cache: HistoryCache;
  readonly onProgress?: (share: number) => void;
  /** What was read before it was aborted is in the cache. */
  readonly signal?: AbortSignal;
  /** How fast CloudTrail is asked, instead of as fast as it allows. */
  readonly trailPace?: TrailOptions['pace'];
}

export interface ReadHistory {
  readonly history: History;
  /** What each resource is judged by, by ARN. */
  readonly plans: ReadonlyMap<string, SignalPlan>;
  /** What was truly asked of CloudWatch: `metrics` is what AWS bills. */
  readonly asked: { readonly metrics: number; readonly calls: number };
}

/** The share of the time that metrics take, where any must be read. */
const METRICS_SHARE = 0.8;

/**
 * Reads what was prepared: metrics in full calls, each kept in the cache as soon as it is there, and when things ran. What
 * cannot be read is not known, and what is not known is not idle.
 * @throws what AWS answers where asking again would not help, CacheError, and what the signal was aborted with
 */
export async function readHistory(prepared: PreparedHistory, options: ReadOptions): Promise<ReadHistory> {
  const { account, from, to, now, resources, plans } = prepared;
  const { cloudTrails, cache, signal, onProgress = () => {}, trailPace } = options;
  const first = prepared.batches.length === 0 ? 0 : METRICS_SHARE;
  const { known, asked } = await readMetrics(prepared, {
    cache,
    signal,
    onProgress: (share) => onProgress(first * share),
  });
  const trails = await readTrails(cloudTrails, resources, {
    from,
    to,
    now,
    onProgress: (share) => onProgress(first + (1 - first) * share),
    ...(signal === undefined ? {} : { signal }),
    ...(trailPace === undefined ? {} : { pace: trailPace }),
  });
  const { metrics, unreadDays, coarseDays } = recordMetrics(prepared, known);
  const ran = resources.map((resource) => {
    const events = trails.eventsOf(resource);
    const seen = seenOf(resource, plans, metrics);
    return lifeOf({ resource, seen, from, to, ...(events === undefined ? {} : { events }) });
  });
  const gaps = gapSentences({
    resources: ran,
    plans,
    from,
    unreadDays,
    coarseDays,
    trails,
    isSilent: (resource) => samplesOf(resource, plans, metrics).every(({ samples }) => samples.length === 0),
  });
  return { history: { account, from, to, resources: ran, metrics, gaps }, plans, asked };
}

type Plans = ReadonlyMap<string, SignalPlan>;

/** When anything of it was published. */
function seenOf(resource: Resource, plans: Plans, metrics: RecordedMetrics): readonly Span[] {
  return seenSpans(
    samplesOf(resource, plans, metrics).map(({ samples, periodSeconds }) => ({
      starts: timesOf(samples),
      periodMs: periodSeconds * 1000,
    })),
  );
}

function timesOf(samples: SampleList): readonly number[] {
  const times: number[] = [];
  eachSample(samples, (time) => times.push(time));
  return times;
}

const samplesOf = (
  { arn, region }: Resource,
  plans: Plans,
  metrics: RecordedMetrics,
): readonly { readonly samples: SampleList; readonly periodSeconds: number }[] =>
  (plans.get(arn)?.queries ?? []).map((query) => ({
    samples: metrics.get(seriesKey(seriesOfQuery(region, query))) ?? [],
    periodSeconds: query.periodSeconds,
  }));
