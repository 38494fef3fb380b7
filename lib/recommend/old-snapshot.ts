import {
  paginateDescribeImages,
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import { utcDay } from '../decide/sentences.ts';
import { arnOf } from '../fleet/arn.ts';
import { tagsOf } from '../fleet/managers.ts';
import { microUsd, type Usd } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';
import { whose } from './about.ts';
import type { Check, CheckContext } from './check.ts';
import { awsCommand, exactUsd, gibText } from './texts.ts';

/** Days after which a snapshot is old. */
const DAYS = 180;
const DAY_MS = 86_400_000;
const GIB = 1024 ** 3;

/**
 * Snapshots of volumes that are gone, all older than half a year, and which no image and no backup plan needs.
 *
 * Snapshots of a volume share what did not change between them (Amazon EBS User Guide, "How Amazon EBS snapshots work"), so
 * they are told of together: deleted together, they free at least all that the newest one holds. Where EC2 does not tell
 * how much that is, the size of the volume is an upper bound, and the confidence low.
 */
export const oldSnapshot: Check = {
  name: 'old-snapshot',
  title: 'Old snapshots of volumes that are gone',
  scope: 'region',
  permissions: [
    {
      actions: ['ec2:DescribeSnapshots', 'ec2:DescribeImages', 'ec2:DescribeVolumes'],
      resources: ['*'],
      taggedOnly: false,
    },
  ],
  find: async (context) => {
    const { prices, region } = context;
    const price = await prices.unit({ service: 'ebs-snapshot', region, tier: 'standard' });
    const archived = await prices.unit({ service: 'ebs-snapshot', region, tier: 'archive' });
    if (price === undefined) return [];
    const snapshots = await ownSnapshots(context);
    if (snapshots.length === 0) return [];
    const [ofImages, volumes] = await Promise.all([snapshotsOfImages(context), volumeIds(context)]);
    const oldest = context.now().getTime() - DAYS * DAY_MS;
    return [...Map.groupBy(snapshots, ({ VolumeId: volume = '' }) => volume)].flatMap(([volume, all]) => {
      const isNeeded =
        // EC2 gives copies and imports this id: they are no snapshots of one volume.
        volume === '' ||
        volume === 'vol-ffffffff' ||
        volumes.has(volume) ||
        all.some((one) => isKept(one, oldest) || ofImages.has(one.SnapshotId ?? ''));
      return isNeeded ? [] : recommend(volume, all, { price, archived }, context);
    });
  },
};

async function ownSnapshots({ clients }: CheckContext): Promise<readonly Snapshot[]> {
  const found: Snapshot[] = [];
  const pages = paginateDescribeSnapshots({ client: clients.ec2, pageSize: 500 }, { OwnerIds: ['self'] });
  for await (const page of pages) found.push(...(page.Snapshots ?? []));
  return found;
}

async function snapshotsOfImages({ clients }: CheckContext): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const pages = paginateDescribeImages(
    { client: clients.ec2, pageSize: 500 },
    { Owners: ['self'], IncludeDisabled: true },
  );
  for await (const { Images: images = [] } of pages) {
    for (const { Ebs: ebs } of images.flatMap(({ BlockDeviceMappings: devices = [] }) => devices)) {
      if (ebs?.SnapshotId !== undefined) found.add(ebs.SnapshotId);
    }
  }
  return found;
}

async function volumeIds({ clients }: CheckContext): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const { Volumes: volumes = [] } of paginateDescribeVolumes(
    { client: clients.ec2, pageSize: 500 },
    {},
  )) {
    for (const { VolumeId: id } of volumes) if (id !== undefined) found.add(id);
  }
  return found;
}

/** What is young, archived already, not complete, or of AWS Backup or Data Lifecycle Manager, which delete by themselves. */
const isKept = (
  { StartTime: at, StorageTier: tier, State: state, Tags: tags = [] }: Snapshot,
  oldest: number,
): boolean =>
  at === undefined ||
  at.getTime() > oldest ||
  tier === 'archive' ||
  (state !== undefined && state !== 'completed') ||
  tags.some(({ Key: key = '' }) => key.startsWith('aws:backup:') || key.startsWith('aws:dlm:'));

function recommend(
  volume: string,
  all: readonly Snapshot[],
  { price, archived }: { readonly price: Usd; readonly archived: Usd | undefined },
  { policy, region, account }: CheckContext,
): readonly Recommendation[] {
  const sorted = all.toSorted((a, b) => (b.StartTime?.getTime() ?? 0) - (a.StartTime?.getTime() ?? 0));
  const [newest] = sorted;
  const ids = sorted.flatMap(({ SnapshotId: id }) => id ?? []);
  const [id] = ids;
  if (newest === undefined || id === undefined || newest.StartTime === undefined) return [];
  const bytes = newest.FullSnapshotSizeInBytes;
  const gib = bytes === undefined ? (newest.VolumeSize ?? 0) : bytes / GIB;
  const monthly = microUsd((price * BigInt(Math.round(gib * 1024)) + 512n) / 1024n);
  if (monthly <= 0n) return [];
  const arn = arnOf('ec2', region, account, `snapshot/${id}`);
  const many = ids.length === 1 ? 'the snapshot' : `the ${ids.length} snapshots`;
  return [
    {
      id: `${oldSnapshot.name} ${arn}`,
      check: oldSnapshot.name,
      title: `Delete ${many} of EBS volume ${volume}, which is gone.`,
      resource: { arn, id, kind: 'EBS snapshot', region, ...whose(tagsOf(newest.Tags), policy) },
      monthly,
      basis:
        bytes === undefined
          ? `at most ${gib} GiB, the size of the volume, × ${exactUsd(price)} a month`
          : `at least the ${gibText(gib)} that the newest one holds × ${exactUsd(price)} a month`,
      risk: 'medium',
      effort: 'low',
      confidence: bytes === undefined ? 'low' : 'medium',
      evidence: [
        `The newest is of ${utcDay(newest.StartTime)}, more than ${DAYS} days ago; its volume ${volume} does not exist any more, and no image of the account is made of it.`,
      ],
      keeps: `Nothing of the data: where it must be kept, archive the newest${archived === undefined ? '' : ` at ${exactUsd(archived)} a GiB`} and delete the rest (modify-snapshot-tier --storage-tier archive).`,
      how: ids.map((one) => awsCommand('ec2', 'delete-snapshot', region, { 'snapshot-id': one })),
    },
  ];
}
