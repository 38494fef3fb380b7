import {
  ListTagsForResourceCommand,
  type LogGroup,
  paginateDescribeLogGroups,
} from '@aws-sdk/client-cloudwatch-logs';
import { utcDay } from '../decide/sentences.ts';
import { mapLimited } from '../types/lists.ts';
import { microUsd, type Usd } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';
import { whose } from './about.ts';
import type { Check, CheckContext } from './check.ts';
import { awsCommand, cdkChange, exactUsd, gibText } from './texts.ts';

/** Days that logs are kept for where the recommendation is followed. */
const DAYS = 90;
const DAY_MS = 86_400_000;
const GIB = 1024 ** 3;
/** Less than this a month is not worth a line. */
const LEAST: Usd = microUsd(50_000n);

/**
 * Log groups that keep everything for ever. What is saved is what is older than 90 days, taken as that share of the group's
 * age: a group that was written to evenly.
 */
export const logRetention: Check = {
  name: 'log-retention',
  title: 'Log groups that keep everything for ever',
  scope: 'region',
  permissions: [
    { actions: ['logs:DescribeLogGroups', 'logs:ListTagsForResource'], resources: ['*'], taggedOnly: false },
  ],
  find: async (context) => {
    const { logs, prices, region } = context;
    const price = await prices.unit({ service: 'logs', region, unit: 'stored' });
    if (price === undefined) return [];
    const groups: LogGroup[] = [];
    for await (const page of paginateDescribeLogGroups({ client: logs, pageSize: 50 }, {})) {
      groups.push(...(page.logGroups ?? []));
    }
    const found = groups.flatMap((group) => subjectOf(group, price, context));
    return mapLimited(found, 5, async (subject) =>
      recommend(subject, price, await tagsOf(subject.arn, context), context),
    );
  },
};

interface Subject {
  readonly name: string;
  /** Without the `:*` that stands for its streams. */
  readonly arn: string;
  readonly gib: number;
  readonly created: Date;
  /** Whole days. */
  readonly age: number;
  /** USD a month. */
  readonly monthly: Usd;
}

function subjectOf(
  { logGroupName: name, arn, storedBytes = 0, retentionInDays, creationTime, logGroupClass }: LogGroup,
  price: Usd,
  { now }: CheckContext,
): readonly Subject[] {
  if (name === undefined || arn === undefined || creationTime === undefined) return [];
  if (retentionInDays !== undefined || logGroupClass === 'DELIVERY') return [];
  const age = Math.floor((now().getTime() - creationTime) / DAY_MS);
  if (age <= DAYS) return [];
  const gib = storedBytes / GIB;
  const whole = (price * BigInt(storedBytes)) / BigInt(GIB);
  const monthly = microUsd((whole * BigInt(age - DAYS)) / BigInt(age));
  if (monthly < LEAST) return [];
  return [{ name, arn: arn.replace(/:\*$/, ''), gib, created: new Date(creationTime), age, monthly }];
}

async function tagsOf(
  resourceArn: string,
  { logs }: CheckContext,
): Promise<Readonly<Record<string, string>>> {
  const { tags = {} } = await logs.send(new ListTagsForResourceCommand({ resourceArn }));
  return tags;
}

function recommend(
  { name, arn, gib, created, age, monthly }: Subject,
  price: Usd,
  tags: Readonly<Record<string, string>>,
  { policy, region }: CheckContext,
): Recommendation {
  return {
    id: `${logRetention.name} ${arn}`,
    check: logRetention.name,
    title: `Keep the logs of ${name} for ${DAYS} days, not for ever.`,
    resource: { arn, id: name, kind: 'log group', region, ...whose(tags, policy) },
    monthly,
    basis: `${gibText(gib)} × ${exactUsd(price)} a month × ${age - DAYS} of ${age} days`,
    risk: 'medium',
    effort: 'low',
    confidence: 'medium',
    evidence: [`It stores ${gibText(gib)} since ${utcDay(created)}, and deletes nothing.`],
    keeps: `The logs of the last ${DAYS} days; older ones are deleted for good. Choose longer where a rule of yours asks for it, or export them to S3 first.`,
    how: [
      awsCommand('logs', 'put-retention-policy', region, {
        'log-group-name': name,
        'retention-in-days': String(DAYS),
      }),
      cdkChange('retention: RetentionDays.THREE_MONTHS'),
    ],
  };
}
