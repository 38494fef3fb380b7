import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeAddressesCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Snapshot,
  type Volume,
} from '@aws-sdk/client-ec2';
import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketTaggingCommand,
  type LifecycleRule,
  ListBucketsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { gp2ToGp3 } from '../../lib/recommend/gp2-to-gp3.ts';
import { logRetention } from '../../lib/recommend/log-retention.ts';
import { oldSnapshot } from '../../lib/recommend/old-snapshot.ts';
import { s3Tiering } from '../../lib/recommend/s3-tiering.ts';
import { unassociatedAddress } from '../../lib/recommend/unassociated-address.ts';
import { unattachedVolume } from '../../lib/recommend/unattached-volume.ts';
import { usdToDecimal } from '../../lib/types/money.ts';
import type { Recommendation } from '../../lib/types/recommendation.ts';
import { ACCOUNT, type ContextOptions, checkContext, daysAgo, REGION } from './support/context.ts';
import { instanceOf } from './support/fleet.ts';

/** List prices of us-east-1. */
const UNIT = {
  'ebs/us-east-1/gp2/gib': '0.10',
  'ebs/us-east-1/gp3/gib': '0.08',
  'ebs/us-east-1/gp3/iops': '0.005',
  'ebs/us-east-1/gp3/gibps': '40.96',
  'ebs-snapshot/us-east-1/standard': '0.05',
  'ebs-snapshot/us-east-1/archive': '0.0125',
  'public-ipv4/us-east-1/idle': '0.005',
  's3/us-east-1/STANDARD': '0.023',
  's3/us-east-1/INTELLIGENT_TIERING_INFREQUENT': '0.0125',
  's3-monitoring/us-east-1': '2.50',
  'logs/us-east-1/stored': '0.03',
};
const contextOf = (options: ContextOptions = {}) => checkContext({ prices: { unit: UNIT }, ...options });

