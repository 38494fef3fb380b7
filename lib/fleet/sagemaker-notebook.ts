import {
  DescribeNotebookInstanceCommand,
  type DescribeNotebookInstanceOutput,
  type NotebookInstanceStatus,
  paginateListNotebookInstances,
  StartNotebookInstanceCommand,
  StopNotebookInstanceCommand,
} from '@aws-sdk/client-sagemaker';
import * as z from 'zod';
import { mapLimited } from '../types/lists.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Resource, ResourceState } from '../types/resource.ts';
import { failure } from './aws-errors.ts';
import type { FleetContext, Kind, Restored, StopContext } from './kind.ts';
import { alreadyRunning, attemptStop, gone, isAbsent } from './sagemaker-attempt.ts';
import { notebookSignals } from './sagemaker-notebook-signals.ts';
import { tagsOf } from './sagemaker-tags.ts';

/** SageMaker notebook instances: stopped, with their volume kept (it is billed while they are stopped). */
export const sagemakerNotebook: Kind = {
  kind: 'sagemaker-notebook',
  title: 'SageMaker notebook instance',
  billedAs: 'Amazon SageMaker',
  stopped: 'stopped',
  restored: 'started',
  permissions: {
    observe: [
      {
        actions: ['sagemaker:ListNotebookInstances', 'cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
        resources: ['*'],
        taggedOnly: false,
      },
      {
        actions: ['sagemaker:DescribeNotebookInstance', 'sagemaker:ListTags'],
        resources: ['sagemaker:*:*:notebook-instance/*'],
        taggedOnly: false,
      },
    ],
    act: [
      {
        actions: ['sagemaker:StopNotebookInstance', 'sagemaker:StartNotebookInstance'],
        resources: ['sagemaker:*:*:notebook-instance/*'],
        taggedOnly: true,
      },
    ],
  },
  discover: async (context) => {
    const notebooks: Notebook[] = [];
    const pages = paginateListNotebookInstances({ client: context.clients.sagemaker, pageSize: 100 }, {});
    for await (const page of pages) notebooks.push(...(page.NotebookInstances ?? []));
    return toResources(notebooks, context);
  },
  describe: async (names, context) => {
    const found = await mapLimited(names, CALLS_AT_ONCE, (name) => find(name, context));
    return toResources(
      found.filter((one) => one !== undefined),
      context,
    );
  },
  signals: notebookSignals,
  stop: async (resources, context) =>
    new Map(await mapLimited(resources, 2, async (one) => [one.arn, await stop(one, context)] as const)),
  restore: start,
  start: (notebook, context) => start(notebook, undefined, context),
  undo: (names, region) => {
    const [name] = names;
    const command = `aws sagemaker start-notebook-instance --region ${region} --notebook-instance-name`;
    return names.length === 1
      ? `${command} ${name}`
      : `for name in ${names.join(' ')}; do ${command} "$name"; done`;
  },
};

const CALLS_AT_ONCE = 5;

/** What both the list and the description tell. */
type Notebook = Pick<
  DescribeNotebookInstanceOutput,
  | 'NotebookInstanceName'
  | 'NotebookInstanceArn'
  | 'NotebookInstanceStatus'
  | 'InstanceType'
  | 'CreationTime'
  | 'LastModifiedTime'
>;

async function find(NotebookInstanceName: string, { clients }: FleetContext): Promise<Notebook | undefined> {
  try {
    return await clients.sagemaker.send(new DescribeNotebookInstanceCommand({ NotebookInstanceName }));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

async function toResources(
  notebooks: readonly Notebook[],
  context: FleetContext,
): Promise<readonly Resource[]> {
  const found = await mapLimited(notebooks, CALLS_AT_ONCE, (one) => toResource(one, context));
  return found.filter((one) => one !== undefined);
}

/** `undefined` for what is being deleted, is gone by now, or lacks what a decision needs. */
async function toResource(notebook: Notebook, context: FleetContext): Promise<Resource | undefined> {
  const { NotebookInstanceName: id, NotebookInstanceArn: arn, InstanceType: type } = notebook;
  // It is modified by each change of its status, so that of a running one tells its start. A later time than that
  // would only make it look younger.
  const since = notebook.LastModifiedTime ?? notebook.CreationTime;
  const state = stateOf(notebook.NotebookInstanceStatus);
  if (id === undefined || arn === undefined || type === undefined || since === undefined) return undefined;
  if (state === undefined) return undefined;
  let tags: Resource['tags'];
  try {
    tags = await tagsOf(arn, context);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  return {
    kind: sagemakerNotebook.kind,
    arn,
    id,
    account: context.account,
    region: context.region,
    tags,
    state,
    since,
    size: type,
    protections: [],
    hourly: await context.prices.hourly({
      service: 'sagemaker-notebook',
      region: context.region,
      instanceType: type,
    }),
  };
}

function stateOf(status: NotebookInstanceStatus | undefined): ResourceState | undefined {
  switch (status) {
    case 'InService':
      return 'running';
    case 'Stopped':
      return 'stopped';
    case 'Failed':
      return 'failed';
    case 'Deleting':
      return undefined;
    default:
      return 'transitional';
  }
}

const RecordSchema = z.object({ instanceType: z.string() });
type NotebookRecord = z.infer<typeof RecordSchema>;

function stop(notebook: Resource, context: StopContext): Promise<Outcome> {
  const NotebookInstanceName = notebook.id;
  return attemptStop({
    at: context.now(),
    act: async () => {
      const record: NotebookRecord = { instanceType: notebook.size };
      await context.saveRestore(notebook, record);
      await context.clients.sagemaker.send(new StopNotebookInstanceCommand({ NotebookInstanceName }));
      return 'Stopped; its volume is kept, what ran in its kernels is not.';
    },
    look: async () => {
      const found = await find(notebook.id, context);
      return found && stateOf(found.NotebookInstanceStatus);
    },
  });
}

/** Starts a notebook instance again. It is looked at first: people may have started or deleted it meanwhile. */
async function start({ id }: Resource, record: unknown, context: FleetContext): Promise<Restored> {
  const at = context.now();
  try {
    const outcome = await startFound(id, await find(id, context), record, context);
    return { outcome, finished: outcome.status !== 'failed' };
  } catch (error) {
    return { outcome: failure(error, at), finished: false };
  }
}

async function startFound(
  NotebookInstanceName: string,
  found: Notebook | undefined,
  record: unknown,
  context: FleetContext,
): Promise<Outcome> {
  const at = context.now();
  const status = found?.NotebookInstanceStatus;
  switch (status) {
    case undefined:
    case 'Deleting':
      return gone(at, 'It was deleted meanwhile, so it cannot be started.');
    case 'InService':
    case 'Pending':
      return alreadyRunning(at);
    case 'Stopped':
    case 'Failed': {
      await context.clients.sagemaker.send(new StartNotebookInstanceCommand({ NotebookInstanceName }));
      const before = RecordSchema.safeParse(record).data?.instanceType;
      const type = found?.InstanceType;
      const changed =
        before === undefined || before === type ? '' : ` Somebody made it ${type} since; it was ${before}.`;
      return { status: 'taken', at, detail: `Started.${changed}` };
    }
    default:
      return {
        status: 'failed',
        at,
        code: 'IncorrectState',
        detail: `It is ${status} and can be started once it is Stopped.`,
        retry: true,
      };
  }
}
