import type { DescribeModelOutput } from '@aws-sdk/client-sagemaker';
import { MONTH_HOURS } from '../estimate/estimate.ts';
import { hasAccelerator } from '../fleet/accelerators.ts';
import { instanceFacts } from '../fleet/instance-facts.ts';
import type { ServerlessMemory } from '../fleet/prices.ts';
import type { EndpointConfig } from '../fleet/sagemaker-parts.ts';
import type { EndpointUse } from './endpoint-use.ts';
import { HEADROOM } from './fit.ts';

/** How an endpoint would be served without instances of its own. */
export interface ServerlessFit {
  readonly memoryMiB: ServerlessMemory;
  readonly maxConcurrency: number;
  /** Seconds of a month for which it would be paid, as long as requests take now. */
  readonly seconds: number;
}

const SIZES: readonly ServerlessMemory[] = [1024, 2048, 3072, 4096, 5120, 6144];
/** A request may take 60 s there; with fewer vCPUs than now it may take twice as long. */
const LONGEST_SECONDS = 30;
/** At most so many requests at once, of one endpoint. */
const MOST_CONCURRENT = 200;
/** Requests do not come evenly within their busiest hour: room for so many times as many. */
const BURST = 10;

/**
 * Whether a serverless endpoint would hold what this one does, by the limits of SageMaker Serverless Inference (Developer
 * Guide, "Serverless Inference": 1 to 6 GB of memory, no GPU, 60 s and 4 MB a request, 200 at once, no VPC, no network
 * isolation, no data capture, one variant, one container of one model). What is not known fits not. Payloads have no
 * metric. Pure.
 */
export function serverlessFit(
  type: string,
  use: EndpointUse,
  config: EndpointConfig,
  model: DescribeModelOutput,
): ServerlessFit | undefined {
  const facts = instanceFacts(type);
  const { memoryPercent, modelSeconds, longestSeconds, requests, peakHour, alive } = use;
  if (facts === undefined || hasAccelerator(type) || requests === 0) return undefined;
  if (memoryPercent === undefined || modelSeconds === undefined || longestSeconds === undefined) {
    return undefined;
  }
  if (longestSeconds > LONGEST_SECONDS || !isPlain(config, model)) return undefined;
  const needed = facts.memoryGiB * 1024 * (memoryPercent / 100) * HEADROOM;
  const memoryMiB = SIZES.find((size) => size >= needed);
  const atOnce = (peakHour * (modelSeconds / requests)) / 3600;
  const maxConcurrency = Math.max(5, Math.ceil(atOnce * BURST));
  if (memoryMiB === undefined || maxConcurrency > MOST_CONCURRENT) return undefined;
  return { memoryMiB, maxConcurrency, seconds: Math.ceil((modelSeconds * MONTH_HOURS) / alive.hours) };
}

function isPlain(config: EndpointConfig, model: DescribeModelOutput): boolean {
  const [variant, ...others] = config.ProductionVariants ?? [];
  const containers = model.Containers ?? [];
  const container = model.PrimaryContainer ?? containers[0];
  return (
    variant?.ModelName !== undefined &&
    others.length === 0 &&
    (config.ShadowProductionVariants ?? []).length === 0 &&
    config.DataCaptureConfig?.EnableCapture !== true &&
    config.VpcConfig === undefined &&
    model.VpcConfig === undefined &&
    model.EnableNetworkIsolation !== true &&
    containers.length <= 1 &&
    container !== undefined &&
    container.Mode !== 'MultiModel'
  );
}