/** A context whose EC2 and CloudWatch are asked by the SDK, and answered here. */
function wired(options: ContextOptions = {}) {
  const context = contextOf(options);
  const nowhere = { region: REGION, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const ec2 = mockClient(EC2Client);
  const cloudwatch = mockClient(CloudWatchClient);
  const clients = {
    ...context.clients,
    ec2: new EC2Client(nowhere),
    cloudwatch: new CloudWatchClient(nowhere),
  };
  return { context: { ...context, clients }, ec2, cloudwatch };
}

const dollars = (found: readonly Recommendation[]) =>
  found.map(({ resource, monthly }) => [resource.id, usdToDecimal(monthly)]);

const TAGS = [
  { Key: 'project', Value: 'recsys' },
  { Key: 'owner', Value: 'ana' },
];

describe('gp2 to gp3', () => {
  const find = async (volumes: readonly Volume[], options: ContextOptions = {}) => {
    const { context, ec2 } = wired(options);
    ec2.on(DescribeVolumesCommand).resolves({ Volumes: [...volumes] });
    const found = await gp2ToGp3.find(context);
    ec2.restore();
    return found;
  };
  const volume = (VolumeId: string, Size: number): Volume => ({
    VolumeId,
    Size,
    State: 'in-use',
    Tags: TAGS,
  });

  it.each([
    // 100 × $0.02 = $2.00; 128 MiB/s are 3 above what is included: 3 × $0.04 = $0.12.
    [100, '1.88', 3000, 128],
    // 500 × $0.02 = $10.00; 125 MiB/s more: $5.00.
    [500, '5', 3000, 250],
    // 2,000 × $0.02 = $40.00; gp2 has 6,000 IOPS: 3,000 × $0.005 = $15.00; $5.00.
    [2000, '20', 6000, 250],
    // 6,000 × $0.02 = $120.00; 16,000 IOPS at most: 13,000 × $0.005 = $65.00; $5.00.
    [6000, '50', 16_000, 250],
  ])(
    'of %i GiB saves $%s a month with the IOPS and throughput of today',
    async (gib, monthly, iops, mibps) => {
      const [found] = await find([volume('vol-1', gib)]);
      expect(found && usdToDecimal(found.monthly)).toBe(monthly);
      expect(found?.how[0]?.text).toBe(
        `aws ec2 modify-volume --region us-east-1 --volume-id vol-1 --volume-type gp3 --iops ${iops} --throughput ${mibps}`,
      );
      expect(found?.keeps).toContain(`${iops} IOPS and ${mibps} MiB/s`);
      expect(found?.resource).toMatchObject({ project: 'recsys', owner: 'ana', kind: 'EBS volume' });
    },
  );

  it('says nothing of what would cost more, is on an Outpost, or has no price', async () => {
    // 5 × $0.02 = $0.10, and the throughput costs $0.12.
    expect(await find([volume('vol-1', 5), { ...volume('vol-2', 500), OutpostArn: 'arn:o' }])).toEqual([]);
    expect(await find([volume('vol-1', 500)], { prices: {} })).toEqual([]);
  });
});

describe('a volume that is attached to nothing', () => {
  const resource = instanceOf('vol-1', '500 GiB gp3', '0.054795', {
    kind: 'ebs-volume',
    arn: `arn:aws:ec2:${REGION}:${ACCOUNT}:volume/vol-1`,
  });
  const old: Volume = { VolumeId: 'vol-1', State: 'available', CreateTime: daysAgo(60), Size: 500 };

  const find = async (
    volume: Volume,
    values: readonly number[],
    StatusCode: 'Complete' | 'InternalError',
  ) => {
    const { context, ec2, cloudwatch } = wired({ fleet: [resource] });
    ec2.on(DescribeVolumesCommand).resolves({ Volumes: [volume] });
    cloudwatch.on(GetMetricDataCommand).resolves({
      MetricDataResults: [
        { Id: 'q0', StatusCode, Timestamps: values.map(() => daysAgo(3)), Values: [...values] },
      ],
    });
    const found = await unattachedVolume.find(context);
    ec2.restore();
    cloudwatch.restore();
    return found;
  };

  it('for two weeks saves its price less that of a snapshot', async () => {
    const found = await find(old, [], 'Complete');
    // $0.054795 × 730 = $40.00035, and 500 × $0.05 = $25.00 for the snapshot.
    expect(dollars(found)).toEqual([['vol-1', '15.00035']]);
    expect(found[0]?.how.map(({ text }) => text)).toEqual([
      `snapshot=$(aws ec2 create-snapshot --region us-east-1 --volume-id vol-1 --description 'Before deleting vol-1' --query SnapshotId --output text) && aws ec2 wait snapshot-completed --region us-east-1 --snapshot-ids "$snapshot" && aws ec2 delete-volume --region us-east-1 --volume-id vol-1`,
    ]);
  });

  it.each([
    ['was attached in these weeks', old, [3600], 'Complete'],
    ['was made in these weeks', { ...old, CreateTime: daysAgo(13) }, [], 'Complete'],
    ['is attached', { ...old, State: 'in-use' }, [], 'Complete'],
    ['cannot be told of by CloudWatch', old, [], 'InternalError'],
  ] as const)('is left alone where it %s', async (_, volume, values, status) => {
    expect(await find(volume, values, status)).toEqual([]);
  });
});

describe('an address that nothing uses', () => {
  it('saves $3.65 a month; one that is used or brought along is left alone', async () => {
    const { context, ec2 } = wired();
    ec2.on(DescribeAddressesCommand).resolves({
      Addresses: [
        { AllocationId: 'eipalloc-1', PublicIp: '192.0.2.1', PublicIpv4Pool: 'amazon', Tags: TAGS },
        { AllocationId: 'eipalloc-2', PublicIp: '192.0.2.2', AssociationId: 'eipassoc-1' },
        { AllocationId: 'eipalloc-3', PublicIp: '192.0.2.3', NetworkInterfaceId: 'eni-1' },
        { AllocationId: 'eipalloc-4', PublicIp: '192.0.2.4', PublicIpv4Pool: 'ipv4pool-ec2-1' },
      ],
    });
    const found = await unassociatedAddress.find(context);
    ec2.restore();
    expect(dollars(found)).toEqual([['eipalloc-1', '3.65']]);
    expect(found[0]).toMatchObject({
      title: 'Release Elastic IP address 192.0.2.1: nothing uses it.',
      how: [{ text: 'aws ec2 release-address --region us-east-1 --allocation-id eipalloc-1' }],
    });
  });
});

describe('old snapshots', () => {
  const snapshot = (SnapshotId: string, VolumeId: string, days: number, more: Partial<Snapshot> = {}) => ({
    SnapshotId,
    VolumeId,
    VolumeSize: 100,
    State: 'completed' as const,
    StartTime: daysAgo(days),
    ...more,
  });
  const find = async (snapshots: readonly Snapshot[]) => {
    const { context, ec2 } = wired();
    ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [...snapshots] });
    ec2.on(DescribeVolumesCommand).resolves({ Volumes: [{ VolumeId: 'vol-here' }] });
    ec2.on(DescribeImagesCommand).resolves({
      Images: [{ BlockDeviceMappings: [{ Ebs: { SnapshotId: 'snap-image' } }] }],
    });
    const found = await oldSnapshot.find(context);
    ec2.restore();
    return found;
  };

  it('of one volume that is gone are one recommendation, at least for what the newest holds', async () => {
    const found = await find([
      snapshot('snap-a', 'vol-gone', 400),
      snapshot('snap-b', 'vol-gone', 181, { FullSnapshotSizeInBytes: 60 * 1024 ** 3, Tags: TAGS }),
    ]);
    // 60 GiB × $0.05.
    expect(dollars(found)).toEqual([['snap-b', '3']]);
    expect(found[0]).toMatchObject({ confidence: 'medium', resource: { project: 'recsys' } });
    expect(found[0]?.how.map(({ text }) => text.split(' ').at(-1))).toEqual(['snap-b', 'snap-a']);
  });

  it('of which EC2 does not tell the size are no more than the volume, and hardly sure', async () => {
    const [found] = await find([snapshot('snap-a', 'vol-gone', 200)]);
    expect(found && usdToDecimal(found.monthly)).toBe('5');
    expect(found?.confidence).toBe('low');
    expect(found?.basis).toBe('at most 100 GiB, the size of the volume, × $0.05 a month');
  });

  it.each([
    ['its volume is there', [snapshot('snap-a', 'vol-here', 400)]],
    ['one of them is young', [snapshot('snap-a', 'vol-gone', 400), snapshot('snap-b', 'vol-gone', 179)]],
    ['an image is made of it', [snapshot('snap-image', 'vol-gone', 400)]],
    ['it was copied', [snapshot('snap-a', 'vol-ffffffff', 400)]],
    ['it is archived', [snapshot('snap-a', 'vol-gone', 400, { StorageTier: 'archive' })]],
    [
      'AWS Backup made it',
      [snapshot('snap-a', 'vol-gone', 400, { Tags: [{ Key: 'aws:backup:source-resource', Value: 'x' }] })],
    ],
  ])('are left alone where %s', async (_, snapshots) => {
    expect(await find(snapshots)).toEqual([]);
  });
});

