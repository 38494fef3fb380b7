import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteScheduleCommand,
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  paginateListSchedules,
  type SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';

/** A one-time schedule that will start a sweep. */
export interface Wake {
  readonly name: string;
  /** By the machine's clock, which schedules follow. */
  readonly at: Date;
  readonly createdAt: Date;
}

/** All one-time schedules that the deployed Lambdas made and that have not fired, the soonest first. */
export async function listWakes(scheduler: SchedulerClient, group: string): Promise<readonly Wake[]> {
  const found = (await schedulesOf(scheduler, group)).flatMap(
    ({ Name, ScheduleExpression = '', CreationDate }) => {
      const [, at] = /^at\((.+)\)$/.exec(ScheduleExpression) ?? [];
      return Name === undefined || at === undefined || CreationDate === undefined
        ? []
        : [{ name: Name, at: new Date(`${at}Z`), createdAt: CreationDate }];
    },
  );
  return found.sort((a, b) => a.at.getTime() - b.at.getTime());
}

const FIRED_WITHIN_MS = 60_000;

/**
 * Has these fire now, by the local AWS itself: sets their time to this second, and waits until they have fired and
 * deleted themselves. MiniStack looks for due ones every 10 seconds.
 * @throws Error where one is still there after a minute.
 */
export async function fireWakes(
  scheduler: SchedulerClient,
  group: string,
  names: readonly string[],
): Promise<void> {
  const due = new Date().toISOString().slice(0, 19);
  for (const schedule of await schedulesOf(scheduler, group)) {
    const { Name, FlexibleTimeWindow, Target, ActionAfterCompletion, Description } = schedule;
    if (Name === undefined || !names.includes(Name)) continue;
    await scheduler.send(
      new UpdateScheduleCommand({
        Name,
        GroupName: group,
        Description,
        ScheduleExpression: `at(${due})`,
        ScheduleExpressionTimezone: 'UTC',
        FlexibleTimeWindow,
        Target,
        ActionAfterCompletion,
      }),
    );
  }
  const deadline = Date.now() + FIRED_WITHIN_MS;
  for (;;) {
    const left = (await listWakes(scheduler, group)).filter(({ name }) => names.includes(name));
    if (left.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`Not fired: ${left.map(({ name }) => name).join(', ')}. Does the local AWS tick?`);
    await sleep(500);
  }
}

/** Has these never fire. */
export async function dropWakes(
  scheduler: SchedulerClient,
  group: string,
  names: readonly string[],
): Promise<void> {
  for (const Name of names) await scheduler.send(new DeleteScheduleCommand({ Name, GroupName: group }));
}

/** Each with what ListSchedules does not tell of it. One that fires meanwhile is left out. */
async function schedulesOf(
  scheduler: SchedulerClient,
  GroupName: string,
): Promise<readonly GetScheduleCommandOutput[]> {
  const found: GetScheduleCommandOutput[] = [];
  for await (const { Schedules = [] } of paginateListSchedules({ client: scheduler }, { GroupName })) {
    for (const { Name } of Schedules) {
      try {
        found.push(await scheduler.send(new GetScheduleCommand({ Name, GroupName })));
      } catch (error) {
        if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error;
      }
    }
  }
  return found;
}
