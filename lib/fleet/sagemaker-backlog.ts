import { GetMetricDataCommand, type MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { chunks } from '../types/lists.ts';
import type { Protection, Resource } from '../types/resource.ts';
import type { FleetContext } from './kind.ts';
import { allPages } from './pages.ts';

/** Long enough for a metric that is published by the minute and arrives late. */
const WINDOW_MS = 10 * 60_000;
const QUERIES_PER_CALL = 500;

/**
 * The queue of an asynchronous endpoint: its name, in items that are processed or wait to be. Its dimension is the
 * endpoint alone, not the variant.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
 */
export const backlogMetric = (endpoint: Resource) => ({
  namespace: 'AWS/SageMaker',
  metricName: 'ApproximateBacklogSize',
  dimensions: { EndpointName: endpoint.id },
});

/**
 * Asynchronous endpoints in whose queue something is, by ARN: deleting one would lose it. As of the newest minute that
 * is known; where none is, nothing is said here, and its idleness cannot be judged either.
 */
export async function queuedRequests(
  endpoints: readonly Resource[],
  { clients, now }: FleetContext,
): Promise<ReadonlyMap<string, Protection>> {
  const found = new Map<string, Protection>();
  const EndTime = now();
  for (const some of chunks(endpoints, QUERIES_PER_CALL)) {
    const results = await allPages<MetricDataResult>(async (token) => {
      const page = await clients.cloudwatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(EndTime.getTime() - WINDOW_MS),
          EndTime,
          ScanBy: 'TimestampDescending',
          MetricDataQueries: some.map((endpoint, index) => query(endpoint, index)),
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      );
      return { items: page.MetricDataResults, next: page.NextToken };
    });
    some.forEach(({ arn }, index) => {
      const waiting = newestValue(results.filter(({ Id }) => Id === `q${index}`));
      if (waiting === undefined || waiting <= 0) return;
      found.set(arn, {
        code: 'managed-elsewhere',
        detail: `${waiting} ${waiting === 1 ? 'request is' : 'requests are'} in its queue, which would be lost with it.`,
      });
    });
  }
  return found;
}

function query(endpoint: Resource, index: number) {
  const { namespace, metricName, dimensions } = backlogMetric(endpoint);
  return {
    Id: `q${index}`,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: metricName,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: 60,
      Stat: 'Maximum',
    },
    ReturnData: true,
  };
}

/** Whatever the order in which they come. */
function newestValue(results: readonly MetricDataResult[]): number | undefined {
  const samples = results.flatMap(({ Timestamps = [], Values = [] }) =>
    Timestamps.map((at, index) => ({ at, value: Values[index] })),
  );
  return samples.sort((a, b) => b.at.getTime() - a.at.getTime())[0]?.value;
}
