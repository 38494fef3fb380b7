import {
  DescribeProcessingJobCommand,
  type DescribeProcessingJobResponse,
  DescribeTrainingJobCommand,
  type DescribeTrainingJobResponse,
  ListProcessingJobsCommand,
  ListTagsCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
  StopTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { sagemakerProcessingJob } from '../../lib/fleet/sagemaker-job-processing.ts';
import { sagemakerTrainingJob } from '../../lib/fleet/sagemaker-job-training.ts';
import { LedgerError } from '../../lib/ledger/errors.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { ACCOUNT, awsError, contextOf, instance, NOW, REGION, stopContextOf, usd } from './fixtures.ts';

/* What the front of the sandbox cannot do: jobs of other services, states between, refusals, pages. */
const sagemaker = mockClient(SageMakerClient);

const arn = (resource: string) => `arn:aws:sagemaker:${REGION}:${ACCOUNT}:${resource}`;
const ARN = arn('training-job/finetune');
const CREATED = new Date('2026-11-25T06:00:00.000Z');
const STARTED = new Date('2026-11-25T06:10:00.000Z');

const training = (fields: Partial<DescribeTrainingJobResponse> = {}): DescribeTrainingJobResponse => ({
  TrainingJobName: 'finetune',
  TrainingJobArn: ARN,
  ModelArtifacts: { S3ModelArtifacts: 's3://models' },
  TrainingJobStatus: 'InProgress',
  SecondaryStatus: 'Training',
  AlgorithmSpecification: { TrainingInputMode: 'File' },
  ResourceConfig: { InstanceType: 'ml.p3.2xlarge', InstanceCount: 2, VolumeSizeInGB: 50 },
  StoppingCondition: {},
  CreationTime: CREATED,
  TrainingStartTime: STARTED,
  ...fields,
});

const processing = (fields: Partial<DescribeProcessingJobResponse> = {}): DescribeProcessingJobResponse => ({
  ProcessingJobName: 'features',
  ProcessingJobArn: arn('processing-job/features'),
  ProcessingJobStatus: 'InProgress',
  ProcessingResources: {
    ClusterConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1, VolumeSizeInGB: 30 },
  },
  AppSpecification: { ImageUri: 'image' },
  CreationTime: CREATED,
  ...fields,
});

beforeEach(() => {
  sagemaker.reset();
  sagemaker.on(ListTagsCommand).resolves({ Tags: [{ Key: 'project', Value: 'recsys' }] });
  sagemaker.on(DescribeTrainingJobCommand).resolves(training());
  sagemaker.on(DescribeProcessingJobCommand).resolves(processing());
  sagemaker.on(StopTrainingJobCommand).resolves({});
});

async function described(fields: Partial<DescribeTrainingJobResponse> = {}): Promise<Resource | undefined> {
  sagemaker.on(DescribeTrainingJobCommand).resolves(training(fields));
  return (await sagemakerTrainingJob.describe(['finetune'], contextOf()))[0];
}

