import type { InstanceStateName, SpotInstanceRequest } from '@aws-sdk/client-ec2';
import type { Resource, ResourceState } from '../types/resource.ts';
import { arnOf } from './arn.ts';
import { hourlyOf, termsOf } from './ec2-price.ts';
import { inspectInstances, protectionsOf } from './ec2-protections.ts';
import { describeInstances, type OwnedInstance, readInstances } from './ec2-read.ts';
import { ec2Signals } from './ec2-signals.ts';
import { spotRequests, spotStanding } from './ec2-spot.ts';
import { startInstance } from './ec2-start.ts';
import { stopInstances } from './ec2-stop.ts';
import type { FleetContext, Kind } from './kind.ts';
import { tagsOf } from './managers.ts';

/** EC2 instances: stopped, with their volumes kept (EBS is billed while they are stopped). */
export const ec2Instance: Kind = {
  kind: 'ec2-instance',
  title: 'EC2 instance',
  billedAs: 'Amazon Elastic Compute Cloud - Compute',
  stopped: 'stopped',
  restored: 'started',
  permissions: {
    observe: [
      {
        actions: [
          'ec2:DescribeInstances',
          'ec2:DescribeInstanceAttribute',
          'ec2:DescribeSpotInstanceRequests',
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
        actions: ['ec2:StopInstances', 'ec2:StartInstances'],
        resources: ['ec2:*:*:instance/*'],
        taggedOnly: true,
      },
      {
        actions: ['ec2:TerminateInstances'],
        resources: ['ec2:*:*:instance/*'],
        taggedOnly: true,
        consent: 'terminate-spot',
      },
    ],
  },
  discover: async (context) =>
    toResources(await readInstances([{ Name: 'instance-state-name', Values: [...LIVE] }], context), context),
  describe: async (ids, context) => toResources(await describeInstances(ids, context), context),
  signals: ec2Signals,
  undo: (ids, region) => `aws ec2 start-instances --region ${region} --instance-ids ${ids.join(' ')}`,
  inspect: inspectInstances,
  stop: stopInstances,
  restore: startInstance,
  start: (resource, context) => startInstance(resource, undefined, context),
};

const LIVE: readonly InstanceStateName[] = ['pending', 'running', 'stopping', 'stopped'];

async function toResources(
  found: readonly OwnedInstance[],
  context: FleetContext,
): Promise<readonly Resource[]> {
  const requests = await spotRequests(
    found.map(({ instance }) => instance),
    context,
  );
  const all = await Promise.all(found.map((one) => toResource(one, requests, context)));
  return all.filter((one): one is Resource => one !== undefined);
}

/** `undefined` for what no longer exists, or lacks what a decision needs. */
async function toResource(
  { instance, owner }: OwnedInstance,
  requests: ReadonlyMap<string, SpotInstanceRequest>,
  context: FleetContext,
): Promise<Resource | undefined> {
  const { InstanceId: id, InstanceType: type, LaunchTime: since } = instance;
  const state = stateOf(instance.State?.Name);
  if (id === undefined || type === undefined || since === undefined || state === undefined) return undefined;
  const terms = termsOf(instance, type);
  const account = owner ?? context.account;
  const tags = tagsOf(instance.Tags);
  const spot = spotStanding(instance, requests);
  return {
    kind: ec2Instance.kind,
    arn: arnOf('ec2', context.region, account, `instance/${id}`),
    id,
    account,
    region: context.region,
    tags,
    state,
    since,
    size: type,
    protections: [
      ...protectionsOf(instance, tags),
      ...(spot.protection === undefined ? [] : [spot.protection]),
    ],
    ...(spot.consent === undefined ? {} : { consent: spot.consent }),
    hourly: terms === undefined ? undefined : await hourlyOf(terms, context),
  };
}

function stateOf(name: InstanceStateName | undefined): ResourceState | undefined {
  switch (name) {
    case 'running':
    case 'stopped':
      return name;
    case 'pending':
    case 'stopping':
      return 'transitional';
    default:
      return undefined;
  }
}
