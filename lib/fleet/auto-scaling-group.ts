import type { AutoScalingGroup, Instance as Member } from '@aws-sdk/client-auto-scaling';
import type { Instance } from '@aws-sdk/client-ec2';
import { microUsd, type Usd } from '../types/money.ts';
import type { Protection, Resource, ResourcePart, ResourceState } from '../types/resource.ts';
import {
  outlivesZero,
  presentMembers,
  readGroups,
  servingMembers,
  suspendedOf,
} from './auto-scaling-read.ts';
import { groupSignals } from './auto-scaling-signals.ts';
import { scaleToZero, scaleUpAgain } from './auto-scaling-sizes.ts';
import { type Ec2Terms, hourlyOf as instanceHourly, termsOf as instanceTerms } from './ec2-price.ts';
import { describeInstances } from './ec2-read.ts';
import type { FleetContext, Kind } from './kind.ts';
import { managersOf, tagsOf } from './managers.ts';

/**
 * EC2 Auto Scaling groups: scaled to zero and back, which ends their instances, so a policy must allow it. A single
 * member is never stopped: its group would replace it.
 */
export const autoScalingGroup: Kind = {
  kind: 'auto-scaling-group',
  title: 'Auto Scaling group',
  billedAs: 'Amazon Elastic Compute Cloud - Compute',
  stopped: 'scaled to zero',
  restored: 'scaled up again',
  permissions: {
    observe: [
      {
        actions: [
          'autoscaling:DescribeAutoScalingGroups',
          'autoscaling:DescribeScheduledActions',
          'ec2:DescribeInstances',
          'ec2:DescribeSpotPriceHistory',
          'cloudwatch:GetMetricData',
          'cloudwatch:ListMetrics',
        ],
        resources: ['*'],
        taggedOnly: false,
      },
    ],
    act: [
      {
        actions: ['autoscaling:UpdateAutoScalingGroup'],
        resources: ['autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*'],
        taggedOnly: true,
      },
    ],
  },
  discover: async (context) => toResources(await readGroups('all', context), context),
  describe: async (names, context) => toResources(await readGroups(names, context), context),
  signals: groupSignals,
  // The sizes differ by group, and are in the restore record alone.
  undo: () => undefined,
  stop: scaleToZero,
  restore: scaleUpAgain,
};

/** Auto Scaling does not tell when a member was launched, nor what it is billed as: EC2 does. */
async function toResources(
  groups: readonly AutoScalingGroup[],
  context: FleetContext,
): Promise<readonly Resource[]> {
  const ids = groups.flatMap((group) => servingMembers(group).flatMap(({ InstanceId: id }) => id ?? []));
  const found = await describeInstances(ids, context);
  const instances = new Map(found.map(({ instance }) => [instance.InstanceId, instance]));
  const all = await Promise.all(groups.map((group) => toResource(group, instances, context)));
  return all.filter((one): one is Resource => one !== undefined);
}

async function toResource(
  group: AutoScalingGroup,
  instances: ReadonlyMap<string | undefined, Instance>,
  context: FleetContext,
): Promise<Resource | undefined> {
  const { AutoScalingGroupName: id, AutoScalingGroupARN: arn, CreatedTime: created } = group;
  if (id === undefined || arn === undefined || created === undefined) return undefined;
  const serving = servingMembers(group).map((member) => ({
    member,
    instance: instances.get(member.InstanceId),
  }));
  const parts = partsOf(serving);
  const tags = tagsOf(group.Tags);
  return {
    kind: autoScalingGroup.kind,
    arn,
    id,
    account: context.account,
    region: context.region,
    tags,
    state: stateOf(group),
    since: sinceOf(serving, created),
    ...pricedSinceOf(serving),
    size:
      parts.length === 0 ? 'no instances' : parts.map(({ count, type }) => `${count} × ${type}`).join(', '),
    parts,
    protections: protectionsOf(group, tags, serving),
    consent: 'scale-to-zero',
    hourly: await hourlyOf(serving, context),
  };
}

/** A member in service, and what EC2 knows of it; nothing where it has just gone. */
interface Serving {
  readonly member: Member;
  readonly instance: Instance | undefined;
}

