import {
  type AppDetails,
  CreateAppCommand,
  DeleteAppCommand,
  paginateListApps,
  type ResourceSpec,
} from '@aws-sdk/client-sagemaker';
import * as z from 'zod';
import { mapLimited } from '../types/lists.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import { errorCode, failure } from './aws-errors.ts';
import type { FleetContext, Kind, Restored, StopContext } from './kind.ts';
import type { SageMakerUse } from './prices.ts';
import { alreadyRunning, attemptStop, gone, isAbsent } from './sagemaker-attempt.ts';
import {
  APP_KINDS,
  type AppKey,
  type AppKind,
  appId,
  appKey,
  appState,
  findApp,
  namesOf,
} from './sagemaker-studio-names.ts';
import { createTagReader, ownTagsOf, type TagReader } from './sagemaker-studio-tags.ts';

const NEVER_IDLE =
  'SageMaker publishes no metric of its use: its budget stops it, and the idle shutdown of Studio itself ends one that nobody uses.';

/**
 * Studio apps that run on an instance: JupyterLab and Code Editor in spaces, and the kernels of Studio Classic.
 * Deleting the app is how AWS itself stops a space; its volume stays. Apps on the `system` instance cost nothing and
 * are left out, as are the kinds of apps that no user starts by hand (RStudio, Canvas, TensorBoard, profiler).
 *
 * **Never judged idle.** Neither kind of app has a CloudWatch metric. `LastUserActivityTimestamp` is no evidence:
 * by its own documentation SageMaker's health checks move it as well, so that it equals `LastHealthCheckTimestamp`;
 * and a cell that trains all night has no user activity. SageMaker's own idle shutdown sees the kernels from inside.
 */
export const sagemakerStudioApp: Kind = {
  kind: 'sagemaker-studio-app',
  title: 'SageMaker Studio app',
  billedAs: 'Amazon SageMaker',
  stopped: 'shut down',
  restored: 'started again',
  permissions: {
    observe: [
      { actions: ['sagemaker:ListApps'], resources: ['*'], taggedOnly: false },
      {
        actions: ['sagemaker:DescribeApp', 'sagemaker:ListTags'],
        resources: ['sagemaker:*:*:app/*'],
        taggedOnly: false,
      },
      {
        actions: ['sagemaker:DescribeSpace', 'sagemaker:ListTags'],
        resources: ['sagemaker:*:*:space/*'],
        taggedOnly: false,
      },
      {
        actions: ['sagemaker:ListTags'],
        resources: ['sagemaker:*:*:user-profile/*', 'sagemaker:*:*:domain/*'],
        taggedOnly: false,
      },
    ],
    act: [
      { actions: ['sagemaker:DeleteApp'], resources: ['sagemaker:*:*:app/*'], taggedOnly: true },
      {
        actions: ['sagemaker:CreateApp'],
        resources: ['sagemaker:*:*:app/*'],
        taggedOnly: false,
        requestTagged: true,
      },
      {
        actions: ['sagemaker:AddTags'],
        resources: ['sagemaker:*:*:app/*'],
        taggedOnly: false,
        conditions: { StringEquals: { 'sagemaker:TaggingAction': 'CreateApp' } },
      },
    ],
  },
  discover: async (context) => {
    const apps: AppDetails[] = [];
    const pages = paginateListApps({ client: context.clients.sagemaker, pageSize: 100 }, {});
    for await (const page of pages) apps.push(...(page.Apps ?? []));
    const keys = apps
      .filter(({ Status, ResourceSpec: spec }) => Status !== 'Deleted' && spec?.InstanceType !== SYSTEM)
      .flatMap((app) => appKey(app) ?? []);
    return readApps(keys, context);
  },
  describe: (ids, context) =>
    readApps(
      ids.flatMap((id) => namesOf(id) ?? []),
      context,
    ),
  signals: async (resources) =>
    new Map(
      resources.map((one) => [one.arn, { queries: [], missing: [{ signal: 'cpu', why: NEVER_IDLE }] }]),
    ),
  stop: async (resources, context) =>
    new Map(await mapLimited(resources, 2, async (one) => [one.arn, await stop(one, context)] as const)),
  restore: start,
  // It takes the image and the instance type that the restore record has.
  undo: () => undefined,
};

/** The instance type of apps that AWS runs at its own cost. */
const SYSTEM = 'system';
const CALLS_AT_ONCE = 5;

const USE: Readonly<Record<AppKind, SageMakerUse>> = {
  JupyterLab: 'sagemaker-studio-jupyterlab',
  CodeEditor: 'sagemaker-studio-codeeditor',
  KernelGateway: 'sagemaker-studio-kernelgateway',
};

async function readApps(keys: readonly AppKey[], context: FleetContext): Promise<readonly Resource[]> {
  const tags = createTagReader(context);
  const found = await mapLimited(keys, CALLS_AT_ONCE, (key) => readApp(key, tags, context));
  return found.filter((one) => one !== undefined);
}

