import {
  CreateNatGatewayCommand,
  CreateSubnetCommand,
  CreateVolumeCommand,
  type CreateVolumeCommandInput,
  CreateVpcCommand,
  DeleteNatGatewayCommand,
  DeleteVolumeCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  type LoadBalancerTypeEnum,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import { discoverMetered } from '../../lib/fleet/discover.ts';
import { readSpotPrice } from '../../lib/fleet/spot-prices.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { startMiniStack } from '../support/ministack.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { ACCOUNT, contextOf, REGION, usd, useEndpoint } from './fixtures.ts';

// Both change every state at once and give all on one page. What they cannot show is in metered-kinds.test.ts.
describe.each([
  { name: 'moto', start: startMoto },
  { name: 'MiniStack', start: startMiniStack },
])('what costs money beside the fleet, on $name', ({ name, start }) => {
  let server: Moto;
  let clients: RegionClients;
  let subnets: string[];
  let restoreEnvironment: () => void;

  beforeAll(async () => {
    server = await start();
    restoreEnvironment = useEndpoint(server.endpoint);
    clients = createRegionClients(REGION);
    const { Vpc } = await clients.ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
    subnets = [];
    for (const [n, zone] of ['us-east-1a', 'us-east-1b'].entries()) {
      const { Subnet } = await clients.ec2.send(
        new CreateSubnetCommand({
          VpcId: Vpc?.VpcId ?? '',
          CidrBlock: `10.9.${n}.0/24`,
          AvailabilityZone: zone,
        }),
      );
      subnets.push(Subnet?.SubnetId ?? '');
    }
  }, 60_000);

  afterAll(async () => {
    for (const client of Object.values(clients ?? {})) client.destroy();
    restoreEnvironment?.();
    await server?.stop();
  });

  const TAGS = [{ Key: 'project', Value: 'recsys' }];

  async function all(): Promise<readonly Resource[]> {
    const { resources, failed } = await discoverMetered(new Map([[REGION, contextOf(clients)]]));
    expect(failed).toEqual([]);
    return resources;
  }

  const find = async (id: string) => (await all()).find((one) => one.id === id);

  async function createVolume(input: Partial<CreateVolumeCommandInput>): Promise<string> {
    const { VolumeId = '' } = await clients.ec2.send(
      new CreateVolumeCommand({
        AvailabilityZone: 'us-east-1a',
        TagSpecifications: [{ ResourceType: 'volume', Tags: TAGS }],
        ...input,
      }),
    );
    return VolumeId;
  }

  it('is a volume, attached or not, until it is deleted', async () => {
    const id = await createVolume({ VolumeType: 'gp3', Size: 500 });
    expect(await find(id)).toEqual({
      kind: 'ebs-volume',
      arn: `arn:aws:ec2:${REGION}:${ACCOUNT}:volume/${id}`,
      id,
      account: ACCOUNT,
      region: REGION,
      tags: { project: 'recsys' },
      state: 'running',
      since: expect.any(Date),
      size: '500 GiB gp3',
      protections: [],
      hourly: usd('0.054795'),
    });
    await clients.ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
    expect(await find(id)).toBeUndefined();
  });

  it('is a volume with the IOPS that are paid for', async () => {
    const id = await createVolume({ VolumeType: 'io1', Size: 100, Iops: 5_000 });
    expect(await find(id)).toMatchObject({ size: '100 GiB io1, 5000 IOPS', hourly: usd('0.462329') });
  });

  it('is a NAT gateway until it is deleted', async () => {
    const { NatGateway } = await clients.ec2.send(
      new CreateNatGatewayCommand({
        SubnetId: subnets[0] ?? '',
        ConnectivityType: 'private',
        TagSpecifications: [{ ResourceType: 'natgateway', Tags: TAGS }],
      }),
    );
    const id = NatGateway?.NatGatewayId ?? '';
    expect(await find(id)).toMatchObject({
      kind: 'nat-gateway',
      arn: `arn:aws:ec2:${REGION}:${ACCOUNT}:natgateway/${id}`,
      tags: { project: 'recsys' },
      state: 'running',
      hourly: usd('0.045'),
    });
    await clients.ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: id }));
    expect(await find(id)).toBeUndefined();
  });

  it.each<{ Type: LoadBalancerTypeEnum; price: string }>([
    { Type: 'application', price: '0.0225' },
    { Type: 'network', price: '0.0225' },
  ])('is a load balancer of type $Type until it is deleted', async ({ Type, price }) => {
    const { LoadBalancers } = await clients.balancers.send(
      new CreateLoadBalancerCommand({ Name: `front-${Type}`, Type, Subnets: subnets, Tags: TAGS }),
    );
    const arn = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
    // moto tells of it as provisioning once, as AWS does for a while.
    await all();
    expect(await find(`front-${Type}`)).toMatchObject({
      kind: 'load-balancer',
      arn,
      tags: { project: 'recsys' },
      state: 'running',
      size: `${Type} load balancer`,
      hourly: usd(price),
    });
    await clients.balancers.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }));
    expect(await find(`front-${Type}`)).toBeUndefined();
  });

  // MiniStack has no Spot prices; moto has one for all instances.
  it.runIf(name === 'moto')('knows the Spot price of a type in a zone', async () => {
    const key = { region: REGION, zone: 'us-east-1b', instanceType: 'g5.xlarge', system: 'Linux' } as const;
    const now = new Date('2026-11-25T10:30:00.000Z');
    expect(await readSpotPrice(clients.ec2, key, now)).toBe(usd('0.00001'));
    expect(await readSpotPrice(clients.ec2, { ...key, instanceType: 'x9.mega' }, now)).toBeUndefined();
  });
});
