import { type Cursor, Later } from './sagemaker-cursor.ts';
import type { ReadContext, ReadItem } from './sagemaker-item.ts';
import type { ReadDocument } from './sagemaker-pipeline.ts';
import { REQUESTS, type RequestName, readRequest } from './sagemaker-requests.ts';

/** True of a state machine of Step Functions, in the Amazon States Language. */
export const isStateMachine = (document: Cursor): boolean =>
  document.has('StartAt') && document.get('States').isMapping;

/** `arn:aws:states:::sagemaker:createTrainingJob.sync`, and the same of the SDK integrations. */
const SAGEMAKER_TASK = /^arn:[\w-]+:states:[^:]*:[^:]*:(?:aws-sdk:)?sagemaker:(\w+)(?:\.[\w:.]+)?$/;

/** The tasks of a state machine that start jobs of SageMaker: of choices all branches, of maps one round. */
export function readStates(machine: Cursor, name: string, context: ReadContext): ReadDocument {
  const found = tasksOf(machine, { remarks: [], isMapped: false });
  const read = found.map((task) => readTask(task, name, context));
  return {
    read: read.filter((one) => one !== undefined),
    free: read.filter((one) => one === undefined).length,
  };
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

/** `undefined` of a task that starts no job of SageMaker. */
function readTask(
  { name: state, state: task, remarks, isMapped }: Task,
  machine: string,
  context: ReadContext,
): ReadItem | undefined {
  const resource = task.get('Resource').text;
  const [, call = ''] = (typeof resource === 'string' && SAGEMAKER_TASK.exec(resource)) || [];
  const request = REQUEST_BY_CALL.get(call.toLowerCase());
  if (request === undefined) return undefined;
  const args = task.has('Arguments') ? task.get('Arguments') : task.get('Parameters');
  const id = `${machine}/${state}`;
  const unpriced = [
    ...(isMapped
      ? [`${state} runs once for each item of a Map; how many those are is not known: it is counted once.`]
      : []),
    ...(args.value instanceof Later
      ? [`What ${state} starts is only known when it runs (${args.value.how}).`]
      : []),
  ];
  return readRequest(request, args, { id, remarks, unpriced }, context);
}
