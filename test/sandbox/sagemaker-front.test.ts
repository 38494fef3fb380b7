import {
  AddTagsCommand,
  CreateAppCommand,
  CreateEndpointConfigCommand,
  CreateInferenceComponentCommand,
  CreateModelCommand,
  CreateNotebookInstanceCommand,
  CreateProcessingJobCommand,
  CreateSpaceCommand,
  CreateTrainingJobCommand,
  CreateUserProfileCommand,
  DeleteAppCommand,
  DeleteInferenceComponentCommand,
  DescribeAppCommand,
  DescribeEndpointConfigCommand,
  DescribeInferenceComponentCommand,
  DescribeProcessingJobCommand,
  DescribeSpaceCommand,
  DescribeTrainingJobCommand,
  ListAppsCommand,
  ListInferenceComponentsCommand,
  ListNotebookInstancesCommand,
  ListProcessingJobsCommand,
  ListTagsCommand,
  ListTrainingJobsCommand,
  paginateListApps,
  SageMakerClient,
  StopProcessingJobCommand,
  StopTrainingJobCommand,
  UpdateInferenceComponentRuntimeConfigCommand,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, REGION } from '../fleet/fixtures.ts';
import { startSageMaker } from '../support/sagemaker.ts';

let server: Awaited<ReturnType<typeof startSageMaker>>;
let sagemaker: SageMakerClient;

beforeAll(async () => {
  server = await startSageMaker();
  sagemaker = new SageMakerClient({
    region: REGION,
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
}, 60_000);

afterAll(async () => {
  sagemaker?.destroy();
  await server?.stop();
});

const role = `arn:aws:iam::${ACCOUNT}:role/ml`;
const arn = (resource: string) => `arn:aws:sagemaker:${REGION}:${ACCOUNT}:${resource}`;
const tags = [{ Key: 'project', Value: 'recsys' }];

it('takes endpoint configurations of types that moto refuses, and describes them as they were made', async () => {
  const variant = (VariantName: string, InstanceType: 'ml.p4d.24xlarge' | 'ml.g5.xlarge') => ({
    VariantName,
    ModelName: 'a-model',
    InstanceType,
    InitialInstanceCount: 1,
  });
  const ProductionVariants = [variant('main', 'ml.p4d.24xlarge'), variant('next', 'ml.g5.xlarge')];
  await sagemaker.send(
    new CreateModelCommand({
      ModelName: 'a-model',
      ExecutionRoleArn: role,
      PrimaryContainer: { Image: 'image' },
    }),
  );
  await sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName: 'newer', ProductionVariants }));
  const described = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: 'newer' }));
  expect(described.ProductionVariants).toMatchObject(ProductionVariants);
});

it('forwards what moto knows, answers and refusals alike', async () => {
  const create = new CreateNotebookInstanceCommand({
    NotebookInstanceName: 'forwarded',
    InstanceType: 'ml.t3.medium',
    RoleArn: role,
    Tags: tags,
  });
  await sagemaker.send(create);
  const { NotebookInstances } = await sagemaker.send(new ListNotebookInstancesCommand({}));
  expect(NotebookInstances).toMatchObject([
    { NotebookInstanceName: 'forwarded', NotebookInstanceStatus: 'InService' },
  ]);
  const listed = await sagemaker.send(
    new ListTagsCommand({ ResourceArn: arn('notebook-instance/forwarded') }),
  );
  expect(listed.Tags).toEqual(tags);
  await expect(sagemaker.send(create)).rejects.toMatchObject({ name: 'ValidationException' });
  // Moto fails over such a name.
  await expect(
    sagemaker.send(new ListTagsCommand({ ResourceArn: arn('user-profile/d-0/nobody') })),
  ).rejects.toMatchObject({ name: 'ResourceNotFound' });
});

