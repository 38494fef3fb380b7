import {
  DescribeInstanceTypesCommand,
  DescribeSpotPriceHistoryCommand,
  EC2Client,
  type SpotPrice,
} from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { DESCRIBE_TYPES_PERMISSION, describeTypes } from '../../lib/fleet/describe-types.ts';
import { instanceFacts } from '../../lib/fleet/instance-facts.ts';
import { cheapestSpot } from '../../lib/fleet/spot-cheapest.ts';
import { NOW, usd } from './fixtures.ts';

const api = mockClient(EC2Client);
const ec2 = new EC2Client({ region: 'us-east-1' });
beforeEach(() => {
  api.reset();
});

/** As EC2 answers, of what is read of it. */
const type = (
  InstanceType: 'g5.12xlarge' | 'p4d.24xlarge' | 'm7g.large' | 'g6e.xlarge' | 't2.micro',
  vcpus: number,
  mib: number,
  architectures: readonly ('x86_64' | 'arm64' | 'i386')[],
  gpus?: { readonly Count: number; readonly MemoryInfo: { readonly SizeInMiB: number } },
) => ({
  InstanceType,
  VCpuInfo: { DefaultVCpus: vcpus },
  MemoryInfo: { SizeInMiB: mib },
  ProcessorInfo: { SupportedArchitectures: [...architectures] },
  ...(gpus === undefined ? {} : { GpuInfo: { Gpus: [gpus] } }),
});

describe('facts that EC2 is asked for', () => {
  it('are those of the table, by the names that were given, from all pages', async () => {
    api
      .on(DescribeInstanceTypesCommand)
      .resolvesOnce({
        InstanceTypes: [
          type('g5.12xlarge', 48, 196_608, ['x86_64'], { Count: 4, MemoryInfo: { SizeInMiB: 22_888 } }),
          type('p4d.24xlarge', 96, 1_179_648, ['x86_64'], { Count: 8, MemoryInfo: { SizeInMiB: 40_960 } }),
          type('g6e.xlarge', 4, 32_768, ['x86_64'], { Count: 1, MemoryInfo: { SizeInMiB: 45_776 } }),
        ],
        NextToken: 'more',
      })
      .resolvesOnce({
        InstanceTypes: [
          type('m7g.large', 2, 8192, ['arm64']),
          type('t2.micro', 1, 1024, ['i386', 'x86_64']),
          { InstanceType: 'c5.large', VCpuInfo: { DefaultVCpus: 2 } },
        ],
      });
    const asked = [
      'ml.g5.12xlarge',
      'g5.12xlarge',
      'p4d.24xlarge',
      'g6e.xlarge',
      'db.m7g.large',
      't2.micro',
      'c5.large',
      'x9.unheard',
    ];
    const facts = await describeTypes(asked, ec2);
    expect([...facts.keys()]).toEqual(asked.slice(0, 6));
    for (const one of asked.slice(0, 6)) expect([one, facts.get(one)]).toEqual([one, instanceFacts(one)]);
    const [first, second] = api.commandCalls(DescribeInstanceTypesCommand).map(({ args }) => args[0].input);
    expect(first?.Filters).toEqual([
      {
        Name: 'instance-type',
        Values: [
          'g5.12xlarge',
          'p4d.24xlarge',
          'g6e.xlarge',
          'm7g.large',
          't2.micro',
          'c5.large',
          'x9.unheard',
        ],
      },
    ]);
    expect(second?.NextToken).toBe('more');
  });

  it('of many types are asked 200 at a time, and of none not at all', async () => {
    api.on(DescribeInstanceTypesCommand).resolves({});
    await describeTypes(
      Array.from({ length: 401 }, (_, index) => `x${index}.large`),
      ec2,
    );
    expect(
      api
        .commandCalls(DescribeInstanceTypesCommand)
        .map(({ args }) => args[0].input.Filters?.[0]?.Values?.length),
    ).toEqual([200, 200, 1]);
    api.resetHistory();
    expect(await describeTypes([], ec2)).toEqual(new Map());
    expect(api.calls()).toHaveLength(0);
  });

  it('need one permission, which takes no resource', () => {
    expect(DESCRIBE_TYPES_PERMISSION).toEqual({
      actions: ['ec2:DescribeInstanceTypes'],
      resources: ['*'],
      taggedOnly: false,
    });
  });
});

describe('the cheapest Spot price of a region', () => {
  const spot = (zone: string, SpotPrice: string, minutesAgo = 0, product = 'Linux/UNIX'): SpotPrice => ({
    AvailabilityZone: zone,
    InstanceType: 'g5.xlarge',
    ProductDescription: product === 'Windows' ? 'Windows' : 'Linux/UNIX',
    SpotPrice,
    Timestamp: new Date(NOW.getTime() - minutesAgo * 60_000),
  });

  it('is that of the zone whose newest price is lowest, from all pages', async () => {
    api
      .on(DescribeSpotPriceHistoryCommand)
      .resolvesOnce({
        SpotPriceHistory: [
          spot('us-east-1a', '0.5', 5),
          // Was lower once.
          spot('us-east-1a', '0.1', 90),
          spot('us-east-1c', '0.2', 5, 'Windows'),
        ],
        NextToken: 'more',
      })
      .resolvesOnce({ SpotPriceHistory: [spot('us-east-1b', '0.4501000000', 30)] });
    expect(await cheapestSpot(ec2, 'g5.xlarge', NOW)).toEqual({ zone: 'us-east-1b', hourly: usd('0.4501') });
    const [first] = api.commandCalls(DescribeSpotPriceHistoryCommand).map(({ args }) => args[0].input);
    expect(first).toMatchObject({
      StartTime: NOW,
      Filters: [{ Name: 'instance-type', Values: ['g5.xlarge'] }],
    });
  });

  it('is unknown where the history knows none, or nothing that is a price', async () => {
    api.on(DescribeSpotPriceHistoryCommand).resolves({ SpotPriceHistory: [spot('us-east-1a', '0')] });
    expect(await cheapestSpot(ec2, 'g5.xlarge', NOW)).toBeUndefined();
    api.on(DescribeSpotPriceHistoryCommand).resolves({});
    expect(await cheapestSpot(ec2, 'g5.xlarge', NOW)).toBeUndefined();
  });
});
