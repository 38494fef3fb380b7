import { DescribeSpotPriceHistoryCommand, type EC2Client, type SpotPrice } from '@aws-sdk/client-ec2';
import { parseUsd, type Usd } from '../types/money.ts';
import { allPages } from './pages.ts';

/** A Spot price and where it is to be had. */
export interface ZonePrice {
  readonly zone: string;
  /** USD an hour. */
  readonly hourly: Usd;
}

/**
 * The cheapest Availability Zone of a region for Linux Spot instances of a type at `now`; `undefined` where the price
 * history knows none. Of each zone EC2 gives the changes since the start time and the last one before it (EC2 API
 * reference, DescribeSpotPriceHistory): the newest is the one that holds.
 * @throws what EC2 answers.
 */
export async function cheapestSpot(
  ec2: EC2Client,
  instanceType: string,
  now: Date,
): Promise<ZonePrice | undefined> {
  const history = await allPages<SpotPrice>(async (NextToken) => {
    const page = await ec2.send(
      new DescribeSpotPriceHistoryCommand({
        StartTime: now,
        ProductDescriptions: LINUX,
        Filters: [{ Name: 'instance-type', Values: [instanceType] }],
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    return { items: page.SpotPriceHistory, next: page.NextToken };
  });
  const newest = new Map<string, SpotPrice>();
  for (const one of history) {
    const { AvailabilityZone: zone, InstanceType, ProductDescription = '' } = one;
    if (zone === undefined || InstanceType !== instanceType || !LINUX.includes(ProductDescription)) continue;
    const last = newest.get(zone);
    if (last === undefined || timeOf(one) > timeOf(last)) newest.set(zone, one);
  }
  const [cheapest] = [...newest]
    .flatMap(([zone, { SpotPrice: text = '' }]): ZonePrice[] => {
      const hourly = parseUsd(text);
      return hourly === undefined || hourly <= 0n ? [] : [{ zone, hourly }];
    })
    .sort((a, b) => (a.hourly === b.hourly ? (a.zone < b.zone ? -1 : 1) : a.hourly < b.hourly ? -1 : 1));
  return cheapest;
}

/** The second name is what accounts of the days before VPCs are told. */
const LINUX = ['Linux/UNIX', 'Linux/UNIX (Amazon VPC)'];

const timeOf = ({ Timestamp }: SpotPrice): number => Timestamp?.getTime() ?? 0;
