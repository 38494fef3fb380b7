import { CreateScheduleCommand, type SchedulerClient } from '@aws-sdk/client-scheduler';
import { errorCode } from '../fleet/aws-errors.ts';
import type { Clock } from '../types/clock.ts';

/** Makes sure that a sweep looks at the fleet at `at`, to within the minute, and not up to five minutes later. */
export type Wake = (at: Date) => Promise<void>;

export interface WakeSettings {
  readonly sweepFunctionArn: string;
  /** The role by which EventBridge Scheduler invokes the sweep. */
  readonly roleArn: string;
  /** The schedule group of Bursar's one-time schedules. */
  readonly group: string;
  /** The machine's time. One-time schedules follow it, also where the sandbox sets the Lambdas' clock ahead … */
  readonly machineNow: Clock;
  /** … by so many milliseconds; 0 on AWS. */
  readonly aheadMs: number;
}

/** A schedule for a moment that has passed would never fire, so one that is due is set a little later. Milliseconds. */
const SOONEST_MS = 5_000;

/** Scheduler takes whole seconds; the first one not before `ms`, since a sweep that looks too soon sees nothing. */
const wholeSecond = (ms: number): string => new Date(Math.ceil(ms / 1000) * 1000).toISOString().slice(0, 19);

/**
 * One-time schedules of EventBridge Scheduler, whose name is their time: one that was asked for twice is one sweep.
 * Each deletes itself. Scheduler keeps a time to within 60 seconds (its user guide, "Schedule types").
 */
export function createWake(
  client: SchedulerClient,
  { sweepFunctionArn, roleArn, group, machineNow, aheadMs }: WakeSettings,
): Wake {
  return async (at) => {
    const soonest = machineNow().getTime() + SOONEST_MS;
    const when = wholeSecond(Math.max(at.getTime() - aheadMs, soonest));
    try {
      await client.send(
        new CreateScheduleCommand({
          Name: `sweep-${when.replaceAll(':', '')}`,
          GroupName: group,
          Description: 'Bursar: a sweep at an announced minute',
          ScheduleExpression: `at(${when})`,
          ScheduleExpressionTimezone: 'UTC',
          FlexibleTimeWindow: { Mode: 'OFF' },
          ActionAfterCompletion: 'DELETE',
          Target: {
            Arn: sweepFunctionArn,
            RoleArn: roleArn,
            Input: '{}',
            RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 240 },
          },
        }),
      );
    } catch (error) {
      if (errorCode(error) !== 'ConflictException') throw error;
    }
  };
}
