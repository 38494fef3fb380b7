import { StartDBInstanceCommand, StopDBInstanceCommand } from '@aws-sdk/client-rds';
import { mapLimited } from '../types/lists.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import { errorCode, errorMessage, isTransient } from './aws-errors.ts';
import type { FleetContext, Restored, StopContext } from './kind.ts';
import { isDatabaseMissing, isWrongState, readDatabases } from './rds-read.ts';
import { saveEach } from './save-restores.ts';

const SAVES_AT_ONCE = 10;
const CALLS_AT_ONCE = 5;

/** Stops databases one by one, as RDS has no call for many. Its storage and backups are kept, and billed. */
export async function stopDatabases(
  databases: readonly Resource[],
  context: StopContext,
): Promise<ReadonlyMap<string, Outcome>> {
  // Starting it again needs its name alone; the record says what it was.
  const planned = databases.map((resource) => ({ resource, record: { size: resource.size } }));
  const { saved, failed } = await saveEach(planned, SAVES_AT_ONCE, context);
  const stopped = await mapLimited(
    saved,
    CALLS_AT_ONCE,
    async ({ resource }) => [resource.arn, await stopOne(resource, context)] as const,
  );
  return new Map([...failed, ...stopped]);
}

async function stopOne({ id }: Resource, context: StopContext): Promise<Outcome> {
  const at = context.now();
  try {
    const { DBInstance } = await context.clients.rds.send(
      new StopDBInstanceCommand({ DBInstanceIdentifier: id }),
    );
    const restart = DBInstance?.AutomaticRestartTime;
    const when = restart === undefined ? 'after 7 days' : `at ${restart.toISOString()}`;
    return {
      status: 'taken',
      at,
      detail: `Stopped; its storage is kept. AWS starts it again by itself ${when}.`,
    };
  } catch (error) {
    if (isWrongState(error) && (await isDown(id, context))) {
      return { status: 'skipped', at, code: 'AlreadyStopped', detail: 'It was stopped already.' };
    }
    return refusal(error, at);
  }
}

/** Whether it is stopped or on its way there; false where RDS does not say. */
async function isDown(id: string, context: FleetContext): Promise<boolean> {
  try {
    const [found] = await readDatabases([id], context);
    return found?.DBInstanceStatus === 'stopped' || found?.DBInstanceStatus === 'stopping';
  } catch {
    return false;
  }
}

/** Starts a database again. It is looked at first: people or AWS may have started it meanwhile. */
export async function startDatabase(
  database: Resource,
  _record: unknown,
  context: FleetContext,
): Promise<Restored> {
  const at = context.now();
  let outcome: Outcome;
  try {
    const [found] = await readDatabases([database.id], context);
    outcome = withoutStart(found?.DBInstanceStatus, at) ?? (await start(database, context));
  } catch (error) {
    outcome = refusal(error, at);
  }
  return { outcome, finished: outcome.status !== 'failed' };
}

/** What comes of it without a start; `undefined` where it is stopped. */
function withoutStart(status: string | undefined, at: Date): Outcome | undefined {
  const skipped = (code: string, detail: string): Outcome => ({ status: 'skipped', at, code, detail });
  switch (status) {
    case 'stopped':
      return undefined;
    case undefined:
    case 'deleting':
      return skipped('Gone', 'It was deleted meanwhile, so it cannot be started.');
    case 'stopping':
      return {
        status: 'failed',
        at,
        code: 'InvalidDBInstanceState',
        detail: 'It is still stopping and can be started once it has stopped.',
        retry: true,
      };
    default:
      return skipped('AlreadyRunning', `Its state is ${status}, so there was nothing to start.`);
  }
}

async function start({ id }: Resource, context: FleetContext): Promise<Outcome> {
  const at = context.now();
  await context.clients.rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier: id }));
  return { status: 'taken', at, detail: 'Started; a database takes minutes until it answers.' };
}

function refusal(error: unknown, at: Date): Outcome {
  const code = errorCode(error);
  const detail = errorMessage(error);
  if (isDatabaseMissing(error)) {
    return { status: 'skipped', at, code: 'Gone', detail: 'It no longer exists.' };
  }
  if (code === 'InsufficientDBInstanceCapacityFault' || code === 'InsufficientDBInstanceCapacity') {
    return {
      status: 'failed',
      at,
      code,
      detail: `AWS has no capacity for its class in its Availability Zone now; another try may succeed. ${detail}`,
      retry: true,
    };
  }
  return { status: 'failed', at, code, detail, retry: isWrongState(error) || isTransient(error) };
}