describe('discovery', () => {
  it('asks for those in progress alone, all pages', async () => {
    sagemaker
      .on(ListTrainingJobsCommand)
      .resolvesOnce({
        TrainingJobSummaries: [
          {
            TrainingJobName: 'finetune',
            TrainingJobArn: ARN,
            CreationTime: CREATED,
            TrainingJobStatus: 'InProgress',
          },
        ],
        NextToken: 'more',
      })
      .resolves({ TrainingJobSummaries: [] });
    expect(await sagemakerTrainingJob.discover(contextOf())).toMatchObject([
      { id: 'finetune', arn: ARN, since: STARTED, size: '2 × ml.p3.2xlarge', hourly: usd('7.65') },
    ]);
    const asked = sagemaker.commandCalls(ListTrainingJobsCommand).map(({ args }) => args[0].input);
    expect(asked.map(({ StatusEquals }) => StatusEquals)).toEqual(['InProgress', 'InProgress']);
  });

  it('does so of processing jobs too', async () => {
    sagemaker.on(ListProcessingJobsCommand).resolves({
      ProcessingJobSummaries: [
        {
          ProcessingJobName: 'features',
          ProcessingJobArn: arn('processing-job/features'),
          CreationTime: CREATED,
          ProcessingJobStatus: 'InProgress',
        },
      ],
    });
    expect(await sagemakerProcessingJob.discover(contextOf())).toMatchObject([
      { id: 'features', since: CREATED, size: '1 × ml.m5.xlarge', hourly: usd('0.23') },
    ]);
    const [call] = sagemaker.commandCalls(ListProcessingJobsCommand);
    expect(call?.args[0].input.StatusEquals).toBe('InProgress');
  });

  it.each([
    ['InProgress', 'running'],
    ['Stopping', 'transitional'],
    ['Stopped', undefined],
    ['Completed', undefined],
    ['Failed', undefined],
  ] as const)('of one that is %s finds it %s', async (TrainingJobStatus, state) => {
    expect((await described({ TrainingJobStatus }))?.state).toBe(state);
  });

  it('leaves out what is not there, by its own error and by its text', async () => {
    sagemaker
      .on(DescribeTrainingJobCommand)
      .rejectsOnce(awsError('ResourceNotFound', 'none'))
      .rejects(awsError('ValidationException', 'Requested resource not found.'));
    expect(await sagemakerTrainingJob.describe(['a', 'b'], contextOf())).toEqual([]);
  });

  it('of a job that waits for its instances counts from its creation', async () => {
    expect((await described({ TrainingStartTime: undefined }))?.since).toEqual(CREATED);
  });
});

describe('what a job costs', () => {
  it('is the sum of its instance groups', async () => {
    const InstanceGroups = [
      { InstanceGroupName: 'workers', InstanceType: 'ml.p3.2xlarge', InstanceCount: 2 },
      { InstanceGroupName: 'loader', InstanceType: 'ml.m5.xlarge', InstanceCount: 1 },
    ] as const;
    const found = await described({
      ResourceConfig: { InstanceGroups: [...InstanceGroups], VolumeSizeInGB: 50 },
    });
    expect(found).toMatchObject({
      size: '2 × ml.p3.2xlarge, 1 × ml.m5.xlarge',
      hourly: usd('7.88'),
      parts: [{ name: 'workers' }, { name: 'loader' }],
    });
  });

  it('is that of the type that SageMaker chose', async () => {
    const found = await described({
      ResourceConfig: {
        InstancePreferences: [],
        SelectedInstanceType: 'ml.g5.xlarge',
        SelectedInstanceCount: 4,
        VolumeSizeInGB: 50,
      },
    });
    expect(found).toMatchObject({ size: '4 × ml.g5.xlarge', hourly: usd('5.632') });
  });

  it('is unknown of Spot training, of a type without a price, and where AWS chooses the instances', async () => {
    expect((await described({ EnableManagedSpotTraining: true }))?.hourly).toBeUndefined();
    const ResourceConfig = { InstanceType: 'ml.c5.9xlarge', InstanceCount: 1, VolumeSizeInGB: 1 } as const;
    expect((await described({ ResourceConfig }))?.hourly).toBeUndefined();
    const serverless = await described({ ResourceConfig: undefined });
    expect(serverless).toMatchObject({ size: 'serverless', hourly: undefined });
  });
});

