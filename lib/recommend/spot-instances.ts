import {
  type Activity,
  type AutoScalingGroup,
  DescribeScalingActivitiesCommand,
} from '@aws-sdk/client-auto-scaling';
import type { Instance } from '@aws-sdk/client-ec2';
import { managerOf } from '../decide/managed.ts';
import { MONTH_HOURS } from '../estimate/estimate.ts';
import { readGroups, servingMembers } from '../fleet/auto-scaling-read.ts';
import { termsOf } from '../fleet/ec2-price.ts';
import { describeInstances } from '../fleet/ec2-read.ts';
import { formatUsd, microUsd, type Usd } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';
import type { Resource } from '../types/resource.ts';
import { aboutResource } from './about.ts';
import type { CheckContext } from './check.ts';
import { type Interruptible, interruptible, isProduction } from './interruptible.ts';
import { isShortLived, type MemberActivity, memberHours, readActivity } from './member-hours.ts';
import { monthOf, timesUsd } from './month.ts';
import { awsCommand, cdkChange, exactUsd } from './texts.ts';

type Found = Omit<Recommendation, 'id' | 'check'>;

const DAYS = 14;
const HOURS = DAYS * 24;
const DAY_MS = 86_400_000;
/** A price of Spot holds for now: nothing younger is judged. */
const LEAST_DAYS = 7;

/** Instances by themselves that are said to be interruptible and are paid on demand. */
export async function spotInstances(context: CheckContext): Promise<readonly Found[]> {
  const candidates = context.fleet.flatMap((resource) => {
    const { kind, state, hourly, protections, since, tags } = resource;
    if (kind !== 'ec2-instance' || state !== 'running' || hourly === undefined) return [];
    if (protections.length > 0 || !isOld(since, context)) return [];
    const reason = reasonOf(tags.Name, resource, context);
    return reason === undefined ? [] : [{ resource, hourly, reason }];
  });
  if (candidates.length === 0) return [];
  const described = await describeInstances(
    candidates.map(({ resource }) => resource.id),
    context,
  );
  const instances = new Map(described.map(({ instance }) => [instance.InstanceId, instance]));
  const found: Found[] = [];
  for (const { resource, hourly, reason } of candidates) {
    const instance = instances.get(resource.id);
    const spot = instance === undefined ? undefined : await spotOf(instance, resource.size, context);
    if (instance === undefined || spot === undefined || spot >= hourly) continue;
    found.push(instanceFound(resource, instance, hourly, spot, reason, context));
  }
  return found;
}

const isOld = (since: Date, { now }: CheckContext): boolean =>
  now().getTime() - since.getTime() >= LEAST_DAYS * DAY_MS;

/** What people depend on is interruptible where its tags say so alone. */
function reasonOf(
  name: string | undefined,
  { tags }: Resource,
  { policy }: CheckContext,
): Interruptible | undefined {
  const reason = interruptible(name, tags);
  return reason?.by === 'named' && isProduction(tags, policy) ? undefined : reason;
}

/** USD an hour of Spot now in the zone of an instance that is paid on demand; `undefined` of others, and unpriced. */
async function spotOf(
  instance: Instance,
  type: string,
  { region, prices, clients }: CheckContext,
): Promise<Usd | undefined> {
  const terms = termsOf(instance, type);
  const zone = instance.Placement?.AvailabilityZone;
  if (terms === undefined || terms.spotZone !== undefined || zone === undefined) return undefined;
  return prices.spot({ region, zone, instanceType: type, system: terms.system }, clients.ec2);
}

const SPOT_EVIDENCE =
  'EC2 may take a Spot instance back with two minutes of warning, and its price moves; what it costs now is reckoned with.';