describe('Studio apps', () => {
  const app = { DomainId: 'd-1', SpaceName: 'anas', AppType: 'JupyterLab', AppName: 'default' } as const;

  it('start in a space, are deleted and come back', async () => {
    await expect(sagemaker.send(new CreateAppCommand(app))).rejects.toMatchObject({
      name: 'ResourceNotFound',
    });
    await sagemaker.send(
      new CreateSpaceCommand({
        DomainId: 'd-1',
        SpaceName: 'anas',
        OwnershipSettings: { OwnerUserProfileName: 'ana' },
        Tags: tags,
      }),
    );
    const ResourceSpec = { InstanceType: 'ml.g5.12xlarge' } as const;
    const { AppArn } = await sagemaker.send(new CreateAppCommand({ ...app, ResourceSpec, Tags: tags }));
    expect(AppArn).toBe(arn('app/d-1/anas/JupyterLab/default'));
    await expect(sagemaker.send(new CreateAppCommand(app))).rejects.toMatchObject({ name: 'ResourceInUse' });
    const running = await sagemaker.send(new DescribeAppCommand(app));
    expect(running).toMatchObject({ ...app, AppArn, Status: 'InService', ResourceSpec });
    expect(running.CreationTime).toBeInstanceOf(Date);
    expect((await sagemaker.send(new ListTagsCommand({ ResourceArn: AppArn }))).Tags).toEqual(tags);
    expect(
      await sagemaker.send(new DescribeSpaceCommand({ DomainId: 'd-1', SpaceName: 'anas' })),
    ).toMatchObject({
      SpaceArn: arn('space/d-1/anas'),
      OwnershipSettings: { OwnerUserProfileName: 'ana' },
    });

    await sagemaker.send(new DeleteAppCommand(app));
    expect((await sagemaker.send(new DescribeAppCommand(app))).Status).toBe('Deleted');
    await sagemaker.send(new CreateAppCommand({ ...app, ResourceSpec }));
    expect(await sagemaker.send(new DescribeAppCommand(app))).toMatchObject({
      Status: 'InService',
      CreationTime: running.CreationTime,
    });
  });

  it('are listed in pages, by domain', async () => {
    await sagemaker.send(new CreateUserProfileCommand({ DomainId: 'd-2', UserProfileName: 'ben' }));
    for (let n = 0; n < 12; n++) {
      await sagemaker.send(
        new CreateAppCommand({
          DomainId: 'd-2',
          UserProfileName: 'ben',
          AppType: 'KernelGateway',
          AppName: `kernel-${n}`,
        }),
      );
    }
    const pages = [];
    for await (const page of paginateListApps({ client: sagemaker }, { DomainIdEquals: 'd-2' })) {
      pages.push(page.Apps?.length);
    }
    expect(pages).toEqual([10, 2]);
    expect((await sagemaker.send(new ListAppsCommand({ MaxResults: 100 }))).Apps?.length).toBe(13);
  });
});

it('keeps inference components, and scales them', async () => {
  await sagemaker.send(
    new CreateInferenceComponentCommand({
      InferenceComponentName: 'llm',
      EndpointName: 'shared',
      VariantName: 'main',
      Specification: { ModelName: 'llm' },
      RuntimeConfig: { CopyCount: 2 },
      Tags: tags,
    }),
  );
  const name = { InferenceComponentName: 'llm' };
  const found = await sagemaker.send(new DescribeInferenceComponentCommand(name));
  expect(found).toMatchObject({
    ...name,
    InferenceComponentArn: arn('inference-component/llm'),
    EndpointName: 'shared',
    EndpointArn: arn('endpoint/shared'),
    VariantName: 'main',
    InferenceComponentStatus: 'InService',
    Specification: { ModelName: 'llm' },
    RuntimeConfig: { DesiredCopyCount: 2, CurrentCopyCount: 2 },
  });
  await sagemaker.send(
    new UpdateInferenceComponentRuntimeConfigCommand({ ...name, DesiredRuntimeConfig: { CopyCount: 0 } }),
  );
  const { RuntimeConfig } = await sagemaker.send(new DescribeInferenceComponentCommand(name));
  expect(RuntimeConfig).toEqual({ DesiredCopyCount: 0, CurrentCopyCount: 0 });
  const list = async (EndpointNameEquals: string) =>
    (await sagemaker.send(new ListInferenceComponentsCommand({ EndpointNameEquals }))).InferenceComponents;
  expect(await list('shared')).toMatchObject([name]);
  expect(await list('other')).toEqual([]);
  await sagemaker.send(new DeleteInferenceComponentCommand(name));
  expect(await list('shared')).toEqual([]);
});

