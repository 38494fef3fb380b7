import {
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateProcessingJobCommand,
  type ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import { vi } from 'vitest';
import type { FleetContext } from '../../lib/fleet/kind.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import { createNotebook, startJupyterLab, startTrainingJob } from '../../lib/sandbox/seed-sagemaker.ts';
import { fixedPrices } from '../fleet/fixtures.ts';
import type { Side } from './both.ts';

type Tags = Readonly<Record<string, string>>;
/** Types that the local AWS knows. */
type Type = 'ml.m5.xlarge' | 'ml.p3.2xlarge' | 'ml.t3.medium';

export const contextOn = (side: Side): FleetContext => ({
  account: ACCOUNT,
  region: REGION,
  clients: side.clients(REGION),
  prices: fixedPrices(),
  now: () => new Date(),
});

/** Lets what is between two states come to its end; on the local AWS nothing ever is. */
export function settle(side: Side): void {
  if (side.name === 'in memory') vi.setSystemTime(Date.now() + 10 * 60_000);
}

const list = (tags: Tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** What entries of the account in memory have in common: in service for an hour, and idle. */
const idle = (type: Type, tags: Tags) => ({
  type,
  tags,
  since: new Date(Date.now() - 3_600_000),
  use: () => ({ cpu: 0 }),
});

/** An endpoint with one variant `main`, a configuration, a model and a scaling of its own. */
export async function putEndpoint(
  side: Side,
  name: string,
  {
    type = 'ml.m5.xlarge',
    instances = 1,
    tags = {},
  }: { type?: 'ml.m5.xlarge' | 'ml.p3.2xlarge'; instances?: number; tags?: Tags } = {},
): Promise<void> {
  if (side.name === 'in memory') {
    side.account.endpoints.set(name, { ...idle(type, tags), name, instances, cores: 4, gpus: 0 });
    return;
  }
  await createEndpoint(
    side,
    name,
    [
      {
        VariantName: 'main',
        ModelName: `${name}-model`,
        InstanceType: type,
        InitialInstanceCount: instances,
      },
    ],
    tags,
  );
  const scaled = {
    ServiceNamespace: 'sagemaker',
    ResourceId: `endpoint/${name}/variant/main`,
    ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  } as const;
  const { autoscaling } = side.clients(REGION);
  await autoscaling.send(new RegisterScalableTargetCommand({ ...scaled, MinCapacity: 1, MaxCapacity: 4 }));
  await autoscaling.send(
    new PutScalingPolicyCommand({
      ...scaled,
      PolicyName: 'by-invocations',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 70,
        PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
      },
    }),
  );
}

/** Through the API, with its configuration `<name>-config` and its model `<name>-model`; in service when it returns. */
export async function createEndpoint(
  side: Side,
  name: string,
  ProductionVariants: readonly ProductionVariant[],
  tags: Tags = {},
  more: Partial<ConstructorParameters<typeof CreateEndpointConfigCommand>[0]> = {},
): Promise<void> {
  const { sagemaker } = side.clients(REGION);
  await sagemaker.send(
    new CreateModelCommand({
      ModelName: `${name}-model`,
      ExecutionRoleArn: `arn:aws:iam::${ACCOUNT}:role/model`,
      PrimaryContainer: { Image: 'ranker:1' },
    }),
  );
  const EndpointConfigName = `${name}-config`;
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName,
      ProductionVariants: [...ProductionVariants],
      ...more,
    }),
  );
  await sagemaker.send(
    new CreateEndpointCommand({ EndpointName: name, EndpointConfigName, Tags: list(tags) }),
  );
  settle(side);
}

export async function putNotebook(
  side: Side,
  name: string,
  { type = 'ml.t3.medium', tags = {} }: { type?: Type; tags?: Tags } = {},
): Promise<void> {
  if (side.name === 'in memory') side.account.notebooks.set(name, { ...idle(type, tags), name });
  else await createNotebook(side.clients(REGION), { name, type, tags });
}

/** JupyterLab in a private space. @returns its id. */
export async function putApp(
  side: Side,
  {
    domain,
    space,
    owner,
    type = 'ml.t3.medium',
    tags = {},
  }: { domain: string; space: string; owner: string; type?: Type; tags?: Tags },
): Promise<string> {
  if (side.name !== 'in memory') {
    return startJupyterLab(side.clients(REGION), { domainId: domain, space, owner, type, tags });
  }
  const id = `${domain}/spaces/${space}/JupyterLab/default`;
  side.account.apps.set(id, {
    ...idle(type, tags),
    domain,
    space,
    user: owner,
    app: 'default',
    appType: 'JupyterLab',
  });
  return id;
}

/** A job that goes on until it is stopped; a training job has checkpoints. */
export async function putJob(
  side: Side,
  kind: 'sagemaker-training-job' | 'sagemaker-processing-job',
  name: string,
  { type = 'ml.m5.xlarge', count = 1, tags = {} }: { type?: Type; count?: number; tags?: Tags } = {},
): Promise<void> {
  if (side.name === 'in memory') {
    side.account.jobs.set(`${kind}/${name}`, {
      ...idle(type, tags),
      kind,
      name,
      count,
      ...(kind === 'sagemaker-training-job' ? { checkpoints: `s3://models/${name}/checkpoints` } : {}),
    });
    return;
  }
  if (kind === 'sagemaker-training-job') {
    await startTrainingJob(side.clients(REGION), { name, type, count, tags });
    return;
  }
  await side.clients(REGION).sagemaker.send(
    new CreateProcessingJobCommand({
      ProcessingJobName: name,
      AppSpecification: { ImageUri: 'image' },
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/ml`,
      ProcessingResources: {
        ClusterConfig: { InstanceType: type, InstanceCount: count, VolumeSizeInGB: 30 },
      },
      Tags: list(tags),
    }),
  );
}
