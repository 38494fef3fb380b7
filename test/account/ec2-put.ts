import {
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  type _InstanceType,
  CreateNatGatewayCommand,
  CreateSubnetCommand,
  CreateVolumeCommand,
  CreateVpcCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type VolumeType,
} from '@aws-sdk/client-ec2';
import {
  CreateLoadBalancerCommand,
  type LoadBalancerTypeEnum,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { FleetContext, StopContext } from '../../lib/fleet/kind.ts';
import { setEc2Faults } from '../../lib/sandbox/ec2-front.ts';
import { ACCOUNT, REGION } from '../../lib/simulate/account/state.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { fixedPrices, type Saved, stopContextOf } from '../fleet/fixtures.ts';
import type { Side } from './both.ts';

/*
 * Puts what the suites look at into either account: entries in memory, calls of AWS on the local one.
 */

export type Tags = Readonly<Record<string, string>>;

export const contextOn = (side: Side, region = REGION): FleetContext => ({
  account: ACCOUNT,
  region,
  clients: side.clients(region),
  prices: fixedPrices(),
  now: () => new Date(),
});

export const stopContextOn = (side: Side, region = REGION): StopContext & { readonly saved: Saved[] } =>
  stopContextOf(contextOn(side, region));

const list = (tags: Tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const tagged = (ResourceType: 'instance' | 'volume' | 'natgateway', tags: Tags) =>
  Object.keys(tags).length === 0 ? {} : { TagSpecifications: [{ ResourceType, Tags: list(tags) }] };

let made = 0;
const fresh = (prefix: string): string => {
  made += 1;
  return `${prefix}0${made.toString(16).padStart(16, 'a')}`;
};

const common = (tags: Tags, region: string) => ({
  tags,
  region,
  since: new Date(Date.now() - 1_000),
  use: () => undefined,
});

type Fault = 'stop-protected' | 'one-time-spot';
const faults: Record<string, { fault: Fault }> = {};

export interface InstanceToPut {
  readonly type?: _InstanceType;
  readonly tags?: Tags;
  readonly region?: string;
  readonly fault?: Fault;
}

/** Starts an instance. @returns its id. */
export async function putInstance(
  side: Side,
  { type = 'm5.large', tags = {}, region = REGION, fault }: InstanceToPut = {},
): Promise<string> {
  if (side.name === 'in memory') {
    const id = fresh('i-');
    side.account.instances.set(id, {
      ...common(tags, region),
      id,
      type,
      ...(fault === 'stop-protected' ? { isProtected: true } : {}),
      ...(fault === 'one-time-spot' ? { spot: true } : {}),
    });
    return id;
  }
  const { Instances } = await side.clients(region).ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12c6146b',
      InstanceType: type,
      MinCount: 1,
      MaxCount: 1,
      ...tagged('instance', tags),
    }),
  );
  const id = Instances?.[0]?.InstanceId ?? '';
  if (fault !== undefined) {
    faults[id] = { fault };
    await setEc2Faults(side.local.endpoints.ec2 ?? '', { instances: faults });
  }
  return id;
}

export const terminate = (side: Side, id: string) =>
  side.clients(REGION).ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));

/** Creates a group of g5.xlarge with min 1, desired 3 and max 5. */
export async function putGroup(side: Side, name: string, tags: Tags = { project: 'recsys' }): Promise<void> {
  if (side.name === 'in memory') {
    side.account.groups.set(name, {
      ...common(tags, REGION),
      name,
      type: 'g5.xlarge',
      min: 1,
      desired: 3,
      max: 5,
    });
    return;
  }
  const { groups } = side.clients(REGION);
  await groups.send(
    new CreateLaunchConfigurationCommand({
      LaunchConfigurationName: name,
      ImageId: 'ami-12c6146b',
      InstanceType: 'g5.xlarge',
    }),
  );
  const of = { ResourceId: name, ResourceType: 'auto-scaling-group', PropagateAtLaunch: true };
  await groups.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchConfigurationName: name,
      MinSize: 1,
      DesiredCapacity: 3,
      MaxSize: 5,
      AvailabilityZones: [`${REGION}a`],
      Tags: list(tags).map((one) => ({ ...of, ...one })),
    }),
  );
}

export interface VolumeToPut {
  readonly type: VolumeType;
  readonly gib: number;
  readonly iops?: number;
  readonly tags?: Tags;
}

/** @returns its id. */
export async function putVolume(side: Side, { type, gib, iops, tags = {} }: VolumeToPut): Promise<string> {
  if (side.name === 'in memory') {
    const id = fresh('vol-');
    side.account.volumes.set(id, {
      ...common(tags, REGION),
      id,
      type,
      gib,
      ...(iops === undefined ? {} : { iops }),
    });
    return id;
  }
  const { VolumeId = '' } = await side.clients(REGION).ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: `${REGION}a`,
      VolumeType: type,
      Size: gib,
      ...(iops === undefined ? {} : { Iops: iops }),
      ...tagged('volume', tags),
    }),
  );
  return VolumeId;
}

/** @returns its id. */
export async function putGateway(side: Side, tags: Tags): Promise<string> {
  if (side.name === 'in memory') {
    const id = fresh('nat-');
    side.account.gateways.set(id, { ...common(tags, REGION), id, type: 'zonal' });
    return id;
  }
  const [SubnetId = ''] = await subnets(side);
  const { NatGateway } = await side
    .clients(REGION)
    .ec2.send(
      new CreateNatGatewayCommand({ SubnetId, ConnectivityType: 'private', ...tagged('natgateway', tags) }),
    );
  return NatGateway?.NatGatewayId ?? '';
}

/** @returns its ARN. */
export async function putBalancer(
  side: Side,
  name: string,
  type: LoadBalancerTypeEnum,
  tags: Tags,
): Promise<string> {
  if (side.name === 'in memory') {
    const arn = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/app/${name}/50dc6c495c0c9188`;
    side.account.balancers.set(arn, { ...common(tags, REGION), arn, name, type });
    return arn;
  }
  const { LoadBalancers } = await side.clients(REGION).balancers.send(
    new CreateLoadBalancerCommand({
      Name: name,
      Type: type,
      Subnets: [...(await subnets(side))],
      Tags: list(tags),
    }),
  );
  return LoadBalancers?.[0]?.LoadBalancerArn ?? '';
}

let subnetIds: Promise<readonly string[]> | undefined;

/** Two subnets of the local AWS, in zones of their own. */
const subnets = (side: Side): Promise<readonly string[]> => {
  subnetIds ??= (async () => {
    const { ec2 } = side.clients(REGION);
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
    const ids: string[] = [];
    for (const [n, zone] of ['a', 'b'].entries()) {
      const { Subnet } = await ec2.send(
        new CreateSubnetCommand({
          VpcId: Vpc?.VpcId ?? '',
          CidrBlock: `10.9.${n}.0/24`,
          AvailabilityZone: `${REGION}${zone}`,
        }),
      );
      ids.push(Subnet?.SubnetId ?? '');
    }
    return ids;
  })();
  return subnetIds;
};

/** The one of an id; throws where it is not there. */
export function pick(found: readonly Resource[], id: string): Resource {
  const one = found.find((resource) => resource.id === id);
  if (one === undefined) throw new Error(`${id} was not found`);
  return one;
}
