import {
  DescribeProcessingJobCommand,
  type ProcessingClusterConfig,
  paginateListProcessingJobs,
  StopProcessingJobCommand,
} from '@aws-sdk/client-sagemaker';
import type { ResourcePart } from '../types/resource.ts';
import { belongsTo, jobKind } from './sagemaker-job.ts';

/** Processing jobs in progress. They have no checkpoints. */
export const sagemakerProcessingJob = jobKind({
  kind: 'sagemaker-processing-job',
  title: 'SageMaker processing job',
  use: 'sagemaker-processing',
  permissions: {
    observe: [
      { actions: ['sagemaker:ListProcessingJobs'], resources: ['*'], taggedOnly: false },
      {
        actions: ['sagemaker:DescribeProcessingJob', 'sagemaker:ListTags'],
        resources: ['sagemaker:*:*:processing-job/*'],
        taggedOnly: false,
      },
    ],
    act: [
      {
        actions: ['sagemaker:StopProcessingJob'],
        resources: ['sagemaker:*:*:processing-job/*'],
        taggedOnly: true,
        consent: 'stop-jobs',
      },
    ],
  },
  list: async ({ clients }) => {
    const names: string[] = [];
    const pages = paginateListProcessingJobs(
      { client: clients.sagemaker, pageSize: 100 },
      { StatusEquals: 'InProgress' },
    );
    for await (const page of pages) {
      const some = page.ProcessingJobSummaries ?? [];
      names.push(...some.flatMap(({ ProcessingJobName }) => ProcessingJobName ?? []));
    }
    return names;
  },
  describe: async (ProcessingJobName, { clients }) => {
    const job = await clients.sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName }));
    const since = job.ProcessingStartTime ?? job.CreationTime;
    const { ProcessingJobArn: arn } = job;
    if (arn === undefined || since === undefined) return undefined;
    return {
      arn,
      status: job.ProcessingJobStatus ?? '',
      since,
      parts: partsOf(job.ProcessingResources?.ClusterConfig),
      onDemand: true,
      belongs: [
        ...belongsTo(
          job.AutoMLJobArn,
          (name) => `It belongs to AutoML job ${name}, which would start another in its place: stop that.`,
        ),
        ...belongsTo(
          job.MonitoringScheduleArn,
          (name) => `It belongs to monitoring schedule ${name}, which starts it again: stop that.`,
        ),
        ...belongsTo(job.TrainingJobArn, (name) => `It watches training job ${name} and ends with it.`),
      ],
      keeps: 'Only what it has uploaded to S3 is kept.',
    };
  },
  stop: async (ProcessingJobName, { clients }) => {
    await clients.sagemaker.send(new StopProcessingJobCommand({ ProcessingJobName }));
  },
  again: (name, region) =>
    `To run it again, create a new job from what \`aws sagemaker describe-processing-job --region ${region} --processing-job-name ${name}\` shows.`,
});

/** What it runs on; of a list of preferred types, the one that SageMaker chose. */
function partsOf(config: ProcessingClusterConfig | undefined): readonly ResourcePart[] {
  const type = config?.SelectedInstanceType ?? config?.InstanceType;
  const count = config?.SelectedInstanceCount ?? config?.InstanceCount ?? 1;
  return type === undefined ? [] : [{ name: 'processing', type, count }];
}
