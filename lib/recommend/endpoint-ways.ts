import type { DescribeModelOutput } from '@aws-sdk/client-sagemaker';
import { hasAccelerator, hasNvidiaGpu } from '../fleet/accelerators.ts';
import { instanceFacts } from '../fleet/instance-facts.ts';
import { ASYNCHRONOUS, COMPONENTS } from '../fleet/sagemaker-form.ts';
import { formatUsd, microUsd } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';
import { cheapestBelow } from './cheapest.ts';
import type { CheckContext } from './check.ts';
import type { EndpointSubject, EndpointWay } from './endpoint-fit.ts';
import type { EndpointUse } from './endpoint-use.ts';
import { type FitNeeds, HEADROOM, smallerSizes } from './fit.ts';
import { monthOf, runningHours, timesUsd } from './month.ts';
import { serverlessFit } from './serverless-fit.ts';
import { awsCommand, cdkChange, exactUsd, gibText, percentText } from './texts.ts';

/** Days from which on two weeks are taken for seen in whole. */
const WHOLE_DAYS = 13;
const confidenceOf = ({ alive }: EndpointUse) => (alive.days >= WHOLE_DAYS ? 'high' : 'medium');
/** Even where each request took so many times as long, it must save. */
const SLOWER = 4;

const count = (value: number): string => Math.round(value).toLocaleString('en-US');

const requestsText = (use: EndpointUse): string =>
  `${count(use.requests)} requests in ${use.hoursWithRequests} of ${use.alive.hours} hours of ${use.alive.days} days, ${count(use.peakHour)} in the busiest.`;

/** Without instances of its own; `undefined` where that does not fit, or hardly saves. */
export async function asServerless(
  { resource, hourly, part, config, target }: EndpointSubject,
  use: EndpointUse,
  model: DescribeModelOutput,
  { prices, region }: CheckContext,
): Promise<EndpointWay | undefined> {
  const fit = serverlessFit(part.type, use, config, model);
  if (fit === undefined) return undefined;
  const { memoryMiB, maxConcurrency, seconds } = fit;
  const million = await prices.unit({ service: 'sagemaker-serverless', region, memoryMiB });
  if (million === undefined) return undefined;
  const hours = runningHours(use.alive.hours, use.alive.since);
  const now = monthOf(hourly, hours);
  const then = timesUsd(million, seconds / 1e6);
  if (now <= timesUsd(then, SLOWER)) return undefined;
  const data = await prices.unit({ service: 'sagemaker-serverless-data', region });
  const name = `${resource.id}-serverless`;
  const [variant] = config.ProductionVariants ?? [];
  const ModelName = variant?.ModelName ?? '';
  const facts = instanceFacts(part.type);
  const used = ((facts?.memoryGiB ?? 0) * (use.memoryPercent ?? 0)) / 100;
  return {
    title: `Serve SageMaker endpoint ${resource.id} without instances of its own: serverless with ${memoryMiB / 1024} GB.`,
    monthly: microUsd(now - then),
    basis: `${exactUsd(hourly)} × ${hours} h - ${count(seconds)} s × ${memoryMiB / 1024} GB at ${exactUsd(million)} a million seconds`,
    risk: 'medium',
    effort: 'medium',
    confidence: 'medium',
    evidence: [
      requestsText(use),
      `The model took ${count(use.modelSeconds ?? 0)} s for all of them, ${(use.longestSeconds ?? 0).toFixed(1)} s at most; a serverless endpoint ends a request after 60 s.`,
      `Memory at most ${percentText(use.memoryPercent ?? 0)} of ${gibText(facts?.memoryGiB ?? 0)}, so ${gibText(used)}.`,
      'A request and its answer may have 4 MB there: CloudWatch does not tell how large they are.',
      `Not in the sum: data in and out${data === undefined ? '' : `, ${exactUsd(data)} a GB`}. With fewer vCPUs a request may take longer; at ${SLOWER} times the seconds it still saves ${formatUsd(microUsd(now - timesUsd(then, SLOWER)))} a month.`,
      ...(target === undefined
        ? []
        : ['Its autoscaling ends with it: a serverless endpoint scales by itself.']),
    ],
    keeps: `Its memory with a quarter to spare, and ${maxConcurrency} requests at once, ten times what the busiest hour had on average. The first request after a pause waits for a cold start, of seconds up to a minute: leave it where none may.`,
    how: [
      awsCommand('sagemaker', 'create-endpoint-config', region, {
        'endpoint-config-name': name,
        'production-variants': `VariantName=${part.name},ModelName=${ModelName},ServerlessConfig={MemorySizeInMB=${memoryMiB},MaxConcurrency=${maxConcurrency}}`,
      }),
      awsCommand('sagemaker', 'create-endpoint', region, {
        'endpoint-name': name,
        'endpoint-config-name': name,
      }),
      {
        form: 'command',
        text: `# Once callers use ${name}:\n${awsCommand('sagemaker', 'delete-endpoint', region, { 'endpoint-name': resource.id }).text}`,
      },
      cdkChange(
        `serverlessConfig: { memorySizeInMb: ${memoryMiB}, maxConcurrency: ${maxConcurrency} } instead of instanceType and initialInstanceCount in the production variant of a new CfnEndpointConfig`,
      ),
    ],
  };
}

