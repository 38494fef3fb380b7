import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
  paginateListMetrics,
} from '@aws-sdk/client-cloudwatch';
import { chunks } from '../types/lists.ts';
import { METRICS_NAMESPACE } from '../types/metric.ts';

/** One metric of CloudWatch, hour by hour. */
export interface HourlySeries {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Sum' | 'SampleCount';
}

export interface HourlyValue {
  /** The hour in which it begins, as CloudWatch cuts them. */
  readonly at: Date;
  readonly value: number;
}

const HOUR_SECONDS = 3_600;
/** Limits of AWS for one `GetMetricData` call (API reference): queries, and datapoints of an answer. */
const QUERIES = 500;
const DATAPOINTS = 100_800;

/**
 * Hours in which each metric was written, in the order of `series`; `undefined` where CloudWatch did not answer whole.
 * CloudWatch keeps hours for 455 days. Each series is one metric of those that cost $0.01 for 1,000.
 * @throws what CloudWatch answers when a whole call fails
 */
export async function readHours(
  cloudwatch: CloudWatchClient,
  series: readonly HourlySeries[],
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<readonly (readonly HourlyValue[] | undefined)[]> {
  const hours = Math.max(1, Math.ceil((to.getTime() - from.getTime()) / (HOUR_SECONDS * 1000)) + 1);
  const atOnce = Math.max(1, Math.min(QUERIES, Math.floor(DATAPOINTS / hours)));
  const answers: (readonly HourlyValue[] | undefined)[] = [];
  for (const some of chunks(series, atOnce)) {
    answers.push(...(await readSome(cloudwatch, some, { from, to })));
  }
  return answers;
}

async function readSome(
  cloudwatch: CloudWatchClient,
  series: readonly HourlySeries[],
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<readonly (readonly HourlyValue[] | undefined)[]> {
  const values = series.map((): HourlyValue[] => []);
  const codes = new Map<number, string | undefined>();
  let token: string | undefined;
  do {
    const page = await cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: from,
        EndTime: to,
        MetricDataQueries: series.map(queryOf),
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    for (const { Id, StatusCode, Timestamps = [], Values = [] } of page.MetricDataResults ?? []) {
      const index = Number(Id?.slice(1));
      // What is partial goes on with the next page; the last code says whether all came.
      codes.set(index, StatusCode);
      for (const [n, at] of Timestamps.entries()) {
        const value = Values[n];
        if (value !== undefined) values[index]?.push({ at, value });
      }
    }
    token = page.NextToken;
  } while (token !== undefined && token !== '');
  return values.map((some, index) => (codes.get(index) === 'Complete' ? some : undefined));
}

const queryOf = (
  { namespace, metricName, dimensions, statistic }: HourlySeries,
  index: number,
): MetricDataQuery => ({
  Id: `q${index}`,
  MetricStat: {
    Metric: {
      Namespace: namespace,
      MetricName: metricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: HOUR_SECONDS,
    Stat: statistic,
  },
  ReturnData: true,
});

/** Bursar's own metrics, as far as CloudWatch lists them: those that were written in the last two weeks. */
export async function ownSeries(cloudwatch: CloudWatchClient): Promise<readonly HourlySeries[]> {
  const series: HourlySeries[] = [];
  for await (const { Metrics: some = [] } of paginateListMetrics(
    { client: cloudwatch },
    { Namespace: METRICS_NAMESPACE },
  )) {
    for (const { MetricName: metricName, Dimensions: dimensions = [] } of some) {
      if (metricName === undefined) continue;
      series.push({
        namespace: METRICS_NAMESPACE,
        metricName,
        dimensions: Object.fromEntries(dimensions.map(({ Name = '', Value = '' }) => [Name, Value])),
        statistic: 'SampleCount',
      });
    }
  }
  return series;
}
