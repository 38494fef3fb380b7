import { DAY_MS } from '../meter/days.ts';
import { seriesKey } from '../simulate/account/recorded.ts';
import { mapLimited } from '../types/lists.ts';
import type { DaySamples, HistoryCache } from './cache.ts';
import { isSettled } from './days.ts';
import { type Ask, type Batch, batchesOf, DATAPOINTS_PER_SECOND, pointsOf } from './metric-batches.ts';
import { createPace } from './pace.ts';
import type { PreparedHistory } from './prepare-history.ts';
import { type Datapoints, readBatch } from './read-batch.ts';

/** By the key of the series, then by day (`YYYY-MM-DD`). */
export type Known = Map<string, Map<string, DaySamples>>;

export interface MetricsRead {
  /** What the cache had and what was read. What is in neither is not known. */
  readonly known: Known;
  /** `metrics` is what AWS bills. */
  readonly asked: { readonly metrics: number; readonly calls: number };
}

const BATCHES_AT_ONCE = 4;

/**
 * Reads what the cache does not have; what is read goes into the cache call by call. What AWS answers by an error is
 * asked once more.
 * @throws what AWS answers where asking again would not help, CacheError, and what the signal was aborted with
 */
export async function readMetrics(
  prepared: PreparedHistory,
  {
    cache,
    signal,
    onProgress = () => {},
  }: {
    readonly cache: HistoryCache;
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: (share: number) => void;
  },
): Promise<MetricsRead> {
  const { account, regions, days, now, batches } = prepared;
  const known: Known = new Map([...prepared.known].map(([key, some]) => [key, new Map(some)]));
  const byStart = new Map(days.map((day) => [day.starts, day]));
  const paces = new Map([...regions.keys()].map((region) => [region, createPace(DATAPOINTS_PER_SECOND)]));
  const total = batches.reduce((sum, batch) => sum + batchPoints(batch), 0);
  let [done, metrics, calls] = [0, 0, 0];

  const keep = async (ask: Ask, points: Datapoints): Promise<void> => {
    const settled = new Map<string, DaySamples>();
    for (const [starts, samples] of byDay(ask, points)) {
      const day = byStart.get(starts);
      if (day === undefined) continue;
      known.get(seriesKey(ask.series))?.set(day.name, samples);
      if (isSettled(day, now)) settled.set(day.name, samples);
    }
    if (settled.size > 0) await cache.write(account, ask.series, settled);
  };

  /** Gives what was not answered. */
  const read = async (batch: Batch): Promise<readonly Ask[]> => {
    signal?.throwIfAborted();
    const { region } = batch[0].series;
    const cloudwatch = regions.get(region)?.clients.cloudwatch;
    if (cloudwatch === undefined) return [];
    await paces.get(region)?.(batchPoints(batch), signal);
    const answer = await readBatch(batch, cloudwatch, signal);
    metrics += answer.calls === 0 ? 0 : batch.length;
    calls += answer.calls;
    // Paid for: it is kept even where the work was stopped meanwhile.
    for (const [ask, points] of answer.whole) await keep(ask, points);
    done += batchPoints(batch);
    onProgress(Math.min(1, done / total));
    return batch.filter((ask) => !answer.whole.has(ask));
  };

  const failed = (await mapLimited(batches, BATCHES_AT_ONCE, read)).flat();
  await mapLimited(batchesOf(failed), BATCHES_AT_ONCE, read);
  return { known, asked: { metrics, calls } };
}

const batchPoints = (batch: Batch): number => batch.reduce((sum, ask) => sum + pointsOf(ask), 0);

/** The answer by the start of each day that was asked for, those without any datapoint as well. */
function byDay({ from, to, periodSeconds }: Ask, points: Datapoints): ReadonlyMap<number, DaySamples> {
  const days = new Map<number, { periodSeconds: number; seconds: number[]; values: number[] }>();
  for (let starts = from; starts < to; starts += DAY_MS) {
    days.set(starts, { periodSeconds, seconds: [], values: [] });
  }
  for (const [at, value] of [...points].sort(([a], [b]) => a - b)) {
    const starts = Math.floor(at / DAY_MS) * DAY_MS;
    const day = days.get(starts);
    day?.seconds.push((at - starts) / 1000);
    day?.values.push(value);
  }
  return days;
}
