import { ListMetricsCommand, type Metric } from '@aws-sdk/client-cloudwatch';
import { allPages } from '../fleet/pages.ts';
import type { CheckContext } from './check.ts';

export type Dimensions = Readonly<Record<string, string>>;

/**
 * The series of one metric of the CloudWatch agent that arrived in the last three hours, by the instance that they name.
 * The agent adds dimensions of its own, and a series is read by all of them. Those that name no instance are nobody's.
 */
export async function agentSeries(
  MetricName: string,
  { clients }: Pick<CheckContext, 'clients'>,
): Promise<ReadonlyMap<string, readonly Dimensions[]>> {
  const metrics = await allPages<Metric>(async (NextToken) => {
    const page = await clients.cloudwatch.send(
      new ListMetricsCommand({
        Namespace: 'CWAgent',
        MetricName,
        RecentlyActive: 'PT3H',
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    return { items: page.Metrics, next: page.NextToken };
  });
  const named = metrics
    .map((metric) =>
      Object.fromEntries((metric.Dimensions ?? []).map(({ Name = '', Value = '' }) => [Name, Value])),
    )
    .filter((dimensions) => dimensions.InstanceId !== undefined);
  return Map.groupBy(named, (dimensions) => dimensions.InstanceId ?? '');
}
