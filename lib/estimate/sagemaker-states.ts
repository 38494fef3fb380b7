import { type Cursor, Later } from './sagemaker-cursor.ts';
import { type ReadContext, type ReadItem, statedCost } from './sagemaker-item.ts';
import type { ReadDocument } from './sagemaker-pipeline.ts';
import { REQUESTS, type RequestName, readRequest } from './sagemaker-requests.ts';

/** True of a state machine of Step Functions, in the Amazon States Language. */
export const isStateMachine = (document: Cursor): boolean =>
  document.has('StartAt') && document.get('States').isMapping;

/** `arn:aws:states:::sagemaker:createTrainingJob.sync`, and the same of the SDK integrations. */
const TASK = /^arn:[\w-]+:states:[^:]*:[^:]*:(?:aws-sdk:)?([\w-]+):(\w+)(?:\.[\w:.]+)?$/;

/** Calls that start what costs money and is not read here (Step Functions Developer Guide, "Integrating services"). */
const CHARGED: ReadonlySet<string> = new Set([
  'batch:submitJob',
  'bedrock:createModelCustomizationJob',
  'codebuild:startBuild',
  'ecs:runTask',
  'elasticmapreduce:addStep',
  'elasticmapreduce:createCluster',
  'emr-containers:startJobRun',
  'emr-serverless:startJobRun',
  'glue:startJobRun',
  'sagemaker:createAutoMLJobV2',
  'sagemaker:createEndpoint',
  'sagemaker:createLabelingJob',
  'sagemaker:startPipelineExecution',
  'sagemaker:updateEndpoint',
  'states:startExecution',
]);

/**
 * The tasks of a state machine that start jobs: of choices all branches, of maps one round.
 * @param whole items are named `name/state`, and are of its project where their own tags tell none
 */
export function readStates(machine: Cursor, whole: Whole, context: ReadContext): ReadDocument {
  const found = tasksOf(machine, { remarks: [], isMapped: false });
  const read = found.map((task) => readTask(task, whole, context));
  return {
    read: read.filter((one) => one !== undefined),
    free: read.filter((one) => one === undefined).length,
  };
}

interface Whole {
  readonly name: string;
  readonly project?: string | undefined;
}

interface Within {
  readonly remarks: readonly string[];
  readonly isMapped: boolean;
}

interface Task extends Within {
  readonly name: string;
  readonly state: Cursor;
}

function tasksOf(machine: Cursor, within: Within): readonly Task[] {
  const states = machine.get('States').entries;
  const hasChoice = states.some(([, state]) => state.get('Type').text === 'Choice');
  const here = hasChoice
    ? { ...within, remarks: [...new Set([...within.remarks, 'all branches of choices are counted'])] }
    : within;
  return states.flatMap(([name, state]): readonly Task[] => {
    switch (state.get('Type').text) {
      case 'Task':
        return [{ name, state, ...here }];
      case 'Parallel':
        return state.get('Branches').items.flatMap((branch) => tasksOf(branch, here));
      case 'Map': {
        const inner = state.has('ItemProcessor') ? state.get('ItemProcessor') : state.get('Iterator');
        return tasksOf(inner, { ...here, isMapped: true });
      }
      default:
        return [];
    }
  });
}

const REQUEST_BY_CALL: ReadonlyMap<string, RequestName> = new Map(
  REQUESTS.map((request) => [request.toLowerCase(), request] as const),
);

/** `undefined` of a task that starts nothing that costs money by itself. */
function readTask(
  { name: state, state: task, remarks, isMapped }: Task,
  { name: machine, project }: Whole,
  context: ReadContext,
): ReadItem | undefined {
  const resource = task.get('Resource').text;
  const [, service = '', call = ''] = (typeof resource === 'string' && TASK.exec(resource)) || [];
  const request = service === 'sagemaker' ? REQUEST_BY_CALL.get(call.toLowerCase()) : undefined;
  const id = `${machine}/${state}`;
  if (request === undefined) {
    const what = `${service}:${call}`;
    return CHARGED.has(what)
      ? {
          item: {
            id,
            type: `Step Functions task ${what}`,
            project: project ?? context.defaultProject,
            place: context.placeOf(task.path),
            frequency: 'once',
            parts: [],
            unpriced: [`${state} starts what ${what} costs, which is not priced here.`],
            ...statedCost(context.usageOf(id)),
          },
          shape: undefined,
        }
      : undefined;
  }
  const args = task.has('Arguments') ? task.get('Arguments') : task.get('Parameters');
  const unpriced = [
    ...(isMapped
      ? [`${state} runs once for each item of a Map; how many those are is not known: it is counted once.`]
      : []),
    ...(args.value instanceof Later
      ? [`What ${state} starts is only known when it runs (${args.value.how}).`]
      : []),
  ];
  return readRequest(request, args, { id, remarks, unpriced, project }, context);
}
