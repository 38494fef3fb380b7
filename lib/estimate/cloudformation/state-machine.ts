import type { ChangeItem } from '../estimate.ts';
import { definitionOf, itemsOf } from './definitions.ts';
import { orElse, type TemplateResource, together, unpriced } from './resource.ts';
import type { TypeReader } from './type-reader.ts';
import type { JobContext } from './world.ts';

/**
 * A state machine is charged by its transitions; the jobs of SageMaker that it starts are items of their own,
 * `Stack/StateMachine/State`.
 */
export const stateMachine: TypeReader = {
  types: ['AWS::StepFunctions::StateMachine', 'AWS::Serverless::StateMachine'],
  read: (resource) => {
    const own = together(
      () => {
        definition(resource);
        return unpriced();
      },
      () => unpriced('State transitions are charged by use. State what they cost: monthly: 5 USD.'),
    );
    const tasks = tasksOf(orElse(() => definition(resource), undefined));
    return [
      resource.item(own),
      ...tasks.flatMap(({ name, what, request }): readonly ChangeItem[] =>
        itemsOf(resource, what, request, name),
      ),
    ];
  },
};

function definition(resource: TemplateResource): unknown {
  const { properties } = resource;
  return definitionOf(properties, properties.has('DefinitionString') ? 'DefinitionString' : 'Definition');
}

interface Task {
  /** The name of its state; those of states around it before it. */
  readonly name: string;
  readonly what: JobContext['what'];
  readonly request: unknown;
}

const JOBS: Readonly<Record<string, JobContext['what']>> = {
  createTrainingJob: 'training',
  createProcessingJob: 'processing',
  createTransformJob: 'transform',
};

/** Deeper states are no longer looked at. */
const MAX_DEPTH = 20;

/** The states that start a job of SageMaker, those of Parallel and Map states among them. */
function tasksOf(machine: unknown, depth = 0): readonly Task[] {
  if (depth > MAX_DEPTH) return [];
  const states = field(machine, 'States');
  if (typeof states !== 'object' || states === null) return [];
  return Object.entries(states).flatMap(([name, state]: [string, unknown]): readonly Task[] => {
    const branches = field(state, 'Branches');
    const inner = [
      ...(Array.isArray(branches) ? branches : []),
      field(state, 'Iterator'),
      field(state, 'ItemProcessor'),
    ].flatMap((one) => tasksOf(one, depth + 1));
    const resource = field(state, 'Resource');
    const [, call = ''] =
      /^arn:[\w-]+:states:[^:]*:[^:]*:(?:aws-sdk:)?sagemaker:(\w+)(?:\.[\w:.]+)?$/.exec(
        typeof resource === 'string' ? resource : '',
      ) ?? [];
    const what = Object.hasOwn(JOBS, call) ? JOBS[call] : undefined;
    // JSONPath states have `Parameters`, JSONata states `Arguments` (Amazon States Language).
    const request = field(state, 'Parameters') ?? field(state, 'Arguments');
    return [...(what === undefined ? [] : [{ name, what, request }]), ...inner];
  });
}

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
