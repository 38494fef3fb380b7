import type { Resource, ResourcePart } from '../types/resource.ts';
import { halfCorePercent, hasNvidiaGpu, vcpusOf } from './accelerators.ts';
import type { SignalPlan, SignalQuery } from './kind.ts';

/** SageMaker publishes endpoint metrics by the minute; five of them make one sample, as for instances. */
const PERIOD_SECONDS = 300;

/**
 * `Invocations` are only emitted on use, so instance metrics must show that CloudWatch is alive. Both
 * dimensions are needed: by the endpoint's name alone nothing is found, and every endpoint looks idle.
 */
export function endpointSignals(endpoint: Resource): SignalPlan {
  const parts = endpoint.parts ?? [];
  return {
    queries: [
      ...parts.map((part) => invocations(endpoint, part)),
      ...parts.flatMap((part) => utilisation(endpoint, part)),
    ],
    missing:
      parts.length === 0
        ? [{ signal: 'invocations', why: 'It has no variant whose use could be read.' }]
        : [],
  };
}

const dimensionsOf = (endpoint: Resource, part: ResourcePart) => ({
  EndpointName: endpoint.id,
  VariantName: part.name,
});

const invocations = (endpoint: Resource, part: ResourcePart): SignalQuery => ({
  signal: 'invocations',
  namespace: 'AWS/SageMaker',
  metricName: 'Invocations',
  dimensions: dimensionsOf(endpoint, part),
  statistic: 'Sum',
  periodSeconds: PERIOD_SECONDS,
  scale: 1,
  absence: 'zero-if-alive',
});

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
