import {
  GetMetricDataCommand,
  type MetricDataQuery,
  type MetricDataResult,
  type StatusCode,
} from '@aws-sdk/client-cloudwatch';
import type { Evidence, Sample, SignalReading } from '../types/evidence.ts';
import type { RegionClients } from './clients.ts';
import type { SignalPlan, SignalQuery } from './kind.ts';

/** Queries in one `GetMetricData` call; the limit of AWS. */
const QUERIES_PER_CALL = 500;
/** Datapoints in one answer; the limit of AWS. With windows of hours and 1-minute samples it binds before the 500 do. */
const DATAPOINTS_PER_CALL = 100_800;

/** What was read: `metrics` is what AWS bills ($0.01 per 1,000), `calls` what it throttles (50/s a region). */
export interface MetricsCount {
  readonly calls: number;
  readonly metrics: number;
}

export interface MetricsRead {
  readonly evidence: ReadonlyMap<string, Evidence>;
  readonly count: MetricsCount;
}

/** A resource's plan, with the window its rule needs and the test that makes further reading needless. */
export interface MetricsRequest {
  readonly arn: string;
  readonly plan: SignalPlan;
  /** How far back from now, in seconds. */
  readonly windowSeconds: number;
  /** True where a reading alone proves the resource busy. */
  readonly isBusy: (reading: SignalReading) => boolean;
}

interface Asked {
  readonly arn: string;
  readonly query: SignalQuery;
  readonly windowSeconds: number;
}

/**
 * Reads the signals of many resources in full batches, the most telling signal of each first; the others
 * are read, and paid for, only where the first shows no use. A query that AWS answers with an error or an
 * incomplete page set gives a reading without samples: not knowing is not idle.
 * @throws what CloudWatch answers when a whole call fails after the SDK's retries.
 */
export async function readMetrics(
  requests: readonly MetricsRequest[],
  cloudwatch: RegionClients['cloudwatch'],
  now: Date,
): Promise<MetricsRead> {
  const first = requests.flatMap(({ arn, plan, windowSeconds }) =>
    plan.queries.slice(0, 1).map((query) => ({ arn, query, windowSeconds })),
  );
  const stage1 = await ask(first, cloudwatch, now);
  const rest = requests.flatMap(({ arn, plan, windowSeconds, isBusy }) =>
    (stage1.readings.get(arn) ?? []).some(isBusy)
      ? []
      : plan.queries.slice(1).map((query) => ({ arn, query, windowSeconds })),
  );
  const stage2 = await ask(rest, cloudwatch, now);
  const evidence = new Map(
    requests.map(({ arn, plan }) => [
      arn,
      {
        asOf: now,
        readings: [...(stage1.readings.get(arn) ?? []), ...(stage2.readings.get(arn) ?? [])],
        missing: plan.missing,
      },
    ]),
  );
  return {
    evidence,
    count: { calls: stage1.calls + stage2.calls, metrics: first.length + rest.length },
  };
}

async function ask(
  asked: readonly Asked[],
  cloudwatch: RegionClients['cloudwatch'],
  now: Date,
): Promise<{ readonly readings: ReadonlyMap<string, readonly SignalReading[]>; readonly calls: number }> {
  const readings = new Map<string, SignalReading[]>();
  let calls = 0;
  for (const batch of batches(asked)) {
    const answer = await readBatch(batch, cloudwatch, now);
    calls += answer.calls;
    batch.forEach(({ arn, query }, index) => {
      const samples = answer.samples.get(index);
      const reading: SignalReading = {
        signal: query.signal,
        periodSeconds: query.periodSeconds,
        // Where the answer is not whole, nobody knows what an absent sample was: it must not count as zero.
        absence: samples === undefined ? 'unknown' : query.absence,
        samples: samples ?? [],
        ...(query.ceiling === undefined ? {} : { ceiling: query.ceiling }),
      };
      const known = readings.get(arn);
      if (known === undefined) readings.set(arn, [reading]);
      else known.push(reading);
    });
  }
  return { readings, calls };
}

/** Batches within both limits of AWS. Every query of a call shares its time range, so like windows go together. */
function batches(asked: readonly Asked[]): readonly Asked[][] {
  const points = ({ query, windowSeconds }: Asked) => Math.ceil(windowSeconds / query.periodSeconds) + 1;
  const result: Asked[][] = [];
  let room = 0;
  for (const one of [...asked].sort((a, b) => a.windowSeconds - b.windowSeconds)) {
    const last = result.at(-1);
    const sameWindow = last?.[0]?.windowSeconds === one.windowSeconds;
    if (last === undefined || !sameWindow || last.length === QUERIES_PER_CALL || points(one) > room) {
      result.push([one]);
      room = DATAPOINTS_PER_CALL - points(one);
    } else {
      last.push(one);
      room -= points(one);
    }
  }
  return result;
}

async function readBatch(
  batch: readonly Asked[],
  cloudwatch: RegionClients['cloudwatch'],
  now: Date,
): Promise<{ readonly samples: ReadonlyMap<number, readonly Sample[]>; readonly calls: number }> {
  const results = new Map<number, Answer>();
  const window = Math.max(...batch.map(({ windowSeconds }) => windowSeconds));
  // Whole five minutes: CloudWatch answers faster on its own grid, and cuts no sample in half.
  const grid = 300_000;
  const start = new Date(Math.floor((now.getTime() - window * 1000) / grid) * grid);
  let token: string | undefined;
  let calls = 0;
  do {
    const page = await cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: start,
        EndTime: now,
        ScanBy: 'TimestampDescending',
        MetricDataQueries: batch.map(({ query }, index) => toQuery(query, index)),
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    calls += 1;
    for (const result of page.MetricDataResults ?? []) addPage(results, batch, result);
    token = page.NextToken;
  } while (token !== undefined && token !== '');
  const whole = [...results].filter(([, { state }]) => state === 'whole');
  return { samples: new Map(whole.map(([index, { samples }]) => [index, samples])), calls };
}

/** What the pages so far have said of one query. */
interface Answer {
  readonly state: 'whole' | 'partial' | 'failed';
  readonly samples: readonly Sample[];
}

/** A series as one query of a call, by its place in it: `q0`, `q1`, … */
export const toQuery = (
  query: Pick<SignalQuery, 'namespace' | 'metricName' | 'dimensions' | 'statistic' | 'periodSeconds'>,
  index: number,
): MetricDataQuery => ({
  Id: `q${index}`,
  MetricStat: {
    Metric: {
      Namespace: query.namespace,
      MetricName: query.metricName,
      Dimensions: Object.entries(query.dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: query.periodSeconds,
    Stat: query.statistic,
  },
  ReturnData: true,
});

function addPage(
  results: Map<number, Answer>,
  batch: readonly Asked[],
  { Id, StatusCode, Timestamps = [], Values = [] }: MetricDataResult,
): void {
  const index = Number(Id?.slice(1));
  const query = batch[index]?.query;
  if (query === undefined) return;
  const known = results.get(index);
  const samples = Timestamps.flatMap((at, i) => {
    const value = Values[i];
    return value === undefined ? [] : [{ at, value: value * query.scale }];
  });
  results.set(index, {
    state: known?.state === 'failed' ? 'failed' : stateOf(StatusCode),
    samples: [...(known?.samples ?? []), ...samples],
  });
}

/** `PartialData` continues on the next page, whose own code decides; the errors are final. */
export function stateOf(code: StatusCode | undefined): Answer['state'] {
  switch (code) {
    case 'Complete':
      return 'whole';
    case 'PartialData':
      return 'partial';
    default:
      return 'failed';
  }
}
