import {
  DescribeTrainingJobCommand,
  paginateListTrainingJobs,
  type ResourceConfig,
  StopTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import type { ResourcePart } from '../types/resource.ts';
import { belongsTo, jobKind } from './sagemaker-job.ts';

/** Training jobs in progress. SageMaker gives a job that is stopped 120 seconds to save what it has. */
export const sagemakerTrainingJob = jobKind({
  kind: 'sagemaker-training-job',
  title: 'SageMaker training job',
  use: 'sagemaker-training',
  permissions: {
    observe: [
      { actions: ['sagemaker:ListTrainingJobs'], resources: ['*'], taggedOnly: false },
      {
        actions: ['sagemaker:DescribeTrainingJob', 'sagemaker:ListTags'],
        resources: ['sagemaker:*:*:training-job/*'],
        taggedOnly: false,
      },
    ],
    act: [
      {
        actions: ['sagemaker:StopTrainingJob'],
        resources: ['sagemaker:*:*:training-job/*'],
        taggedOnly: true,
        consent: 'stop-jobs',
      },
    ],
  },
  list: async ({ clients }) => {
    const names: string[] = [];
    const pages = paginateListTrainingJobs(
      { client: clients.sagemaker, pageSize: 100 },
      { StatusEquals: 'InProgress' },
    );
    for await (const page of pages) {
      names.push(
        ...(page.TrainingJobSummaries ?? []).flatMap(({ TrainingJobName }) => TrainingJobName ?? []),
      );
    }
    return names;
  },
  describe: async (TrainingJobName, { clients }) => {
    const job = await clients.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
    const since = job.TrainingStartTime ?? job.CreationTime;
    const { TrainingJobArn: arn, ResourceConfig: config, CheckpointConfig: checkpoints } = job;
    if (arn === undefined || since === undefined) return undefined;
    return {
      arn,
      status: job.TrainingJobStatus ?? '',
      since,
      parts: partsOf(config),
      // The price of Spot changes; a training plan is paid for beforehand.
      onDemand: job.EnableManagedSpotTraining !== true && config?.TrainingPlanArn === undefined,
      belongs: [
        ...belongsTo(
          job.TuningJobArn,
          (name) =>
            `It belongs to hyperparameter tuning job ${name}, which would start another in its place: stop that.`,
        ),
        ...belongsTo(
          job.AutoMLJobArn,
          (name) => `It belongs to AutoML job ${name}, which would start another in its place: stop that.`,
        ),
        ...belongsTo(job.LabelingJobArn, (name) => `It belongs to labeling job ${name}: stop that.`),
        ...belongsTo(
          config?.TrainingPlanArn,
          (name) => `It runs in training plan ${name}, which is paid for whether it runs or not.`,
        ),
      ],
      keeps:
        checkpoints?.S3Uri === undefined
          ? 'It has no CheckpointConfig: only what it saves by itself in its last 120 seconds is kept.'
          : `Its checkpoints are kept in ${checkpoints.S3Uri}.`,
    };
  },
  stop: async (TrainingJobName, { clients }) => {
    await clients.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName }));
  },
  again: (name, region) =>
    `To train again, create a new job from what \`aws sagemaker describe-training-job --region ${region} --training-job-name ${name}\` shows; with the same CheckpointConfig it goes on from the last checkpoint.`,
});

/** What it runs on now; of a list of preferred types, the one that SageMaker chose. */
function partsOf(config: ResourceConfig | undefined): readonly ResourcePart[] {
  const groups = config?.InstanceGroups ?? [];
  if (groups.length > 0) {
    return groups.flatMap(({ InstanceGroupName: name = '', InstanceType: type, InstanceCount: count }) =>
      type === undefined ? [] : [{ name, type, count: count ?? 1 }],
    );
  }
  const type = config?.SelectedInstanceType ?? config?.InstanceType;
  const count = config?.SelectedInstanceCount ?? config?.InstanceCount ?? 1;
  return type === undefined ? [] : [{ name: 'training', type, count }];
}
