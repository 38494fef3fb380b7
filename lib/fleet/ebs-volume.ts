import { paginateDescribeVolumes, type Volume } from '@aws-sdk/client-ec2';
import { roundedUsd, type Usd } from '../types/money.ts';
import type { Resource, ResourceState } from '../types/resource.ts';
import { arnOf } from './arn.ts';
import { type EbsCharge, ebsCharges } from './ebs-charges.ts';
import type { FleetContext, MeteredKind } from './kind.ts';
import { tagsOf } from './managers.ts';
import type { EbsUnit, EbsVolumeType } from './prices.ts';

/**
 * EBS volumes, attached or not: they cost money while they exist. Snapshots are not metered, nor is what RDS instances,
 * SageMaker notebooks, endpoints and jobs store, which is on no volume of the account: it counts once it is billed.
 */
export const ebsVolume: MeteredKind = {
  kind: 'ebs-volume',
  title: 'EBS volume',
  billedAs: 'EC2 - Other',
  permissions: { observe: [{ actions: ['ec2:DescribeVolumes'], resources: ['*'], taggedOnly: false }] },
  discover: async (context) => {
    const found: Volume[] = [];
    const pages = paginateDescribeVolumes({ client: context.clients.ec2, pageSize: 500 }, {});
    for await (const page of pages) found.push(...(page.Volumes ?? []));
    const all = await Promise.all(found.map((one) => toResource(one, context)));
    return all.filter((one) => one !== undefined);
  },
};

/** `undefined` for what is being deleted, or lacks what the meter needs. */
async function toResource(volume: Volume, context: FleetContext): Promise<Resource | undefined> {
  const { VolumeId: id, CreateTime: since } = volume;
  const state = stateOf(volume.State);
  if (id === undefined || since === undefined || state === undefined) return undefined;
  return {
    kind: ebsVolume.kind,
    arn: arnOf('ec2', context.region, context.account, `volume/${id}`),
    id,
    account: context.account,
    region: context.region,
    tags: tagsOf(volume.Tags),
    state,
    since,
    size: sizeOf(volume),
    protections: [],
    hourly: await hourlyOf(volume, context),
  };
}

function stateOf(state: Volume['State']): ResourceState | undefined {
  switch (state) {
    case 'available':
    case 'in-use':
      return 'running';
    case 'creating':
      return 'transitional';
    case 'error':
      return 'failed';
    default:
      return undefined;
  }
}

/** `500 GiB gp3`, `500 GiB gp3, 6000 IOPS, 250 MiB/s`: with what is paid for beside its size. */
function sizeOf(volume: Volume): string {
  const { Size: gib = 0, VolumeType: type, Iops: iops, Throughput: throughput } = volume;
  const units = new Set(chargesOf(volume)?.map(({ unit }) => unit));
  return [
    `${gib} GiB ${type ?? 'volume'}`,
    ...(units.has('iops') ? [`${iops} IOPS`] : []),
    ...(units.has('gibps') ? [`${throughput} MiB/s`] : []),
  ].join(', ');
}

/** What is charged of a volume; `undefined` for one that names no type. */
const chargesOf = ({
  VolumeType: type,
  Size: gib = 0,
  Iops: iops = 0,
  Throughput: mibps = 0,
}: Volume): readonly EbsCharge[] | undefined =>
  type === undefined ? undefined : ebsCharges({ type, gib, iops, mibps });

/**
 * AWS divides the price of a month by the hours of the month at hand, 672 to 744. The usual mean of 730 keeps the
 * price of a volume the same from month to month, so that the meter does not see every volume change on each first:
 * it is at most 2 % off, and 8 % low in February, which the learned discount and band take in.
 */
const HOURS_A_MONTH = 730n;
/** Makes every quantity whole: 1 MiB/s is the smallest part of a unit. */
const PARTS = 1024n;

/**
 * USD an hour, rounded once. Unpriced where one of its charges is, on an Outpost (which is paid for as a whole), and
 * in a Local Zone, which has prices of its own.
 */
async function hourlyOf(volume: Volume, { region, prices }: FleetContext): Promise<Usd | undefined> {
  const { VolumeType: volumeType, Size: gib = 0, OutpostArn: outpost, AvailabilityZone: zone } = volume;
  const charges = chargesOf(volume);
  if (volumeType === undefined || charges === undefined || gib === 0) return undefined;
  if (outpost !== undefined && outpost !== '') return undefined;
  if (zone !== undefined && !isZoneOf(zone, region)) return undefined;
  let monthly = 0n;
  for (const { unit, quantity, per = 1 } of charges) {
    const price = await unitPrice(volumeType, unit);
    if (price === undefined) return undefined;
    monthly += (price * BigInt(quantity) * PARTS) / BigInt(per);
  }
  return roundedUsd(monthly, PARTS * HOURS_A_MONTH);

  function unitPrice(type: EbsVolumeType, unit: EbsUnit): Promise<Usd | undefined> {
    return prices.unit({ service: 'ebs', region, volumeType: type, unit });
  }
}

/** `us-east-1a` is one of us-east-1; `us-west-2-lax-1a` is a Local Zone. */
const isZoneOf = (zone: string, region: string): boolean =>
  zone.startsWith(region) && /^[a-z]$/.test(zone.slice(region.length));
