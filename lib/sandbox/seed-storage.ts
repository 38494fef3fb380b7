import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { type CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  AllocateAddressCommand,
  CreateVolumeCommand,
  type ResourceType,
  type VolumeType,
} from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutBucketTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import { arnOf } from '../fleet/arn.ts';
import type { RegionClients } from '../fleet/clients.ts';
import { chunks } from '../types/lists.ts';
import { ACCOUNT, REGION } from './local-aws.ts';
import type { Series, Tags } from './seed.ts';

/** What was made: as its service calls it, and its ARN. */
export interface Made {
  readonly id: string;
  readonly arn: string;
}

const toTags = (tags: Tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
const tagged = (ResourceType: ResourceType, tags: Tags) => [{ ResourceType, Tags: toTags(tags) }];

export const GIB = 1024 ** 3;

/** Creates a volume that is attached to nothing. */
export async function createVolume(
  { ec2 }: RegionClients,
  { type, gib, tags }: { readonly type: VolumeType; readonly gib: number; readonly tags: Tags },
): Promise<Made> {
  const { VolumeId: id } = await ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: `${REGION}a`,
      VolumeType: type,
      Size: gib,
      TagSpecifications: tagged('volume', tags),
    }),
  );
  if (id === undefined) throw new Error('EC2 made no volume.');
  return { id, arn: arnOf('ec2', REGION, ACCOUNT, `volume/${id}`) };
}

/** Allocates an Elastic IP address, which is associated with nothing. */
export async function allocateAddress({ ec2 }: RegionClients, tags: Tags): Promise<Made> {
  const { AllocationId: id } = await ec2.send(
    new AllocateAddressCommand({ Domain: 'vpc', TagSpecifications: tagged('elastic-ip', tags) }),
  );
  if (id === undefined) throw new Error('EC2 allocated no address.');
  return { id, arn: arnOf('ec2', REGION, ACCOUNT, `elastic-ip/${id}`) };
}

/** Creates a bucket of which S3 has told, two days ago, that it stores so much in S3 Standard. */
export async function createBucket(
  s3: S3Client,
  clients: RegionClients,
  {
    name,
    gib,
    objects,
    tags,
    now,
  }: {
    readonly name: string;
    readonly gib: number;
    readonly objects: number;
    readonly tags: Tags;
    readonly now: Date;
  },
): Promise<Made> {
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  await s3.send(new PutBucketTaggingCommand({ Bucket: name, Tagging: { TagSet: toTags(tags) } }));
  const of = { namespace: 'AWS/S3', to: now, from: new Date(now.getTime() - 2 * DAY_MS), stepMs: DAY_MS };
  const dimensions = (StorageType: string) => ({ BucketName: name, StorageType });
  await putEvery(clients, {
    ...of,
    metric: 'BucketSizeBytes',
    dimensions: dimensions('StandardStorage'),
    value: gib * GIB,
  });
  await putEvery(clients, {
    ...of,
    metric: 'NumberOfObjects',
    dimensions: dimensions('AllStorageTypes'),
    value: objects,
  });
  return { id: name, arn: `arn:aws:s3:::${name}` };
}

/** Creates a log group that keeps everything for ever; what it stores is said by `setStoredLogs`. */
export async function createLogGroup(logs: CloudWatchLogsClient, name: string, tags: Tags): Promise<Made> {
  await logs.send(new CreateLogGroupCommand({ logGroupName: name, tags }));
  return { id: name, arn: arnOf('logs', REGION, ACCOUNT, `log-group:${name}`) };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Values of one metric, one for each step from `from` until before `to`. */
export type StepSeries = Series & { readonly stepMs: number };

export async function putEvery(
  { cloudwatch }: RegionClients,
  { namespace: Namespace, metric, dimensions, from, to, value, stepMs }: StepSeries,
): Promise<void> {
  const steps = Math.ceil((to.getTime() - from.getTime()) / stepMs);
  const data = Array.from({ length: steps }, (_, step) => ({
    MetricName: metric,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    Timestamp: new Date(from.getTime() + step * stepMs),
    Value: value,
  }));
  for (const MetricData of chunks(data, 1_000)) {
    await cloudwatch.send(new PutMetricDataCommand({ Namespace, MetricData }));
  }
}

/** The 14 whole days before a time: a value of each metric for every hour. */
export async function putTwoWeeks(
  clients: RegionClients,
  now: Date,
  all: readonly Pick<Series, 'namespace' | 'metric' | 'dimensions' | 'value'>[],
): Promise<void> {
  const to = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
  const from = new Date(to.getTime() - 14 * DAY_MS);
  for (const one of all) await putEvery(clients, { ...one, from, to, stepMs: HOUR_MS });
}