describe('protections', () => {
  it.each([
    [{ TuningJobArn: arn('hyper-parameter-tuning-job/sweep-7') }, 'hyperparameter tuning job sweep-7'],
    [{ AutoMLJobArn: arn('automl-job/auto') }, 'AutoML job auto'],
    [{ LabelingJobArn: arn('labeling-job/cats') }, 'labeling job cats'],
    [
      { ResourceConfig: { TrainingPlanArn: arn('training-plan/paid'), VolumeSizeInGB: 1 } },
      'training plan paid',
    ],
  ])('%s', async (fields, named) => {
    const found = await described(fields);
    expect(found?.protections).toMatchObject([
      { code: 'managed-elsewhere', detail: expect.stringContaining(named) },
    ]);
  });

  it('none of a job by itself; it is judged by its budget, where its policy allows it', async () => {
    expect(await described()).toMatchObject({
      protections: [],
      consent: 'stop-jobs',
      neverIdle:
        'A job ends by itself; it is stopped over budget only, and only where its policy allows stop-jobs.',
    });
  });

  it.each([
    [{ AutoMLJobArn: arn('automl-job/auto') }, 'AutoML job auto'],
    [{ MonitoringScheduleArn: arn('monitoring-schedule/drift') }, 'monitoring schedule drift'],
    [{ TrainingJobArn: ARN }, 'training job finetune'],
  ])('of processing: %s', async (fields, named) => {
    sagemaker.on(DescribeProcessingJobCommand).resolves(processing(fields));
    const [found] = await sagemakerProcessingJob.describe(['features'], contextOf());
    expect(found?.protections).toMatchObject([
      { code: 'managed-elsewhere', detail: expect.stringContaining(named) },
    ]);
  });
});

describe('a stop', () => {
  const target: Resource = { ...instance('finetune'), kind: 'sagemaker-training-job', arn: ARN };
  async function stop(context = stopContextOf()) {
    return (await sagemakerTrainingJob.stop([target], context)).get(ARN);
  }
  const stops = () => sagemaker.commandCalls(StopTrainingJobCommand);

  it('says that nothing brings it back, what is kept, and how to train again', async () => {
    const context = stopContextOf();
    const outcome = await stop(context);
    expect(outcome).toEqual({
      status: 'taken',
      at: NOW,
      restorable: false,
      detail:
        'Stopped. It has no CheckpointConfig: only what it saves by itself in its last 120 seconds is kept. ' +
        'To train again, create a new job from what `aws sagemaker describe-training-job --region us-east-1 ' +
        '--training-job-name finetune` shows; with the same CheckpointConfig it goes on from the last checkpoint.',
    });
    expect(context.saved.map(({ record }) => record)).toEqual([{ name: 'finetune' }]);
  });

  it('touches nothing where the record cannot be saved', async () => {
    const context = {
      ...stopContextOf(),
      saveRestore: async () => {
        throw new LedgerError('the table is out');
      },
    };
    expect(await stop(context)).toMatchObject({ status: 'failed', code: 'LedgerError' });
    expect(stops()).toHaveLength(0);
  });

  it.each([
    ['Completed', { status: 'skipped', code: 'Gone' }],
    ['Stopping', { status: 'failed', retry: true }],
    ['InProgress', { status: 'failed', retry: false }],
  ] as const)('that is refused of one that is %s is understood by looking again', async (status, outcome) => {
    const message = `The request was rejected because the training job is in status ${status}.`;
    sagemaker.on(StopTrainingJobCommand).rejects(awsError('ValidationException', message));
    sagemaker.on(DescribeTrainingJobCommand).resolves(training({ TrainingJobStatus: status }));
    expect(await stop()).toMatchObject(outcome);
  });

  it('that fails for lack of permission is final', async () => {
    sagemaker.on(StopTrainingJobCommand).rejects(awsError('AccessDeniedException', 'no'));
    expect(await stop()).toMatchObject({ status: 'failed', code: 'AccessDeniedException', retry: false });
  });
});

it('no signal says that a job is idle, and nothing starts it again', async () => {
  const target: Resource = { ...instance('finetune'), kind: 'sagemaker-training-job', arn: ARN };
  const plan = (await sagemakerTrainingJob.signals([target], contextOf())).get(ARN);
  expect(plan).toMatchObject({ queries: [], missing: [{ signal: 'cpu' }] });
  expect(sagemakerTrainingJob.undo(['finetune'], REGION)).toBeUndefined();
  expect(await sagemakerTrainingJob.restore(target, undefined, contextOf())).toMatchObject({
    finished: true,
    outcome: { status: 'skipped', code: 'CannotRestore' },
  });
});
