import {
  DescribeTrainingJobCommand,
  type DescribeTrainingJobResponse,
  paginateListTrainingJobs,
} from '@aws-sdk/client-sagemaker';
import { MONTH_HOURS } from '../estimate/estimate.ts';
import { isAbsent } from '../fleet/sagemaker-attempt.ts';
import { tagsOf } from '../fleet/sagemaker-tags.ts';
import { mapLimited } from '../types/lists.ts';
import { costOver, formatUsd, microUsd, sumUsd, type Usd } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';
import { whose } from './about.ts';
import type { CheckContext } from './check.ts';
import { interruptible, saysNo } from './interruptible.ts';
import { fractionOf } from './month.ts';
import { cdkChange, shellWord } from './texts.ts';

const DAYS = 30;
const DAY_MS = 86_400_000;
/** Each is a call: of so many of the newest. */
const MOST_JOBS = 500;
const CALLS_AT_ONCE = 5;

/**
 * What managed Spot training is taken to save, in %. AWS promises up to 90 % (SageMaker Developer Guide, "Managed Spot
 * Training in Amazon SageMaker AI") and publishes no price of it; half leaves room for work that is done twice.
 */
export const TRAINING_SPOT_PERCENT = 50;

/** A job that has ended and was paid for on demand. */
export interface PaidJob {
  readonly name: string;
  readonly at: Date;
  readonly cost: Usd;
  /** `2 × ml.g5.xlarge`. */
  readonly size: string;
  /** Why it may be broken off, one sentence. */
  readonly why: string;
  readonly hasCheckpoints: boolean;
  readonly maxRuntimeSeconds: number;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The name that jobs of the same work share: without the time, number or digest at its end, which the SageMaker SDK and
 * most scripts append.
 */
export function baseName(name: string): string {
  const base = name.replace(/(?:[-_](?:\d+|(?=[a-z0-9]*\d)[a-f0-9]{6,}|v\d+))+$/i, '');
  return base === '' ? name : base;
}

/** One recommendation for the jobs that share a base name. */
export async function spotTraining(
  context: CheckContext,
): Promise<readonly Omit<Recommendation, 'id' | 'check'>[]> {
  const jobs = await readJobs(context);
  return [...Map.groupBy(jobs, ({ name }) => baseName(name))].flatMap(([base, some]) =>
    recommendation(base, some, context),
  );
}

async function readJobs(context: CheckContext): Promise<readonly PaidJob[]> {
  const since = new Date(context.now().getTime() - DAYS * DAY_MS);
  const names: string[] = [];
  const pages = paginateListTrainingJobs(
    { client: context.clients.sagemaker, pageSize: 100 },
    { CreationTimeAfter: since, SortBy: 'CreationTime', SortOrder: 'Descending' },
  );
  for await (const page of pages) {
    for (const {
      TrainingJobName: name,
      CreationTime: at,
      TrainingJobStatus: status,
    } of page.TrainingJobSummaries ?? []) {
      const isOver = status === 'Completed' || status === 'Failed' || status === 'Stopped';
      if (name !== undefined && at !== undefined && at >= since && isOver) names.push(name);
    }
    if (names.length >= MOST_JOBS) break;
  }
  const found = await mapLimited(names.slice(0, MOST_JOBS), CALLS_AT_ONCE, (name) => readJob(name, context));
  return found.filter((one) => one !== undefined);
}

async function readJob(TrainingJobName: string, context: CheckContext): Promise<PaidJob | undefined> {
  try {
    const job = await context.clients.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
    return await paidJob(TrainingJobName, job, context);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** `undefined` of what is on Spot, could not be, was not paid by the hour, or may not be broken off. */
async function paidJob(
  name: string,
  job: DescribeTrainingJobResponse,
  context: CheckContext,
): Promise<PaidJob | undefined> {
  const { ResourceConfig: config, TrainingJobArn: arn, CheckpointConfig: checkpoints } = job;
  if (job.EnableManagedSpotTraining === true || arn === undefined || config === undefined) return undefined;
  // Warm pools take no Spot; a training plan is paid for beforehand; others start jobs of tuning and AutoML.
  if ((config.KeepAlivePeriodInSeconds ?? 0) > 0 || config.TrainingPlanArn !== undefined) return undefined;
  if (job.TuningJobArn !== undefined || job.AutoMLJobArn !== undefined) return undefined;
  const type = config.SelectedInstanceType ?? config.InstanceType;
  const count = config.SelectedInstanceCount ?? config.InstanceCount ?? 1;
  const seconds =
    job.BillableTimeInSeconds ??
    ((job.TrainingEndTime?.getTime() ?? 0) - (job.TrainingStartTime?.getTime() ?? 0)) / 1000;
  const at = job.CreationTime ?? job.TrainingStartTime;
  if (type === undefined || at === undefined || !(seconds > 0)) return undefined;
  const tags = await tagsOf(arn, context);
  const stated = interruptible(undefined, tags);
  const why =
    checkpoints?.S3Uri === undefined
      ? stated?.why
      : `It saves checkpoints in ${checkpoints.S3Uri}, from which it goes on.`;
  if (why === undefined || saysNo(tags)) return undefined;
  const price = await context.prices.hourly({
    service: 'sagemaker-training',
    region: context.region,
    instanceType: type,
  });
  if (price === undefined) return undefined;
  return {
    name,
    at,
    cost: microUsd(costOver(price, seconds * 1000) * BigInt(count)),
    size: `${count} × ${type}`,
    why,
    hasCheckpoints: checkpoints?.S3Uri !== undefined,
    maxRuntimeSeconds: job.StoppingCondition?.MaxRuntimeInSeconds ?? DAY_MS / 1000,
    tags,
  };
}

/** Less a month is not worth a change. */
const LEAST_MONTHLY = 1_000_000n;

function recommendation(
  base: string,
  jobs: readonly PaidJob[],
  { account, region, policy }: CheckContext,
): readonly Omit<Recommendation, 'id' | 'check'>[] {
  const newest = jobs.reduce((latest, one) => (one.at > latest.at ? one : latest));
  const cost = sumUsd(jobs.map((one) => one.cost));
  const saved = fractionOf(cost, TRAINING_SPOT_PERCENT * MONTH_HOURS, 100 * DAYS * 24);
  if (saved < LEAST_MONTHLY) return [];
  const known = jobs.every(({ hasCheckpoints }) => hasCheckpoints);
  const sizes = [...new Set(jobs.map(({ size }) => size))].sort().join(', ');
  const wait = Math.max(2 * newest.maxRuntimeSeconds, newest.maxRuntimeSeconds + 3600);
  return [
    {
      title: `Train ${base} on managed Spot capacity.`,
      resource: {
        arn: `arn:aws:sagemaker:${region}:${account}:training-job/${base}*`,
        id: base,
        kind: 'SageMaker training job',
        region,
        ...whose(newest.tags, policy),
      },
      monthly: saved,
      basis: `${TRAINING_SPOT_PERCENT}% of ${formatUsd(cost)} in ${DAYS} days × 730 / ${DAYS * 24} h`,
      risk: known ? 'low' : 'medium',
      effort: known ? 'low' : 'medium',
      confidence: known ? 'medium' : 'low',
      evidence: [
        `${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'} of the last ${DAYS} days on ${sizes} cost ${formatUsd(cost)} on demand.`,
        newest.why,
        `Taken to save ${TRAINING_SPOT_PERCENT}%: AWS says up to 90% and publishes no price of it; each job tells afterwards what it saved.`,
      ],
      keeps: `Instance types and results stay. A job may be broken off and wait for capacity, and so end later: up to ${Math.round(wait / 3600)} h with the limit below${known ? '' : '; without checkpoints it begins anew'}.`,
      how: [
        {
          form: 'command',
          text: `aws sagemaker create-training-job --region ${region} --training-job-name ${shellWord(`${base}-1`)} --enable-managed-spot-training --stopping-condition MaxRuntimeInSeconds=${newest.maxRuntimeSeconds},MaxWaitTimeInSeconds=${wait} … (all else as \`aws sagemaker describe-training-job --region ${region} --training-job-name ${newest.name}\` shows)`,
        },
        cdkChange(
          `EnableManagedSpotTraining: true, StoppingCondition: { MaxRuntimeInSeconds: ${newest.maxRuntimeSeconds}, MaxWaitTimeInSeconds: ${wait} } in the parameters of CreateTrainingJob (SageMaker SDK: use_spot_instances=True, max_wait=${wait})`,
        ),
      ],
    },
  ];
}
