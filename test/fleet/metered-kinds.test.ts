import {
  DescribeNatGatewaysCommand,
  DescribeVolumesCommand,
  EC2Client,
  type NatGateway,
  type Volume,
} from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
  type LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { discoverMetered } from '../../lib/fleet/discover.ts';
import { ebsVolume } from '../../lib/fleet/ebs-volume.ts';
import { loadBalancer } from '../../lib/fleet/load-balancer.ts';
import { billedAs, knownServices, meteredKinds } from '../../lib/fleet/metered-kinds.ts';
import { natGateway } from '../../lib/fleet/nat-gateway.ts';
import { kinds } from '../../lib/fleet/registry.ts';
import { ACCOUNT, awsError, contextOf, REGION, usd } from './fixtures.ts';

// The emulators give one page, change every state at once and know no throughput, Outpost or Local Zone.
const ec2 = mockClient(EC2Client);
const balancers = mockClient(ElasticLoadBalancingV2Client);
beforeEach(() => {
  ec2.reset();
  balancers.reset();
});

const CREATED = new Date('2026-11-20T08:00:00.000Z');

const volume = (fields: Partial<Volume> = {}): Volume => ({
  VolumeId: 'vol-1',
  VolumeType: 'gp3',
  Size: 500,
  Iops: 3_000,
  Throughput: 125,
  State: 'in-use',
  AvailabilityZone: 'us-east-1a',
  CreateTime: CREATED,
  Tags: [{ Key: 'project', Value: 'recsys' }],
  ...fields,
});

async function found(fields: Partial<Volume>) {
  ec2.on(DescribeVolumesCommand).resolves({ Volumes: [volume(fields)] });
  return (await ebsVolume.discover(contextOf()))[0];
}

