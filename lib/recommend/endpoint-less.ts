import { hasAccelerator, hasNvidiaGpu } from '../fleet/accelerators.ts';
import { instanceFacts } from '../fleet/instance-facts.ts';
import { microUsd } from '../types/money.ts';
import { cheapestBelow } from './cheapest.ts';
import type { CheckContext } from './check.ts';
import type { EndpointSubject, EndpointWay } from './endpoint-fit.ts';
import type { EndpointUse } from './endpoint-use.ts';
import { confidenceOf, requestsText } from './endpoint-words.ts';
import { type FitNeeds, HEADROOM, smallerSizes } from './fit.ts';
import { monthOf, runningHours } from './month.ts';
import { awsCommand, cdkChange, exactUsd, gibText, percentText } from './texts.ts';

/** Fewer than so many would give up that it stands in two zones. */
const LEAST_INSTANCES = 2;

/** Fewer instances, or smaller ones, whichever saves more; `undefined` where neither would do. */
export async function withLess(
  subject: EndpointSubject,
  use: EndpointUse,
  context: CheckContext,
): Promise<EndpointWay | undefined> {
  const fewer = withFewer(subject, use, context);
  const smaller = await withSmaller(subject, use, context);
  if (fewer === undefined || smaller === undefined) return fewer ?? smaller;
  return smaller.monthly > fewer.monthly ? smaller : fewer;
}

/** Of a GPU whose use is not known nothing is said; of other accelerators nothing is measured. */
const isMeasured = (type: string, { gpuPercent }: EndpointUse): boolean =>
  hasNvidiaGpu(type) ? gpuPercent !== undefined : !hasAccelerator(type);

function usedText(type: string, use: EndpointUse): string {
  const gpu =
    use.gpuPercent === undefined
      ? ''
      : `, GPU at most ${percentText(gpuPercentOf(type, use))} of one instance`;
  return `CPU at most ${percentText(use.cpuPercent)} of one instance${gpu}.`;
}

/** 0–100 of all GPUs of an instance. */
const gpuPercentOf = (type: string, { gpuPercent = 0 }: EndpointUse): number =>
  gpuPercent / Math.max(1, instanceFacts(type)?.gpus ?? 1);

function withFewer(
  { resource, hourly, part, target }: EndpointSubject,
  use: EndpointUse,
  { region }: CheckContext,
): EndpointWay | undefined {
  const { type, name, count: instances } = part;
  if (instances <= LEAST_INSTANCES || !isMeasured(type, use)) return undefined;
  // Where it is scaled, its least alone is of interest: beyond it there are as many as its use asks for.
  if (target !== undefined && (target.MinCapacity ?? 0) < instances) return undefined;
  const busiest = Math.max(use.cpuPercent, gpuPercentOf(type, use));
  const enough = Math.max(LEAST_INSTANCES, Math.ceil((instances * busiest * HEADROOM) / 100));
  if (enough >= instances) return undefined;
  const hours = runningHours(use.alive.hours, use.alive.since);
  const saved = microUsd((hourly * BigInt(instances - enough)) / BigInt(instances));
  const id = `endpoint/${resource.id}/variant/${name}`;
  return {
    title: `Serve SageMaker endpoint ${resource.id} with ${enough} instances instead of ${instances}.`,
    monthly: monthOf(saved, hours),
    basis: `${instances - enough} × ${exactUsd(microUsd(hourly / BigInt(instances)))} × ${hours} h (${type})`,
    risk: 'low',
    effort: 'low',
    confidence: confidenceOf(use),
    evidence: [requestsText(use), `The busiest of ${instances} instances: ${usedText(type, use)}`],
    keeps: `${enough} instances carry what the busiest hour needed of ${instances}, with a quarter to spare, and stand in two zones still.`,
    how:
      target === undefined
        ? [
            awsCommand('sagemaker', 'update-endpoint-weights-and-capacities', region, {
              'endpoint-name': resource.id,
              'desired-weights-and-capacities': `VariantName=${name},DesiredInstanceCount=${enough}`,
            }),
            cdkChange(`initialInstanceCount: ${enough}`),
          ]
        : [
            awsCommand('application-autoscaling', 'register-scalable-target', region, {
              'service-namespace': 'sagemaker',
              'resource-id': id,
              'scalable-dimension': 'sagemaker:variant:DesiredInstanceCount',
              'min-capacity': String(enough),
            }),
            cdkChange(`minCapacity: ${enough} of its scalable target`),
          ],
  };
}

async function withSmaller(
  { resource, hourly, part, config }: EndpointSubject,
  use: EndpointUse,
  { region, prices }: CheckContext,
): Promise<EndpointWay | undefined> {
  const { type, count: instances } = part;
  const facts = instanceFacts(type);
  const { memoryPercent } = use;
  if (facts === undefined || memoryPercent === undefined || instances === 0 || !isMeasured(type, use)) {
    return undefined;
  }
  const needs: FitNeeds = {
    vcpu: ((facts.vcpu * use.cpuPercent) / 100) * HEADROOM,
    steadyVcpu: ((facts.vcpu * use.cpuUsualPercent) / 100) * HEADROOM,
    memoryGiB: ((facts.memoryGiB * memoryPercent) / 100) * HEADROOM,
    // All GPUs are kept: how a model is spread over them is its own affair.
    gpus: facts.gpus,
    gpuMemoryGiB: facts.gpuMemoryGiB,
  };
  const each = microUsd(hourly / BigInt(instances));
  const best = await cheapestBelow(
    smallerSizes(type, needs),
    each,
    (instanceType) => ({ service: 'sagemaker-hosting', region, instanceType }),
    prices,
  );
  const then = best === undefined ? undefined : instanceFacts(best.type);
  if (best === undefined || then === undefined) return undefined;
  const hours = runningHours(use.alive.hours, use.alive.since);
  const saved = microUsd(hourly - best.hourly * BigInt(instances));
  const name = `${resource.id}-${best.type.split('.').slice(1).join('-')}`;
  const model = config.ProductionVariants?.[0]?.ModelName ?? '';
  return {
    title: `Serve SageMaker endpoint ${resource.id} on ${best.type} instead of ${type}.`,
    monthly: monthOf(saved, hours),
    basis: `${instances} × (${exactUsd(each)} - ${exactUsd(best.hourly)}) × ${hours} h`,
    risk: 'low',
    effort: 'medium',
    confidence: confidenceOf(use),
    evidence: [
      requestsText(use),
      usedText(type, use),
      `Memory at most ${percentText(memoryPercent)} of ${gibText(facts.memoryGiB)}.`,
    ],
    keeps: `${best.type} keeps the highest CPU in ${then.vcpu} vCPUs, the highest memory in ${gibText(then.memoryGiB)}${facts.gpus > 0 ? ' and its GPUs' : ''}, with a quarter of what was used to spare. It serves on while it is updated; what else its configuration says (data capture, keys) must stand in the new one too.`,
    how: [
      awsCommand('sagemaker', 'create-endpoint-config', region, {
        'endpoint-config-name': name,
        'production-variants': `VariantName=${part.name},ModelName=${model},InstanceType=${best.type},InitialInstanceCount=${instances}`,
      }),
      awsCommand('sagemaker', 'update-endpoint', region, {
        'endpoint-name': resource.id,
        'endpoint-config-name': name,
      }),
      cdkChange(`instanceType: '${best.type}' instead of '${type}' in the production variant`),
    ],
  };
}
