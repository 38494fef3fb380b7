import {
  type AutoScalingGroup,
  DescribeScheduledActionsCommand,
  type ScheduledUpdateGroupAction,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import * as z from 'zod';
import { mapLimited } from '../types/lists.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import {
  isAtZero,
  isGroupMissing,
  outlivesZero,
  presentMembers,
  readGroups,
  sizesOf,
  suspendedOf,
} from './auto-scaling-read.ts';
import { errorCode, errorMessage, isTransient } from './aws-errors.ts';
import type { FleetContext, Restored, StopContext } from './kind.ts';
import { allPages } from './pages.ts';

/** The sizes of a group as they were before it was scaled to zero. */
const GroupRecordSchema = z.object({
  min: z.number().int().nonnegative(),
  desired: z.number().int().nonnegative(),
  max: z.number().int().nonnegative(),
  /** Processes that people had suspended; they stay so. For whoever restores by hand. */
  suspended: z.array(z.string()),
});
export type GroupRecord = z.infer<typeof GroupRecordSchema>;

const CALLS_AT_ONCE = 5;

/** Sets the smallest and the desired size to zero and keeps the largest, after both are saved. */
export async function scaleToZero(
  groups: readonly Resource[],
  context: StopContext,
): Promise<ReadonlyMap<string, Outcome>> {
  return new Map(
    await mapLimited(
      groups,
      CALLS_AT_ONCE,
      async (group) => [group.arn, await scaleOne(group, context)] as const,
    ),
  );
}

async function scaleOne(group: Resource, context: StopContext): Promise<Outcome> {
  const at = context.now();
  try {
    const [live] = await readGroups([group.id], context);
    if (live === undefined) return gone(at);
    // Never saved over: the sizes of a group at zero are those that the stop before has saved.
    if (isAtZero(live)) {
      const detail = `It was at zero already (${sizesOf(live)}).${staying(live)}`;
      return { status: 'skipped', at, code: 'AlreadyStopped', detail };
    }
    const schedule = await bringingBack(group.id, context);
    await context.saveRestore(group, recordOf(live));
    await context.clients.groups.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group.id, MinSize: 0, DesiredCapacity: 0 }),
    );
    const detail = `Scaled to zero; its sizes were ${sizesOf(live)}.${staying(live)}${warmPool(live)}${schedule}`;
    return { status: 'taken', at, detail };
  } catch (error) {
    return refusal(error, at);
  }
}

const recordOf = (group: AutoScalingGroup): GroupRecord => ({
  min: group.MinSize ?? 0,
  desired: group.DesiredCapacity ?? 0,
  max: group.MaxSize ?? 0,
  suspended: [...suspendedOf(group)],
});

/** A sentence, with a space before it, where members run on. */
function staying(group: AutoScalingGroup): string {
  const count = presentMembers(group).filter(outlivesZero).length;
  if (count === 0) return '';
  return count === 1
    ? ' One member that stands by or is protected from scale-in runs on.'
    : ` ${count} members that stand by or are protected from scale-in run on.`;
}

/** By default a warm pool fills up to the largest size as the group shrinks, so it may even grow. */
const warmPool = ({ WarmPoolConfiguration: pool }: AutoScalingGroup): string =>
  pool === undefined ? '' : ` Its warm pool (${pool.PoolState ?? 'Stopped'}) stays, and may grow.`;

/** A sentence, with a space before it, where a scheduled action gives the group instances again. */
async function bringingBack(AutoScalingGroupName: string, context: FleetContext): Promise<string> {
  const all = await allPages<ScheduledUpdateGroupAction>(async (NextToken) => {
    const page = await context.clients.groups.send(
      new DescribeScheduledActionsCommand({
        AutoScalingGroupName,
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    return { items: page.ScheduledUpdateGroupActions, next: page.NextToken };
  });
  const some = all.filter(({ MinSize = 0, DesiredCapacity = 0 }) => MinSize > 0 || DesiredCapacity > 0);
  if (some.length === 0) return '';
  const names = some.map(({ ScheduledActionName }) => ScheduledActionName ?? '?').join(', ');
  const starts = some.flatMap(({ StartTime }) => StartTime?.getTime() ?? []);
  const next = Math.min(...starts.filter((start) => start > context.now().getTime()));
  const when = Number.isFinite(next) ? `, first at ${new Date(next).toISOString()}` : '';
  return ` Its scheduled ${some.length === 1 ? 'action' : 'actions'} ${names} will scale it up again${when}.`;
}

/** Gives a group its sizes back, where it is still at the zeros that the stop left. */
export async function scaleUpAgain(
  group: Resource,
  record: unknown,
  context: FleetContext,
): Promise<Restored> {
  const outcome = await restoreSizes(group, record, context);
  return { outcome, finished: outcome.status !== 'failed' };
}

async function restoreSizes(group: Resource, record: unknown, context: FleetContext): Promise<Outcome> {
  const at = context.now();
  const read = GroupRecordSchema.safeParse(record);
  if (!read.success) {
    const detail = 'Its restore record cannot be read.';
    return { status: 'failed', at, code: 'UnreadableRecord', detail, retry: false };
  }
  const { min: MinSize, desired: DesiredCapacity, max: MaxSize } = read.data;
  const before = sizesOf({ MinSize, DesiredCapacity, MaxSize });
  try {
    const [live] = await readGroups([group.id], context);
    if (live === undefined) return gone(at);
    if (live.MinSize === MinSize && live.DesiredCapacity === DesiredCapacity) {
      const detail = `It has its sizes already: ${sizesOf(live)}.`;
      return { status: 'skipped', at, code: 'AlreadyRunning', detail };
    }
    // People's own sizes are never replaced, nor is a largest size that has no room for what was.
    if (!isAtZero(live) || (live.MaxSize ?? 0) < DesiredCapacity) {
      const detail = `Somebody has changed its sizes to ${sizesOf(live)}, so they were left alone. Before the stop they were ${before}.`;
      return { status: 'skipped', at, code: 'ChangedByHand', detail };
    }
    await context.clients.groups.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group.id, MinSize, DesiredCapacity }),
    );
    const asleep = suspendedOf(live).includes('Launch')
      ? ' Its process Launch is suspended: instances come once it is resumed.'
      : '';
    return {
      status: 'taken',
      at,
      detail: `Scaled up again: ${sizesOf({ MinSize, DesiredCapacity, MaxSize: live.MaxSize })}.${asleep}`,
    };
  } catch (error) {
    return refusal(error, at);
  }
}

const gone = (at: Date): Outcome => ({ status: 'skipped', at, code: 'Gone', detail: 'It no longer exists.' });

/** Errors of UpdateAutoScalingGroup that end by themselves, by the code on the wire and by the SDK's name. */
const PASSING = new Set([
  'ScalingActivityInProgress',
  'ScalingActivityInProgressFault',
  'ResourceContention',
  'ResourceContentionFault',
]);

function refusal(error: unknown, at: Date): Outcome {
  if (isGroupMissing(error)) return gone(at);
  const code = errorCode(error);
  const retry = PASSING.has(code) || isTransient(error);
  return { status: 'failed', at, code, detail: errorMessage(error), retry };
}