describe('a volume', () => {
  it('is found with all that the meter needs', async () => {
    expect(await found({})).toEqual({
      kind: 'ebs-volume',
      arn: `arn:aws:ec2:${REGION}:${ACCOUNT}:volume/vol-1`,
      id: 'vol-1',
      account: ACCOUNT,
      region: REGION,
      tags: { project: 'recsys' },
      state: 'running',
      since: CREATED,
      size: '500 GiB gp3',
      protections: [],
      // 500 × 0.08 / 730.
      hourly: usd('0.054795'),
    });
  });

  // USD a month by the prices of us-east-1 (fixtures), divided by 730 and rounded once.
  it.each<{ what: string; fields: Partial<Volume>; hourly: string; size: string }>([
    {
      what: 'gp2, whose IOPS are in its price',
      fields: { VolumeType: 'gp2', Size: 100, Iops: 300, Throughput: undefined },
      hourly: '0.013699',
      size: '100 GiB gp2',
    },
    {
      what: 'gp3 with more than is in its price',
      // 80 + 13,000 × 0.005 + 875/1024 × 40.96 = 180.
      fields: { Size: 1_000, Iops: 16_000, Throughput: 1_000 },
      hourly: '0.246575',
      size: '1000 GiB gp3, 16000 IOPS, 1000 MiB/s',
    },
    {
      what: 'gp3 with one MiB/s too many',
      // 0.08 + 40.96/1024 = 0.12.
      fields: { Size: 1, Throughput: 126 },
      hourly: '0.000164',
      size: '1 GiB gp3, 126 MiB/s',
    },
    {
      what: 'gp3 of which nothing more is told',
      fields: { Size: 8, Iops: undefined, Throughput: undefined },
      hourly: '0.000877',
      size: '8 GiB gp3',
    },
    {
      what: 'io1, all of whose IOPS are paid for',
      // 100 × 0.125 + 5,000 × 0.065 = 337.5.
      fields: { VolumeType: 'io1', Size: 100, Iops: 5_000, Throughput: undefined },
      hourly: '0.462329',
      size: '100 GiB io1, 5000 IOPS',
    },
    {
      what: 'io2 of one tier',
      // 12.5 + 32,000 × 0.065 = 2,092.5.
      fields: { VolumeType: 'io2', Size: 100, Iops: 32_000, Throughput: undefined },
      hourly: '2.866438',
      size: '100 GiB io2, 32000 IOPS',
    },
    {
      what: 'io2 of three tiers',
      // 12.5 + 32,000 × 0.065 + 32,000 × 0.0455 + 36,000 × 0.03185 = 4,695.1.
      fields: { VolumeType: 'io2', Size: 100, Iops: 100_000, Throughput: undefined },
      hourly: '6.431644',
      size: '100 GiB io2, 100000 IOPS',
    },
    { what: 'st1', fields: { VolumeType: 'st1', Size: 730 }, hourly: '0.045', size: '730 GiB st1' },
    { what: 'sc1', fields: { VolumeType: 'sc1', Size: 730 }, hourly: '0.015', size: '730 GiB sc1' },
    {
      what: 'standard',
      fields: { VolumeType: 'standard', Size: 73, Iops: undefined },
      hourly: '0.005',
      size: '73 GiB standard',
    },
  ])('of type $what costs $$hourly an hour', async ({ fields, hourly, size }) => {
    const resource = await found(fields);
    expect(resource?.hourly).toBe(usd(hourly));
    expect(resource?.size).toBe(size);
  });

  it('is not priced by parts that are each rounded', async () => {
    // 16,384 GiB at 0.08: 1.795507 an hour. 0.08/730 rounded to the micro-dollar would make 1.802240.
    expect((await found({ Size: 16_384 }))?.hourly).toBe(usd('1.795507'));
  });

  it.each<{ what: string; fields: Partial<Volume> }>([
    { what: 'on an Outpost', fields: { OutpostArn: 'arn:aws:outposts:us-east-1:1:outpost/op-1' } },
    { what: 'in a Local Zone', fields: { AvailabilityZone: 'us-east-1-bos-1a' } },
    { what: 'of no known type', fields: { VolumeType: undefined } },
    { what: 'of no known size', fields: { Size: undefined } },
  ])('$what is unpriced, never free', async ({ fields }) => {
    const resource = await found(fields);
    expect(resource).toBeDefined();
    expect(resource?.hourly).toBeUndefined();
  });

  it('is unpriced where one of its prices is not known', async () => {
    ec2.on(DescribeVolumesCommand).resolves({ Volumes: [volume({ Iops: 4_000 })] });
    const context = contextOf();
    const [resource] = await ebsVolume.discover({
      ...context,
      prices: {
        ...context.prices,
        unit: async (key) => (key.service === 'ebs' && key.unit === 'gib' ? usd('0.08') : undefined),
      },
    });
    expect(resource?.hourly).toBeUndefined();
  });

  it.each([
    ['available', 'running'],
    ['in-use', 'running'],
    ['creating', 'transitional'],
    ['error', 'failed'],
    ['deleting', undefined],
    ['deleted', undefined],
  ] as const)('%s is %s', async (State, state) => {
    expect((await found({ State }))?.state).toBe(state);
  });

  it('is found on every page', async () => {
    ec2
      .on(DescribeVolumesCommand)
      .resolvesOnce({ Volumes: [volume()], NextToken: 'more' })
      .resolvesOnce({ Volumes: [volume({ VolumeId: 'vol-2' })] });
    expect((await ebsVolume.discover(contextOf())).map(({ id }) => id)).toEqual(['vol-1', 'vol-2']);
  });
});

