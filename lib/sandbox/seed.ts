import {
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { type _InstanceType, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  type ProductionVariantInstanceType,
} from '@aws-sdk/client-sagemaker';
import type { RegionClients } from '../fleet/clients.ts';
import { ACCOUNT } from './local-aws.ts';

export type Tags = Readonly<Record<string, string>>;

const toTags = (tags: Tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Starts one instance. @returns its id. */
export async function startInstance(
  { ec2 }: RegionClients,
  { type, tags }: { readonly type: _InstanceType; readonly tags: Tags },
): Promise<string> {
  const { Instances } = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-0abcdef1234567890',
      InstanceType: type,
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [{ ResourceType: 'instance', Tags: toTags(tags) }],
    }),
  );
  const id = Instances?.[0]?.InstanceId;
  if (id === undefined) throw new Error('EC2 started no instance.');
  return id;
}

/** Creates a real-time endpoint of one variant, `main`, with target tracking on its invocations. */
export async function createEndpoint(
  { sagemaker, autoscaling }: RegionClients,
  {
    name,
    type,
    tags,
  }: { readonly name: string; readonly type: ProductionVariantInstanceType; readonly tags: Tags },
): Promise<void> {
  const role = `arn:aws:iam::${ACCOUNT}:role/sagemaker`;
  await sagemaker.send(
    new CreateModelCommand({
      ModelName: `${name}-model`,
      ExecutionRoleArn: role,
      PrimaryContainer: { Image: 'image' },
    }),
  );
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: `${name}-config`,
      ProductionVariants: [
        {
          VariantName: 'main',
          ModelName: `${name}-model`,
          InstanceType: type,
          InitialInstanceCount: 1,
          InitialVariantWeight: 1,
        },
      ],
    }),
  );
  await sagemaker.send(
    new CreateEndpointCommand({
      EndpointName: name,
      EndpointConfigName: `${name}-config`,
      Tags: toTags(tags),
    }),
  );
  const target = {
    ServiceNamespace: 'sagemaker',
    ResourceId: `endpoint/${name}/variant/main`,
    ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  } as const;
  await autoscaling.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: 1, MaxCapacity: 4 }));
  await autoscaling.send(
    new PutScalingPolicyCommand({
      ...target,
      PolicyName: `${name}-scaling`,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 100,
        PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
      },
    }),
  );
}

/** Values of one metric, one every 5 minutes from `from` until before `to`. */
export interface Series {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly from: Date;
  readonly to: Date;
  readonly value: number;
}

const STEP_MS = 300_000;

export async function putSeries({ cloudwatch }: RegionClients, series: Series): Promise<void> {
  const { namespace, metric, dimensions, from, to, value } = series;
  const data = [];
  for (let at = Math.floor(from.getTime() / STEP_MS) * STEP_MS; at < to.getTime(); at += STEP_MS) {
    data.push({
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      Timestamp: new Date(at),
      Value: value,
    });
  }
  for (let i = 0; i < data.length; i += 500) {
    await cloudwatch.send(
      new PutMetricDataCommand({ Namespace: namespace, MetricData: data.slice(i, i + 500) }),
    );
  }
}

/** What an instance does: its metrics over a time. `gpu` only where its agent reports one. */
export interface InstanceUse {
  readonly cpu: number;
  /** Bytes in five minutes, in and out each. */
  readonly network: number;
  readonly gpu?: number;
}

export const BUSY: InstanceUse = { cpu: 64, network: 900_000_000 };
export const IDLE: InstanceUse = { cpu: 1.2, network: 60_000 };

export async function putInstanceUse(
  clients: RegionClients,
  id: string,
  { cpu, network, gpu }: InstanceUse,
  from: Date,
  to: Date,
): Promise<void> {
  const ec2 = (metric: string, value: number) =>
    putSeries(clients, { namespace: 'AWS/EC2', metric, dimensions: { InstanceId: id }, from, to, value });
  await ec2('CPUUtilization', cpu);
  await ec2('NetworkIn', network);
  await ec2('NetworkOut', network);
  if (gpu === undefined) return;
  await putSeries(clients, {
    namespace: 'CWAgent',
    metric: 'nvidia_smi_utilization_gpu',
    dimensions: { InstanceId: id, index: '0', name: 'NVIDIA A10G', host: 'ip-10-0-0-1' },
    from,
    to,
    value: gpu,
  });
}

/** An endpoint of variant `main`; without invocations CloudWatch gets none of that metric, as on AWS. */
export async function putEndpointUse(
  clients: RegionClients,
  name: string,
  {
    cpu,
    invocations,
    gpu,
  }: {
    /** Percent of one core, summed over all of them, as SageMaker counts. */
    readonly cpu: number;
    readonly invocations: number;
    /** The same of GPUs; only where there are any. */
    readonly gpu?: number;
  },
  from: Date,
  to: Date,
): Promise<void> {
  const dimensions = { EndpointName: name, VariantName: 'main' };
  const put = (namespace: string, metric: string, value: number) =>
    putSeries(clients, { namespace, metric, dimensions, from, to, value });
  await put('/aws/sagemaker/Endpoints', 'CPUUtilization', cpu);
  if (gpu !== undefined) await put('/aws/sagemaker/Endpoints', 'GPUUtilization', gpu);
  if (invocations > 0) await put('AWS/SageMaker', 'Invocations', invocations);
}
