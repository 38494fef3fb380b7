import {
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { type _InstanceType, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  type ProductionVariantInstanceType,
} from '@aws-sdk/client-sagemaker';
import type { RegionClients } from '../fleet/clients.ts';
import { ACCOUNT, REGION } from './local-aws.ts';

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

/** Creates an Auto Scaling group of so many instances, which can grow to twice as many. @returns its ARN. */
export async function createGroup(
  { groups }: RegionClients,
  {
    name,
    type,
    count,
    tags,
  }: { readonly name: string; readonly type: _InstanceType; readonly count: number; readonly tags: Tags },
): Promise<string> {
  await groups.send(
    new CreateLaunchConfigurationCommand({
      LaunchConfigurationName: name,
      ImageId: 'ami-12c6146b',
      InstanceType: type,
    }),
  );
  await groups.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchConfigurationName: name,
      MinSize: 1,
      DesiredCapacity: count,
      MaxSize: 2 * count,
      AvailabilityZones: [`${REGION}a`],
      Tags: toTags(tags).map((tag) => ({
        ...tag,
        ResourceId: name,
        ResourceType: 'auto-scaling-group',
        PropagateAtLaunch: true,
      })),
    }),
  );
  const { AutoScalingGroups: [found] = [] } = await groups.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  if (found?.AutoScalingGroupARN === undefined) throw new Error(`The group ${name} was not made.`);
  return found.AutoScalingGroupARN;
}

/** Creates a real-time endpoint of one variant, `main`, with target tracking on its invocations: `count` instances at least. */
export async function createEndpoint(
  { sagemaker, autoscaling }: RegionClients,
  {
    name,
    type,
    count = 1,
    tags,
  }: {
    readonly name: string;
    readonly type: ProductionVariantInstanceType;
    readonly count?: number;
    readonly tags: Tags;
  },
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
          InitialInstanceCount: count,
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
  await autoscaling.send(
    new RegisterScalableTargetCommand({ ...target, MinCapacity: count, MaxCapacity: 4 * count }),
  );
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
  { gpu, ...use }: InstanceUse,
  from: Date,
  to: Date,
): Promise<void> {
  await putEc2Use(clients, { InstanceId: id }, use, { from, to });
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

/** What EC2 publishes of all members of an Auto Scaling group together. */
export const putGroupUse = (
  clients: RegionClients,
  name: string,
  use: InstanceUse,
  from: Date,
  to: Date,
): Promise<void> => putEc2Use(clients, { AutoScalingGroupName: name }, use, { from, to });

async function putEc2Use(
  clients: RegionClients,
  dimensions: Tags,
  { cpu, network }: InstanceUse,
  time: Pick<Series, 'from' | 'to'>,
): Promise<void> {
  const put = (metric: string, value: number) =>
    putSeries(clients, { namespace: 'AWS/EC2', metric, dimensions, ...time, value });
  await put('CPUUtilization', cpu);
  await put('NetworkIn', network);
  await put('NetworkOut', network);
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
