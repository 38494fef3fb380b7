import { type Cursor, Later } from './sagemaker-cursor.ts';
import {
  type Cluster,
  type JobRequest,
  jobItem,
  paidElsewhere,
  projectOfTags,
  type ReadContext,
  type ReadItem,
  runtimeOf,
} from './sagemaker-item.ts';
import { readEndpointConfig, readNotebook } from './sagemaker-lasting.ts';

/** What one request of the SageMaker API asks for, as the AWS CLI's `--cli-input-json` has it. */
export const REQUESTS = [
  'CreateTrainingJob',
  'CreateProcessingJob',
  'CreateTransformJob',
  'CreateHyperParameterTuningJob',
  'CreateEndpointConfig',
  'CreateNotebookInstance',
] as const;
export type RequestName = (typeof REQUESTS)[number];

/** Which request it is, by its keys; `undefined` = none that is known. */
export function requestNameOf(request: Cursor): RequestName | undefined {
  if (request.has('HyperParameterTuningJobConfig')) return 'CreateHyperParameterTuningJob';
  if (request.has('ProcessingResources')) return 'CreateProcessingJob';
  if (request.has('TransformResources')) return 'CreateTransformJob';
  if (request.has('ResourceConfig')) return 'CreateTrainingJob';
  if (request.has('ProductionVariants')) return 'CreateEndpointConfig';
  if (request.has('NotebookInstanceName')) return 'CreateNotebookInstance';
  return undefined;
}

/** What a reader of one request is told beside it. */
export interface RequestPlace {
  /** `undefined` = by the request's own name. */
  readonly id?: string;
  readonly remarks?: readonly string[];
  readonly unpriced?: readonly string[];
  /** The project where the request's own tags tell none. */
  readonly project?: string | undefined;
}

export function readRequest(
  name: RequestName,
  request: Cursor,
  place: RequestPlace,
  context: ReadContext,
): ReadItem {
  const own = { ...place, project: projectOfTags(request.get('Tags'), context) ?? place.project };
  switch (name) {
    case 'CreateTrainingJob':
      return readTraining(request, own, context);
    case 'CreateProcessingJob':
      return readProcessing(request, own, context);
    case 'CreateTransformJob':
      return readTransform(request, own, context);
    case 'CreateHyperParameterTuningJob':
      return readTuning(request, own, context);
    case 'CreateEndpointConfig':
      return readEndpointConfig(request, own, context);
    case 'CreateNotebookInstance':
      return readNotebook(request, own, context);
  }
}

/** A name that is known now. */
export const nameOf = (name: Cursor): string | undefined => {
  const { text } = name;
  return text instanceof Later ? undefined : text;
};

const clusterOf = (config: Cursor): Cluster => ({
  type: config.get('InstanceType'),
  count: config.get('InstanceCount'),
  volume: config.get('VolumeSizeInGB'),
});

/** One cluster, or the groups of a heterogeneous one; of a list of preferences each, since the dearest may be had. */
function clustersOf(config: Cursor): readonly Cluster[] {
  const groups = config.get('InstanceGroups').items;
  if (groups.length > 0) {
    const volume = config.get('VolumeSizeInGB');
    return groups.map((group) => ({ ...clusterOf(group), volume }));
  }
  return [clusterOf(config)];
}

function preferencesUnpriced(id: string, config: Cursor): readonly string[] {
  const types = config
    .get('InstancePreferences')
    .items.flatMap((one) => nameOf(one.get('InstanceType')) ?? []);
  return types.length === 0
    ? []
    : [`${id} runs on whichever of ${types.join(', ')} SageMaker gives it: name one with InstanceType.`];
}