function instanceFound(
  resource: Resource,
  instance: Instance,
  hourly: Usd,
  spot: Usd,
  { by, why }: Interruptible,
  { policy, region }: CheckContext,
): Found {
  const { id, size } = resource;
  const zone = instance.Placement?.AvailabilityZone ?? '';
  return {
    title: `Run EC2 instance ${id} (${size}) as a Spot instance.`,
    resource: aboutResource(resource, policy),
    monthly: monthOf(microUsd(hourly - spot)),
    basis: `(${exactUsd(hourly)} - ${exactUsd(spot)}) × 730 h`,
    risk: by === 'stated' ? 'medium' : 'high',
    effort: 'high',
    confidence: by === 'stated' ? 'high' : 'low',
    evidence: [
      why,
      `On demand it costs ${exactUsd(hourly)} an hour; Spot in ${zone} costs ${exactUsd(spot)} now.`,
      SPOT_EVIDENCE,
    ],
    keeps: `Type, zone and image stay: with a persistent request it is stopped when EC2 takes it back, and started again when there is capacity; what it does must bear that.`,
    how: [
      awsCommand('ec2', 'create-image', region, { 'instance-id': id, name: `${id}-for-spot` }),
      {
        form: 'command',
        text: `${
          awsCommand('ec2', 'run-instances', region, {
            'image-id': 'IMAGE_ID',
            'instance-type': size,
            ...(instance.SubnetId === undefined ? {} : { 'subnet-id': instance.SubnetId }),
            'instance-market-options':
              'MarketType=spot,SpotOptions={SpotInstanceType=persistent,InstanceInterruptionBehavior=stop}',
          }).text
        } … (security groups, role and tags as now)`,
      },
      cdkChange(
        'spotOptions: { requestType: ec2.SpotRequestType.PERSISTENT, interruptionBehavior: ec2.SpotInstanceInterruption.STOP } in its ec2.LaunchTemplate',
      ),
    ],
  };
}

/** Groups of on-demand instances alone that are said to be interruptible, or whose members all live for less than a day. */
export async function spotGroups(context: CheckContext): Promise<readonly Found[]> {
  const candidates = context.fleet.filter(
    (resource) =>
      resource.kind === 'auto-scaling-group' &&
      resource.state === 'running' &&
      resource.hourly !== undefined &&
      managerOf(resource) === undefined,
  );
  if (candidates.length === 0) return [];
  const groups = new Map(
    (
      await readGroups(
        candidates.map(({ id }) => id),
        context,
      )
    ).map((group) => [group.AutoScalingGroupName, group]),
  );
  const found: Found[] = [];
  for (const resource of candidates) {
    const group = groups.get(resource.id);
    if (group === undefined || group.MixedInstancesPolicy !== undefined) continue;
    if (group.CreatedTime === undefined || !isOld(group.CreatedTime, context)) continue;
    const made = await groupFound(resource, group, context);
    if (made !== undefined) found.push(made);
  }
  return found;
}

async function groupFound(
  resource: Resource,
  group: AutoScalingGroup,
  context: CheckContext,
): Promise<Found | undefined> {
  const { policy, region, now } = context;
  const ids = servingMembers(group).flatMap(({ InstanceId: id }) => id ?? []);
  const instances = (await describeInstances(ids, context)).map(({ instance }) => instance);
  const price = await savedEach(instances, context);
  if (price === undefined || price.saved <= 0n) return undefined;
  const members = instances.flatMap(({ InstanceId: id, LaunchTime: launched }) =>
    id === undefined || launched === undefined ? [] : [{ id, launched }],
  );
  const from = new Date(now().getTime() - DAYS * DAY_MS);
  const activities = await readActivities(resource.id, from, context);
  const reason = reasonOf(resource.id, resource, context);
  const isShort = activities !== undefined && isShortLived(activities, members, now());
  const isByLife = reason?.by !== 'stated' && isShort && !isProduction(resource.tags, policy);
  if (reason === undefined && !isByLife) return undefined;
  const seen = memberHours(activities ?? [], members, from, now());
  const hours = Math.round((seen * MONTH_HOURS) / HOURS);
  if (hours === 0) return undefined;
  const isStated = reason?.by === 'stated';
  return {
    title: `Run Auto Scaling group ${resource.id} on Spot instances.`,
    resource: aboutResource(resource, policy),
    monthly: timesUsd(price.saved, hours),
    basis: `${exactUsd(price.saved)} less an hour × ${hours} h of its instances together a month`,
    risk: isStated ? 'medium' : 'high',
    effort: 'low',
    confidence: isStated ? 'high' : isByLife ? 'medium' : 'low',
    evidence: [
      ...(reason === undefined ? [] : [reason.why]),
      ...(isByLife
        ? [`None of its instances lived for a day in the last ${DAYS} days, and ten or more came and went.`]
        : []),
      `Its ${members.length} ${members.length === 1 ? 'instance costs' : 'instances cost'} ${formatUsd(price.onDemand)} an hour each on demand, and ${formatUsd(price.spot)} as Spot in their zones now; ${Math.round(seen)} hours of all together in ${DAYS} days.`,
      SPOT_EVIDENCE,
    ],
    keeps:
      'Sizes, zones and types stay. Where EC2 takes an instance back the group starts another as soon as there is capacity; work on it must bear being done again.',
    how: groupHow(group, resource.id, region),
  };
}

