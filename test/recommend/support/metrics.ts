import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import { NOW, REGION } from './context.ts';

/** One metric as CloudWatch has it. */
export interface TestSeries {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** By statistic: the value of each period by its start; `undefined` = no datapoint. One number = always the same. */
  readonly values: Readonly<Record<string, number | ((at: Date) => number | undefined)>>;
}

export interface TestCloudWatch {
  readonly client: CloudWatchClient;
  /** Names of the metrics that were asked for, in order: what AWS bills. */
  readonly asked: readonly string[];
}

/**
 * A CloudWatch that knows these metrics and any statistic of them, on the grid of their period, up to `now`. What it does
 * not know has no datapoint, as on AWS.
 */
export function cloudwatchOf(series: readonly TestSeries[], now: Date = NOW): TestCloudWatch {
  const client = new CloudWatchClient({ region: REGION });
  const asked: string[] = [];
  const mock = mockClient(client);
  mock.on(ListMetricsCommand).callsFake(({ Namespace, MetricName }) => ({
    Metrics: series
      .filter((one) => one.namespace === Namespace && one.metricName === MetricName)
      .map(({ dimensions }) => ({
        Namespace,
        MetricName,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      })),
  }));
  mock.on(GetMetricDataCommand).callsFake(({ MetricDataQueries, StartTime, EndTime }) => ({
    MetricDataResults: MetricDataQueries.map(
      ({ Id, MetricStat }: { readonly Id: string; readonly MetricStat: MetricStat }) => {
        const { Metric, Period, Stat } = MetricStat;
        asked.push(Metric.MetricName);
        const found = series.find(
          (one) =>
            one.namespace === Metric.Namespace &&
            one.metricName === Metric.MetricName &&
            nameOf(one.dimensions) ===
              nameOf(Object.fromEntries(Metric.Dimensions.map(({ Name, Value }) => [Name, Value]))),
        );
        const value = found?.values[Stat];
        const points = value === undefined ? [] : pointsOf(value, StartTime, EndTime, Period * 1000, now);
        return {
          Id,
          StatusCode: 'Complete',
          Timestamps: points.map(({ at }) => at),
          Values: points.map((one) => one.value),
        };
      },
    ),
  }));
  return { client, asked };
}

interface MetricStat {
  readonly Metric: {
    readonly Namespace: string;
    readonly MetricName: string;
    readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
  };
  readonly Period: number;
  readonly Stat: string;
}

const nameOf = (dimensions: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1)));

function pointsOf(
  value: number | ((at: Date) => number | undefined),
  from: Date,
  to: Date,
  periodMs: number,
  now: Date,
): { readonly at: Date; readonly value: number }[] {
  const points: { readonly at: Date; readonly value: number }[] = [];
  const end = Math.min(to.getTime(), now.getTime());
  for (let at = Math.floor(from.getTime() / periodMs) * periodMs; at + periodMs <= end; at += periodMs) {
    const one = typeof value === 'number' ? value : value(new Date(at));
    if (one !== undefined) points.push({ at: new Date(at), value: one });
  }
  return points;
}
