import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  AssociateAddressCommand,
  AttachVolumeCommand,
  CreateSnapshotCommand,
  DeleteVolumeCommand,
} from '@aws-sdk/client-ec2';
import { CreateDBInstanceCommand } from '@aws-sdk/client-rds';
import { PutBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3';
import { createS3Client } from '../../lib/bill/clients.ts';
import { arnOf } from '../../lib/fleet/arn.ts';
import { createLogsClient } from '../../lib/recommend/clients.ts';
import { setSavingsPlans } from '../../lib/sandbox/cost-explorer-front.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import { setStoredLogs } from '../../lib/sandbox/logs-front.ts';
import { createEndpoint, startInstance, type Tags } from '../../lib/sandbox/seed.ts';
import {
  allocateAddress,
  createBucket,
  createLogGroup,
  createVolume,
  GIB,
  putEvery,
  putTwoWeeks,
} from '../../lib/sandbox/seed-storage.ts';
import type { Stage } from '../../lib/sandbox/stage.ts';
import { after, arnOfInstance, HOUR_MS } from './on-stage.ts';

/** One recommendation as it must be: its dollars are worked by hand, from the prices of the local price list. */
export interface Expected {
  readonly check: string;
  readonly arn: string;
  /** Decimal USD a month. */
  readonly monthly: string;
  readonly title: RegExp;
  /** One sentence of the evidence. */
  readonly evidence: RegExp;
}

/** Where fleets are made. */
export type Place = Pick<Stage, 'clients'> & { readonly aws: Pick<Stage['aws'], 'endpoints'> };

const WEEK_MINUTES = 7 * 24 * 60;
const DAY_MINUTES = 24 * 60;
const TIDY_LOGS = { '/tidy/service': { bytes: 500 * GIB } };
const EC2 = 'Amazon Elastic Compute Cloud - Compute';

/** What the metrics of instances, databases and endpoints are called. */
const ec2 = (InstanceId: string) => (metric: string, value: number) => ({
  namespace: 'AWS/EC2',
  metric,
  dimensions: { InstanceId },
  value,
});
const rds = (DBInstanceIdentifier: string) => (metric: string, value: number) => ({
  namespace: 'AWS/RDS',
  metric,
  dimensions: { DBInstanceIdentifier },
  value,
});
const variantOf = (EndpointName: string) => ({ EndpointName, VariantName: 'main' });
const host = (name: string) => (metric: string, value: number) => ({
  namespace: '/aws/sagemaker/Endpoints',
  metric,
  dimensions: variantOf(name),
  value,
});
const served = (name: string) => (metric: string, value: number) => ({
  namespace: 'AWS/SageMaker',
  metric,
  dimensions: variantOf(name),
  value,
});
/** The CloudWatch agent's. */
const memory = (InstanceId: string, value: number) => ({
  namespace: 'CWAgent',
  metric: 'mem_used_percent',
  dimensions: { InstanceId, host: 'ip-10-0-0-1' },
  value,
});

const database = ({ clients }: Place, name: string, tags: Tags): Promise<unknown> =>
  clients.rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: name,
      DBInstanceClass: 'db.m5.xlarge',
      Engine: 'postgres',
      MasterUsername: 'root',
      MasterUserPassword: 'not-a-secret',
      AllocatedStorage: 20,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  );

/**
 * A fleet in which something of each sort that checks look at is as it should be: used, of the right size and type,
 * attached, with rules for what is old; and what nobody uses is what the policy stops by itself.
 * @param now the time that it is looked at: half a year and more from now, since what is made is made now
 */
