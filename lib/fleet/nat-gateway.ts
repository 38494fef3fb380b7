import { type NatGateway, paginateDescribeNatGateways } from '@aws-sdk/client-ec2';
import type { Resource, ResourceState } from '../types/resource.ts';
import { arnOf } from './arn.ts';
import type { FleetContext, MeteredKind } from './kind.ts';
import { tagsOf } from './managers.ts';

/** NAT gateways, by the hour. The data that passes through them is not metered: it counts once it is billed. */
export const natGateway: MeteredKind = {
  kind: 'nat-gateway',
  title: 'NAT gateway',
  billedAs: 'EC2 - Other',
  permissions: { observe: [{ actions: ['ec2:DescribeNatGateways'], resources: ['*'], taggedOnly: false }] },
  discover: async (context) => {
    const found: NatGateway[] = [];
    const pages = paginateDescribeNatGateways({ client: context.clients.ec2, pageSize: 500 }, {});
    for await (const page of pages) found.push(...(page.NatGateways ?? []));
    const all = await Promise.all(found.map((one) => toResource(one, context)));
    return all.filter((one) => one !== undefined);
  },
};

/** `undefined` for what is deleted (EC2 tells of it for an hour), or lacks what the meter needs. */
async function toResource(gateway: NatGateway, context: FleetContext): Promise<Resource | undefined> {
  const { NatGatewayId: id, CreateTime: since, AvailabilityMode: mode = 'zonal' } = gateway;
  const state = stateOf(gateway.State);
  if (id === undefined || since === undefined || state === undefined) return undefined;
  const { region, account, prices } = context;
  return {
    kind: natGateway.kind,
    arn: arnOf('ec2', region, account, `natgateway/${id}`),
    id,
    account,
    region,
    tags: tagsOf(gateway.Tags),
    state,
    since,
    size: mode === 'regional' ? 'regional NAT gateway' : 'NAT gateway',
    protections: [],
    // A regional one is billed for each Availability Zone that it has reached by itself: unpriced.
    hourly: mode === 'zonal' ? await prices.unit({ service: 'nat-gateway', region }) : undefined,
  };
}

function stateOf(state: NatGateway['State']): ResourceState | undefined {
  switch (state) {
    case 'available':
      return 'running';
    case 'pending':
    case 'deleting':
      return 'transitional';
    case 'failed':
      return 'failed';
    default:
      return undefined;
  }
}