/** Where at least so many hours of a hundred need no instance, scaling to zero is worth it. */
const LEAST_FREE_PERCENT = 50;
/** Requests of the busiest hour up to which they come minutes apart, so that their answers may come later. */
const SPARSE = 30;

/** Scaled to zero in hours without requests; `undefined` where there are few, or where it does so already. */
export function asZero(
  subject: EndpointSubject,
  use: EndpointUse,
  { region }: CheckContext,
): EndpointWay | undefined {
  const { resource, hourly, part, config, target } = subject;
  const { alive, neededHours } = use;
  // What it does already shows in its metrics: it is not alive all the time.
  if (target?.MinCapacity === 0) return undefined;
  if (resource.form === COMPONENTS && leastInstances(config) === 0) return undefined;
  if (resource.form === undefined && use.peakHour > SPARSE) return undefined;
  const free = alive.hours - Math.min(alive.hours, neededHours);
  if (100 * free < LEAST_FREE_PERCENT * alive.hours) return undefined;
  const hours = Math.round((runningHours(alive.hours, alive.since) * free) / alive.hours);
  const way = zeroWay(subject, Math.max(1, part.count, target?.MaxCapacity ?? 1), region);
  return {
    ...way,
    monthly: monthOf(hourly, hours),
    basis: `${exactUsd(hourly)} × ${hours} h without requests`,
    confidence: confidenceOf(use),
    evidence: [
      requestsText(use),
      `${neededHours} hours had a request or were next to one; in ${free} of ${alive.hours} no instance would have been needed.`,
      `It runs ${part.count} × ${part.type} for ${exactUsd(hourly)} an hour.`,
    ],
  };
}

const leastInstances = ({ ProductionVariants }: EndpointSubject['config']): number | undefined => {
  const scaling = ProductionVariants?.[0]?.ManagedInstanceScaling;
  return scaling?.Status === 'ENABLED' ? scaling.MinInstanceCount : undefined;
};

type ZeroWay = Pick<EndpointWay, 'title' | 'risk' | 'effort' | 'keeps' | 'how'>;

function zeroWay(subject: EndpointSubject, most: number, region: string): ZeroWay {
  const { resource, part } = subject;
  switch (resource.form) {
    case ASYNCHRONOUS:
      return {
        title: `Let asynchronous SageMaker endpoint ${resource.id} scale to zero.`,
        risk: 'low',
        effort: 'low',
        keeps: 'No request is lost: it waits in the queue, for minutes where an instance must start first.',
        how: asyncScaling(resource.id, part.name, most, region),
      };
    case COMPONENTS:
      return {
        title: `Let the inference components of SageMaker endpoint ${resource.id} scale to zero.`,
        risk: 'high',
        effort: 'medium',
        keeps:
          'Endpoint, components and calls stay as they are. A request that comes while there is no copy fails, and those of the next minutes: callers must try again, or leave it.',
        how: componentScaling(subject, most, region),
      };
    default:
      return {
        title: `Make SageMaker endpoint ${resource.id} asynchronous, and let it scale to zero.`,
        risk: 'medium',
        effort: 'high',
        keeps:
          'Type, model and results stay; no request is lost. Answers come by Amazon S3, after minutes where an instance must start first: leave it where callers wait for them.',
        how: asynchronous(subject, most, region),
      };
  }
}