export async function cleanFleet(place: Place, tags: Tags, now: Date): Promise<void> {
  const { clients, aws } = place;
  const busy = await startInstance(clients, { type: 'm5.xlarge', tags });
  const stoppedByPolicy = await startInstance(clients, { type: 'm5.large', tags });
  await putTwoWeeks(clients, now, [
    ec2(busy)('CPUUtilization', 64),
    memory(busy, 70),
    ec2(stoppedByPolicy)('CPUUtilization', 1),
  ]);
  await database(place, 'used-store', tags);
  await putTwoWeeks(clients, now, [
    rds('used-store')('CPUUtilization', 70),
    rds('used-store')('FreeableMemory', 4 * GIB),
    rds('used-store')('DatabaseConnections', 60),
  ]);
  await createEndpoint(clients, { name: 'used-endpoint', type: 'ml.m5.2xlarge', tags });
  await putTwoWeeks(clients, now, [
    host('used-endpoint')('CPUUtilization', 500),
    host('used-endpoint')('MemoryUtilization', 60),
    served('used-endpoint')('Invocations', 1_000),
  ]);
  // A small gp2 volume has more throughput than gp3 includes, and would cost more as gp3.
  for (const [Device, volume] of [
    ['/dev/sdf', { type: 'gp3', gib: 100, tags }],
    ['/dev/sdg', { type: 'gp2', gib: 5, tags }],
  ] as const) {
    const { id: VolumeId } = await createVolume(clients, volume);
    await clients.ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId: busy, Device }));
    await clients.ec2.send(new CreateSnapshotCommand({ VolumeId }));
  }
  const { id: AllocationId } = await allocateAddress(clients, tags);
  await clients.ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId: busy }));

  const s3 = createS3Client(REGION);
  const logs = createLogsClient(REGION);
  await createBucket(s3, clients, { name: 'tidy-bucket', gib: 10_240, objects: 1_000_000, tags, now });
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket: 'tidy-bucket',
      LifecycleConfiguration: {
        Rules: [{ ID: 'old', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 365 } }],
      },
    }),
  );
  await createLogGroup(logs, '/tidy/service', tags);
  await logs.send(new PutRetentionPolicyCommand({ logGroupName: '/tidy/service', retentionInDays: 30 }));
  await setStoredLogs(aws.endpoints['cloudwatch-logs'] ?? '', TIDY_LOGS);
  await setSavingsPlans(aws.endpoints['cost-explorer'] ?? '', {
    coverage: { [EC2]: { covered: '850', onDemand: '150' } },
  });
  s3.destroy();
  logs.destroy();
}

/**
 * Something of each sort that checks find, each once. What the local AWS cannot play is in the tests of the checks alone
 * (test/recommend): GPUs on EC2 and machines without any use that are no EC2 instances, inference components, jobs that
 * have ended and groups with a history for Spot, snapshots whose size EC2 tells.
 * @param tags of a development policy; `spared` of one with `idle: off`
 * @param now as for the clean one
 */