describe('a NAT gateway', () => {
  const gateway = (fields: Partial<NatGateway> = {}): NatGateway => ({
    NatGatewayId: 'nat-1',
    State: 'available',
    CreateTime: CREATED,
    Tags: [{ Key: 'project', Value: 'recsys' }],
    ...fields,
  });
  const seen = async (...gateways: NatGateway[]) => {
    ec2.on(DescribeNatGatewaysCommand).resolves({ NatGateways: gateways });
    return natGateway.discover(contextOf());
  };

  it('is found with all that the meter needs', async () => {
    expect(await seen(gateway())).toEqual([
      {
        kind: 'nat-gateway',
        arn: `arn:aws:ec2:${REGION}:${ACCOUNT}:natgateway/nat-1`,
        id: 'nat-1',
        account: ACCOUNT,
        region: REGION,
        tags: { project: 'recsys' },
        state: 'running',
        since: CREATED,
        size: 'NAT gateway',
        protections: [],
        hourly: usd('0.045'),
      },
    ]);
  });

  it.each([
    ['available', 'running'],
    ['pending', 'transitional'],
    ['deleting', 'transitional'],
    ['failed', 'failed'],
    ['deleted', undefined],
  ] as const)('%s is %s', async (State, state) => {
    expect((await seen(gateway({ State })))[0]?.state).toBe(state);
  });

  it('of a whole region is unpriced: nobody tells how many zones it is billed for', async () => {
    const [zonal, regional] = await seen(
      gateway({ AvailabilityMode: 'zonal' }),
      gateway({ AvailabilityMode: 'regional' }),
    );
    expect([zonal?.hourly, regional?.hourly]).toEqual([usd('0.045'), undefined]);
  });

  it('is found on every page', async () => {
    ec2
      .on(DescribeNatGatewaysCommand)
      .resolvesOnce({ NatGateways: [gateway()], NextToken: 'more' })
      .resolvesOnce({ NatGateways: [gateway({ NatGatewayId: 'nat-2' })] });
    expect((await natGateway.discover(contextOf())).map(({ id }) => id)).toEqual(['nat-1', 'nat-2']);
  });
});

describe('a load balancer', () => {
  const arnOf = (n: number): string =>
    `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/app/lb-${n}/50dc6c49`;
  const balancer = (n: number, fields: Partial<LoadBalancer> = {}): LoadBalancer => ({
    LoadBalancerArn: arnOf(n),
    LoadBalancerName: `lb-${n}`,
    CreatedTime: CREATED,
    Type: 'application',
    State: { Code: 'active' },
    ...fields,
  });
  const GONE = awsError('LoadBalancerNotFoundException', 'One or more load balancers not found');
  /** Tags of all but those that are gone; one that is gone refuses the call. */
  const tagged = (...gone: readonly string[]) =>
    balancers.on(DescribeTagsCommand).callsFake(({ ResourceArns }: { ResourceArns: string[] }) => {
      if (ResourceArns.some((arn) => gone.includes(arn))) throw GONE;
      return {
        TagDescriptions: ResourceArns.map((ResourceArn) => ({
          ResourceArn,
          Tags: [{ Key: 'project', Value: 'recsys' }],
        })),
      };
    });
  const seen = async (...all: LoadBalancer[]) => {
    balancers.on(DescribeLoadBalancersCommand).resolves({ LoadBalancers: all });
    return loadBalancer.discover(contextOf());
  };
  const tagCalls = () =>
    balancers.commandCalls(DescribeTagsCommand).map(({ args }) => args[0].input.ResourceArns?.length);

  it('is found with all that the meter needs', async () => {
    tagged();
    expect(await seen(balancer(1))).toEqual([
      {
        kind: 'load-balancer',
        arn: arnOf(1),
        id: 'lb-1',
        account: ACCOUNT,
        region: REGION,
        tags: { project: 'recsys' },
        state: 'running',
        since: CREATED,
        size: 'application load balancer',
        protections: [],
        hourly: usd('0.0225'),
      },
    ]);
  });

  it.each([
    ['application', '0.0225'],
    ['network', '0.0225'],
    ['gateway', '0.0125'],
  ] as const)('of type %s costs $%s an hour', async (Type, price) => {
    tagged();
    expect((await seen(balancer(1, { Type })))[0]?.hourly).toBe(usd(price));
  });

  it('on an Outpost is unpriced', async () => {
    tagged();
    expect(
      (await seen(balancer(1, { AvailabilityZones: [{ OutpostId: 'op-1' }] })))[0]?.hourly,
    ).toBeUndefined();
  });

  it.each([
    ['active', 'running'],
    ['active_impaired', 'running'],
    ['provisioning', 'transitional'],
    ['failed', 'failed'],
  ] as const)('%s is %s', async (Code, state) => {
    tagged();
    expect((await seen(balancer(1, { State: { Code } })))[0]?.state).toBe(state);
  });

  it('is asked for its tags with at most 20 in a call, on every page', async () => {
    tagged();
    balancers
      .on(DescribeLoadBalancersCommand)
      .resolvesOnce({ LoadBalancers: Array.from({ length: 30 }, (_, n) => balancer(n)), NextMarker: 'more' })
      .resolvesOnce({ LoadBalancers: Array.from({ length: 15 }, (_, n) => balancer(30 + n)) });
    const all = await loadBalancer.discover(contextOf());
    expect(all).toHaveLength(45);
    expect(all.every(({ tags }) => tags.project === 'recsys')).toBe(true);
    expect(tagCalls().sort()).toEqual([20, 20, 5]);
  });

  it('that goes between the two calls is absent, and hides no other', async () => {
    tagged(arnOf(2));
    const all = await seen(balancer(1), balancer(2), balancer(3));
    expect(all.map(({ id }) => id)).toEqual(['lb-1', 'lb-3']);
  });

  it('whose tags AWS refuses to tell fails the listing: it must not be taken for untagged', async () => {
    balancers.on(DescribeTagsCommand).rejects(awsError('AccessDenied', 'not authorized'));
    await expect(seen(balancer(1))).rejects.toThrow('not authorized');
  });
});

