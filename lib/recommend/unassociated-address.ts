import { type Address, DescribeAddressesCommand } from '@aws-sdk/client-ec2';
import { arnOf } from '../fleet/arn.ts';
import { tagsOf } from '../fleet/managers.ts';
import type { Usd } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';
import { whose } from './about.ts';
import type { Check, CheckContext } from './check.ts';
import { monthOf } from './month.ts';
import { awsCommand, exactUsd } from './texts.ts';

/**
 * Elastic IP addresses that are associated with nothing. AWS charges each public IPv4 address by the hour, used or not
 * (Amazon VPC pricing, "Public IPv4 address").
 */
export const unassociatedAddress: Check = {
  name: 'unassociated-address',
  title: 'Elastic IP addresses that are associated with nothing',
  scope: 'region',
  permissions: [{ actions: ['ec2:DescribeAddresses'], resources: ['*'], taggedOnly: false }],
  find: async (context) => {
    const { clients, prices, region } = context;
    const hourly = await prices.unit({ service: 'public-ipv4', region, state: 'idle' });
    if (hourly === undefined) return [];
    const { Addresses: all = [] } = await clients.ec2.send(new DescribeAddressesCommand({}));
    return all.flatMap((one) => recommend(one, hourly, context));
  },
};

function recommend(
  { AllocationId: id, PublicIp: ip, Tags, PublicIpv4Pool: pool, ...address }: Address,
  hourly: Usd,
  { policy, region, account }: CheckContext,
): readonly Recommendation[] {
  const uses = [address.AssociationId, address.InstanceId, address.NetworkInterfaceId];
  const isUsed = uses.some((use) => use !== undefined && use !== '');
  // Addresses that somebody brought along are not charged.
  const isOwn = pool !== undefined && pool !== '' && pool !== 'amazon';
  if (id === undefined || isUsed || isOwn) return [];
  const arn = arnOf('ec2', region, account, `elastic-ip/${id}`);
  return [
    {
      id: `${unassociatedAddress.name} ${arn}`,
      check: unassociatedAddress.name,
      title: `Release Elastic IP address ${ip ?? id}: nothing uses it.`,
      resource: { arn, id, kind: 'Elastic IP address', region, ...whose(tagsOf(Tags), policy) },
      monthly: monthOf(hourly),
      basis: `${exactUsd(hourly)} × 730 h`,
      risk: 'medium',
      effort: 'low',
      confidence: 'high',
      evidence: [`${ip ?? id} is associated with no instance and no network interface.`],
      keeps:
        'Nothing that runs uses it. A released address is as a rule lost for good: look for it in DNS records and allow lists first.',
      how: [awsCommand('ec2', 'release-address', region, { 'allocation-id': id })],
    },
  ];
}
