import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  type Bucket,
  GetBucketLifecycleConfigurationCommand,
  GetBucketTaggingCommand,
  type LifecycleRule,
  ListBucketsCommand,
} from '@aws-sdk/client-s3';
import { errorCode } from '../fleet/aws-errors.ts';
import { tagsOf } from '../fleet/managers.ts';
import { allPages } from '../fleet/pages.ts';
import { chunks, mapLimited } from '../types/lists.ts';
import { microUsd, type Usd } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';
import { whose } from './about.ts';
import type { Check, CheckContext } from './check.ts';
import { cdkChange, exactUsd, gibText, shellWord } from './texts.ts';

const DAY_MS = 86_400_000;
const GIB = 1024 ** 3;
/** So much of what a bucket stores is taken to be read by nobody for 30 days: what is saved if that is so. Percent. */
const UNREAD = 50n;
/** Smaller buckets are not worth the change. */
const LEAST_GIB = 50;
/** Objects are some megabytes where a million of them store this much; smaller ones are not moved to a cheaper tier. */
const MILLION = 1_000_000;

/**
 * Buckets that keep all in S3 Standard, with no lifecycle rule that moves or deletes anything. Intelligent-Tiering moves
 * what nobody has read for 30 days to a cheaper tier, and back on the first read, without a charge for reading.
 *
 * Who reads what S3 does not tell without Storage Lens, so that half of it is assumed to be read by nobody: confidence
 * low. Watching costs money for each object, and is taken off. Source: Amazon S3 User Guide, "S3 Intelligent-Tiering";
 * "Monitoring metrics with Amazon CloudWatch" (`BucketSizeBytes` and `NumberOfObjects`, once a day, free).
 *
 * Metrics: two a bucket without such a rule.
 */
export const s3Tiering: Check = {
  name: 's3-tiering',
  title: 'Buckets in S3 Standard without a lifecycle rule',
  scope: 'region',
  permissions: [
    { actions: ['s3:ListAllMyBuckets', 'cloudwatch:GetMetricData'], resources: ['*'], taggedOnly: false },
    {
      actions: ['s3:GetLifecycleConfiguration', 's3:GetBucketTagging'],
      resources: ['s3:::*'],
      taggedOnly: false,
    },
  ],
  find: async (context) => {
    const prices = await pricesOf(context);
    if (prices === undefined) return [];
    const buckets = await bucketsOf(context);
    const read = await mapLimited(buckets, 5, async ({ Name: name }) => {
      const rules = name === undefined ? undefined : await rulesOf(name, context);
      return name === undefined || rules === undefined || rules.some(acts) ? [] : [[name, rules] as const];
    });
    const rules = new Map(read.flat());
    const sizes = await sizesOf([...rules.keys()], context);
    const large = sizes.flatMap((bucket) => {
      const monthly = savedOf(bucket, prices);
      return bucket.bytes >= LEAST_GIB * GIB && monthly > 0n ? [{ ...bucket, monthly }] : [];
    });
    return mapLimited(large, 5, async (bucket) =>
      recommend(
        { ...bucket, rules: rules.get(bucket.name) ?? [] },
        prices,
        await tagsOfBucket(bucket.name, context),
        context,
      ),
    );
  },
};

/** USD: a GiB-month of each class, and a month of watching a million objects. */
interface Prices {
  readonly standard: Usd;
  readonly infrequent: Usd;
  readonly watching: Usd;
}

async function pricesOf({ prices, region }: CheckContext): Promise<Prices | undefined> {
  const [standard, infrequent, watching] = await Promise.all([
    prices.unit({ service: 's3', region, storageClass: 'STANDARD' }),
    prices.unit({ service: 's3', region, storageClass: 'INTELLIGENT_TIERING_INFREQUENT' }),
    prices.unit({ service: 's3-monitoring', region }),
  ]);
  return standard === undefined || infrequent === undefined || watching === undefined
    ? undefined
    : { standard, infrequent, watching };
}

const bucketsOf = ({ s3, region }: CheckContext): Promise<readonly Bucket[]> =>
  allPages(async (ContinuationToken) => {
    const page = await s3.send(
      new ListBucketsCommand({
        BucketRegion: region,
        MaxBuckets: 1000,
        ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
      }),
    );
    return { items: page.Buckets, next: page.ContinuationToken };
  });

/** The lifecycle rules of a bucket; `undefined` where they are not known. */
async function rulesOf(
  name: string,
  { s3, account }: CheckContext,
): Promise<readonly LifecycleRule[] | undefined> {
  try {
    const { Rules: rules = [] } = await s3.send(
      new GetBucketLifecycleConfigurationCommand({ Bucket: name, ExpectedBucketOwner: account }),
    );
    return rules;
  } catch (error) {
    if (errorCode(error) === 'NoSuchLifecycleConfiguration') return [];
    // A bucket policy may keep it from whoever asks: what is not known is not recommended.
    if (errorCode(error) === 'AccessDenied' || errorCode(error) === 'NoSuchBucket') return undefined;
    throw error;
  }
}

