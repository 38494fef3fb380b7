import {
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  ListProcessingJobsCommand,
  ListTrainingJobsCommand,
  type SageMakerClient,
  StopProcessingJobCommand,
  StopTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import type { Answers } from './answering.ts';
import { arnIn } from './sagemaker-arns.ts';
import { findIn, regionOf } from './sagemaker-keys.ts';
import type { MemoryJob } from './sagemaker-kinds.ts';
import { pageOf } from './sagemaker-pages.ts';
import { putJob } from './sagemaker-put.ts';
import { refused } from './sagemaker-refusals.ts';
import type { AccountState } from './state.ts';

/** What SageMaker gives a job that is stopped to save its work. */
const STOPPING_MS = 120_000;

/** Training and processing jobs of one region. What has ended stays, as on AWS. */
export function answerJobs(answers: Answers<SageMakerClient>, state: AccountState, region: string): void {
  const training = jobsOf(state, region, 'sagemaker-training-job');
  answers.on(ListTrainingJobsCommand, (input) => {
    const { found, more } = training.list(input);
    return { TrainingJobSummaries: found.map(training.summary), ...more };
  });
  answers.on(DescribeTrainingJobCommand, ({ TrainingJobName }) => {
    const one = training.find(TrainingJobName);
    const plan = one.owner?.field === 'TrainingPlanArn' ? { TrainingPlanArn: one.owner.arn } : {};
    return {
      ...training.summary(one),
      ...training.started(one),
      SecondaryStatus: statusOf(one, state.now()) === 'InProgress' ? 'Training' : statusOf(one, state.now()),
      ResourceConfig: { ...clusterOf(one), ...plan },
      EnableManagedSpotTraining: one.spot === true,
      ...(one.checkpoints === undefined ? {} : { CheckpointConfig: { S3Uri: one.checkpoints } }),
      ...(one.owner === undefined || 'TrainingPlanArn' in plan ? {} : { [one.owner.field]: one.owner.arn }),
    };
  });
  answers.on(StopTrainingJobCommand, ({ TrainingJobName }) => training.stop(TrainingJobName));

  const processing = jobsOf(state, region, 'sagemaker-processing-job');
  answers.on(ListProcessingJobsCommand, (input) => {
    const { found, more } = processing.list(input);
    return { ProcessingJobSummaries: found.map(processing.summary), ...more };
  });
  answers.on(DescribeProcessingJobCommand, ({ ProcessingJobName }) => {
    const one = processing.find(ProcessingJobName);
    return {
      ...processing.summary(one),
      ...processing.started(one),
      ProcessingResources: { ClusterConfig: clusterOf(one) },
      ...(one.owner === undefined ? {} : { [one.owner.field]: one.owner.arn }),
    };
  });
  answers.on(StopProcessingJobCommand, ({ ProcessingJobName }) => processing.stop(ProcessingJobName));
}

interface Asked {
  readonly StatusEquals?: string | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

function jobsOf(state: AccountState, region: string, kind: MemoryJob['kind']) {
  const { jobs, effects, now } = state;
  const [what, type] =
    kind === 'sagemaker-training-job'
      ? (['Training', 'training-job'] as const)
      : (['Processing', 'processing-job'] as const);
  const here = (status: string | undefined) => () =>
    [...jobs.values()]
      .filter((one) => one.kind === kind && regionOf(one) === region)
      .filter((one) => status === undefined || statusOf(one, now()) === status)
      .map(({ name }) => name);
  const find = (name = ''): MemoryJob => {
    const one = findIn(jobs, region, `${kind}/${name}`);
    if (one === undefined) throw refused('Requested resource not found.');
    return one;
  };
  return {
    find,
    list: ({ StatusEquals, ...asked }: Asked) => {
      const { items, more } = pageOf(state, asked, here(StatusEquals));
      return { found: items.flatMap((name) => findIn(jobs, region, `${kind}/${name}`) ?? []), more };
    },
    summary: (one: MemoryJob): object => ({
      [`${what}JobName`]: one.name,
      [`${what}JobArn`]: arnIn(state, region, type, one.name),
      [`${what}JobStatus`]: statusOf(one, now()),
      CreationTime: one.createdAt ?? one.since,
    }),
    /** A job that waits for its instances has not started. */
    started: ({ since, endsAt }: MemoryJob): object => ({
      ...(since > now() ? {} : { [`${what}StartTime`]: since }),
      ...(endsAt === undefined || endsAt > now() ? {} : { [`${what}EndTime`]: endsAt }),
    }),
    stop: (name: string | undefined): object => {
      const one = find(name);
      const status = statusOf(one, now());
      if (status !== 'InProgress') {
        throw refused(
          `The request was rejected because the ${what.toLowerCase()} job is in status ${status}.`,
        );
      }
      const at = now();
      const latest = new Date(at.getTime() + STOPPING_MS);
      const endsAt = one.endsAt !== undefined && one.endsAt < latest ? one.endsAt : latest;
      putJob(state, { ...one, isStopped: true, endsAt });
      effects.push({ at, id: one.name });
      return {};
    },
  };
}

function statusOf({ endsAt, isStopped }: MemoryJob, now: Date): string {
  const isOver = endsAt !== undefined && endsAt <= now;
  if (isStopped === true) return isOver ? 'Stopped' : 'Stopping';
  return isOver ? 'Completed' : 'InProgress';
}

/** Of one that AWS chooses the instances of, nothing is known. */
function clusterOf({ groups, type, count }: MemoryJob): object {
  if (groups !== undefined) {
    return {
      InstanceGroups: groups.map((group) => ({
        InstanceGroupName: group.name,
        InstanceType: group.type,
        InstanceCount: group.count,
      })),
    };
  }
  return type === '' ? {} : { InstanceType: type, InstanceCount: count };
}