interface PriceEach {
  readonly onDemand: Usd;
  readonly spot: Usd;
  readonly saved: Usd;
}

/** USD an hour of a member on average; `undefined` where one is no on-demand instance, or has no price. */
async function savedEach(
  instances: readonly Instance[],
  context: CheckContext,
): Promise<PriceEach | undefined> {
  let [onDemand, spot] = [0n, 0n];
  for (const instance of instances) {
    const type = instance.InstanceType;
    const terms = type === undefined ? undefined : termsOf(instance, type);
    if (type === undefined || terms === undefined) return undefined;
    const listed = await context.prices.hourly({
      service: 'ec2',
      region: context.region,
      instanceType: type,
      system: terms.system,
    });
    const now = await spotOf(instance, type, context);
    if (listed === undefined || now === undefined) return undefined;
    onDemand += listed;
    spot += now;
  }
  const count = BigInt(instances.length);
  if (count === 0n) return undefined;
  return {
    onDemand: microUsd(onDemand / count),
    spot: microUsd(spot / count),
    saved: microUsd((onDemand - spot) / count),
  };
}

/** Each page is a call; a group with more in two weeks is judged by what its tags and its members say alone. */
const MOST_PAGES = 10;

/** What came and went since then; `undefined` where that is more than is read. */
async function readActivities(
  AutoScalingGroupName: string,
  from: Date,
  { clients }: CheckContext,
): Promise<readonly MemberActivity[] | undefined> {
  const all: Activity[] = [];
  let token: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await clients.groups.send(
      new DescribeScalingActivitiesCommand({
        AutoScalingGroupName,
        MaxRecords: 100,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    all.push(...(page.Activities ?? []));
    token = page.NextToken === '' ? undefined : page.NextToken;
    // The newest come first.
    const oldest = all.at(-1)?.StartTime;
    if (token === undefined || (oldest !== undefined && oldest < from)) {
      return all.flatMap((one) => readActivity(one) ?? []);
    }
  }
  return undefined;
}

function groupHow(group: AutoScalingGroup, name: string, region: string): Recommendation['how'] {
  const template = group.LaunchTemplate;
  const specification = {
    LaunchTemplateName: template?.LaunchTemplateName ?? 'TEMPLATE',
    Version: template?.Version ?? '$Latest',
  };
  const command = awsCommand('autoscaling', 'update-auto-scaling-group', region, {
    'auto-scaling-group-name': name,
    'mixed-instances-policy': JSON.stringify({
      LaunchTemplate: { LaunchTemplateSpecification: specification },
      InstancesDistribution: {
        OnDemandBaseCapacity: 0,
        OnDemandPercentageAboveBaseCapacity: 0,
        SpotAllocationStrategy: 'price-capacity-optimized',
      },
    }),
  });
  return [
    template === undefined
      ? {
          form: 'command',
          text: `# It has a launch configuration: make a launch template of it, TEMPLATE here.\n${command.text}`,
        }
      : command,
    cdkChange(
      'mixedInstancesPolicy: { launchTemplate, instancesDistribution: { onDemandBaseCapacity: 0, onDemandPercentageAboveBaseCapacity: 0, spotAllocationStrategy: autoscaling.SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED } } instead of launchTemplate',
    ),
  ];
}