/** True of a rule that moves or deletes objects; one that only ends uploads that broke off, or old versions, does not. */
const acts = ({ Status: status, Transitions: moved = [], Expiration: ended }: LifecycleRule): boolean =>
  status === 'Enabled' && (moved.length > 0 || ended?.Days !== undefined || ended?.Date !== undefined);

interface Sized {
  readonly name: string;
  readonly bytes: number;
  readonly objects: number;
}

const METRICS = [
  ['BucketSizeBytes', 'StandardStorage'],
  ['NumberOfObjects', 'AllStorageTypes'],
] as const;

/** Those of which both metrics are known; S3 publishes them once a day. */
async function sizesOf(names: readonly string[], { clients, now }: CheckContext): Promise<readonly Sized[]> {
  const found: Sized[] = [];
  // AWS takes 500 metrics in one call.
  for (const some of chunks(names, 500 / METRICS.length)) {
    const { MetricDataResults: results = [] } = await clients.cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(now().getTime() - 3 * DAY_MS),
        EndTime: now(),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: some.flatMap((name, bucket) =>
          METRICS.map(([MetricName, StorageType], metric) => ({
            Id: `b${bucket}_${metric}`,
            MetricStat: {
              Metric: {
                Namespace: 'AWS/S3',
                MetricName,
                Dimensions: [
                  { Name: 'BucketName', Value: name },
                  { Name: 'StorageType', Value: StorageType },
                ],
              },
              Period: DAY_MS / 1000,
              Stat: 'Average',
            },
          })),
        ),
      }),
    );
    const newest = new Map(
      results.map(({ Id: id, Timestamps: times = [], Values: values = [] }) => {
        const last = times.reduce((best, at, index) => (at > (times[best] ?? new Date(0)) ? index : best), 0);
        return [id, values[last]];
      }),
    );
    for (const [bucket, name] of some.entries()) {
      const [bytes, objects] = METRICS.map((_, metric) => newest.get(`b${bucket}_${metric}`));
      if (bytes !== undefined && objects !== undefined) found.push({ name, bytes, objects });
    }
  }
  return found;
}

/** USD a month: the lower price of what nobody reads, less the watching of all objects. */
function savedOf({ bytes, objects }: Sized, { standard, infrequent, watching }: Prices): Usd {
  const gained = ((standard - infrequent) * BigInt(Math.round(bytes)) * UNREAD) / (100n * BigInt(GIB));
  const paid = (watching * BigInt(Math.round(objects))) / BigInt(MILLION);
  return microUsd(gained - paid);
}

async function tagsOfBucket(name: string, { s3, account }: CheckContext) {
  try {
    const { TagSet: tags } = await s3.send(
      new GetBucketTaggingCommand({ Bucket: name, ExpectedBucketOwner: account }),
    );
    return tagsOf(tags);
  } catch (error) {
    if (errorCode(error) === 'NoSuchTagSet' || errorCode(error) === 'AccessDenied') return {};
    throw error;
  }
}

function recommend(
  {
    name,
    bytes,
    objects,
    monthly,
    rules,
  }: Sized & { readonly monthly: Usd; readonly rules: readonly LifecycleRule[] },
  { standard, infrequent, watching }: Prices,
  tags: Readonly<Record<string, string>>,
  { policy, region }: CheckContext,
): Recommendation {
  const arn = `arn:aws:s3:::${name}`;
  // What is put takes the place of all that there is.
  const rule = JSON.stringify({
    Rules: [
      ...rules,
      {
        ID: 'intelligent-tiering',
        Status: 'Enabled',
        Filter: {},
        Transitions: [{ Days: 0, StorageClass: 'INTELLIGENT_TIERING' }],
      },
    ],
  });
  return {
    id: `${s3Tiering.name} ${arn}`,
    check: s3Tiering.name,
    title: `Let S3 Intelligent-Tiering store what bucket ${name} keeps.`,
    resource: { arn, id: name, kind: 'S3 bucket', region, ...whose(tags, policy) },
    monthly,
    basis: `${gibText(bytes / GIB)} × ${UNREAD}% × (${exactUsd(standard)} - ${exactUsd(infrequent)}) - ${objects.toLocaleString('en-US')} objects × ${exactUsd(watching)} a million`,
    risk: 'low',
    effort: 'low',
    confidence: 'low',
    evidence: [
      `It keeps ${gibText(bytes / GIB)} in ${objects.toLocaleString('en-US')} objects in S3 Standard, and no lifecycle rule moves or deletes any.`,
      `That half of it is read by nobody for 30 days is assumed; S3 Storage Lens can tell.`,
    ],
    keeps:
      'Every object as quick to read as today: what is read goes back to the frequent tier, and reading costs no more. Moving each object costs one request.',
    how: [
      {
        form: 'command',
        text: `aws s3api put-bucket-lifecycle-configuration --region ${region} --bucket ${name} --lifecycle-configuration ${shellWord(rule)}`,
      },
      cdkChange(
        'lifecycleRules: [{ transitions: [{ storageClass: StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(0) }] }]',
      ),
    ],
  };
}