/** From zero a backlog alone does not scale out: the alarm `HasBacklogWithoutCapacity` does (Developer Guide, "Autoscale an asynchronous endpoint"). */
function asyncScaling(name: string, variant: string, most: number, region: string): Recommendation['how'] {
  const id = `endpoint/${name}/variant/${variant}`;
  const on = {
    'service-namespace': 'sagemaker',
    'resource-id': id,
    'scalable-dimension': 'sagemaker:variant:DesiredInstanceCount',
  };
  const policy = (called: string, type: string, key: string, configuration: object) =>
    awsCommand('application-autoscaling', 'put-scaling-policy', region, {
      'policy-name': called,
      ...on,
      'policy-type': type,
      [key]: JSON.stringify(configuration),
    });
  return [
    awsCommand('application-autoscaling', 'register-scalable-target', region, {
      ...on,
      'min-capacity': '0',
      'max-capacity': String(most),
    }),
    policy('backlog', 'TargetTrackingScaling', 'target-tracking-scaling-policy-configuration', {
      TargetValue: 5,
      CustomizedMetricSpecification: {
        MetricName: 'ApproximateBacklogSizePerInstance',
        Namespace: 'AWS/SageMaker',
        Dimensions: [{ Name: 'EndpointName', Value: name }],
        Statistic: 'Average',
      },
      ScaleInCooldown: 600,
      ScaleOutCooldown: 300,
    }),
    policy('from-zero', 'StepScaling', 'step-scaling-policy-configuration', {
      AdjustmentType: 'ChangeInCapacity',
      MetricAggregationType: 'Average',
      Cooldown: 300,
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
    }),
    {
      form: 'command',
      text: `# With the PolicyARN that put-scaling-policy answers for from-zero:\n${
        awsCommand('cloudwatch', 'put-metric-alarm', region, {
          'alarm-name': `${name}-from-zero`,
          namespace: 'AWS/SageMaker',
          'metric-name': 'HasBacklogWithoutCapacity',
          dimensions: `Name=EndpointName,Value=${name}`,
          statistic: 'Average',
          period: '60',
          'evaluation-periods': '2',
          threshold: '1',
          'comparison-operator': 'GreaterThanOrEqualToThreshold',
          'treat-missing-data': 'missing',
          'alarm-actions': 'POLICY_ARN',
        }).text
      }`,
    },
    cdkChange(
      `new appscaling.ScalableTarget(this, 'Scaling', { serviceNamespace: appscaling.ServiceNamespace.SAGEMAKER, resourceId: '${id}', scalableDimension: 'sagemaker:variant:DesiredInstanceCount', minCapacity: 0, maxCapacity: ${most} }), with a step from HasBacklogWithoutCapacity`,
    ),
  ];
}

function asynchronous(
  { resource, part, config }: EndpointSubject,
  most: number,
  region: string,
): Recommendation['how'] {
  const name = `${resource.id}-async`;
  const model = config.ProductionVariants?.[0]?.ModelName ?? '';
  return [
    awsCommand('sagemaker', 'create-endpoint-config', region, {
      'endpoint-config-name': name,
      'production-variants': `VariantName=${part.name},ModelName=${model},InstanceType=${part.type},InitialInstanceCount=1`,
      'async-inference-config': 'OutputConfig={S3OutputPath=s3://YOUR-BUCKET/async/}',
    }),
    awsCommand('sagemaker', 'create-endpoint', region, {
      'endpoint-name': name,
      'endpoint-config-name': name,
    }),
    ...asyncScaling(name, part.name, most, region),
    {
      form: 'command',
      text: `# Once callers use ${name} by invoke-endpoint-async:\n${awsCommand('sagemaker', 'delete-endpoint', region, { 'endpoint-name': resource.id }).text}`,
    },
  ];
}

/** Developer Guide, "Scale an endpoint to zero instances". */
function componentScaling(
  { resource, part, components, config }: EndpointSubject,
  most: number,
  region: string,
): Recommendation['how'] {
  const name = `${resource.id}-to-zero`;
  const role = config.ExecutionRoleArn ?? 'ROLE_ARN';
  return [
    awsCommand('sagemaker', 'create-endpoint-config', region, {
      'endpoint-config-name': name,
      'execution-role-arn': role,
      'production-variants': `VariantName=${part.name},InstanceType=${part.type},InitialInstanceCount=1,ManagedInstanceScaling={Status=ENABLED,MinInstanceCount=0,MaxInstanceCount=${most}}`,
    }),
    awsCommand('sagemaker', 'update-endpoint', region, {
      'endpoint-name': resource.id,
      'endpoint-config-name': name,
    }),
    ...components.map((component) =>
      awsCommand('application-autoscaling', 'register-scalable-target', region, {
        'service-namespace': 'sagemaker',
        'resource-id': `inference-component/${component}`,
        'scalable-dimension': 'sagemaker:inference-component:DesiredCopyCount',
        'min-capacity': '0',
        'max-capacity': String(most),
      }),
    ),
    cdkChange(
      `managedInstanceScaling: { status: 'ENABLED', minInstanceCount: 0, maxInstanceCount: ${most} } in the production variant; a step policy on NoCapacityInvocationFailures for each component`,
    ),
  ];
}

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
