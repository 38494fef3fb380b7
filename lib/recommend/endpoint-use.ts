import { hasNvidiaGpu, vcpusOf } from '../fleet/accelerators.ts';
import { instanceFacts } from '../fleet/instance-facts.ts';
import { ASYNCHRONOUS } from '../fleet/sagemaker-form.ts';
import type { Resource, ResourcePart } from '../types/resource.ts';
import type { CheckContext } from './check.ts';
import {
  coversAsMuch,
  figuresOf,
  type Hours,
  hoursFrom,
  LEAST_DAYS,
  readUse,
  USE_HOURS,
  type UseFigures,
  type UseSeries,
} from './read-use.ts';

/** What an endpoint did in two weeks, as far as it is known. */
export interface EndpointUse {
  /** Hours in which its instances told of themselves, and how many there are since the first. */
  readonly alive: UseFigures;
  readonly requests: number;
  /** Requests of the busiest hour. */
  readonly peakHour: number;
  /**
   * Hours with a request, and those before and after one: so long it is needed where it scales to zero. A request of an
   * asynchronous endpoint is told of once it is done, up to an hour after it began.
   */
  readonly neededHours: number;
  readonly hoursWithRequests: number;
  /** Seconds that the model took for all requests, and for the longest. */
  readonly modelSeconds: number | undefined;
  readonly longestSeconds: number | undefined;
  /** The highest % of one instance. */
  readonly cpuPercent: number;
  readonly cpuUsualPercent: number;
  readonly memoryPercent: number | undefined;
  /** The highest % of all GPUs of one instance together; `undefined` without, or where it is not known. */
  readonly gpuPercent: number | undefined;
  readonly gpuMemoryPercent: number | undefined;
}

const INSTANCES = '/aws/sagemaker/Endpoints';
const REQUESTS = 'AWS/SageMaker';

/** What the use of an endpoint with one variant is read by; names of its inference components, where it hosts such. */
export function endpointSeries(
  { id, form }: Resource,
  { name }: ResourcePart,
  components: readonly string[],
): readonly UseSeries[] {
  const dimensions = { EndpointName: id, VariantName: name };
  const one = (
    namespace: string,
    metricName: string,
    statistic: UseSeries['statistic'] = 'Maximum',
    by: UseSeries['dimensions'] = dimensions,
  ): UseSeries => ({ namespace, metricName, dimensions: by, statistic });
  const requests =
    components.length > 0
      ? components.map((component) =>
          one(REQUESTS, 'Invocations', 'Sum', { InferenceComponentName: component }),
        )
      : [one(REQUESTS, form === ASYNCHRONOUS ? 'InvocationsProcessed' : 'Invocations', 'Sum')];
  return [
    one(INSTANCES, 'CPUUtilization'),
    one(INSTANCES, 'MemoryUtilization'),
    one(INSTANCES, 'GPUUtilization'),
    one(INSTANCES, 'GPUMemoryUtilization'),
    one(REQUESTS, 'ModelLatency', 'Sum'),
    one(REQUESTS, 'ModelLatency'),
    ...requests,
  ];
}

/**
 * Reads what endpoints did, each since its configuration was made: what an earlier one did says nothing of it.
 * `undefined` where its instances do not tell of themselves for seven days: not knowing is not idle.
 */
export async function readEndpointUse(
  endpoints: readonly {
    readonly resource: Resource;
    readonly part: ResourcePart;
    readonly components: readonly string[];
    readonly configured: Date | undefined;
  }[],
  context: CheckContext,
): Promise<readonly (EndpointUse | undefined)[]> {
  const plans = endpoints.map(({ resource, part, components }) => endpointSeries(resource, part, components));
  const all = await readUse(plans.flat(), context);
  let from = 0;
  return endpoints.map(({ part, configured }, index) => {
    const count = plans[index]?.length ?? 0;
    const own = all
      .slice(from, from + count)
      .map((hours) => (configured === undefined ? hours : hoursFrom(hours, configured, context.now())));
    from += count;
    return endpointUse(part.type, own);
  });
}

/**
 * What was read, in the order of `endpointSeries`, as figures. Invocations are emitted on use alone: none in an hour in
 * which the instances told of themselves is zero. Pure.
 */
export function endpointUse(
  type: string,
  [cpuHours, memory, gpu, gpuMemory, latency, longest, ...requests]: readonly (Hours | undefined)[],
): EndpointUse | undefined {
  const cpu = figuresOf(cpuHours);
  if (cpu === undefined || cpu.days < LEAST_DAYS || requests.length === 0) return undefined;
  // One that was not answered is not zero.
  if (requests.some((hours) => hours === undefined)) return undefined;
  const counts = new Float64Array(USE_HOURS);
  for (const hours of requests) {
    hours?.forEach((value, hour) => {
      if (!Number.isNaN(value)) counts[hour] = (counts[hour] ?? 0) + value;
    });
  }
  const known = (hours: Hours | undefined): number | undefined => {
    const one = figuresOf(hours);
    return coversAsMuch(one, cpu) ? one.highest : undefined;
  };
  const vcpus = instanceFacts(type)?.vcpu ?? vcpusOf(type) ?? 1;
  const hoursWithRequests = counts.filter((count) => count > 0).length;
  const latencies = figuresOf(latency);
  const highest = figuresOf(longest);
  // A latency for each hour with requests, or it is not known.
  const isTimed = (latencies?.hours ?? 0) >= hoursWithRequests && hoursWithRequests > 0;
  return {
    alive: cpu,
    requests: counts.reduce((sum, count) => sum + count, 0),
    peakHour: counts.reduce((most, count) => Math.max(most, count), 0),
    hoursWithRequests,
    neededHours: counts.filter((count, hour) =>
      [count, counts[hour - 1], counts[hour + 1]].some((near) => near !== undefined && near > 0),
    ).length,
    modelSeconds: isTimed && latencies !== undefined ? latencies.sum / 1e6 : undefined,
    longestSeconds: isTimed && highest !== undefined ? highest.highest / 1e6 : undefined,
    cpuPercent: cpu.highest / vcpus,
    cpuUsualPercent: cpu.usual / vcpus,
    memoryPercent: known(memory),
    gpuPercent: hasNvidiaGpu(type) ? known(gpu) : undefined,
    gpuMemoryPercent: hasNvidiaGpu(type) ? known(gpuMemory) : undefined,
  };
}
