import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  type _InstanceType,
  DescribeInstancesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { arnOf } from '../../lib/fleet/arn.ts';
import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import { budgetName, type Policy } from '../../lib/policy/policy.ts';
import { type Ec2Faults, setEc2Faults } from '../../lib/sandbox/ec2-front.ts';
import type { DeployedSweep } from '../../lib/sandbox/lambdas.ts';
import { ACCOUNT, REGION, ROOT } from '../../lib/sandbox/local-aws.ts';
import type { InstanceUse, Tags } from '../../lib/sandbox/seed.ts';
import type { Stage } from '../../lib/sandbox/stage.ts';
import { budgetsText } from '../../lib/simulate/account/budgets-text.ts';
import { chunks } from '../../lib/types/lists.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
const SAMPLE_MS = 5 * MINUTE_MS;

export const arnOfInstance = (id: string, region = REGION): string =>
  arnOf('ec2', region, ACCOUNT, `instance/${id}`);

/** So many minutes after a time. */
export const after = (time: Date, minutes: number): Date => new Date(time.getTime() + minutes * MINUTE_MS);

export const isWithinTheMinute = (at: Date, minute: Date): boolean =>
  at >= minute && at.getTime() - minute.getTime() < MINUTE_MS;

/** The next time that is a whole number of `minutes`, so that no sample is cut in half. */
export const nextWhole = (now: Date, minutes: number): Date =>
  new Date(Math.ceil(now.getTime() / (minutes * MINUTE_MS)) * minutes * MINUTE_MS);

export interface Launch {
  readonly tags: Tags;
  readonly type?: _InstanceType;
  readonly count?: number;
  readonly region?: string;
}

