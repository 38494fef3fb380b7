import { mapLimited } from '../types/lists.ts';
import { microUsd, type Usd } from '../types/money.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Resource, ResourcePart, ResourceState } from '../types/resource.ts';
import type { FleetContext, Kind, StopContext } from './kind.ts';
import type { SageMakerUse } from './prices.ts';
import { attemptStop, isAbsent } from './sagemaker-attempt.ts';
import { tagsOf } from './sagemaker-tags.ts';

/** A job as its description tells it. */
export interface Job {
  readonly arn: string;
  /** `InProgress`, `Stopping`; whatever else is over. */
  readonly status: string;
  readonly since: Date;
  /** What it runs on; empty where AWS chooses. */
  readonly parts: readonly ResourcePart[];
  /** False where the on-demand price of its instances is not what it costs. */
  readonly onDemand: boolean;
  /** Why a stop of it alone would do harm or no good: whole sentences that name what it belongs to. */
  readonly belongs: readonly string[];
  /** What a stop leaves of its work, one sentence. */
  readonly keeps: string;
}

/** What tells training jobs from processing jobs. */
export interface JobSource {
  readonly kind: string;
  readonly title: string;
  readonly use: SageMakerUse;
  readonly permissions: Kind['permissions'];
  /** Names of those in progress: what has ended stays in the list for ever. */
  readonly list: (context: FleetContext) => Promise<readonly string[]>;
  /** @throws where there is none (`isAbsent`). */
  readonly describe: (name: string, context: FleetContext) => Promise<Job | undefined>;
  readonly stop: (name: string, context: FleetContext) => Promise<void>;
  /** How to run a job of that name once more, one sentence. */
  readonly again: (name: string, region: string) => string;
}

const NEVER_IDLE =
  'A job ends by itself; it is stopped over budget only, and only where its policy allows stop-jobs.';

/** A kind of SageMaker job: stopped, with what it had not saved, where the policy says `allow: [stop-jobs]`. */
export function jobKind(source: JobSource): Kind {
  return {
    kind: source.kind,
    title: source.title,
    billedAs: 'Amazon SageMaker',
    stopped: 'stopped',
    restored: 'run again',
    permissions: source.permissions,
    discover: async (context) => readJobs(await source.list(context), source, context),
    describe: (names, context) => readJobs(names, source, context),
    signals: async (jobs) =>
      new Map(jobs.map((one) => [one.arn, { queries: [], missing: [{ signal: 'cpu', why: NEVER_IDLE }] }])),
    stop: async (jobs, context) =>
      new Map(
        await mapLimited(jobs, 2, async (one) => [one.arn, await stopJob(one, source, context)] as const),
      ),
    restore: async ({ id }, _, { now, region }) => ({
      finished: true,
      outcome: {
        status: 'skipped',
        at: now(),
        code: 'CannotRestore',
        detail: `A job that was stopped cannot go on. ${source.again(id, region)}`,
      },
    }),
    undo: () => undefined,
  };
}

const CALLS_AT_ONCE = 5;

async function readJobs(
  names: readonly string[],
  source: JobSource,
  context: FleetContext,
): Promise<readonly Resource[]> {
  const found = await mapLimited(names, CALLS_AT_ONCE, (name) => readJob(name, source, context));
  return found.filter((one) => one !== undefined);
}

/** `undefined` for what is over by now. */
async function readJob(
  name: string,
  source: JobSource,
  context: FleetContext,
): Promise<Resource | undefined> {
  const job = await findJob(name, source, context);
  const state = stateOf(job);
  if (job === undefined || state === undefined) return undefined;
  const tags = await tagsOf(job.arn, context);
  return {
    kind: source.kind,
    arn: job.arn,
    id: name,
    account: context.account,
    region: context.region,
    tags,
    state,
    since: job.since,
    size: job.parts.map(({ count, type }) => `${count} × ${type}`).join(', ') || 'serverless',
    parts: job.parts,
    protections: [...job.belongs, ...pipelineOf(tags)].map((detail) => ({
      code: 'managed-elsewhere',
      detail,
    })),
    consent: 'stop-jobs',
    neverIdle: NEVER_IDLE,
    hourly: await hourlyOf(job, source.use, context),
  };
}

async function findJob(name: string, source: JobSource, context: FleetContext): Promise<Job | undefined> {
  try {
    return await source.describe(name, context);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function stateOf(job: Job | undefined): ResourceState | undefined {
  switch (job?.status) {
    case 'InProgress':
      return 'running';
    case 'Stopping':
      return 'transitional';
    default:
      return undefined;
  }
}

/** SageMaker Pipelines tag the jobs of their steps so; the SageMaker Python SDK finds them by it as well. */
const pipelineOf = (tags: Resource['tags']): readonly string[] =>
  belongsTo(
    tags['sagemaker:pipeline-execution-arn'],
    (name) => `It is a step of pipeline execution ${name}, which would fail or start it again: stop that.`,
  );

/** The sentence about the owner of that ARN, which is given its name; none where there is no owner. */
export function belongsTo(arn: string | undefined, sentence: (name: string) => string): readonly string[] {
  return arn === undefined || arn === '' ? [] : [sentence(arn.split('/').at(-1) ?? arn)];
}

/** USD an hour of all its instances; unpriced where one of them is. */
async function hourlyOf(
  { parts, onDemand }: Job,
  service: SageMakerUse,
  context: FleetContext,
): Promise<Usd | undefined> {
  if (!onDemand || parts.length === 0) return undefined;
  let total = 0n;
  for (const { count, type } of parts) {
    const price = await context.prices.hourly({ service, region: context.region, instanceType: type });
    if (price === undefined) return undefined;
    total += price * BigInt(count);
  }
  return microUsd(total);
}

async function stopJob(resource: Resource, source: JobSource, context: StopContext): Promise<Outcome> {
  return attemptStop({
    at: context.now(),
    restorable: false,
    act: async () => {
      const job = await findJob(resource.id, source, context);
      await context.saveRestore(resource, { name: resource.id });
      await source.stop(resource.id, context);
      const left = job === undefined ? [] : [job.keeps];
      return ['Stopped.', ...left, source.again(resource.id, context.region)].join(' ');
    },
    look: async () => stateOf(await findJob(resource.id, source, context)),
  });
}
