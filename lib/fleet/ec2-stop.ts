import { type InstanceStateName, StopInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { chunks, mapLimited } from '../types/lists.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import { errorCode, errorMessage, isTransient } from './aws-errors.ts';
import { describeInstances } from './ec2-read.ts';
import type { FleetContext, StopContext } from './kind.ts';
import { saveEach } from './save-restores.ts';

/** How an instance is taken out of service; kept in its restore record. */
export const WAYS = ['stop', 'hibernate', 'terminate'] as const;
export type Way = (typeof WAYS)[number];

/** What a restore needs to know of an instance beyond the resource itself. */
export interface InstanceRecord {
  readonly way: Way;
}

const STOP_BATCH = 50;
const SAVES_AT_ONCE = 10;
const ENDS_AT_ONCE = 5;

type Settled = readonly (readonly [arn: string, outcome: Outcome])[];

/**
 * Stops instances: hibernates those that are set up for it, and ends those of which a policy allows it because they
 * cannot be stopped. What is not saved first is not touched.
 */
export async function stopInstances(
  resources: readonly Resource[],
  context: StopContext,
): Promise<ReadonlyMap<string, Outcome>> {
  const at = context.now();
  let hibernating: ReadonlySet<string>;
  try {
    hibernating = await setUpForHibernation(resources, context);
  } catch (error) {
    return new Map(resources.map(({ arn }) => [arn, refusal(error, at)]));
  }
  const planned = resources.map((resource) => ({ resource, record: { way: wayOf(resource, hibernating) } }));
  const { saved, failed } = await saveEach<InstanceRecord>(planned, SAVES_AT_ONCE, context);
  const by = Map.groupBy(saved, ({ record }) => record.way);
  const of = (way: Way): readonly Resource[] => (by.get(way) ?? []).map(({ resource }) => resource);
  const batches = (way: 'stop' | 'hibernate'): Promise<Settled[]> =>
    mapLimited(chunks(of(way), STOP_BATCH), 1, (some) => stopSome(some, way, context));
  return new Map([
    ...failed,
    ...(await batches('stop')).flat(),
    ...(await batches('hibernate')).flat(),
    ...(await mapLimited(of('terminate'), ENDS_AT_ONCE, (one) => endOne(one, context))),
  ]);
}

/**
 * `Resource` says nothing of hibernation, which concerns no other kind: it is asked anew here, one call for up to 200
 * instances. `consent` is as fresh, since a resource is described right before its stop.
 */
async function setUpForHibernation(
  resources: readonly Resource[],
  context: FleetContext,
): Promise<ReadonlySet<string>> {
  const found = await describeInstances(
    resources.map(({ id }) => id),
    context,
  );
  return new Set(
    found.flatMap(({ instance: { InstanceId, HibernationOptions } }) =>
      HibernationOptions?.Configured === true && InstanceId !== undefined ? [InstanceId] : [],
    ),
  );
}

function wayOf({ id, consent }: Resource, hibernating: ReadonlySet<string>): Way {
  if (consent === 'terminate-spot') return 'terminate';
  return hibernating.has(id) ? 'hibernate' : 'stop';
}

/** Refusals that concern single instances: the others of the batch can still be stopped. */
const ABOUT_ONE = new Set([
  'UnsupportedOperation',
  'UnsupportedHibernationConfiguration',
  'OperationNotPermitted',
  'IncorrectInstanceState',
  'InvalidInstanceID.NotFound',
  'InvalidInstanceID.Malformed',
  'InvalidInstanceID',
  'UnauthorizedOperation',
]);

/**
 * Refusals of hibernation alone: not set up for it after all, or started too short a while ago ("not ready to hibernate
 * yet", an `UnsupportedOperation`). That code may mean that no stop at all is possible; the normal stop then says so.
 */
const NO_HIBERNATION = new Set(['UnsupportedHibernationConfiguration', 'UnsupportedOperation']);

/** One bad id can make EC2 refuse the whole batch, so a refused batch is halved until the bad ids stand alone. */
async function stopSome(
  resources: readonly Resource[],
  way: 'stop' | 'hibernate',
  context: StopContext,
): Promise<Settled> {
  const at = context.now();
  try {
    const answer = await context.clients.ec2.send(
      new StopInstancesCommand({
        InstanceIds: resources.map(({ id }) => id),
        ...(way === 'hibernate' ? { Hibernate: true } : {}),
      }),
    );
    const before = new Map(
      (answer.StoppingInstances ?? []).map((one) => [one.InstanceId, one.PreviousState?.Name]),
    );
    return resources.map(({ arn, id }) => [arn, stopOutcome(way, before.has(id), before.get(id), at)]);
  } catch (error) {
    const [only, second] = resources;
    if (only !== undefined && second === undefined) {
      return way === 'hibernate' && NO_HIBERNATION.has(errorCode(error))
        ? stopInstead(only, error, context)
        : [[only.arn, refusal(error, at)]];
    }
    if (!ABOUT_ONE.has(errorCode(error))) return resources.map(({ arn }) => [arn, refusal(error, at)]);
    const half = Math.ceil(resources.length / 2);
    return [
      ...(await stopSome(resources.slice(0, half), way, context)),
      ...(await stopSome(resources.slice(half), way, context)),
    ];
  }
}

async function stopInstead(resource: Resource, why: unknown, context: StopContext): Promise<Settled> {
  const settled = await stopSome([resource], 'stop', context);
  return settled.map(([arn, outcome]) => [
    arn,
    outcome.status === 'taken'
      ? { ...outcome, detail: `${outcome.detail} It was not hibernated: ${errorMessage(why)}` }
      : outcome,
  ]);
}

/** One at a time: where EC2 refuses a batch it may have ended some of it. */
async function endOne(
  { arn, id }: Resource,
  context: StopContext,
): Promise<readonly [arn: string, outcome: Outcome]> {
  const at = context.now();
  try {
    const answer = await context.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    const before = answer.TerminatingInstances?.find(({ InstanceId }) => InstanceId === id);
    if (before === undefined) return [arn, noAnswer(at)];
    return before.PreviousState?.Name === 'terminated'
      ? [arn, gone(at)]
      : [
          arn,
          {
            status: 'taken',
            at,
            detail: 'Ended for good, since this Spot instance cannot be stopped. It cannot be restored.',
            restorable: false,
          },
        ];
  } catch (error) {
    return [arn, refusal(error, at)];
  }
}

const gone = (at: Date): Outcome => ({ status: 'skipped', at, code: 'Gone', detail: 'It no longer exists.' });

const noAnswer = (at: Date): Outcome => ({
  status: 'failed',
  at,
  code: 'NoAnswer',
  detail: 'EC2 did not say what became of it.',
  retry: true,
});

function stopOutcome(
  way: 'stop' | 'hibernate',
  answered: boolean,
  before: InstanceStateName | undefined,
  at: Date,
): Outcome {
  if (!answered) return noAnswer(at);
  if (before === 'stopped') {
    return { status: 'skipped', at, code: 'AlreadyStopped', detail: 'It was stopped already.' };
  }
  return {
    status: 'taken',
    at,
    detail:
      way === 'hibernate'
        ? 'Hibernated; its memory and its volumes are kept.'
        : 'Stopped; its volumes are kept.',
  };
}

function refusal(error: unknown, at: Date): Outcome {
  const code = errorCode(error);
  const detail = errorMessage(error);
  switch (code) {
    case 'InvalidInstanceID.NotFound':
      return gone(at);
    case 'OperationNotPermitted':
      return { status: 'failed', at, code, detail: `Stop protection is on: ${detail}`, retry: false };
    case 'IncorrectInstanceState':
      return { status: 'failed', at, code, detail, retry: true };
    default:
      return { status: 'failed', at, code, detail, retry: isTransient(error) };
  }
}
