import {
  CloudWatchClient,
  GetMetricDataCommand,
  ListMetricsCommand,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { answering } from './answering.ts';
import type { AccountState } from './state.ts';

const MINUTE_MS = 60_000;

/** Publishes each minute as soon as it has passed. */
export function cloudwatchIn(state: AccountState, region: string): CloudWatchClient {
  return answering(new CloudWatchClient({ region }))
    .on(ListMetricsCommand, () => ({
      Metrics: [...state.instances.values()]
        .filter(({ use }) => use(state.now())?.gpu !== undefined)
        .map(({ id }) => ({
          Namespace: 'CWAgent',
          MetricName: 'nvidia_smi_utilization_gpu',
          Dimensions: [
            { Name: 'InstanceId', Value: id },
            { Name: 'index', Value: '0' },
          ],
        })),
    }))
    .on(GetMetricDataCommand, ({ StartTime, EndTime, MetricDataQueries = [] }) => ({
      MetricDataResults: MetricDataQueries.map((query) => {
        const from = StartTime?.getTime() ?? 0;
        const to = Math.min(EndTime?.getTime() ?? 0, state.now().getTime());
        const points = state.health.metrics ? datapoints(query, from, to, state) : [];
        return {
          Id: query.Id,
          StatusCode: 'Complete',
          Timestamps: points.map(({ at }) => at),
          Values: points.map(({ value }) => value),
        };
      }),
    })).client;
}

/** One a period, newest first, of the minutes that have passed; a period without any has none. */
function datapoints({ MetricStat }: MetricDataQuery, from: number, to: number, state: AccountState) {
  const period = (MetricStat?.Period ?? 0) * 1000;
  const points: { readonly at: Date; readonly value: number }[] = [];
  for (let start = from; start < to; start += period) {
    const values: number[] = [];
    for (let minute = start; minute < start + period && minute + MINUTE_MS <= to; minute += MINUTE_MS) {
      const value = minuteValue(MetricStat?.Metric, new Date(minute), state);
      if (value !== undefined) values.push(value);
    }
    if (values.length === 0) continue;
    const value = MetricStat?.Stat === 'Sum' ? values.reduce((a, b) => a + b) : Math.max(...values);
    points.unshift({ at: new Date(start), value });
  }
  return points;
}

type AskedMetric = NonNullable<NonNullable<MetricDataQuery['MetricStat']>['Metric']>;

function minuteValue(metric: AskedMetric | undefined, minute: Date, state: AccountState): number | undefined {
  const dimension = (name: string) => metric?.Dimensions?.find(({ Name }) => Name === name)?.Value ?? '';
  const instance = state.instances.get(dimension('InstanceId'));
  const endpoint =
    dimension('VariantName') === 'main' ? state.endpoints.get(dimension('EndpointName')) : undefined;
  const one = instance ?? endpoint;
  if (one === undefined || minute < one.since) return undefined;
  const use = one.use(minute);
  if (use === undefined) return undefined;
  switch (`${metric?.Namespace} ${metric?.MetricName}`) {
    case 'AWS/EC2 CPUUtilization':
      return use.cpu;
    case 'AWS/EC2 NetworkIn':
    case 'AWS/EC2 NetworkOut':
      return (use.network ?? 0) * 60;
    case 'CWAgent nvidia_smi_utilization_gpu':
      return use.gpu;
    case 'AWS/SageMaker Invocations':
      return use.invocations === 0 ? undefined : use.invocations;
    case '/aws/sagemaker/Endpoints CPUUtilization':
      return use.cpu === undefined ? undefined : use.cpu * (endpoint?.cores ?? 1);
    case '/aws/sagemaker/Endpoints GPUUtilization':
      return use.gpu === undefined ? undefined : use.gpu * (endpoint?.gpus ?? 1);
    default:
      return undefined;
  }
}
