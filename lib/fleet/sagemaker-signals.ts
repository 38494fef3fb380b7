import { mapLimited } from '../types/lists.ts';
import type { Resource, ResourcePart } from '../types/resource.ts';
import { halfCorePercent, hasNvidiaGpu, vcpusOf } from './accelerators.ts';
import { errorMessage } from './aws-errors.ts';
import type { FleetContext, SignalPlan, SignalQuery } from './kind.ts';
import { backlogMetric } from './sagemaker-backlog.ts';
import { componentNames } from './sagemaker-components.ts';
import { ASYNCHRONOUS, COMPONENTS, SERVERLESS } from './sagemaker-form.ts';

/** SageMaker publishes endpoint metrics by the minute; five of them make one sample, as for instances. */
const PERIOD_SECONDS = 300;
const CALLS_AT_ONCE = 5;

/** The plans of some endpoints, by ARN. Inference components are listed; all else is known already. */
export async function endpointSignals(
  endpoints: readonly Resource[],
  context: FleetContext,
): Promise<ReadonlyMap<string, SignalPlan>> {
  return new Map(
    await mapLimited(
      endpoints,
      CALLS_AT_ONCE,
      async (endpoint) => [endpoint.arn, await planOf(endpoint, context)] as const,
    ),
  );
}

async function planOf(endpoint: Resource, context: FleetContext): Promise<SignalPlan> {
  const parts = endpoint.parts ?? [];
  if (parts.length === 0) return unknown('It has no variant whose use could be read.');
  switch (endpoint.form) {
    case SERVERLESS:
      return { queries: parts.flatMap((part) => serverless(endpoint, part)), missing: [] };
    case ASYNCHRONOUS:
      return {
        queries: [
          backlog(endpoint),
          ...onUse(endpoint, parts, 'InvocationsProcessed'),
          ...use(endpoint, parts),
        ],
        missing: [],
      };
    case COMPONENTS:
      return componentsPlan(endpoint, parts, context);
    default:
      return { queries: [...onUse(endpoint, parts, 'Invocations'), ...use(endpoint, parts)], missing: [] };
  }
}

const unknown = (why: string): SignalPlan => ({ queries: [], missing: [{ signal: 'invocations', why }] });

const dimensionsOf = (endpoint: Resource, part: ResourcePart) => ({
  EndpointName: endpoint.id,
  VariantName: part.name,
});

/** A count in `AWS/SageMaker`. */
const count = (
  metricName: string,
  dimensions: SignalQuery['dimensions'],
  absence: SignalQuery['absence'],
): SignalQuery => ({
  signal: 'invocations',
  namespace: 'AWS/SageMaker',
  metricName,
  dimensions,
  statistic: 'Sum',
  periodSeconds: PERIOD_SECONDS,
  scale: 1,
  absence,
});

/**
 * Only emitted on use, so instance metrics must show that CloudWatch is alive. Both dimensions are needed: by the
 * endpoint's name alone nothing is found, and every endpoint looks idle.
 */
const onUse = (endpoint: Resource, parts: readonly ResourcePart[], metricName: string) =>
  parts.map((part) => count(metricName, dimensionsOf(endpoint, part), 'zero-if-alive'));

/**
 * The queue must have been empty all the time. Whether the metric is also emitted for an empty queue is not
 * documented: where it is absent, nothing is known.
 */
const backlog = (endpoint: Resource): SignalQuery => ({
  ...backlogMetric(endpoint),
  signal: 'backlog',
  statistic: 'Maximum',
  periodSeconds: PERIOD_SECONDS,
  scale: 1,
  absence: 'unknown',
});

/**
 * No instance metrics exist for serverless endpoints, so nothing else shows that CloudWatch is alive: idle is only
 * what `Invocations` itself says is zero (that it does so is unverified; where it does not, the endpoint is stopped by
 * its budget alone). Those that run at the moment count as well.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-monitoring.html
 */
const serverless = (endpoint: Resource, part: ResourcePart): readonly SignalQuery[] => [
  count('Invocations', dimensionsOf(endpoint, part), 'unknown'),
  {
    ...count('ServerlessProvisionedConcurrencyExecutions', dimensionsOf(endpoint, part), 'zero-if-alive'),
    statistic: 'Maximum',
  },
];

/**
 * Invocations of inference components are counted by component, under that dimension alone; the instances that they
 * share by variant.
 */
async function componentsPlan(
  endpoint: Resource,
  parts: readonly ResourcePart[],
  context: FleetContext,
): Promise<SignalPlan> {
  let names: readonly string[];
  try {
    names = await componentNames(endpoint.id, context);
  } catch (error) {
    return unknown(`Its inference components could not be listed: ${errorMessage(error)}`);
  }
  if (names.length === 0) return unknown('It hosts no inference component whose use could be read.');
  return {
    queries: [
      ...names.map((InferenceComponentName) =>
        count('Invocations', { InferenceComponentName }, 'zero-if-alive'),
      ),
      ...use(endpoint, parts),
    ],
    missing: [],
  };
}

/** The instances of variants; none is published of one that has none. */
const use = (endpoint: Resource, parts: readonly ResourcePart[]): readonly SignalQuery[] =>
  parts.filter(({ count }) => count > 0).flatMap((part) => utilisation(endpoint, part));

/**
 * CPU is 0–100 × vCPUs, so it is divided by them (unknown sizes count as one, which reads busier, never
 * idler). GPU is 0–100 × GPUs and stays whole: the sum is never below the busiest of them.
 */
function utilisation(endpoint: Resource, part: ResourcePart): readonly SignalQuery[] {
  const metric = (signal: SignalQuery['signal'], metricName: string, scale: number): SignalQuery => ({
    signal,
    namespace: '/aws/sagemaker/Endpoints',
    metricName,
    dimensions: dimensionsOf(endpoint, part),
    statistic: 'Maximum',
    periodSeconds: PERIOD_SECONDS,
    scale,
    absence: 'unknown',
  });
  return [
    {
      ...metric('cpu', 'CPUUtilization', 1 / (vcpusOf(part.type) ?? 1)),
      ceiling: halfCorePercent(part.type),
    },
    ...(hasNvidiaGpu(part.type) ? [metric('gpu', 'GPUUtilization', 1)] : []),
  ];
}