describe('what costs money beside the fleet', () => {
  it('is found as far as it can be listed', async () => {
    const error = awsError('UnauthorizedOperation', 'You are not authorized.');
    ec2.on(DescribeVolumesCommand).resolves({ Volumes: [volume()] });
    ec2.on(DescribeNatGatewaysCommand).rejects(error);
    balancers.on(DescribeLoadBalancersCommand).resolves({ LoadBalancers: [] });
    const { resources, failed } = await discoverMetered(
      new Map([
        ['us-east-1', contextOf()],
        ['eu-west-1', { ...contextOf(), region: 'eu-west-1' }],
      ]),
    );
    expect(resources.map(({ kind, region }) => `${kind} ${region}`)).toEqual([
      'ebs-volume us-east-1',
      'ebs-volume eu-west-1',
    ]);
    expect(failed).toEqual([
      { region: 'us-east-1', kind: 'nat-gateway', error },
      { region: 'eu-west-1', kind: 'nat-gateway', error },
    ]);
  });

  it('and every kind of the fleet has a service that it is billed as', () => {
    const names = [...kinds, ...meteredKinds].map(({ kind }) => kind);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.fromEntries(names.map((kind) => [kind, billedAs(kind)]))).toEqual({
      'ec2-instance': 'Amazon Elastic Compute Cloud - Compute',
      'auto-scaling-group': 'Amazon Elastic Compute Cloud - Compute',
      'rds-instance': 'Amazon Relational Database Service',
      'sagemaker-endpoint': 'Amazon SageMaker',
      'sagemaker-notebook': 'Amazon SageMaker',
      'sagemaker-studio-app': 'Amazon SageMaker',
      'sagemaker-training-job': 'Amazon SageMaker',
      'sagemaker-processing-job': 'Amazon SageMaker',
      'ebs-volume': 'EC2 - Other',
      'nat-gateway': 'EC2 - Other',
      'load-balancer': 'Amazon Elastic Load Balancing',
    });
    expect(billedAs('balloon')).toBeUndefined();
    expect([...knownServices].sort()).toEqual([
      'Amazon Elastic Compute Cloud - Compute',
      'Amazon Elastic Load Balancing',
      'Amazon Relational Database Service',
      'Amazon SageMaker',
      'EC2 - Other',
    ]);
  });

  it('is looked at with permissions that change nothing', () => {
    for (const { permissions } of meteredKinds) {
      for (const { actions } of permissions.observe) {
        expect(actions.every((action) => /^[a-z0-9]+:Describe[A-Za-z]+$/.test(action))).toBe(true);
      }
    }
  });
});
