import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { isTransient } from '../fleet/aws-errors.ts';
import { stateOf, toQuery } from '../fleet/metrics.ts';
import type { Ask, Batch } from './metric-batches.ts';
import { waitFor } from './pace.ts';

/** Datapoints by the start of their period, in epoch milliseconds; as CloudWatch gave them. */
export type Datapoints = ReadonlyMap<number, number>;

export interface BatchRead {
  /** Of those that were answered in whole. What is not here is not known. */
  readonly whole: ReadonlyMap<Ask, Datapoints>;
  /** Calls made; a page is one. */
  readonly calls: number;
}

/** Beyond the patience of the SDK itself, in milliseconds. */
const PAUSES_MS = [2_000, 8_000] as const;

/**
 * Asks one call of CloudWatch, all pages. What is answered by an error, or not to its end, is left out; so is all of a
 * call that is throttled, or fails, again and again.
 * @throws what AWS answers where asking again would not help, and what the signal was aborted with
 */
export async function readBatch(
  batch: Batch,
  cloudwatch: CloudWatchClient,
  signal?: AbortSignal,
  pauses: readonly number[] = PAUSES_MS,
): Promise<BatchRead> {
  for (const pause of [...pauses, undefined]) {
    signal?.throwIfAborted();
    try {
      return await readPages(batch, cloudwatch, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!isTransient(error)) throw error;
      if (pause !== undefined) await waitFor(pause, signal);
    }
  }
  return { whole: new Map(), calls: 0 };
}

interface Answer {
  state: 'whole' | 'partial' | 'failed';
  readonly points: Map<number, number>;
}

async function readPages(
  batch: Batch,
  cloudwatch: CloudWatchClient,
  signal: AbortSignal | undefined,
): Promise<BatchRead> {
  const [first] = batch;
  const answers = new Map<Ask, Answer>();
  let token: string | undefined;
  let calls = 0;
  do {
    const page = await cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(first.from),
        EndTime: new Date(first.to),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: batch.map(({ series, periodSeconds }, index) =>
          toQuery({ ...series, periodSeconds }, index),
        ),
        ...(token === undefined ? {} : { NextToken: token }),
      }),
      signal === undefined ? {} : { abortSignal: signal },
    );
    calls += 1;
    for (const result of page.MetricDataResults ?? []) add(result, batch, answers);
    token = page.NextToken === '' ? undefined : page.NextToken;
  } while (token !== undefined);
  const whole = [...answers].filter(([, { state }]) => state === 'whole');
  return { whole: new Map(whole.map(([ask, { points }]) => [ask, points])), calls };
}

/** `PartialData` goes on on the next page, whose own code decides; the errors are final. */
function add(
  { Id, StatusCode, Timestamps = [], Values = [] }: MetricDataResult,
  batch: Batch,
  answers: Map<Ask, Answer>,
): void {
  const ask = batch[Number(Id?.slice(1))];
  if (ask === undefined) return;
  const answer = answers.get(ask) ?? { state: 'partial', points: new Map() };
  answers.set(ask, answer);
  if (answer.state !== 'failed') {
    answer.state = stateOf(StatusCode);
  }
  const period = ask.periodSeconds * 1000;
  for (const [n, at] of Timestamps.entries()) {
    const value = Values[n];
    if (value === undefined) continue;
    // On the grid of the question, whatever offset it is stamped with.
    const start = ask.from + Math.floor((at.getTime() - ask.from) / period) * period;
    if (start >= ask.from && start < ask.to) answer.points.set(start, value);
  }
}