/**
 * While it wants instances it runs as soon as one is in service, whatever else comes and goes: a group that replaces
 * members all day must not be out of reach of its budget. Once it wants none, it stops until the last one has left.
 */
function stateOf(group: AutoScalingGroup): ResourceState {
  if ((group.DesiredCapacity ?? 0) > 0) return servingMembers(group).length > 0 ? 'running' : 'transitional';
  const present = presentMembers(group);
  if (present.length === 0) return 'stopped';
  return present.every(outlivesZero) ? 'running' : 'transitional';
}

/**
 * The launch of the oldest member in service. Scaling up from zero makes it new, so that the group is too young to be
 * judged; scaling out by one leaves it as it is, and the newcomer's use shows in the metrics of the group. Where the
 * oldest is replaced the group counts as started anew, which only puts a stop off. Without members its creation.
 */
function sinceOf(serving: readonly Serving[], created: Date): Date {
  const launches = serving.flatMap(({ instance }) => instance?.LaunchTime?.getTime() ?? []);
  return launches.length === 0 ? created : new Date(Math.min(...launches));
}

/** The launch of the youngest member in service, where it came later: how many there were before is not known. */
function pricedSinceOf(serving: readonly Serving[]): Pick<Resource, 'pricedSince'> {
  const launches = serving.flatMap(({ instance }) => instance?.LaunchTime?.getTime() ?? []);
  const youngest = Math.max(...launches);
  return youngest > Math.min(...launches) ? { pricedSince: new Date(youngest) } : {};
}

const typeOf = ({ member, instance }: Serving): string =>
  member.InstanceType ?? instance?.InstanceType ?? 'unknown';

/** One part an instance type, named after it. */
function partsOf(serving: readonly Serving[]): readonly ResourcePart[] {
  return [...Map.groupBy(serving, typeOf)].map(([type, some]) => ({ name: type, type, count: some.length }));
}

/** USD an hour of the members in service; unpriced where one of them is, or where there is none. */
async function hourlyOf(serving: readonly Serving[], context: FleetContext): Promise<Usd | undefined> {
  if (serving.length === 0) return undefined;
  let total = 0n;
  const like = Map.groupBy(serving, (one) => JSON.stringify(termsOf(one) ?? {}));
  for (const some of like.values()) {
    const [first] = some;
    const terms = first === undefined ? undefined : termsOf(first);
    const price = terms === undefined ? undefined : await instanceHourly(terms, context);
    if (price === undefined) return undefined;
    total += price * BigInt(some.length);
  }
  return microUsd(total);
}

/** Of a member that EC2 does not tell of, as of most: Linux, on demand. */
const termsOf = (serving: Serving): Ec2Terms | undefined =>
  serving.instance === undefined
    ? { instanceType: typeOf(serving), system: 'Linux', spotZone: undefined }
    : instanceTerms(serving.instance, typeOf(serving));

/** Whose size is set by something else, or which scaling to zero would not empty. */
function protectionsOf(
  group: AutoScalingGroup,
  tags: Resource['tags'],
  serving: readonly Serving[],
): readonly Protection[] {
  // Batch and EMR mark the members, not always the group.
  const first = serving.find(({ instance }) => instance !== undefined)?.instance;
  const managed = managersOf({ ...tagsOf(first?.Tags), ...tags }).flatMap(
    ({ code, name }): readonly Protection[] =>
      code === 'auto-scaling-group' ? [] : [{ code, detail: `It belongs to ${name}, which sets its size.` }],
  );
  const elsewhere = (detail: string): Protection => ({ code: 'managed-elsewhere', detail });
  const own: Protection[] = [];
  const operator = group.Operator ?? (first?.Operator?.Managed === true ? first.Operator : undefined);
  if (operator !== undefined) {
    own.push(elsewhere(`It is managed by ${operator.Principal ?? 'an AWS service'}.`));
  }
  if (suspendedOf(group).includes('Terminate')) {
    own.push(elsewhere('Its process Terminate is suspended: scaling it to zero would end no instance.'));
  }
  const staying = presentMembers(group).filter(outlivesZero);
  if (group.DesiredCapacity === 0 && staying.length > 0) {
    own.push(
      elsewhere(
        `It is at zero already; members that stand by or are protected from scale-in run on: ${staying.length}.`,
      ),
    );
  }
  return [...managed, ...own];
}
