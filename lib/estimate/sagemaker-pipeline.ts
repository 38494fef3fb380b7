import { ChangeError } from './change-error.ts';
import { Cursor, isObject, Later, laterOf, type Refer } from './sagemaker-cursor.ts';
import { projectOfTags, type ReadContext, type ReadItem } from './sagemaker-item.ts';
import { nameOf, type RequestName, readRequest, requestNameOf } from './sagemaker-requests.ts';

/** What a pipeline's document comes to. */
export interface ReadDocument {
  readonly read: readonly ReadItem[];
  /** Steps that cost nothing by themselves. */
  readonly free: number;
}

/** True of a pipeline definition: it has steps, and its version or its parameters. */
export const isPipeline = (document: Cursor): boolean =>
  document.get('Steps').items.length > 0 && (document.has('Version') || document.has('Parameters'));

/** `Get: Parameters.X` is the default of that parameter; what else is got is known when it runs. */
export function pipelineReferences(definition: unknown): Refer {
  const root = new Cursor(definition);
  const parameters = new Map(
    root.get('Parameters').items.flatMap((one) => {
      const name = nameOf(one.get('Name'));
      return name === undefined ? [] : [[name, one.get('DefaultValue')] as const];
    }),
  );
  return (value) => {
    if (!isObject(value)) return laterOf(value);
    const { Get: got } = value;
    if (typeof got !== 'string') return laterOf(value);
    const [, name = ''] = /^Parameters\.(.+)$/.exec(got) ?? [];
    const found = parameters.get(name);
    return found === undefined || found.value === undefined ? new Later(got) : found;
  };
}

/**
 * The steps of a pipeline definition that cost money: of conditions both branches.
 * @param name of the pipeline; items are named `name/step`
 */
export function readSteps(
  definition: unknown,
  { name, project }: { readonly name: string; readonly project?: string | undefined },
  context: ReadContext,
): ReadDocument {
  const document = new Cursor(definition, [], pipelineReferences(definition));
  const steps = document.get('Steps').items.flatMap((step) => withBranches(step, undefined));
  const found = steps.map((one) => readStep(one, { name, project }, context));
  return {
    read: found.filter((one) => one !== undefined),
    free: found.filter((one) => one === undefined).length,
  };
}

interface Step {
  readonly step: Cursor;
  /** The condition that it hangs on. */
  readonly condition: string | undefined;
}

/** A step and those of its branches; a step within two conditions is said to be of the nearer one. */
function withBranches(step: Cursor, condition: string | undefined): readonly Step[] {
  const branches = [...step.at('Arguments', 'IfSteps').items, ...step.at('Arguments', 'ElseSteps').items];
  const name = nameOf(step.get('Name'));
  return [{ step, condition }, ...branches.flatMap((one) => withBranches(one, name ?? 'a condition'))];
}

/** What cannot be priced of steps that have no instances of SageMaker of their own. */
const UNPRICED_STEPS: Readonly<Record<string, string>> = {
  EMR: 'runs on an EMR cluster',
  EMRServerless: 'runs on EMR Serverless, charged by use',
  AutoML: 'starts jobs that AutoML chooses',
  BedrockCustomModel: 'customises a model of Bedrock, charged by use',
  BedrockProvisionedModelThroughput: 'buys throughput of Bedrock',
  Endpoint: 'makes or changes an endpoint: check its endpoint configuration',
  InferenceComponent: 'places a model on an endpoint: check its endpoint configuration',
};

const FREE_STEPS: ReadonlySet<string> = new Set([
  'Condition',
  'Model',
  'RegisterModel',
  'Lambda',
  'Callback',
  'Fail',
  'Lineage',
  'BedrockModelImport',
  'BedrockCustomModelDeployment',
]);

/** `undefined` of a step that costs nothing by itself. */
function readStep(
  { step, condition }: Step,
  pipeline: { readonly name: string; readonly project?: string | undefined },
  context: ReadContext,
): ReadItem | undefined {
  const kind = nameOf(step.get('Type')) ?? 'unknown';
  const own = nameOf(step.get('Name'));
  if (own === undefined) throw new ChangeError(`${context.file}: a step of the pipeline has no Name.`);
  const id = `${pipeline.name}/${own}`;
  const remarks = condition === undefined ? [] : [`in one branch of ${condition}, of which both are counted`];
  const args = step.get('Arguments');
  // Checks of quality and bias run a processing job.
  const request: RequestName | undefined = requestNameOf(args);
  if (request !== undefined) {
    return readRequest(request, args, { id, remarks, project: pipeline.project }, context);
  }
  if (FREE_STEPS.has(kind)) return undefined;
  const why = Object.hasOwn(UNPRICED_STEPS, kind) ? UNPRICED_STEPS[kind] : undefined;
  return {
    item: {
      id,
      type: `SageMaker pipeline step ${kind}`,
      project: projectOfTags(args.get('Tags'), context) ?? pipeline.project,
      place: context.placeOf(step.path),
      frequency: context.usageOf(id).runsPerMonth === undefined ? 'once' : 'month',
      parts: [],
      unpriced: [
        why === undefined
          ? `Step ${own} is of the type ${kind}, which is not known here.`
          : `Step ${own} ${why}, which is not priced here.`,
      ],
    },
    shape: undefined,
  };
}
