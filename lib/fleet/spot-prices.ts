import { DescribeSpotPriceHistoryCommand, type EC2Client, type SpotPrice } from '@aws-sdk/client-ec2';
import { parseUsd, type Usd } from '../types/money.ts';
import { allPages } from './pages.ts';
import type { Ec2System, SpotKey } from './prices.ts';

/** As the price history names them. */
const PRODUCTS: Readonly<Record<Ec2System, string>> = {
  Linux: 'Linux/UNIX',
  Windows: 'Windows',
  RHEL: 'Red Hat Enterprise Linux',
  SUSE: 'SUSE Linux',
};

/**
 * What a Spot instance costs an hour at `now`. From a start time on, EC2 gives the changes since and the last one
 * before it (EC2 API reference, DescribeSpotPriceHistory): the newest is the one that holds. `undefined` where the
 * history knows none.
 * @throws what EC2 answers.
 */
export async function readSpotPrice(
  ec2: EC2Client,
  { zone, instanceType, system }: SpotKey,
  now: Date,
): Promise<Usd | undefined> {
  // The second name is what accounts of the days before VPCs are told.
  const products = [PRODUCTS[system], `${PRODUCTS[system]} (Amazon VPC)`];
  const history = await allPages<SpotPrice>(async (NextToken) => {
    const page = await ec2.send(
      new DescribeSpotPriceHistoryCommand({
        StartTime: now,
        ProductDescriptions: products,
        Filters: [
          { Name: 'instance-type', Values: [instanceType] },
          { Name: 'availability-zone', Values: [zone] },
        ],
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    return { items: page.SpotPriceHistory, next: page.NextToken };
  });
  const [newest] = history
    .filter(
      (one) =>
        one.InstanceType === instanceType &&
        one.AvailabilityZone === zone &&
        products.includes(one.ProductDescription ?? ''),
    )
    .sort((a, b) => (b.Timestamp?.getTime() ?? 0) - (a.Timestamp?.getTime() ?? 0));
  const price = parseUsd(newest?.SpotPrice ?? '');
  return price === 0n ? undefined : price;
}