it('lets training jobs run until they are stopped', async () => {
  const name = { TrainingJobName: 'finetune' };
  const create = new CreateTrainingJobCommand({
    ...name,
    AlgorithmSpecification: { TrainingImage: 'image', TrainingInputMode: 'File' },
    RoleArn: role,
    OutputDataConfig: { S3OutputPath: 's3://models' },
    ResourceConfig: { InstanceType: 'ml.p3.2xlarge', InstanceCount: 2, VolumeSizeInGB: 50 },
    StoppingCondition: { MaxRuntimeInSeconds: 86_400 },
  });
  const { TrainingJobArn } = await sagemaker.send(create);
  expect(TrainingJobArn).toBe(arn('training-job/finetune'));
  await expect(sagemaker.send(create)).rejects.toMatchObject({ name: 'ResourceInUse' });
  await sagemaker.send(new AddTagsCommand({ ResourceArn: TrainingJobArn, Tags: tags }));
  expect((await sagemaker.send(new ListTagsCommand({ ResourceArn: TrainingJobArn }))).Tags).toEqual(tags);
  const running = async () =>
    (await sagemaker.send(new ListTrainingJobsCommand({ StatusEquals: 'InProgress' }))).TrainingJobSummaries;
  expect(await running()).toMatchObject([name]);
  const job = await sagemaker.send(new DescribeTrainingJobCommand(name));
  expect(job).toMatchObject({
    TrainingJobStatus: 'InProgress',
    ResourceConfig: { InstanceCount: 2 },
  });
  expect(job.TrainingStartTime).toBeInstanceOf(Date);
  await sagemaker.send(new StopTrainingJobCommand(name));
  expect(await running()).toEqual([]);
  expect((await sagemaker.send(new DescribeTrainingJobCommand(name))).TrainingJobStatus).toBe('Stopped');
  await expect(sagemaker.send(new StopTrainingJobCommand(name))).rejects.toMatchObject({
    name: 'ValidationException',
    message: 'The request was rejected because the training job is in status Stopped.',
  });
});

it('lets processing jobs run until they are stopped, and keeps what they run on', async () => {
  const name = { ProcessingJobName: 'features' };
  const ClusterConfig = { InstanceType: 'ml.m5.xlarge', InstanceCount: 3, VolumeSizeInGB: 30 } as const;
  await sagemaker.send(
    new CreateProcessingJobCommand({
      ...name,
      AppSpecification: { ImageUri: 'image' },
      RoleArn: role,
      ProcessingResources: { ClusterConfig },
    }),
  );
  expect(await sagemaker.send(new DescribeProcessingJobCommand(name))).toMatchObject({
    ProcessingJobArn: arn('processing-job/features'),
    ProcessingJobStatus: 'InProgress',
    ProcessingResources: { ClusterConfig },
  });
  await sagemaker.send(new StopProcessingJobCommand(name));
  const { ProcessingJobSummaries } = await sagemaker.send(
    new ListProcessingJobsCommand({ StatusEquals: 'InProgress' }),
  );
  expect(ProcessingJobSummaries).toEqual([]);
  await expect(
    sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: 'none' })),
  ).rejects.toMatchObject({ name: 'ResourceNotFound' });
});