function readTraining(request: Cursor, place: RequestPlace, context: ReadContext): ReadItem {
  const name = nameOf(request.get('TrainingJobName'));
  const id = place.id ?? name ?? 'training-job';
  const config = request.get('ResourceConfig');
  const plan = nameOf(config.get('TrainingPlanArn'));
  const preferences = preferencesUnpriced(id, config);
  const read = jobItem(
    {
      ...jobBase(id, request, place),
      type: 'AWS::SageMaker::TrainingJob',
      use: 'sagemaker-training',
      volumeUse: 'training',
      kind: 'sagemaker-training-job',
      name,
      clusters: preferences.length > 0 ? [] : clustersOf(config),
      runtime: runtimeOf(request.at('StoppingCondition', 'MaxRuntimeInSeconds'), context.usageOf(id)),
      ...spotOf(request),
      keptWarm: numberOf(config.get('KeepAlivePeriodInSeconds')) ?? 0,
      unpriced: [...(place.unpriced ?? []), ...preferences],
    },
    context,
  );
  if (plan === undefined) return read;
  const paid = paidElsewhere(`${id} runs in a training plan, which is paid for beforehand`);
  return { ...read, item: { ...read.item, parts: [paid], unpriced: place.unpriced ?? [] } };
}

function spotOf(request: Cursor): Pick<JobRequest, 'isSpot' | 'maxWait'> {
  return {
    isSpot: request.get('EnableManagedSpotTraining').isTrue,
    maxWait: numberOf(request.at('StoppingCondition', 'MaxWaitTimeInSeconds')),
  };
}

const numberOf = (cursor: Cursor): number | undefined => {
  const { amount } = cursor;
  return amount instanceof Later ? undefined : amount;
};

/** What all jobs have alike. */
const jobBase = (id: string, request: Cursor, place: RequestPlace) =>
  ({
    id,
    project: place.project,
    path: request.path,
    times: 1,
    isSpot: false,
    keptWarm: 0,
    maxWait: undefined,
    remarks: place.remarks ?? [],
    unpriced: place.unpriced ?? [],
  }) as const;

function readProcessing(request: Cursor, place: RequestPlace, context: ReadContext): ReadItem {
  const name = nameOf(request.get('ProcessingJobName'));
  const id = place.id ?? name ?? 'processing-job';
  const config = request.at('ProcessingResources', 'ClusterConfig');
  const preferences = preferencesUnpriced(id, config);
  return jobItem(
    {
      ...jobBase(id, request, place),
      type: 'AWS::SageMaker::ProcessingJob',
      use: 'sagemaker-processing',
      volumeUse: 'processing',
      kind: 'sagemaker-processing-job',
      name,
      clusters: preferences.length > 0 ? [] : [clusterOf(config)],
      runtime: runtimeOf(request.at('StoppingCondition', 'MaxRuntimeInSeconds'), context.usageOf(id)),
      unpriced: [...(place.unpriced ?? []), ...preferences],
    },
    context,
  );
}

/** Batch transform: its request has no maximum runtime, and it goes on until all of its input is done. */
function readTransform(request: Cursor, place: RequestPlace, context: ReadContext): ReadItem {
  const name = nameOf(request.get('TransformJobName'));
  const id = place.id ?? name ?? 'transform-job';
  const { maxHours } = context.usageOf(id);
  return jobItem(
    {
      ...jobBase(id, request, place),
      type: 'AWS::SageMaker::TransformJob',
      use: 'sagemaker-transform',
      volumeUse: undefined,
      kind: undefined,
      name,
      clusters: [clusterOf(request.get('TransformResources'))],
      runtime: maxHours === undefined ? { known: 'never' } : { known: 'usage', seconds: maxHours * 3_600 },
    },
    context,
  );
}

/**
 * A tuning job: as many training jobs as it may start, each for as long as it may take, or all at once for as long as
 * the tuning may take where that is less.
 */
