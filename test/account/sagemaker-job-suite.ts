import {
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  ListProcessingJobsCommand,
  ListTrainingJobsCommand,
  StopProcessingJobCommand,
  StopTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { describe, expect, it } from 'vitest';
import { isAbsent } from '../../lib/fleet/sagemaker-attempt.ts';
import { sagemakerProcessingJob } from '../../lib/fleet/sagemaker-job-processing.ts';
import { sagemakerTrainingJob } from '../../lib/fleet/sagemaker-job-training.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import { usd } from '../fleet/fixtures.ts';
import { itIf } from './both.ts';
import { putJob, settle } from './sagemaker-put.ts';
import { arnOf, errorOf, TAGS, type Tools } from './sagemaker-tools.ts';

/** What holds of training and processing jobs. */
export function jobSuite({ side, inMemory, sagemaker, find, get, discovered, stop }: Tools): void {
  describe.each([
    {
      kind: sagemakerTrainingJob,
      named: 'sagemaker-training-job',
      type: 'training-job',
      part: 'training',
      keeps: 'Its checkpoints are kept in s3://models/',
      status: async (TrainingJobName: string) =>
        (await sagemaker().send(new DescribeTrainingJobCommand({ TrainingJobName }))).TrainingJobStatus,
      stopCall: (TrainingJobName: string): Promise<object> =>
        sagemaker().send(new StopTrainingJobCommand({ TrainingJobName })),
      running: async () =>
        (
          await sagemaker().send(new ListTrainingJobsCommand({ StatusEquals: 'InProgress', MaxResults: 100 }))
        ).TrainingJobSummaries?.map(({ TrainingJobName }) => TrainingJobName),
      all: async () =>
        (await sagemaker().send(new ListTrainingJobsCommand({ MaxResults: 100 }))).TrainingJobSummaries?.map(
          ({ TrainingJobName }) => TrainingJobName,
        ),
    },
    {
      kind: sagemakerProcessingJob,
      named: 'sagemaker-processing-job',
      type: 'processing-job',
      part: 'processing',
      keeps: 'Only what it has uploaded to S3 is kept.',
      status: async (ProcessingJobName: string) =>
        (await sagemaker().send(new DescribeProcessingJobCommand({ ProcessingJobName }))).ProcessingJobStatus,
      stopCall: (ProcessingJobName: string): Promise<object> =>
        sagemaker().send(new StopProcessingJobCommand({ ProcessingJobName })),
      running: async () =>
        (
          await sagemaker().send(
            new ListProcessingJobsCommand({ StatusEquals: 'InProgress', MaxResults: 100 }),
          )
        ).ProcessingJobSummaries?.map(({ ProcessingJobName }) => ProcessingJobName),
      all: async () =>
        (
          await sagemaker().send(new ListProcessingJobsCommand({ MaxResults: 100 }))
        ).ProcessingJobSummaries?.map(({ ProcessingJobName }) => ProcessingJobName),
    },
  ] as const)('a $type', ({ kind, named, type, part, keeps, status, stopCall, running, all }) => {
    it('is discovered while it runs, with all that a decision needs', async () => {
      await putJob(side(), named, 'churn', { type: 'ml.p3.2xlarge', count: 2, tags: TAGS });
      const found = (await discovered(kind)).find(({ id }) => id === 'churn');
      expect(found).toEqual({
        kind: named,
        arn: arnOf(`${type}/churn`),
        id: 'churn',
        account: ACCOUNT,
        region: REGION,
        tags: TAGS,
        state: 'running',
        since: expect.any(Date),
        size: '2 × ml.p3.2xlarge',
        parts: [{ name: part, type: 'ml.p3.2xlarge', count: 2 }],
        protections: [],
        consent: 'stop-jobs',
        neverIdle: expect.stringContaining('ends by itself'),
        hourly: usd('7.65'),
      });
      expect(await get(kind, 'churn')).toEqual(found);
    });

    it('is stopped for good', async () => {
      await putJob(side(), named, 'ended', { tags: TAGS });
      const target = await get(kind, 'ended');
      const { outcome } = await stop(kind, target);
      expect(outcome).toMatchObject({
        status: 'taken',
        restorable: false,
        detail: expect.stringContaining(keeps),
      });
      settle(side());
      expect(await status('ended')).toBe('Stopped');
      expect(await find(kind, 'ended')).toBeUndefined();
      expect(await running()).not.toContain('ended');
      expect(await all()).toContain('ended');
      expect((await stop(kind, target)).outcome).toMatchObject({ status: 'skipped', code: 'Gone' });
      await expect(stopCall('ended')).rejects.toMatchObject({
        name: 'ValidationException',
        message: `The request was rejected because the ${part} job is in status Stopped.`,
      });
    });

    it('is protected where a pipeline runs it', async () => {
      const execution = `arn:aws:sagemaker:${REGION}:${ACCOUNT}:pipeline/nightly/execution/abc123`;
      await putJob(side(), named, 'step', { tags: { 'sagemaker:pipeline-execution-arn': execution } });
      expect((await get(kind, 'step')).protections).toMatchObject([{ code: 'managed-elsewhere' }]);
    });

    it('that is not there is told so', async () => {
      const errors = [await errorOf(status('none')), await errorOf(stopCall('none'))];
      expect(errors.map((error) => isAbsent(error))).toEqual([true, true]);
      expect(await find(kind, 'none')).toBeUndefined();
    });

    itIf(inMemory)('has two minutes to save what it has, as on AWS', async () => {
      await putJob(side(), named, 'saving');
      await stopCall('saving');
      expect(await status('saving')).toBe('Stopping');
      expect((await get(kind, 'saving')).state).toBe('transitional');
      settle(side());
      expect(await status('saving')).toBe('Stopped');
    });
  });
}
