import type { DescribeNatGatewaysCommandInput, DescribeVolumesCommandInput } from '@aws-sdk/client-ec2';
import type { MemoryGateway, MemoryVolume } from './beside.ts';
import { tagList } from './ec2-entry.ts';
import { refused } from './ec2-errors.ts';
import { list } from './ec2-list.ts';
import { tellOnce } from './ec2-memo.ts';
import { type AccountState, type Member, REGION } from './state.ts';

/** Those of a map that are of a region: all of them, and one by its id. */
function inRegion<T extends Member>(map: ReadonlyMap<string, T>, region: string) {
  const isHere = (one: T | undefined): one is T => one !== undefined && (one.region ?? REGION) === region;
  return {
    all: () => [...map.values()].filter(isHere),
    get: (id: string): T | undefined => {
      const one = map.get(id);
      return isHere(one) ? one : undefined;
    },
  };
}

const tagsOf = ({ tags }: Member) => tags;

/** Answers DescribeVolumes. */
export function describeVolumes(
  state: AccountState,
  region: string,
  { VolumeIds, Filters, MaxResults, NextToken }: DescribeVolumesCommandInput,
) {
  const now = state.now();
  const { items, next } = list<MemoryVolume>(
    { ids: VolumeIds, filters: Filters, size: MaxResults, token: NextToken },
    {
      ...inRegion(state.volumes, region),
      unknown: ([id]) => refused('InvalidVolume.NotFound', `The volume '${id}' does not exist.`),
      idFilter: 'volume-id',
      tags: tagsOf,
      fields: {
        'volume-id': ({ id }) => id,
        'volume-type': ({ type }) => type,
        'availability-zone': ({ zone = `${region}a` }) => zone,
        status: (one) => volumeState(one, now),
        size: ({ gib }) => String(gib),
      },
    },
  );
  for (const one of items) {
    if (one.since > now) tellOnce(state, one, one.since, { kind: 'ebs-volume', region, id: one.id });
  }
  return { Volumes: items.map((one) => describeVolume(one, region, now)), ...next };
}

const volumeState = ({ state, since }: MemoryVolume, now: Date) =>
  state ?? (since > now ? 'creating' : 'available');

function describeVolume(one: MemoryVolume, region: string, now: Date) {
  const { iops = iopsOf(one), throughput = one.type === 'gp3' ? 125 : undefined } = one;
  return {
    VolumeId: one.id,
    VolumeType: one.type,
    Size: one.gib,
    CreateTime: one.since,
    State: volumeState(one, now),
    AvailabilityZone: one.zone ?? `${region}a`,
    Tags: tagList(one.tags),
    ...(iops === undefined ? {} : { Iops: iops }),
    ...(throughput === undefined ? {} : { Throughput: throughput }),
    ...(one.outpost === undefined ? {} : { OutpostArn: one.outpost }),
  };
}

/** What a volume comes with (Amazon EBS User Guide, "Amazon EBS volume types"); `undefined` = EC2 tells of none. */
function iopsOf({ type, gib }: MemoryVolume): number | undefined {
  switch (type) {
    case 'gp3':
      return 3_000;
    case 'gp2':
      return Math.min(Math.max(3 * gib, 100), 16_000);
    default:
      return undefined;
  }
}

/** Answers DescribeNatGateways. */
export function describeGateways(
  state: AccountState,
  region: string,
  { NatGatewayIds, Filter, MaxResults, NextToken }: DescribeNatGatewaysCommandInput,
) {
  const now = state.now();
  const { items, next } = list<MemoryGateway>(
    { ids: NatGatewayIds, filters: Filter, size: MaxResults, token: NextToken },
    {
      ...inRegion(state.gateways, region),
      unknown: ([id]) => refused('NatGatewayNotFound', `The Nat Gateway ${id} was not found`),
      idFilter: 'nat-gateway-id',
      tags: tagsOf,
      fields: { 'nat-gateway-id': ({ id }) => id, state: (one) => gatewayState(one, now) },
    },
  );
  for (const one of items) {
    if (one.since > now) tellOnce(state, one, one.since, { kind: 'nat-gateway', region, id: one.id });
  }
  return {
    NatGateways: items.map((one) => ({
      NatGatewayId: one.id,
      CreateTime: one.since,
      State: gatewayState(one, now),
      AvailabilityMode: one.type === 'regional' ? 'regional' : 'zonal',
      Tags: tagList(one.tags),
    })),
    ...next,
  };
}

const gatewayState = ({ state, since }: MemoryGateway, now: Date) =>
  state ?? (since > now ? 'pending' : 'available');
