import {
  AutoScalingClient,
  AutoScalingServiceException,
  DescribeAutoScalingGroupsCommand,
  type DescribeAutoScalingGroupsCommandInput,
  DescribeScheduledActionsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { arnOf } from '../../fleet/arn.ts';
import { answering } from './answering.ts';
import { inServiceAt, zoneOf } from './ec2-entry.ts';
import { pageOf } from './ec2-list.ts';
import { type MemoryMember, membersOf, refitted, setMembers } from './ec2-members.ts';
import { tellOnce } from './ec2-memo.ts';
import { ACCOUNT, type AccountState, type Member, REGION } from './state.ts';

export { type MemoryMember, memberOf, membersOf } from './ec2-members.ts';

/** An EC2 Auto Scaling group of instances of one type; each does what `use` says. */
export interface MemoryGroup extends Member {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  /** Absent = as many as are desired, launched at `since`. */
  readonly members?: readonly MemoryMember[];
  /** Absent = one made of its name. */
  readonly arn?: string;
  /** Absent = `since`. */
  readonly created?: Date;
  /** Processes, such as `Terminate`. */
  readonly suspended?: readonly string[];
  /** The service that manages it; `''` = one that AWS does not name. */
  readonly operator?: string;
  /** The account of its members; absent = `ACCOUNT`. */
  readonly owner?: string;
}

/** The sizes of a group; what is absent stays. */
export interface GroupSizes {
  readonly min?: number | undefined;
  readonly desired?: number | undefined;
  readonly max?: number | undefined;
}

const invalid = (message: string) =>
  new AutoScalingServiceException({ name: 'ValidationError', message, $fault: 'client', $metadata: {} });

const arnOfGroup = ({ arn, name, region = REGION, owner = ACCOUNT }: MemoryGroup): string =>
  arn ??
  arnOf(
    'autoscaling',
    region,
    owner,
    `autoScalingGroup:00000000-0000-4000-8000-000000000000:autoScalingGroupName/${name}`,
  );

/** True where the ARN is that of the group, whatever the account in it. */
export const isGroupArn = (arn: string, group: MemoryGroup): boolean =>
  arn.split(':').slice(5).join(':') === arnOfGroup(group).split(':').slice(5).join(':');

/**
 * Sets the sizes of a group as UpdateAutoScalingGroup does; members come and go at once, where AWS takes minutes. A
 * smallest or largest size that does not fit moves the desired one (API reference, UpdateAutoScalingGroup).
 * @throws AutoScalingServiceException `ValidationError` where the group is not there, or the sizes contradict each other.
 */
export function scaleGroup(state: AccountState, name: string, region: string, sizes: GroupSizes): void {
  const group = state.groups.get(name);
  if (group === undefined || (group.region ?? REGION) !== region) {
    throw invalid('AutoScalingGroup name not found - null');
  }
  const { min = group.min, max = group.max } = sizes;
  const desired = sizes.desired ?? Math.min(Math.max(group.desired, min), max);
  if (min > max) throw invalid(`Min bound, ${min}, must be less than or equal to max bound, ${max}`);
  if (desired < min || desired > max) {
    throw invalid(
      `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`,
    );
  }
  const before = membersOf(state, group);
  const next = { ...group, members: before, min, max, desired };
  const at = state.now();
  const after = refitted(state, next);
  setMembers(state, next, after);
  if (before.length > 0 && after.length === 0) state.effects.push({ at, id: name });
  if (before.length === 0 && after.length > 0) state.restored.push({ at, id: name });
}

/** EC2 Auto Scaling of one region. */
export function autoScalingIn(state: AccountState, region: string): AutoScalingClient {
  const isHere = (group: MemoryGroup | undefined): group is MemoryGroup =>
    group !== undefined && (group.region ?? REGION) === region;
  const describe = (group: MemoryGroup) => describeGroup(state, group, region);
  return (
    answering(new AutoScalingClient({ region }))
      .on(DescribeAutoScalingGroupsCommand, (asked) => {
        const { AutoScalingGroupNames: names = [], MaxRecords: size = 50, NextToken } = asked;
        if (size > 100) throw invalid(`MaxRecords ${size} must be less than or equal to 100`);
        const found =
          names.length > 0
            ? [...new Set(names)].flatMap((name) => state.groups.get(name) ?? [])
            : [...state.groups.values()];
        const wanted = testOf(asked.Filters ?? []);
        const { items, next } = pageOf(found.filter(isHere).filter(wanted), size, NextToken);
        return { AutoScalingGroups: items.map(describe), ...next };
      })
      // None has any.
      .on(DescribeScheduledActionsCommand, () => ({ ScheduledUpdateGroupActions: [] }))
      .on(UpdateAutoScalingGroupCommand, ({ AutoScalingGroupName, MinSize, DesiredCapacity, MaxSize }) => {
        scaleGroup(state, AutoScalingGroupName ?? '', region, {
          min: MinSize,
          desired: DesiredCapacity,
          max: MaxSize,
        });
        return {};
      }).client
  );
}

function testOf(
  filters: NonNullable<DescribeAutoScalingGroupsCommandInput['Filters']>,
): (group: MemoryGroup) => boolean {
  const tests = filters.map(({ Name = '', Values = [] }) => (group: MemoryGroup) => {
    if (Name === 'tag-key') return Object.keys(group.tags).some((key) => Values.includes(key));
    if (Name === 'tag-value') return Object.values(group.tags).some((value) => Values.includes(value));
    if (!Name.startsWith('tag:')) throw invalid(`Filter type ${Name} is not correct.`);
    const key = Name.slice('tag:'.length);
    return Object.hasOwn(group.tags, key) && Values.includes(group.tags[key] ?? '');
  });
  return (group) => tests.every((test) => test(group));
}

function describeGroup(state: AccountState, group: MemoryGroup, region: string) {
  const now = state.now();
  const { name, min, max, desired, created = group.since, suspended = [], operator } = group;
  const zone = zoneOf({ ...group, id: name });
  const members = membersOf(state, group);
  const isComing = (one: MemoryMember): boolean => inServiceAt(one) > now;
  for (const one of members.filter(isComing)) {
    tellOnce(state, one, inServiceAt(one), { kind: 'auto-scaling-group', region, id: name });
  }
  return {
    AutoScalingGroupName: name,
    AutoScalingGroupARN: arnOfGroup(group),
    MinSize: min,
    MaxSize: max,
    DesiredCapacity: desired,
    AvailabilityZones: [zone],
    CreatedTime: created,
    Instances: members.map((one) => ({
      InstanceId: one.id,
      InstanceType: one.type ?? group.type,
      AvailabilityZone: zone,
      LifecycleState: isComing(one) ? 'Pending' : one.stays === 'standby' ? 'Standby' : 'InService',
      HealthStatus: 'Healthy',
      ProtectedFromScaleIn: one.stays === 'protected',
    })),
    SuspendedProcesses: suspended.map((ProcessName) => ({ ProcessName })),
    Tags: Object.entries(group.tags).map(([Key, Value]) => ({
      ResourceId: name,
      ResourceType: 'auto-scaling-group',
      Key,
      Value,
      PropagateAtLaunch: true,
    })),
    ...(operator === undefined
      ? {}
      : { Operator: { Managed: true, ...(operator === '' ? {} : { Principal: operator }) } }),
  };
}

/** The group with tags beside or over its own; its members keep theirs, as tags reach them at their launch alone. */
export function tagGroup(state: AccountState, group: MemoryGroup, tags: Member['tags']): void {
  const members = membersOf(state, group).map((one) => ({ ...one, tags: one.tags ?? group.tags }));
  setMembers(state, { ...group, tags: { ...group.tags, ...tags } }, members);
}