async function readApp(key: AppKey, tags: TagReader, context: FleetContext): Promise<Resource | undefined> {
  const app = await findApp(key, context);
  const state = appState(app?.Status);
  const { AppArn: arn, CreationTime: since } = app ?? {};
  const type = app?.ResourceSpec?.InstanceType;
  if (state === undefined || arn === undefined || since === undefined || type === SYSTEM) return undefined;
  return {
    kind: sagemakerStudioApp.kind,
    arn,
    id: appId(key),
    account: context.account,
    region: context.region,
    tags: await tags(arn, key),
    state,
    // Kept by AWS where an app comes back within 24 hours of its end: it may then have started later than this.
    since,
    size: type ?? 'unknown',
    protections: [],
    neverIdle: NEVER_IDLE,
    hourly:
      type === undefined
        ? undefined
        : await context.prices.hourly({
            service: USE[key.type],
            region: context.region,
            instanceType: type,
          }),
  };
}

/** What starts the app again as it was. */
interface AppRecord {
  readonly domainId: string;
  readonly owner: AppKey['owner'];
  readonly type: AppKind;
  readonly name: string;
  readonly resourceSpec: ResourceSpec;
  /** Those of the app; what its space, user profile and domain have comes from there again. */
  readonly tags: Readonly<Record<string, string>>;
}

const text = z.string().exactOptional();
const RecordSchema = z.object({
  domainId: z.string(),
  owner: z.object({ in: z.enum(['space', 'user-profile']), name: z.string() }),
  type: z.enum(APP_KINDS),
  name: z.string(),
  resourceSpec: z.object({
    InstanceType: z
      .custom<NonNullable<ResourceSpec['InstanceType']>>((value) => typeof value === 'string')
      .exactOptional(),
    SageMakerImageArn: text,
    SageMakerImageVersionArn: text,
    SageMakerImageVersionAlias: text,
    LifecycleConfigArn: text,
    TrainingPlanArn: text,
  }),
  tags: z.record(z.string(), z.string()),
});

async function stop(app: Resource, context: StopContext): Promise<Outcome> {
  const at = context.now();
  const key = namesOf(app.id);
  if (key === undefined) return gone(at, `${app.id} names no Studio app.`);
  const outcome = await attemptStop({
    at,
    act: async () => {
      const found = await findApp(key, context);
      const record: AppRecord = {
        ...key,
        resourceSpec: found?.ResourceSpec ?? {},
        tags: await ownTagsOf(app.arn, context),
      };
      await context.saveRestore(app, record);
      await context.clients.sagemaker.send(new DeleteAppCommand(call(key)));
      return key.owner.in === 'space'
        ? `Shut down; the volume of its space ${key.owner.name} is kept, what ran in its kernels is not.`
        : 'Shut down; the files of its user are kept, what ran in its kernels is not.';
    },
    look: async () => appState((await findApp(key, context))?.Status),
  });
  if (outcome.status !== 'failed' || outcome.code !== 'AccessDeniedException') return outcome;
  return { ...outcome, detail: `${outcome.detail} ${WITHOUT_OWN_TAG}` };
}

const WITHOUT_OWN_TAG =
  'Bursar may delete an app only by a project tag of its own: with TagPropagation of the domain on, or the tag on its user profile, each app that starts has it.';

/** How the API names an app. */
const call = ({ domainId, owner, type, name }: AppKey) => ({
  DomainId: domainId,
  ...(owner.in === 'space' ? { SpaceName: owner.name } : { UserProfileName: owner.name }),
  AppType: type,
  AppName: name,
});

/** Starts an app again. It is looked at first: people may have done so, or have deleted its space. */
async function start(_: Resource, saved: unknown, context: FleetContext): Promise<Restored> {
  const at = context.now();
  const record = RecordSchema.safeParse(saved);
  if (!record.success) {
    return { finished: true, outcome: notReadable(at) };
  }
  try {
    const found = await findApp(record.data, context);
    const outcome = withoutStart(found?.Status, at) ?? (await startFrom(record.data, context));
    return { outcome, finished: outcome.status !== 'failed' };
  } catch (error) {
    return { outcome: failure(error, at), finished: false };
  }
}

const notReadable = (at: Date): Outcome => ({
  status: 'failed',
  at,
  code: 'NoRecord',
  detail: 'What was saved of it cannot be read.',
  retry: false,
});

/** What comes of it without a start; `undefined` where it is shut down. */
function withoutStart(status: string | undefined, at: Date): Outcome | undefined {
  switch (status) {
    case 'InService':
    case 'Pending':
      return alreadyRunning(at);
    case 'Deleting':
      return {
        status: 'failed',
        at,
        code: 'IncorrectState',
        detail: 'It is still shutting down and can be started once it has.',
        retry: true,
      };
    default:
      return undefined;
  }
}

async function startFrom(
  { resourceSpec, tags, ...key }: z.infer<typeof RecordSchema>,
  context: FleetContext,
): Promise<Outcome> {
  const at = context.now();
  // Where the version is named, the alias says the same once more.
  const { SageMakerImageVersionAlias: alias, ...spec } = resourceSpec;
  const versioned =
    alias === undefined || spec.SageMakerImageVersionArn !== undefined
      ? spec
      : { ...spec, SageMakerImageVersionAlias: alias };
  try {
    await context.clients.sagemaker.send(
      new CreateAppCommand({
        ...call(key),
        ResourceSpec: versioned,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
    return { status: 'taken', at, detail: `Started again on ${spec.InstanceType ?? 'its instance type'}.` };
  } catch (error) {
    if (isAbsent(error)) {
      const owner = key.owner.in === 'space' ? 'space' : 'user profile';
      return gone(at, `Its ${owner} ${key.owner.name} no longer exists.`);
    }
    return failure(error, at, errorCode(error) === 'ResourceInUse');
  }
}
