import { ListMetricsCommand, type Metric } from '@aws-sdk/client-cloudwatch';
import type { Resource } from '../types/resource.ts';
import { halfCorePercent, hasAccelerator, hasNvidiaGpu } from './accelerators.ts';
import type { FleetContext, SignalPlan, SignalQuery } from './kind.ts';
import { allPages } from './pages.ts';

/**
 * SageMaker itself publishes no metric of a notebook instance (`/aws/sagemaker/NotebookInstances` is a log group),
 * and when its kernels last ran cannot be asked for from outside. So its use is read from the CloudWatch agent,
 * which a lifecycle configuration starts; namespace and dimension are those of AWS's own sample,
 * `publish-instance-metrics` of aws-samples/amazon-sagemaker-notebook-instance-lifecycle-config-samples.
 * `docs/notebook-metrics.md` says how to set it up.
 */
const NAMESPACE = 'SageMakerNotebookInstances';
const DIMENSION = 'notebook_instance_name';
const CPU_METRIC = 'cpu_usage_active';
const GPU_METRIC = 'nvidia_smi_utilization_gpu';
const HOW = 'docs/notebook-metrics.md says how to let it.';

/** The agent measures every minute; the maximum of five is one sample, as for instances. */
const PERIOD_SECONDS = 300;

/**
 * CPU and, where there is one, GPU: a long computation shows in one of them, whether or not anybody looks at it.
 * One whose agent tells nothing is never judged idle, and people are told.
 */
export async function notebookSignals(
  notebooks: readonly Resource[],
  context: FleetContext,
): Promise<ReadonlyMap<string, SignalPlan>> {
  if (notebooks.length === 0) return new Map();
  const cpus = await seriesOf(CPU_METRIC, context);
  const gpus = notebooks.some(({ size }) => hasNvidiaGpu(size))
    ? await seriesOf(GPU_METRIC, context)
    : new Map<string, readonly Dimensions[]>();
  return new Map(
    notebooks.map((one) => [one.arn, planOf(one, cpus.get(one.id) ?? [], gpus.get(one.id) ?? [])]),
  );
}

type Dimensions = Readonly<Record<string, string>>;

function planOf({ size }: Resource, cpus: readonly Dimensions[], gpus: readonly Dimensions[]): SignalPlan {
  const query = (signal: SignalQuery['signal'], metricName: string, dimensions: Dimensions): SignalQuery => ({
    signal,
    namespace: NAMESPACE,
    metricName,
    dimensions,
    statistic: 'Maximum',
    periodSeconds: PERIOD_SECONDS,
    scale: 1,
    absence: 'unknown',
  });
  // The share of all cores; where the agent reports each core as well, those are series of their own.
  const whole = cpus.filter(({ cpu }) => cpu === undefined || cpu === 'cpu-total');
  return {
    queries: [
      ...gpus.map((dimensions) => query('gpu', GPU_METRIC, dimensions)),
      ...whole.map((dimensions) => ({
        ...query('cpu', CPU_METRIC, dimensions),
        ceiling: halfCorePercent(size),
      })),
    ],
    missing: [
      ...(whole.length === 0
        ? [{ signal: 'cpu' as const, why: `No CloudWatch agent on it tells of its use. ${HOW}` }]
        : []),
      ...(hasAccelerator(size) && gpus.length === 0
        ? [
            {
              signal: 'gpu' as const,
              why: `No metric shows the use of its accelerator (${size}). ${mend(size)}`,
            },
          ]
        : []),
    ],
  };
}

const mend = (size: string): string =>
  hasNvidiaGpu(size)
    ? `Its CloudWatch agent must collect nvidia_gpu. ${HOW}`
    : 'Set idle: off for it, or stop it by its budget.';

/** The series of one metric that arrived in the last hours, by the name of the notebook instance. */
async function seriesOf(
  MetricName: string,
  { clients }: FleetContext,
): Promise<ReadonlyMap<string, readonly Dimensions[]>> {
  const metrics = await allPages<Metric>(async (NextToken) => {
    const page = await clients.cloudwatch.send(
      new ListMetricsCommand({
        Namespace: NAMESPACE,
        MetricName,
        RecentlyActive: 'PT3H',
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    return { items: page.Metrics, next: page.NextToken };
  });
  const series = metrics.map(({ Dimensions: dimensions }) =>
    Object.fromEntries((dimensions ?? []).map(({ Name = '', Value = '' }) => [Name, Value])),
  );
  return Map.groupBy(series, (dimensions) => dimensions[DIMENSION] ?? '');
}