/** What a run of the command line came to. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What scenarios do on a stage. */
export function actsOn(stage: Stage, policy: Policy) {
  const regions = new Map<string, RegionClients>([[REGION, stage.clients]]);
  const clientsOf = (region: string): RegionClients => {
    const clients = regions.get(region) ?? createRegionClients(region);
    regions.set(region, clients);
    return clients;
  };

  /** Starts instances. @returns their ids. */
  async function launch({ tags, type = 'm5.xlarge', count = 1, region = REGION }: Launch): Promise<string[]> {
    const { Instances = [] } = await clientsOf(region).ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-0abcdef1234567890',
        InstanceType: type,
        MinCount: count,
        MaxCount: count,
        TagSpecifications: [
          { ResourceType: 'instance', Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
        ],
      }),
    );
    return Instances.flatMap(({ InstanceId: id }) => id ?? []);
  }

  /** Instances of a region by their state, those that were ended left out. */
  async function states(region = REGION): Promise<ReadonlyMap<string, string>> {
    const { Reservations = [] } = await clientsOf(region).ec2.send(new DescribeInstancesCommand({}));
    const all = Reservations.flatMap(({ Instances = [] }) => Instances);
    return new Map(
      all.flatMap(({ InstanceId: id, State }) =>
        id === undefined || State?.Name === 'terminated' ? [] : [[id, State?.Name ?? 'unknown']],
      ),
    );
  }

  /** How many of the instances are in each state: `{ running: 3, stopped: 47 }`. */
  async function counted(ids: readonly string[], region = REGION): Promise<Record<string, number>> {
    const found = await states(region);
    const by = Map.groupBy(ids, (id) => found.get(id) ?? 'terminated');
    return Object.fromEntries([...by].map(([state, some]) => [state, some.length]));
  }

  /** Lets the deployed Lambdas have a time that is still to come. */
  const goTo = async (time: Date): Promise<void> => {
    await stage.advance(Math.ceil((time.getTime() - stage.now().getTime()) / 1000));
  };

  /** What Slack was sent while `work` ran, as text. */
  async function slackDuring(work: () => Promise<unknown>): Promise<readonly string[]> {
    const before = stage.slack.messages().length;
    await work();
    await stage.quiet();
    return stage.slack
      .messages()
      .slice(before)
      .map((message) => JSON.stringify(message));
  }

  return {
    clientsOf,
    launch,
    states,
    counted,
    goTo,
    slackDuring,
    faults: (faults: Ec2Faults): Promise<void> => setEc2Faults(stage.aws.endpoints.ec2 ?? '', faults),
    /** Ends all instances, so that nothing of one scenario is in the fleet of the next. */
    clear: async (): Promise<void> => {
      await setEc2Faults(stage.aws.endpoints.ec2 ?? '', {});
      for (const [region, { ec2 }] of regions) {
        const InstanceIds = [...(await states(region)).keys()];
        if (InstanceIds.length > 0) await ec2.send(new TerminateInstancesCommand({ InstanceIds }));
      }
    },
    /** Writes what instances without a GPU do into CloudWatch, 1,000 values a call. */
    use: async (
      ids: readonly string[],
      { cpu, network }: Omit<InstanceUse, 'gpu'>,
      from: Date,
      to: Date,
    ): Promise<void> => {
      const times = Array.from(
        { length: Math.ceil((to.getTime() - from.getTime()) / SAMPLE_MS) },
        (_, n) => new Date(from.getTime() + n * SAMPLE_MS),
      );
      const values = { CPUUtilization: cpu, NetworkIn: network, NetworkOut: network };
      const data = ids.flatMap((id) =>
        Object.entries(values).flatMap(([MetricName, Value]) =>
          times.map((Timestamp) => ({
            MetricName,
            Dimensions: [{ Name: 'InstanceId', Value: id }],
            Timestamp,
            Value,
          })),
        ),
      );
      for (const MetricData of chunks(data, 1_000)) {
        await stage.clients.cloudwatch.send(new PutMetricDataCommand({ Namespace: 'AWS/EC2', MetricData }));
      }
    },
    /** Sweeps at a time, and waits until all that it asked for is done. */
    sweepAt: async (time: Date): Promise<DeployedSweep> => {
      await goTo(time);
      const swept = await stage.sweep();
      await stage.quiet();
      return swept;
    },
    /**
     * Publishes what AWS Budgets publishes, once for each project; nobody believes its figures.
     * @returns what Slack was sent.
     */
    alert: (
      projects: string | readonly string[],
      type: 'ACTUAL' | 'FORECASTED',
      amount: string,
    ): Promise<readonly string[]> =>
      slackDuring(async () => {
        for (const project of typeof projects === 'string' ? [projects] : projects) {
          const { subject, message } = budgetsText({
            account: ACCOUNT,
            budgetName: budgetName(policy, project),
            type,
            date: stage.now(),
            limit: '$1,000.00',
            threshold: '$1,000.00',
            amount,
          });
          await stage.publish(subject, message);
        }
      }),
    /** What became of all decisions about a resource, oldest first: `taken stop`, `skipped Gone: …`. */
    outcomes: async (arn: string): Promise<readonly string[]> =>
      (await stage.ledger.audit({ arn }))
        .filter(({ event }) => event !== 'intended')
        .map(({ event, code, detail, decision }) =>
          code === undefined ? `${event} ${decision.action}` : `${event} ${code}: ${detail}`,
        ),
    /** When a resource was stopped, by the clock of the deployed Lambdas. */
    stoppedAt: async (arn: string): Promise<Date | undefined> =>
      (await stage.ledger.audit({ arn })).findLast(
        ({ event, decision }) => event === 'taken' && decision.action === 'stop',
      )?.at,
    /** Runs the command line in a process of its own, as people do, against the deployed stack. */
    bursar: (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
      new Promise((resolve, reject) => {
        execFile(
          join(ROOT, 'node_modules', '.bin', 'node'),
          [join(ROOT, 'bin', 'bursar.mjs'), ...args],
          { cwd: ROOT, env: { ...stage.aws.env, NO_COLOR: '1', ...env }, timeout: 60_000 },
          (error, out, err) => {
            const code = error === null ? 0 : error.code;
            if (typeof code === 'number') resolve({ code, out, err });
            else reject(error ?? new Error('bursar gave no exit code'));
          },
        );
      }),
  };
}

export type Acts = ReturnType<typeof actsOn>;

/**
 * Puts the clock forward where the month is about to turn or has just turned: a budget starts anew with the month, and
 * in its first two days a high spend is held for a human (it may be last month's).
 */
export async function withDaysAhead(stage: Stage, days: number): Promise<void> {
  const fits = (skipped: number): boolean =>
    Array.from({ length: days + 1 }, (_, day) => skipped + day).every(
      (day) => new Date(stage.now().getTime() + day * 24 * HOUR_MS).getUTCDate() >= 4,
    );
  let skipped = 0;
  while (!fits(skipped)) skipped += 1;
  if (skipped > 0) await stage.advance(skipped * 24 * 3_600);
}

/**
 * Leaves the sweeps to the scenarios and to one-time schedules: the regular one follows the machine's clock, and comes
 * in the middle of whatever is played five minutes after the deployment.
 */
export async function pauseRegularSweeps(): Promise<void> {
  const scheduler = new SchedulerClient({});
  const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({ GroupName: 'default' }));
  for (const { Name, GroupName } of Schedules) {
    const found = await scheduler.send(new GetScheduleCommand({ Name, GroupName }));
    const { ScheduleExpression, FlexibleTimeWindow, Target, Description } = found;
    await scheduler.send(
      new UpdateScheduleCommand({
        Name,
        GroupName,
        Description,
        ScheduleExpression,
        FlexibleTimeWindow,
        Target,
        State: 'DISABLED',
      }),
    );
  }
  scheduler.destroy();
}
