import { paginateDescribeVolumes, type Volume } from '@aws-sdk/client-ec2';
import { arnOf } from '../fleet/arn.ts';
import { GP3_IOPS, GP3_MIBPS } from '../fleet/ebs-charges.ts';
import { tagsOf } from '../fleet/managers.ts';
import { microUsd, type Usd } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';
import { whose } from './about.ts';
import type { Check, CheckContext } from './check.ts';
import { awsCommand, cdkChange, exactUsd } from './texts.ts';

/**
 * Volumes of the older type gp2 that cost less as gp3, with the IOPS and the throughput that they have today.
 *
 * Source: Amazon EBS User Guide, "General Purpose SSD volumes". gp2 has 3 IOPS a GiB, at least 100 and at most 16,000, and
 * below 1,000 GiB bursts to 3,000; its throughput is at most 128 MiB/s up to 170 GiB, and 250 MiB/s above. gp3 has 3,000
 * IOPS and 125 MiB/s, and more of each for money. A volume changes while it is in use.
 */
export const gp2ToGp3: Check = {
  name: 'gp2-to-gp3',
  title: 'Volumes of the older type gp2',
  scope: 'region',
  permissions: [{ actions: ['ec2:DescribeVolumes'], resources: ['*'], taggedOnly: false }],
  find: async (context) => {
    const prices = await pricesOf(context);
    if (prices === undefined) return [];
    const found: Recommendation[] = [];
    const pages = paginateDescribeVolumes(
      { client: context.clients.ec2, pageSize: 500 },
      { Filters: [{ Name: 'volume-type', Values: ['gp2'] }] },
    );
    for await (const page of pages) {
      for (const volume of page.Volumes ?? []) found.push(...recommend(volume, prices, context));
    }
    return found;
  },
};

/** USD a month of a GiB, of an IOPS above 3,000, and of a GiB/s above 125 MiB/s. */
interface Prices {
  readonly gp2: Usd;
  readonly gp3: Usd;
  readonly iops: Usd;
  readonly gibps: Usd;
}

async function pricesOf({ prices, region }: CheckContext): Promise<Prices | undefined> {
  const unit = (volumeType: 'gp2' | 'gp3', of: 'gib' | 'iops' | 'gibps') =>
    prices.unit({ service: 'ebs', region, volumeType, unit: of });
  const [gp2, gp3, iops, gibps] = await Promise.all([
    unit('gp2', 'gib'),
    unit('gp3', 'gib'),
    unit('gp3', 'iops'),
    unit('gp3', 'gibps'),
  ]);
  return gp2 === undefined || gp3 === undefined || iops === undefined || gibps === undefined
    ? undefined
    : { gp2, gp3, iops, gibps };
}

/** What a gp2 volume of a size has at most: IOPS and MiB/s. */
const gp2Limits = (gib: number): { readonly iops: number; readonly mibps: number } => ({
  iops: Math.max(GP3_IOPS, Math.min(16_000, 3 * gib)),
  mibps: gib <= 170 ? 128 : 250,
});

function recommend(
  { VolumeId: id, Size: gib = 0, State: state, Tags, OutpostArn: outpost }: Volume,
  prices: Prices,
  { policy, region, account }: CheckContext,
): readonly Recommendation[] {
  if (id === undefined || gib === 0 || (state !== 'in-use' && state !== 'available')) return [];
  // gp3 is not offered on each Outpost, and all of it is paid for as a whole.
  if (outpost !== undefined && outpost !== '') return [];
  const { iops, mibps } = gp2Limits(gib);
  const before = prices.gp2 * BigInt(gib);
  const extraIops = BigInt(iops - GP3_IOPS);
  const extraMibps = BigInt(mibps - GP3_MIBPS);
  const after =
    prices.gp3 * BigInt(gib) + prices.iops * extraIops + (prices.gibps * extraMibps + 512n) / 1024n;
  const monthly = microUsd(before - after);
  if (monthly <= 0n) return [];
  const arn = arnOf('ec2', region, account, `volume/${id}`);
  return [
    {
      id: `${gp2ToGp3.name} ${arn}`,
      check: gp2ToGp3.name,
      title: `Change EBS volume ${id} from gp2 to gp3.`,
      resource: { arn, id, kind: 'EBS volume', region, ...whose(tagsOf(Tags), policy) },
      monthly,
      basis: `${gib} GiB × (${exactUsd(prices.gp2)} - ${exactUsd(prices.gp3)})${extraIops > 0n ? ` - ${extraIops} IOPS × ${exactUsd(prices.iops)}` : ''} - ${extraMibps} MiB/s of ${exactUsd(prices.gibps)} a GiB/s`,
      risk: 'low',
      effort: 'low',
      confidence: 'high',
      evidence: [
        `It is a gp2 volume of ${gib} GiB: ${iops} IOPS and ${mibps} MiB/s at most, burst credits included.`,
      ],
      keeps: `${iops} IOPS and ${mibps} MiB/s, all that it can reach today, without burst credits that run out.`,
      how: [
        awsCommand('ec2', 'modify-volume', region, {
          'volume-id': id,
          'volume-type': 'gp3',
          iops: String(iops),
          throughput: String(mibps),
        }),
        cdkChange(`volumeType: EbsDeviceVolumeType.GP3, iops: ${iops}, throughput: ${mibps}`),
      ],
    },
  ];
}