describe('log groups', () => {
  const GIB = 1024 ** 3;
  const find = async (group: { name?: string; age?: number; gib?: number; retention?: number }) => {
    const logs = mockClient(CloudWatchLogsClient);
    const { name = '/aws/lambda/a', age = 360, gib = 100, retention } = group;
    logs.on(DescribeLogGroupsCommand).resolves({
      logGroups: [
        {
          logGroupName: name,
          arn: `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:${name}:*`,
          storedBytes: gib * GIB,
          creationTime: daysAgo(age).getTime(),
          ...(retention === undefined ? {} : { retentionInDays: retention }),
        },
      ],
    });
    logs.on(ListTagsForResourceCommand).resolves({ tags: { project: 'fraud' } });
    const found = await logRetention.find(contextOf());
    logs.restore();
    return found;
  };

  it('that keep all for ever cost what is older than 90 days', async () => {
    const found = await find({});
    // 100 GiB × $0.03 × 270 of 360 days.
    expect(dollars(found)).toEqual([['/aws/lambda/a', '2.25']]);
    expect(found[0]).toMatchObject({
      resource: { project: 'fraud', arn: `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/aws/lambda/a` },
      how: [
        {
          text: 'aws logs put-retention-policy --region us-east-1 --log-group-name /aws/lambda/a --retention-in-days 90',
        },
        { form: 'cdk' },
      ],
    });
  });

  it.each([
    ['end some day', { retention: 3653 }],
    ['are younger than that', { age: 90 }],
    ['hardly hold anything', { gib: 1 }],
  ])('that %s are left alone', async (_, group) => {
    expect(await find(group)).toEqual([]);
  });
});

