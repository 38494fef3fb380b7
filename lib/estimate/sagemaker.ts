import { isNode, LineCounter, parseDocument } from 'yaml';
import { ChangeError } from './change-error.ts';
import type { ReadJobs } from './cloudformation/world.ts';
import type { Change, ChangeItem, Place } from './estimate.ts';
import { Cursor, type DocumentPath, laterOf } from './sagemaker-cursor.ts';
import { projectOfTags, type ReadContext, type ReadItem, type SageMakerOptions } from './sagemaker-item.ts';
import { isPipeline, type ReadDocument, readSteps } from './sagemaker-pipeline.ts';
import { nameOf, readRequest, requestNameOf } from './sagemaker-requests.ts';
import { isStateMachine, readStates } from './sagemaker-states.ts';
import { statedUsage } from './usage-file.ts';

export type { JobShape, ReadItem, SageMakerOptions } from './sagemaker-item.ts';

/**
 * True of what `readSageMaker` reads: a request for a job, an endpoint configuration or a notebook instance as the AWS
 * CLI's `--cli-input-json` has it, a pipeline definition, a `CreatePipeline` request, a state machine.
 */
export function isSageMaker(value: unknown): boolean {
  const document = new Cursor(value, [], laterOf);
  return (
    isPipeline(document) ||
    document.has('PipelineDefinition') ||
    isStateMachine(document) ||
    requestNameOf(document) !== undefined
  );
}

/**
 * What a SageMaker job, pipeline or state machine costs by: instances × count × maximum runtime, and their volumes.
 * @param value the parsed JSON or YAML
 * @throws {ChangeError} where it is none of these
 */
export function readSageMaker(value: unknown, options: SageMakerOptions): Change {
  const { read, free } = readJobs(value, options);
  return { items: read.map(({ item }) => item), free };
}

/** The same, with as what each job will be seen running. @throws {ChangeError} */
export function readJobs(value: unknown, options: SageMakerOptions): ReadDocument {
  const context = contextOf(options);
  const document = new Cursor(value, [], laterOf);
  if (document.has('PipelineDefinition')) return readCreatePipeline(document, context);
  if (isPipeline(document)) {
    return readSteps(value, { name: baseName(options.file), project: options.defaultProject }, context);
  }
  if (isStateMachine(document)) {
    const whole = { name: baseName(options.file), project: options.defaultProject };
    return readStates(document, whole, context);
  }
  const request = requestNameOf(document);
  if (request === undefined) {
    throw new ChangeError(
      `${options.file}: it is no SageMaker request, pipeline definition or state machine: none of their keys is there (such as TrainingJobName with ResourceConfig, Steps with Version, States with StartAt).`,
    );
  }
  return { read: [readRequest(request, document, {}, context)], free: 0 };
}

/**
 * For the reader of templates: what the jobs of a definition cost by. What is only known to CloudFormation stands in `<>`.
 * None of them has a choice: where in the template its instance type would be written is not known here.
 * @param projectTag the key of the project tag
 */
export const readPipelineItems =
  (projectTag: string): ReadJobs =>
  (definition, { what, id, place, region, project, statedOf }) => {
    const context: ReadContext = {
      file: place.file,
      region,
      projectTag,
      usageOf: (item) => statedOf(item.split('/').at(-1) ?? item),
      placeOf: () => place,
      base: [],
    };
    const parsed =
      typeof definition === 'string' ? parsedJson(definition, `${place.file}: ${id}`) : definition;
    const whole = { name: id, project };
    const { read } =
      what === 'pipeline'
        ? readSteps(parsed, whole, context)
        : readStates(new Cursor(parsed, [], laterOf), whole, context);
    return read.map(({ item }) => withoutChoice(item));
  };

function withoutChoice({ choice: _, ...item }: ChangeItem): ChangeItem {
  return item;
}

function readCreatePipeline(document: Cursor, context: ReadContext): ReadDocument {
  const definition = document.get('PipelineDefinition');
  const name = nameOf(document.get('PipelineName')) ?? baseName(context.file);
  const parsed =
    typeof definition.value === 'string' ? parsedJson(definition.value, context.file) : definition.value;
  const project = projectOfTags(document.get('Tags'), context);
  const base = definition.path;
  const isText = typeof definition.value === 'string';
  const { read, free } = readSteps(
    parsed,
    { name, project },
    { ...context, base, placeOf: (path) => context.placeOf(isText ? base : [...base, ...path]) },
  );
  return {
    read: read.map((one): ReadItem => (isText ? { ...one, item: withoutChoice(one.item) } : one)),
    free,
  };
}

function parsedJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ChangeError(`${where}: its pipeline definition is no JSON: ${why}`);
  }
}

function contextOf({ text, usage, ...options }: SageMakerOptions): ReadContext {
  const place = text === undefined ? undefined : placesIn(text);
  return {
    ...options,
    usageOf: (id) => statedUsage(usage, [id.split('/').at(-1) ?? id, id]),
    placeOf: (path) => ({ file: options.file, ...place?.(path) }),
    base: [],
  };
}

/** Where a value stands in a JSON or YAML text. */
function placesIn(text: string): (path: DocumentPath) => Omit<Place, 'file'> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
  return (path) => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    const start = isNode(node) ? node.range?.[0] : undefined;
    return start === undefined ? {} : lines.linePos(start);
  };
}

/** `pipelines/train.json` is `train`. */
const baseName = (file: string): string =>
  (file.split(/[\\/]/).at(-1) ?? file).replace(/\.(?:asl\.)?(?:json|ya?ml)$/i, '') || 'pipeline';
