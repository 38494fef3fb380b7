import {
  type AppInstanceType,
  CreateAppCommand,
  CreateDomainCommand,
  CreateNotebookInstanceCommand,
  CreateSpaceCommand,
  CreateTrainingJobCommand,
  CreateUserProfileCommand,
  type _InstanceType as NotebookInstanceType,
  type TrainingInstanceType,
} from '@aws-sdk/client-sagemaker';
import type { RegionClients } from '../fleet/clients.ts';
import { ACCOUNT } from './local-aws.ts';
import { putSeries, type Tags } from './seed.ts';

const ROLE = `arn:aws:iam::${ACCOUNT}:role/sagemaker`;

const toTags = (tags: Tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Creates a notebook instance; moto has it in service at once, of the older types alone. */
export async function createNotebook(
  { sagemaker }: RegionClients,
  { name, type, tags }: { readonly name: string; readonly type: NotebookInstanceType; readonly tags: Tags },
): Promise<void> {
  await sagemaker.send(
    new CreateNotebookInstanceCommand({
      NotebookInstanceName: name,
      InstanceType: type,
      RoleArn: ROLE,
      Tags: toTags(tags),
    }),
  );
}

/** What the CloudWatch agent of a notebook instance tells; `gpu` only where it collects that. */
export async function putNotebookUse(
  clients: RegionClients,
  name: string,
  { cpu, gpu }: { readonly cpu: number; readonly gpu?: number },
  from: Date,
  to: Date,
): Promise<void> {
  const put = (metric: string, dimensions: Tags, value: number) =>
    putSeries(clients, {
      namespace: 'SageMakerNotebookInstances',
      metric,
      dimensions: { notebook_instance_name: name, ...dimensions },
      from,
      to,
      value,
    });
  await put('cpu_usage_active', { cpu: 'cpu-total' }, cpu);
  if (gpu !== undefined) {
    await put('nvidia_smi_utilization_gpu', { index: '0', name: 'Tesla V100-SXM2-16GB' }, gpu);
  }
}

/** Creates a Studio domain. @returns its id. */
export async function createDomain(
  { sagemaker }: RegionClients,
  { name, tags }: { readonly name: string; readonly tags: Tags },
): Promise<string> {
  const { DomainArn } = await sagemaker.send(
    new CreateDomainCommand({
      DomainName: name,
      AuthMode: 'IAM',
      DefaultUserSettings: { ExecutionRole: ROLE },
      SubnetIds: ['subnet-1'],
      VpcId: 'vpc-1',
      Tags: toTags(tags),
    }),
  );
  const id = DomainArn?.split('/').at(-1);
  if (id === undefined) throw new Error('SageMaker made no domain.');
  return id;
}

/** Creates a user profile and its private space, and starts JupyterLab there. @returns the id that Bursar knows the app by. */
export async function startJupyterLab(
  { sagemaker }: RegionClients,
  {
    domainId,
    space,
    owner,
    type,
    tags,
  }: {
    readonly domainId: string;
    readonly space: string;
    /** The user profile, which is created with it. */
    readonly owner: string;
    readonly type: AppInstanceType;
    readonly tags: Tags;
  },
): Promise<string> {
  const place = { DomainId: domainId, SpaceName: space };
  await sagemaker.send(new CreateUserProfileCommand({ DomainId: domainId, UserProfileName: owner }));
  await sagemaker.send(
    new CreateSpaceCommand({
      ...place,
      OwnershipSettings: { OwnerUserProfileName: owner },
      SpaceSharingSettings: { SharingType: 'Private' },
      Tags: toTags(tags),
    }),
  );
  await sagemaker.send(
    new CreateAppCommand({
      ...place,
      AppType: 'JupyterLab',
      AppName: 'default',
      ResourceSpec: { InstanceType: type },
      Tags: toTags(tags),
    }),
  );
  return `${domainId}/spaces/${space}/JupyterLab/default`;
}

/** Starts a training job with checkpoints, which runs until it is stopped. */
export async function startTrainingJob(
  { sagemaker }: RegionClients,
  {
    name,
    type,
    count,
    tags,
  }: {
    readonly name: string;
    readonly type: TrainingInstanceType;
    readonly count: number;
    readonly tags: Tags;
  },
): Promise<void> {
  await sagemaker.send(
    new CreateTrainingJobCommand({
      TrainingJobName: name,
      AlgorithmSpecification: { TrainingImage: 'image', TrainingInputMode: 'File' },
      RoleArn: ROLE,
      OutputDataConfig: { S3OutputPath: 's3://models' },
      ResourceConfig: { InstanceType: type, InstanceCount: count, VolumeSizeInGB: 100 },
      StoppingCondition: { MaxRuntimeInSeconds: 5 * 86_400 },
      CheckpointConfig: { S3Uri: `s3://models/${name}/checkpoints` },
      Tags: toTags(tags),
    }),
  );
}