export async function wastefulFleet(
  place: Place,
  { tags, spared }: { readonly tags: Tags; readonly spared: Tags },
  now: Date,
): Promise<readonly Expected[]> {
  const { clients, aws } = place;

  const idle = await startInstance(clients, { type: 'm5.xlarge', tags: spared });
  await putTwoWeeks(clients, now, [ec2(idle)('CPUUtilization', 0.9)]);
  for (const metric of ['NetworkIn', 'NetworkOut']) {
    const series = ec2(idle)(metric, 60_000);
    await putEvery(clients, { ...series, from: after(now, -WEEK_MINUTES), to: now, stepMs: 300_000 });
  }

  const large = await startInstance(clients, { type: 'm5.2xlarge', tags });
  await putTwoWeeks(clients, now, [
    ec2(large)('CPUUtilization', 20),
    ec2(large)('NetworkIn', 60_000_000),
    ec2(large)('NetworkOut', 60_000_000),
    memory(large, 10),
  ]);

  const batch = await startInstance(clients, {
    type: 'c5.4xlarge',
    tags: { ...tags, interruptible: 'true' },
  });
  await putTwoWeeks(clients, now, [ec2(batch)('CPUUtilization', 90)]);

  await database(place, 'roomy-store', tags);
  await putTwoWeeks(clients, now, [
    rds('roomy-store')('CPUUtilization', 20),
    rds('roomy-store')('FreeableMemory', 12 * GIB),
    rds('roomy-store')('DatabaseConnections', 40),
  ]);

  await createEndpoint(clients, { name: 'rarely-asked', type: 'ml.m5.xlarge', tags });
  await putTwoWeeks(clients, now, [
    host('rarely-asked')('CPUUtilization', 40),
    host('rarely-asked')('MemoryUtilization', 20),
    served('rarely-asked')('Invocations', 100),
  ]);
  await latency(place, 'rarely-asked', now);

  await createEndpoint(clients, { name: 'mornings-alone', type: 'ml.g4dn.xlarge', tags });
  await putTwoWeeks(clients, now, [
    host('mornings-alone')('CPUUtilization', 30),
    host('mornings-alone')('GPUUtilization', 40),
  ]);
  const hour = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
  for (let day = 1; day <= 14; day += 1) {
    const from = after(hour, -day * DAY_MINUTES + 9 * 60);
    const series = served('mornings-alone')('Invocations', 20);
    await putEvery(clients, { ...series, from, to: after(from, 3 * 60), stepMs: HOUR_MS });
  }

  await createEndpoint(clients, { name: 'roomy-endpoint', type: 'ml.m5.2xlarge', tags });
  await putTwoWeeks(clients, now, [
    host('roomy-endpoint')('CPUUtilization', 160),
    host('roomy-endpoint')('MemoryUtilization', 10),
    served('roomy-endpoint')('Invocations', 1_000),
  ]);

  const gp2 = await createVolume(clients, { type: 'gp2', gib: 500, tags });
  await clients.ec2.send(
    new AttachVolumeCommand({ VolumeId: gp2.id, InstanceId: large, Device: '/dev/sdf' }),
  );
  const loose = await createVolume(clients, { type: 'gp3', gib: 500, tags });
  const gone = await createVolume(clients, { type: 'gp3', gib: 100, tags });
  const { SnapshotId: snapshot = '' } = await clients.ec2.send(
    new CreateSnapshotCommand({
      VolumeId: gone.id,
      TagSpecifications: [
        {
          ResourceType: 'snapshot',
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        },
      ],
    }),
  );
  await clients.ec2.send(new DeleteVolumeCommand({ VolumeId: gone.id }));
  const address = await allocateAddress(clients, tags);

  const s3 = createS3Client(REGION);
  const logs = createLogsClient(REGION);
  const bucket = await createBucket(s3, clients, {
    name: 'everything-for-ever',
    gib: 10_240,
    objects: 1_000_000,
    tags,
    now,
  });
  const group = await createLogGroup(logs, '/wordy/service', tags);
  await setStoredLogs(aws.endpoints['cloudwatch-logs'] ?? '', {
    ...TIDY_LOGS,
    '/wordy/service': { bytes: 500 * GIB, since: after(now, -200 * DAY_MINUTES).getTime() },
  });
  await setSavingsPlans(aws.endpoints['cost-explorer'] ?? '', {
    coverage: { [EC2]: { covered: '0', onDemand: '993.60' } },
    offers: {
      COMPUTE_SP: {
        commitment: '0.724',
        monthly: '203.67',
        used: '99.2',
        least: '0.9',
        average: '1.38',
        offering: '0d36bcd3-6f45-4f7d-8f2e-1a2b3c4d5e6f',
      },
    },
  });
  s3.destroy();
  logs.destroy();

  const endpointArn = (name: string): string => arnOf('sagemaker', REGION, ACCOUNT, `endpoint/${name}`);
  return [
    {
      // $0.192 × 730 h
      check: 'idle-compute',
      arn: arnOfInstance(idle),
      monthly: '140.16',
      title: /^Stop EC2 instance \S+: nobody has used it for 7 days\.$/,
      evidence: /Every sample of the 7 days .* is idle: CPU at most 0\.9/,
    },
    {
      // The same one: its memory is not measured, and r5.large has as much. ($0.192 - $0.126) × 730 h
      check: 'underused-instance',
      arn: arnOfInstance(idle),
      monthly: '48.18',
      title: /from m5\.xlarge to r5\.large\.$/,
      evidence: /^Its memory is not measured/,
    },
    {
      // 20 % of 8 vCPUs are 1.6, a quarter more is 2; 10 % of 32 GiB are 3.2, a quarter more is 4: m5.large.
      // ($0.384 - $0.096) × 730 h
      check: 'underused-instance',
      arn: arnOfInstance(large),
      monthly: '210.24',
      title: /from m5\.2xlarge to m5\.large\.$/,
      evidence: /^CPU at most 20% of 8 vCPUs in 336 hours of 14 days/,
    },
    {
      // Spot costs 40 % here: ($0.68 - $0.272) × 730 h
      check: 'spot-for-batch',
      arn: arnOfInstance(batch),
      monthly: '297.84',
      title: /\(c5\.4xlarge\) as a Spot instance\.$/,
      evidence: /^Its tag interruptible says true\.$/,
    },
    {
      // 20 % of 4 vCPUs are 0.8, 4 of 16 GiB in use: 1 vCPU and 5 GiB with a quarter to spare, as db.m5.large has.
      // ($0.342 - $0.171) × 730 h
      check: 'underused-database',
      arn: arnOf('rds', REGION, ACCOUNT, 'db:roomy-store'),
      monthly: '124.83',
      title: /from db\.m5\.xlarge to db\.m5\.large\.$/,
      evidence: /^At most 40 connections/,
    },
    {
      // $0.23 × 730 h = $167.90. 100 requests an hour of half a second: 50 s × 730 h = 36,500 s, with 4 GB (20 % of 16 GiB
      // and a quarter more) $0.00008 each = $2.92.
      check: 'endpoint-fit',
      arn: endpointArn('rarely-asked'),
      monthly: '164.98',
      title: /without instances of its own: serverless with 4 GB\.$/,
      evidence: /^33,600 requests in 336 of 336 hours of 14 days, 100 in the busiest\.$/,
    },
    {
      // Three hours a day and those beside them, 5 × 14 = 70 of 336: in 266 none is needed, 578 of 730 h. × $0.7364
      check: 'endpoint-fit',
      arn: endpointArn('mornings-alone'),
      monthly: '425.6392',
      title: /asynchronous, and let it scale to zero\.$/,
      evidence: /in 266 of 336 no instance would have been needed/,
    },
    {
      // 160 of 800 are 20 % of 8 vCPUs; 10 % of 32 GiB. ($0.461 - $0.115) × 730 h
      check: 'endpoint-fit',
      arn: endpointArn('roomy-endpoint'),
      monthly: '252.58',
      title: /on ml\.m5\.large instead of ml\.m5\.2xlarge\.$/,
      evidence: /^CPU at most 20% of one instance/,
    },
    {
      // 500 × ($0.10 - $0.08) = $10.00, less 125 MiB/s more than gp3 includes, × $40.96 / 1024 = $5.00
      check: 'gp2-to-gp3',
      arn: gp2.arn,
      monthly: '5',
      title: /from gp2 to gp3\.$/,
      evidence: /gp2 volume of 500 GiB: 3000 IOPS and 250 MiB\/s/,
    },
    {
      // 500 × $0.08 / 730 h = $0.054795, × 730 = $40.00035, less 500 × $0.05 for a snapshot
      check: 'unattached-volume',
      arn: loose.arn,
      monthly: '15.00035',
      title: /^Snapshot and delete EBS volume/,
      evidence: /attached to nothing/,
    },
    {
      // 100 × $0.05
      check: 'old-snapshot',
      arn: arnOf('ec2', REGION, ACCOUNT, `snapshot/${snapshot}`),
      monthly: '5',
      title: /^Delete the snapshot of EBS volume \S+, which is gone\.$/,
      evidence: /more than 180 days ago/,
    },
    {
      // $0.005 × 730 h
      check: 'unassociated-address',
      arn: address.arn,
      monthly: '3.65',
      title: /^Release Elastic IP address/,
      evidence: /associated with no instance/,
    },
    {
      // 10,240 × 50 % × ($0.023 - $0.0125) = $53.76, less $2.50 for watching a million objects
      check: 's3-tiering',
      arn: bucket.arn,
      monthly: '51.26',
      title: /^Let S3 Intelligent-Tiering store what bucket everything-for-ever keeps\.$/,
      evidence: /^It keeps 10240 GiB in 1,000,000 objects/,
    },
    {
      // 500 × $0.03 = $15.00, of which 110 of 200 days are older than 90
      check: 'log-retention',
      arn: group.arn,
      monthly: '8.25',
      title: /^Keep the logs of \/wordy\/service for 90 days/,
      evidence: /^It stores 500 GiB since/,
    },
    {
      // AWS says so itself.
      check: 'savings-plans',
      arn: `arn:aws:savingsplans::${ACCOUNT}:COMPUTE_SP`,
      monthly: '203.67',
      title: /^Buy a Compute Savings Plan of \$0\.724 an hour/,
      evidence: /\$993\.60 of 30 days were on demand/,
    },
  ];
}

/** Half a second each request of an hour with a hundred; CloudWatch sums them up, in microseconds. */
async function latency({ clients }: Place, name: string, now: Date): Promise<void> {
  const to = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  await clients.cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: 'AWS/SageMaker',
      MetricData: Array.from({ length: 336 }, (_, hour) => ({
        MetricName: 'ModelLatency',
        Dimensions: Object.entries(variantOf(name)).map(([Name, Value]) => ({ Name, Value })),
        Timestamp: new Date(to - (hour + 1) * HOUR_MS),
        StatisticValues: { SampleCount: 100, Sum: 50_000_000, Minimum: 500_000, Maximum: 500_000 },
      })),
    }),
  );
}