describe('buckets', () => {
  const GIB = 1024 ** 3;
  const find = async (
    rules: readonly LifecycleRule[] | 'none' | 'denied',
    gib = 1000,
    objects = 100_000,
  ): Promise<readonly Recommendation[]> => {
    const s3 = mockClient(S3Client);
    const { context, cloudwatch } = wired();
    s3.on(ListBucketsCommand).resolves({ Buckets: [{ Name: 'data' }] });
    const lifecycle = s3.on(GetBucketLifecycleConfigurationCommand);
    if (typeof rules === 'string') {
      const name = rules === 'none' ? 'NoSuchLifecycleConfiguration' : 'AccessDenied';
      lifecycle.rejects(Object.assign(new Error(name), { name }));
    } else {
      lifecycle.resolves({ Rules: [...rules] });
    }
    s3.on(GetBucketTaggingCommand).resolves({ TagSet: TAGS });
    cloudwatch.on(GetMetricDataCommand).resolves({
      MetricDataResults: [
        // The newest counts, in whatever order they come.
        { Id: 'b0_0', Timestamps: [daysAgo(1), daysAgo(2)], Values: [gib * GIB, 1] },
        { Id: 'b0_1', Timestamps: [daysAgo(2), daysAgo(1)], Values: [1, objects] },
      ],
    });
    const found = await s3Tiering.find({ ...context, s3: new S3Client({ region: REGION }) });
    s3.restore();
    cloudwatch.restore();
    return found;
  };
  const ends: LifecycleRule = {
    Status: 'Enabled',
    Filter: {},
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
  };

  it.each([
    ['none' as const],
    [[ends]],
    [[{ ...ends, Expiration: { Days: 30 }, Status: 'Disabled' as const }]],
  ])(
    'that keep all in S3 Standard (rules: %j) save by Intelligent-Tiering what half of it costs less',
    async (rules) => {
      const found = await find(rules);
      // 1,000 GiB × 50 % × $0.0105 = $5.25; 100,000 objects × $2.50 a million = $0.25.
      expect(dollars(found)).toEqual([['data', '5']]);
      expect(found[0]).toMatchObject({ confidence: 'low', resource: { project: 'recsys', owner: 'ana' } });
      const text = found[0]?.how[0]?.text ?? '';
      expect(text).toMatch(/^aws s3api put-bucket-lifecycle-configuration .* '\{"Rules":/);
      // What is put takes the place of all rules: those that are there must be in it.
      for (const rule of rules === 'none' ? [] : rules) expect(text).toContain(JSON.stringify(rule));
    },
  );

  it.each([
    ['move', [{ ...ends, Transitions: [{ Days: 30, StorageClass: 'STANDARD_IA' as const }] }], 1000, 1],
    ['delete', [{ ...ends, Expiration: { Days: 30 } }], 1000, 1],
    ['may not be looked at', 'denied' as const, 1000, 1],
    ['are small', 'none' as const, 49, 1],
    // 1,000 GiB save $5.25, and 2,200,000 objects cost $5.50 to watch.
    ['hold small objects', 'none' as const, 1000, 2_200_000],
  ])('that %s are left alone', async (_, rules, gib, objects) => {
    expect(await find(rules, gib, objects)).toEqual([]);
  });
});

it('nothing is found where there is nothing', async () => {
  const { context, ec2, cloudwatch } = wired();
  const logs = mockClient(CloudWatchLogsClient);
  const s3 = mockClient(S3Client);
  ec2.resolves({});
  logs.resolves({});
  s3.resolves({});
  for (const check of [
    gp2ToGp3,
    unattachedVolume,
    unassociatedAddress,
    oldSnapshot,
    logRetention,
    s3Tiering,
  ]) {
    expect(await check.find(context)).toEqual([]);
  }
  for (const mock of [ec2, cloudwatch, logs, s3]) mock.restore();
});