function readTuning(request: Cursor, place: RequestPlace, context: ReadContext): ReadItem {
  const name = nameOf(request.get('HyperParameterTuningJobName'));
  const id = place.id ?? name ?? 'tuning-job';
  const limits = request.at('HyperParameterTuningJobConfig', 'ResourceLimits');
  const several = request.get('TrainingJobDefinitions').items;
  const definitions = several.length > 0 ? several : [request.get('TrainingJobDefinition')];
  const read = definitions.map((definition) =>
    tuningPart(definition, { id, name, limits, several: several.length > 1 }, { request, place }, context),
  );
  const [first, ...others] = read;
  if (first === undefined || others.length === 0) return first ?? notRead();
  const { choice: _, ...item } = first.item;
  return {
    item: {
      ...item,
      parts: read.flatMap((one) => one.item.parts),
      unpriced: [...new Set(read.flatMap((one) => one.item.unpriced))],
    },
    shape: first.shape && { ...first.shape, size: undefined },
  };
}

/** There is always one definition, empty or not. */
const notRead = (): never => {
  throw new Error('A tuning job has one definition at least.');
};

function tuningPart(
  definition: Cursor,
  {
    id,
    name,
    limits,
    several,
  }: {
    readonly id: string;
    readonly name: string | undefined;
    readonly limits: Cursor;
    readonly several: boolean;
  },
  { request, place }: { readonly request: Cursor; readonly place: RequestPlace },
  context: ReadContext,
): ReadItem {
  const flexible = definition.get('HyperParameterTuningResourceConfig');
  const configs = flexible.get('InstanceConfigs').items;
  const runtime = runtimeOf(definition.at('StoppingCondition', 'MaxRuntimeInSeconds'), context.usageOf(id));
  const limited = limitedRuns(limits, runtime);
  return jobItem(
    {
      ...jobBase(id, request, place),
      type: 'AWS::SageMaker::HyperParameterTuningJob',
      use: 'sagemaker-training',
      volumeUse: 'training',
      kind: 'sagemaker-training-job',
      name,
      clusters:
        configs.length > 1
          ? []
          : configs.length === 1
            ? configs.map(clusterOf)
            : flexible.value === undefined
              ? clustersOf(definition.get('ResourceConfig'))
              : [clusterOf(flexible)],
      runtime: limited.runtime,
      times: limited.times,
      ...spotOf(definition),
      remarks: [
        ...(place.remarks ?? []),
        ...(several ? ['counted as if each definition ran all of the jobs'] : []),
      ],
      unpriced: [
        ...(place.unpriced ?? []),
        ...(limited.isUnlimited
          ? [
              `Nothing limits how many training jobs ${id} starts: set MaxNumberOfTrainingJobs or MaxRuntimeInSeconds of its ResourceLimits.`,
            ]
          : []),
        ...(configs.length > 1
          ? [`${id} runs on whichever of ${configs.length} instance types SageMaker gives it: name one.`]
          : []),
      ],
    },
    context,
  );
}

function limitedRuns(
  limits: Cursor,
  runtime: JobRequest['runtime'],
): Pick<JobRequest, 'runtime' | 'times'> & { readonly isUnlimited: boolean } {
  const most = limits.get('MaxNumberOfTrainingJobs').amount;
  const parallel = limits.get('MaxParallelTrainingJobs').amount;
  const whole = limits.get('MaxRuntimeInSeconds').amount;
  const atOnce = typeof parallel === 'number' ? parallel : undefined;
  const bySpan =
    typeof whole === 'number' && atOnce !== undefined ? { seconds: whole, jobs: atOnce } : undefined;
  if (most instanceof Later && bySpan === undefined) return { runtime, times: most, isUnlimited: false };
  if (typeof most !== 'number') {
    return bySpan === undefined
      ? { runtime, times: 0, isUnlimited: true }
      : { runtime: { known: 'stated', seconds: bySpan.seconds }, times: bySpan.jobs, isUnlimited: false };
  }
  const isShorter =
    bySpan !== undefined && 'seconds' in runtime && bySpan.seconds * bySpan.jobs < most * runtime.seconds;
  return isShorter
    ? { runtime: { known: 'stated', seconds: bySpan.seconds }, times: bySpan.jobs, isUnlimited: false }
    : { runtime, times: most, isUnlimited: false };
}
