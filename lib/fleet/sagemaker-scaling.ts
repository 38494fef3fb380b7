import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
  type ScalableTarget,
  type ScalingPolicy,
  type ScheduledAction,
} from '@aws-sdk/client-application-auto-scaling';
import { chunks } from '../types/lists.ts';
import type { FleetContext } from './kind.ts';
import { allPages } from './pages.ts';
import type { Scaling } from './sagemaker-record.ts';

const SAGEMAKER = { ServiceNamespace: 'sagemaker' } as const;
/** Resource ids that DescribeScalableTargets takes; the other calls take one. */
const IDS_PER_CALL = 50;

/** What Application Auto Scaling has of some resources, as it describes it. */
export interface FoundScaling {
  readonly scalableTargets: readonly ScalableTarget[];
  readonly scalingPolicies: readonly ScalingPolicy[];
  readonly scheduledActions: readonly ScheduledAction[];
}

/** The scalable targets of some variants or inference components, such as `endpoint/ranker/variant/main`. */
export async function scalableTargets(
  ids: readonly string[],
  { clients }: FleetContext,
): Promise<readonly ScalableTarget[]> {
  const found: ScalableTarget[] = [];
  for (const ResourceIds of chunks(ids, IDS_PER_CALL)) {
    found.push(
      ...(await allPages(async (next) => {
        const page = await clients.autoscaling.send(
          new DescribeScalableTargetsCommand({ ...SAGEMAKER, ResourceIds, ...token(next) }),
        );
        return { items: page.ScalableTargets, next: page.NextToken };
      })),
    );
  }
  return found;
}

/** Targets, policies and schedules of some variants. All are lost with their endpoint. */
export async function readScaling(ids: readonly string[], context: FleetContext): Promise<FoundScaling> {
  const { autoscaling } = context.clients;
  const scaling = {
    scalableTargets: await scalableTargets(ids, context),
    scalingPolicies: [] as ScalingPolicy[],
    scheduledActions: [] as ScheduledAction[],
  };
  for (const ResourceId of ids) {
    scaling.scalingPolicies.push(
      ...(await allPages(async (next) => {
        const page = await autoscaling.send(
          new DescribeScalingPoliciesCommand({ ...SAGEMAKER, ResourceId, ...token(next) }),
        );
        return { items: page.ScalingPolicies, next: page.NextToken };
      })),
    );
    scaling.scheduledActions.push(
      ...(await allPages(async (next) => {
        const page = await autoscaling.send(
          new DescribeScheduledActionsCommand({ ...SAGEMAKER, ResourceId, ...token(next) }),
        );
        return { items: page.ScheduledActions, next: page.NextToken };
      })),
    );
  }
  return scaling;
}

const token = (NextToken: string | undefined) => (NextToken === undefined ? {} : { NextToken });

/** What was put back, and what people must see to themselves; each a part of a sentence. */
export interface PutBack {
  readonly done: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Puts back what is missing of a saved scaling, in its order: policies and schedules need their target. What is
 * there is never replaced, whatever it says. The endpoint must be in service: registering a target moves its
 * capacity into the range.
 */
export async function putBackScaling(saved: Scaling, context: FleetContext): Promise<PutBack> {
  const ids = [
    ...new Set(
      [...saved.scalableTargets, ...saved.scalingPolicies, ...saved.scheduledActions].map(
        ({ ResourceId }) => ResourceId,
      ),
    ),
  ];
  if (ids.length === 0) return { done: [], notes: [] };
  const { autoscaling } = context.clients;
  const found = await readScaling(ids, context);

  const targets = saved.scalableTargets.filter(
    (target) => !found.scalableTargets.some((one) => sameTarget(one, target)),
  );
  for (const target of targets) {
    await autoscaling.send(new RegisterScalableTargetCommand({ ...SAGEMAKER, ...target }));
  }
  const policies = saved.scalingPolicies.filter(
    (policy) =>
      !found.scalingPolicies.some((one) => sameTarget(one, policy) && one.PolicyName === policy.PolicyName),
  );
  for (const { Alarms, ...policy } of policies) {
    await autoscaling.send(new PutScalingPolicyCommand({ ...SAGEMAKER, ...policy }));
  }
  const now = context.now();
  const actions = saved.scheduledActions.filter(
    (action) =>
      !isOver(action, now) &&
      !found.scheduledActions.some(
        (one) => sameTarget(one, action) && one.ScheduledActionName === action.ScheduledActionName,
      ),
  );
  for (const { StartTime, ...action } of actions) {
    // A start that has passed says nothing any more, and may be refused (unverified).
    const start = StartTime === undefined || StartTime <= now ? {} : { StartTime };
    await autoscaling.send(new PutScheduledActionCommand({ ...SAGEMAKER, ...action, ...start }));
  }
  return {
    done: [
      ...counted(targets.length, 'scalable target', 'scalable targets'),
      ...counted(policies.length, 'scaling policy', 'scaling policies'),
      ...counted(actions.length, 'scheduled action', 'scheduled actions'),
    ],
    notes: policies.flatMap(alarmNote),
  };
}

interface TargetKey {
  readonly ResourceId?: string | undefined;
  readonly ScalableDimension?: string | undefined;
}

const sameTarget = (one: TargetKey, other: TargetKey): boolean =>
  one.ResourceId === other.ResourceId && one.ScalableDimension === other.ScalableDimension;

type SavedAction = Scaling['scheduledActions'][number];

/** Its time has passed for good: at the end that was set, or after the one time it was meant for. */
function isOver({ EndTime, Schedule, Timezone }: SavedAction, now: Date): boolean {
  if (EndTime !== undefined && EndTime <= now) return true;
  const once = /^at\((.+)\)$/.exec(Schedule)?.[1];
  // Without a time zone it is UTC. In another one it is at most 14 h off: only what is surely over is left out.
  const slack = Timezone === undefined ? 0 : 14 * 3_600_000;
  return once !== undefined && Date.parse(`${once}Z`) + slack <= now.getTime();
}

/**
 * The alarms of target tracking are made anew by AWS. Those of step scaling belong to people, and name the policy by
 * an ARN that it no longer has.
 */
function alarmNote({ PolicyType, PolicyName, Alarms = [] }: Scaling['scalingPolicies'][number]): string[] {
  if (PolicyType !== 'StepScaling' || Alarms.length === 0) return [];
  const names = Alarms.map(({ AlarmName }) => AlarmName).join(', ');
  return [`Its scaling policy ${PolicyName} has a new ARN: point the alarm ${names} at it.`];
}

const counted = (count: number, one: string, many: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
