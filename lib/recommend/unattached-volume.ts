import { paginateDescribeVolumes, type Volume } from '@aws-sdk/client-ec2';
import type { Usd } from '../types/money.ts';
import { microUsd } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';
import type { Resource } from '../types/resource.ts';
import { aboutResource } from './about.ts';
import type { Check, CheckContext } from './check.ts';
import { monthOf } from './month.ts';
import { isKeptByTag } from './policy-stops.ts';
import { readUse, USE_DAYS } from './read-use.ts';
import { awsCommand, exactUsd } from './texts.ts';

const DAY_MS = 86_400_000;

/**
 * Volumes that are attached to nothing. EC2 does not say since when: CloudWatch has metrics of a volume only while it is
 * attached (Amazon EBS User Guide, "CloudWatch metrics for Amazon EBS"), so one without any in two weeks was attached to
 * nothing all the time. What is saved is its price without that of a snapshot that keeps its data.
 *
 * Metrics: one a volume that is attached to nothing.
 */
export const unattachedVolume: Check = {
  name: 'unattached-volume',
  title: 'Volumes that are attached to nothing',
  scope: 'region',
  permissions: [
    {
      actions: ['ec2:DescribeVolumes', 'cloudwatch:GetMetricData'],
      resources: ['*'],
      taggedOnly: false,
    },
  ],
  find: async (context) => {
    const { clients, fleet, now, policy, prices, region } = context;
    const oldest = now().getTime() - USE_DAYS * DAY_MS;
    const ids = new Set<string | undefined>();
    const pages = paginateDescribeVolumes(
      { client: clients.ec2, pageSize: 500 },
      { Filters: [{ Name: 'status', Values: ['available'] }] },
    );
    for await (const page of pages)
      for (const one of page.Volumes ?? []) if (isOld(one, oldest)) ids.add(one.VolumeId);
    const volumes = fleet.filter(
      (one) => one.kind === 'ebs-volume' && ids.has(one.id) && !isKeptByTag(one, policy, now()),
    );
    const unused = await withoutMetrics(volumes, context);
    const snapshot = await prices.unit({ service: 'ebs-snapshot', region, tier: 'standard' });
    return snapshot === undefined ? [] : unused.flatMap((one) => recommend(one, snapshot, context));
  },
};

const isOld = ({ State: state, CreateTime: made }: Volume, oldest: number): boolean =>
  state === 'available' && made !== undefined && made.getTime() <= oldest;

/** Those of which CloudWatch answered in whole, and knows no sample. */
async function withoutMetrics(
  volumes: readonly Resource[],
  context: CheckContext,
): Promise<readonly Resource[]> {
  const read = await readUse(
    volumes.map(({ id }) => ({
      namespace: 'AWS/EBS',
      metricName: 'VolumeIdleTime',
      dimensions: { VolumeId: id },
      statistic: 'Maximum',
    })),
    context,
  );
  return volumes.filter((_, index) => read[index]?.every(Number.isNaN) === true);
}

/** `500 GiB gp3`, as the fleet tells it. */
const gibOf = ({ size }: Resource): bigint => BigInt(/^(\d+) GiB/.exec(size)?.[1] ?? 0);

function recommend(
  volume: Resource,
  snapshot: Usd,
  { policy, region }: CheckContext,
): readonly Recommendation[] {
  const { id, arn, hourly, size } = volume;
  if (hourly === undefined) return [];
  const price = monthOf(hourly);
  const kept = microUsd(snapshot * gibOf(volume));
  const monthly = microUsd(price - kept);
  if (monthly <= 0n) return [];
  return [
    {
      id: `${unattachedVolume.name} ${arn}`,
      check: unattachedVolume.name,
      title: `Snapshot and delete EBS volume ${id}: it is attached to nothing.`,
      resource: aboutResource(volume, policy),
      monthly,
      basis: `${exactUsd(price)} a month (${size}) less at most ${exactUsd(kept)} for a snapshot of all of it, at ${exactUsd(snapshot)} a GiB`,
      risk: 'low',
      effort: 'low',
      confidence: 'high',
      evidence: [
        `It is attached to nothing, and CloudWatch has no sample of it in ${USE_DAYS} days, as it would have while it was attached.`,
      ],
      keeps: 'All its data, in a snapshot that a new volume can be made from.',
      how: [{ form: 'command', text: snapshotAndDelete(id, region) }],
    },
  ];
}

/** One command, so that nothing is deleted before its snapshot is whole. */
function snapshotAndDelete(id: string, region: string): string {
  const create = awsCommand('ec2', 'create-snapshot', region, {
    'volume-id': id,
    description: `Before deleting ${id}`,
    query: 'SnapshotId',
    output: 'text',
  });
  const remove = awsCommand('ec2', 'delete-volume', region, { 'volume-id': id });
  return `snapshot=$(${create.text}) && aws ec2 wait snapshot-completed --region ${region} --snapshot-ids "$snapshot" && ${remove.text}`;
}
