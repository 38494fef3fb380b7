import { ListMetricsCommand, type Metric } from '@aws-sdk/client-cloudwatch';
import type { Resource } from '../types/resource.ts';
import { halfCorePercent, hasAccelerator, hasNvidiaGpu } from './accelerators.ts';
import type { FleetContext, SignalPlan, SignalQuery } from './kind.ts';
import { allPages } from './pages.ts';

/** Basic monitoring has 5-minute samples; of detailed monitoring the maximum of five is the same evidence, and cheaper. */
const PERIOD_SECONDS = 300;

/** CPU, network and, where there is one, GPU. An instance whose GPU no metric shows cannot be judged idle. */
export async function ec2Signals(
  resources: readonly Resource[],
  context: FleetContext,
): Promise<ReadonlyMap<string, SignalPlan>> {
  const series = resources.some(({ size }) => hasNvidiaGpu(size)) ? await gpuSeries(context) : new Map();
  return new Map(
    resources.map((resource) => [resource.arn, planOf(resource, series.get(resource.id) ?? [])]),
  );
}

function planOf(resource: Resource, gpus: readonly SignalQuery[]): SignalPlan {
  const missing =
    hasAccelerator(resource.size) && gpus.length === 0
      ? [
          {
            signal: 'gpu' as const,
            why: `No metric shows the use of its accelerator (${resource.size}). ${mend(resource)}`,
          },
        ]
      : [];
  return {
    queries: [...gpus, ...ec2Queries({ InstanceId: resource.id }, halfCorePercent(resource.size))],
    missing,
  };
}

/** CPU and network by `AWS/EC2`, of an instance or of a group. `ceiling`: of the CPU, in %. */
export function ec2Queries(
  dimensions: SignalQuery['dimensions'],
  ceiling: number | undefined,
): readonly SignalQuery[] {
  const query = (
    signal: SignalQuery['signal'],
    metricName: string,
    statistic: SignalQuery['statistic'],
    scale: number,
  ): SignalQuery => ({
    signal,
    namespace: 'AWS/EC2',
    metricName,
    dimensions,
    statistic,
    periodSeconds: PERIOD_SECONDS,
    scale,
    absence: 'unknown',
  });
  return [
    { ...query('cpu', 'CPUUtilization', 'Maximum', 1), ...(ceiling === undefined ? {} : { ceiling }) },
    query('network', 'NetworkIn', 'Sum', 1 / PERIOD_SECONDS),
    query('network', 'NetworkOut', 'Sum', 1 / PERIOD_SECONDS),
  ];
}

const mend = ({ size }: Resource): string =>
  hasNvidiaGpu(size)
    ? 'Let the CloudWatch agent collect nvidia_gpu, with append_dimensions InstanceId.'
    : 'Set idle: off for it, or stop it by its budget.';

/**
 * The GPU series of the region by instance id, in one paginated call rather than one an instance. The agent
 * adds dimensions of its own (index, name, host), so a series can only be read by all of its dimensions.
 * Series without `InstanceId` belong to nobody that can be named.
 */
export async function gpuSeries({
  clients,
}: FleetContext): Promise<ReadonlyMap<string, readonly SignalQuery[]>> {
  const metrics = await allPages<Metric>(async (token) => {
    const page = await clients.cloudwatch.send(
      new ListMetricsCommand({
        Namespace: 'CWAgent',
        MetricName: 'nvidia_smi_utilization_gpu',
        RecentlyActive: 'PT3H',
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    return { items: page.Metrics, next: page.NextToken };
  });
  const byInstance = new Map<string, SignalQuery[]>();
  for (const { Dimensions } of metrics) {
    const dimensions = Object.fromEntries(
      (Dimensions ?? []).map(({ Name = '', Value = '' }) => [Name, Value]),
    );
    const id = dimensions.InstanceId;
    if (id === undefined) continue;
    const query: SignalQuery = {
      signal: 'gpu',
      namespace: 'CWAgent',
      metricName: 'nvidia_smi_utilization_gpu',
      dimensions,
      statistic: 'Maximum',
      periodSeconds: PERIOD_SECONDS,
      scale: 1,
      absence: 'unknown',
    };
    const known = byInstance.get(id);
    if (known === undefined) byInstance.set(id, [query]);
    else known.push(query);
  }
  return byInstance;
}
