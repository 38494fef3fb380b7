import { createHash } from 'node:crypto';
import * as z from 'zod';
import { isObject } from '../estimate/sagemaker-cursor.ts';
import type { InstanceNeeds } from '../types/gate.ts';
import { NeedsSchema } from './needs-schema.ts';
import { GateInputError } from './run-time-errors.ts';

/** What a job runs as. */
export const JOB_USES = ['training', 'processing', 'transform'] as const;
export type JobUse = (typeof JOB_USES)[number];

/** A job in few words, instead of the request that starts it. */
export interface PlainJob {
  readonly instanceType: string;
  readonly count: number;
  readonly use: JobUse;
  readonly name: string | undefined;
}

interface Named {
  /** Of who asks: the same again is the same question. */
  readonly requestId: string;
  readonly project: string;
}

/** What a state machine or a pipeline asks of the gate before a job starts. */
export interface RunTimeAsk extends Named {
  readonly do: 'ask';
  readonly model: string | undefined;
  readonly region: string | undefined;
  readonly job: PlainJob | { readonly request: Readonly<Record<string, unknown>> };
  /** The longest that the job takes, where its request does not say; seconds. */
  readonly maxRuntimeSeconds: number | undefined;
  readonly needs: InstanceNeeds | undefined;
  /** Instance types that will do as well, in the order in which they are tried. */
  readonly or: readonly string[];
  /** Percent of a limit. */
  readonly warnAt: number | undefined;
  /** Whether an answer other than pass and warn is thrown. */
  readonly failOver: boolean;
  /** SHA-256 of what the job is, hexadecimal. */
  readonly asked: string;
}

/** The job is over, or will not start: what was reserved for it is free. */
export interface RunTimeRelease extends Named {
  readonly do: 'release';
}

const INSTANCE_TYPE = /^ml\.[a-z0-9-]+\.[a-z0-9-]+$/;
const TYPE_ERROR = 'must be an instance type of SageMaker, such as ml.g5.xlarge';

/** Pipelines pass parameters on as text. */
const wholeNumber = (most: number) => {
  const error = `must be a whole number from 1 to ${most}`;
  return z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], { error })
    .pipe(z.number({ error }).int({ error }).min(1, { error }).max(most, { error }));
};

const YES_NO = 'must be true or false';
const truth = z.union(
  [z.boolean(), z.literal(['true', 'false']).transform((text) => text === 'true')],
  YES_NO,
);

const percent = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\d{1,3}(?:\.\d+)?%?$/)
        .transform((text) => Number(text.replace('%', ''))),
    ],
    'must be a percentage, such as 80',
  )
  .pipe(z.number().min(1, 'must be 1 at least').max(100, 'must be 100 at most'));

/** SageMaker: a job may take 28 days (`StoppingCondition`). */
const MOST_SECONDS = 28 * 86_400;

const PlainJobSchema = z.strictObject({
  instanceType: z.string('must be given').regex(INSTANCE_TYPE, TYPE_ERROR),
  count: wholeNumber(1_000).default(1),
  maxRuntimeSeconds: wholeNumber(MOST_SECONDS).optional(),
  use: z.enum(JOB_USES, `must be one of ${JOB_USES.join(', ')}`).default('training'),
  name: z.string().min(1).optional(),
});

const REQUEST_ID = /^[\x21-\x7e]{1,256}$/;

const Version = z.literal([1, '1'], 'must be 1').optional();
const RequestId = z
  .string('must be given: the id of the execution, and the name of the step where it asks more than once')
  .regex(REQUEST_ID, 'must be 1 to 256 printable characters without spaces');
const Project = z.string('must be given').min(1, 'must not be empty');

const AskSchema = z.strictObject({
  version: Version,
  requestId: RequestId,
  project: Project,
  model: z.string().min(1).optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'must be a region, such as eu-west-1')
    .optional(),
  job: z.record(
    z.string(),
    z.unknown(),
    'must be a request of SageMaker, or { instanceType, count, maxRuntimeSeconds, use }',
  ),
  maxRuntimeSeconds: wholeNumber(MOST_SECONDS).optional(),
  needs: NeedsSchema.optional(),
  or: z.array(z.string().regex(INSTANCE_TYPE, TYPE_ERROR)).max(20, 'must be 20 types at most').default([]),
  warnAt: percent.optional(),
  failOver: truth.default(false),
  release: z.literal([false, 'false']).optional(),
});

const ReleaseSchema = z.strictObject({
  version: Version,
  requestId: RequestId,
  project: Project,
  release: z.literal([true, 'true']),
});

/** @throws {GateInputError} with the first thing that is wrong */
export function readAsk(input: unknown): RunTimeAsk | RunTimeRelease {
  if (!isObject(input)) {
    throw new GateInputError('The gate is asked with an object: { requestId, project, job }.');
  }
  const { release } = input;
  if (release === true || release === 'true') {
    const { requestId, project } = parsed(ReleaseSchema, input);
    return { do: 'release', requestId, project };
  }
  const { job, version: _version, release: _release, ...rest } = parsed(AskSchema, input);
  const plain = 'instanceType' in job ? parsed(PlainJobSchema, job, 'job.') : undefined;
  const maxRuntimeSeconds = plain?.maxRuntimeSeconds ?? rest.maxRuntimeSeconds;
  const { project, model, region, or, needs } = rest;
  return {
    do: 'ask',
    ...rest,
    model,
    region,
    needs,
    warnAt: rest.warnAt,
    maxRuntimeSeconds,
    job:
      plain === undefined
        ? { request: job }
        : { instanceType: plain.instanceType, count: plain.count, use: plain.use, name: plain.name },
    asked: createHash('sha256')
      .update(JSON.stringify([project, model, region, job, maxRuntimeSeconds, or, needs]))
      .digest('hex'),
  };
}

function parsed<T>(schema: z.ZodType<T>, input: unknown, within = ''): T {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    throw new GateInputError(`${within}${issue.keys[0]} is no key of what the gate is asked.`);
  }
  const where = `${within}${issue?.path.join('.') ?? ''}`;
  throw new GateInputError(
    `${where === '' ? 'What the gate is asked' : where} ${issue?.message ?? 'cannot be read'}.`.replace(
      /\.\.$/,
      '.',
    ),
  );
}
