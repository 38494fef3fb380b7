import { type Instance, StartInstancesCommand } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import { errorCode, errorMessage, isTransient } from './aws-errors.ts';
import { describeInstances } from './ec2-read.ts';
import { type InstanceRecord, WAYS } from './ec2-stop.ts';
import type { FleetContext, Restored } from './kind.ts';

const RecordSchema: z.ZodType<InstanceRecord> = z.object({ way: z.enum(WAYS) });

/** Starts an instance again. It is looked at first: people may have started, resized or ended it meanwhile. */
export async function startInstance(
  target: Resource,
  record: unknown,
  context: FleetContext,
): Promise<Restored> {
  const at = context.now();
  try {
    const [found] = await describeInstances([target.id], context);
    const outcome =
      withoutStart(found?.instance, record, at) ?? (await start(target, found?.instance, context));
    return { outcome, finished: outcome.status !== 'failed' };
  } catch (error) {
    return { outcome: refusal(error, at), finished: false };
  }
}

/** What comes of it without a start; `undefined` where it is stopped. */
function withoutStart(instance: Instance | undefined, record: unknown, at: Date): Outcome | undefined {
  const skipped = (code: string, detail: string): Outcome => ({ status: 'skipped', at, code, detail });
  const since = instance?.LaunchTime === undefined ? '' : ` since ${instance.LaunchTime.toISOString()}`;
  switch (instance?.State?.Name) {
    case 'running':
      return skipped('AlreadyRunning', `It runs${since}, so there was nothing to start.`);
    case 'pending':
      return skipped('AlreadyRunning', `It has been starting${since}, so there was nothing to start.`);
    case 'stopping':
      return {
        status: 'failed',
        at,
        code: 'IncorrectInstanceState',
        detail: 'It is still stopping and can be started once it has stopped.',
        retry: true,
      };
    case 'stopped':
      return undefined;
    case 'shutting-down':
    case 'terminated':
    case undefined:
      return skipped(
        'Gone',
        RecordSchema.safeParse(record).data?.way === 'terminate'
          ? 'It was a Spot instance that could only be ended for good: it cannot be restored.'
          : 'It was ended meanwhile, so it cannot be started.',
      );
  }
}

async function start(
  { id, size }: Resource,
  found: Instance | undefined,
  context: FleetContext,
): Promise<Outcome> {
  const at = context.now();
  await context.clients.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
  const type = found?.InstanceType;
  const changed =
    type === undefined || type === size ? '' : ` Somebody made it ${type} since; it was ${size}.`;
  return { status: 'taken', at, detail: `Started.${changed}` };
}

function refusal(error: unknown, at: Date): Outcome {
  const code = errorCode(error);
  const detail = errorMessage(error);
  switch (code) {
    case 'InvalidInstanceID.NotFound':
      return { status: 'skipped', at, code: 'Gone', detail: 'It no longer exists.' };
    case 'IncorrectInstanceState':
      return { status: 'failed', at, code, detail, retry: true };
    // Codes of EC2's error reference; a Spot instance waits for Spot capacity.
    case 'InsufficientInstanceCapacity':
    case 'InsufficientCapacity':
    case 'InsufficientHostCapacity':
      return {
        status: 'failed',
        at,
        code,
        detail: `AWS has no capacity for its type in its Availability Zone now; another try may succeed. ${detail}`,
        retry: true,
      };
    default:
      return { status: 'failed', at, code, detail, retry: isTransient(error) };
  }
}
