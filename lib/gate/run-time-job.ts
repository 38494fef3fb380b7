import { lackOf } from '../decide/gate.ts';
import { ChangeError } from '../estimate/change-error.ts';
import type { ChangeItem } from '../estimate/estimate.ts';
import { type JobShape, type ReadItem, readJobs } from '../estimate/sagemaker.ts';
import type { UsageFile } from '../estimate/usage-file.ts';
import { candidatesFor } from './alternatives.ts';
import { candidateFacts } from './candidate-facts.ts';
import { GateInputError } from './run-time-errors.ts';
import type { PlainJob, RunTimeAsk } from './run-time-input.ts';

/** A way to run what was asked for. */
export interface JobWay {
  /** The instance type; `''` where it runs on several. */
  readonly instanceType: string;
  readonly jobs: readonly RunJob[];
  /** Why it does not meet the stated needs, a sentence; `undefined` = it does. */
  readonly lacks: string | undefined;
}

export interface RunJob {
  readonly item: ChangeItem;
  readonly shape: JobShape;
}

/**
 * What was asked for, and then each of the types that will do as well.
 * @param projectTag its key: a job whose tag names another project is refused
 * @throws {GateInputError}
 */
export function waysOf(
  ask: RunTimeAsk,
  { region, projectTag }: { readonly region: string; readonly projectTag: string },
): readonly JobWay[] {
  const read = readAsked(ask, { region, projectTag });
  const jobs = read.map(({ item, shape }): RunJob => {
    if (shape === undefined) {
      throw new GateInputError(
        `${item.id} goes on until somebody ends it, and the gate at run time is for jobs: check it with bursar gate before it is deployed.`,
      );
    }
    if (item.project !== undefined && item.project !== ask.project) {
      throw new GateInputError(
        `The tag ${projectTag} of ${item.id} says ${item.project}, but the gate is asked for ${ask.project}: who pays must be the same.`,
      );
    }
    return { item, shape };
  });
  const [first, ...others] = jobs;
  if (first === undefined) throw new GateInputError('The job has no step that starts anything.');
  const only = others.length === 0 ? first : undefined;
  const choice = only?.item.choice;
  if (choice === undefined) {
    if (ask.or.length > 0 || ask.needs !== undefined) {
      throw new GateInputError(
        'needs and or are for a job that runs on one instance type, and this one does not.',
      );
    }
    return [{ instanceType: '', jobs, lacks: undefined }];
  }
  const { needs } = ask;
  const lacks = needs === undefined ? undefined : lackOf(candidateFacts(choice.instanceType), needs);
  const wanted = { item: first.item, choice, needs };
  return [
    { instanceType: choice.instanceType, jobs, lacks },
    ...candidatesFor(wanted, { or: ask.or }).map((candidate): JobWay => {
      const size = first.shape.size?.replace(choice.instanceType, candidate.instanceType);
      return {
        instanceType: candidate.instanceType,
        jobs: [{ item: candidate.item, shape: { ...first.shape, size } }],
        lacks: candidate.lacks,
      };
    }),
  ];
}

function readAsked(
  { job, maxRuntimeSeconds }: RunTimeAsk,
  { region, projectTag }: { readonly region: string; readonly projectTag: string },
): readonly ReadItem[] {
  const request = 'request' in job ? job.request : requestOf(job, maxRuntimeSeconds);
  const options = { file: 'job', region, projectTag };
  try {
    const { read } = readJobs(request, options);
    const [only, ...others] = read;
    if (maxRuntimeSeconds === undefined || only === undefined || others.length > 0) return read;
    const usage: UsageFile = {
      resources: new Map([[only.item.id, { maxHours: maxRuntimeSeconds / 3_600 }]]),
    };
    return readJobs(request, { ...options, usage }).read;
  } catch (error) {
    if (error instanceof ChangeError) throw new GateInputError(error.message);
    throw error;
  }
}

/** A job in few words, as the request that starts it: without a volume, whose cost is small beside that of machines. */
function requestOf(
  { instanceType: InstanceType, count: InstanceCount, use, name }: PlainJob,
  maxRuntimeSeconds: number | undefined,
): object {
  const machines = { InstanceType, InstanceCount, VolumeSizeInGB: 0 };
  const StoppingCondition = { MaxRuntimeInSeconds: maxRuntimeSeconds };
  switch (use) {
    case 'training':
      return { TrainingJobName: name, ResourceConfig: machines, StoppingCondition };
    case 'processing':
      return { ProcessingJobName: name, ProcessingResources: { ClusterConfig: machines }, StoppingCondition };
    case 'transform':
      return { TransformJobName: name, TransformResources: { InstanceType, InstanceCount } };
  }
}
