import {
  type CloudWatchClient,
  type Dimension,
  ListMetricsCommand,
  type Metric,
} from '@aws-sdk/client-cloudwatch';
import { batchesOf, estimateCost } from '../backtest/metric-batches.ts';
import { readBatch } from '../backtest/read-batch.ts';
import { UsageError } from '../cli/io.ts';
import { utcDay } from '../decide/sentences.ts';
import { errorCode, errorMessage } from '../fleet/aws-errors.ts';
import { allPages } from '../fleet/pages.ts';
import { daysBefore } from '../meter/days.ts';
import type { UsageSource } from '../policy/allocation.ts';
import { show } from '../policy/words.ts';
import type { DaySpan } from '../types/day-span.ts';
import { usdToDecimal } from '../types/money.ts';
import type { Usage } from '../types/usage.ts';
import { boundsOf, Tally } from './tally.ts';
import { formatCount } from './words.ts';

export type MetricUsage = Extract<UsageSource, { readonly from: 'metric' }>;

export interface MetricQuestion extends DaySpan {
  readonly cloudWatch: (region: string) => CloudWatchClient;
  readonly defaultRegion: string;
  readonly now: Date;
}

const PERIOD_SECONDS = 3_600;
/** ListMetrics tells of what had a datapoint in the last two weeks (its API reference). */
const LISTED_DAYS = 14;

type Dimensions = Readonly<Record<string, string>>;

/**
 * Reads use from a CloudWatch metric: the sum of each hour of each series that has the tenant's dimension. An hour
 * without a datapoint is one without use.
 * @throws UsageError, one line: where the series cannot be told apart, or CloudWatch does not tell all of them
 */
export async function readUsageFromMetric(
  name: string,
  source: MetricUsage,
  question: MetricQuestion,
): Promise<Usage> {
  const { unit, tenants, namespace, metric } = source;
  const region = source.region ?? question.defaultRegion;
  const cloudwatch = question.cloudWatch(region);
  const what = `${namespace} ${metric} in ${region}`;
  const { starts, ends } = boundsOf(question);
  const to = Math.min(ends, Math.ceil(question.now.getTime() / 3_600_000) * 3_600_000);
  const series = await allowed(what, 'cloudwatch:ListMetrics', () => seriesOf(source, what, cloudwatch));
  const asks =
    to <= starts
      ? []
      : series.map((dimensions) => ({
          series: {
            region,
            namespace,
            metricName: metric,
            dimensions,
            statistic: 'Sum' as const,
            periodSeconds: PERIOD_SECONDS,
          },
          from: starts,
          to,
          periodSeconds: PERIOD_SECONDS,
        }));
  const batches = batchesOf(asks);
  const tally = new Tally(question, tenants, false);
  for (const batch of batches) {
    const { whole } = await allowed(what, 'cloudwatch:GetMetricData', () => readBatch(batch, cloudwatch));
    for (const ask of batch) {
      const points = whole.get(ask);
      const tenant = ask.series.dimensions[source.tenant] ?? '';
      if (points === undefined) {
        throw new UsageError(`CloudWatch did not tell all of ${what} for ${show(tenant)}. Try again.`);
      }
      for (const [at, amount] of points) {
        if (amount < 0) {
          throw new UsageError(
            `${what} is ${amount} for ${show(tenant)} at ${new Date(at).toISOString()}. Use cannot be below 0: name a metric that counts.`,
          );
        }
        if (tally.counts(at)) tally.add(at, tenant, amount);
      }
    }
  }
  return {
    name,
    unit,
    entries: tally.entries(),
    sampled: false,
    notes: [
      ...(series.length === 0
        ? [`There is no series of ${what} with the dimension ${source.tenant}${whereText(source.where)}.`]
        : [
            `${formatCount(series.length, 'metric')} of ${what} ${series.length === 1 ? 'was' : 'were'} read, for $${usdToDecimal(estimateCost(batches, 0).usd)}. Hours without a datapoint count as hours without use.`,
          ]),
      ...unlistedNotes(question, name),
      ...(series.length === 0 ? [] : tally.notes(name)),
    ],
  };
}

/**
 * The dimensions of every series that counts. Those that have more dimensions than are named are told apart by the sets
 * of their names: where one tells of the same use as another, it must not count twice.
 */
async function seriesOf(
  { namespace, metric, tenant, where }: MetricUsage,
  what: string,
  cloudwatch: CloudWatchClient,
): Promise<readonly Dimensions[]> {
  const filters = [{ Name: tenant }, ...Object.entries(where).map(([Name, Value]) => ({ Name, Value }))];
  const metrics = await allPages<Metric>(async (token) => {
    const page = await cloudwatch.send(
      new ListMetricsCommand({
        Namespace: namespace,
        MetricName: metric,
        Dimensions: filters,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    return { items: page.Metrics, next: page.NextToken };
  });
  const matching = metrics
    .map(({ Dimensions = [] }) => dimensionsOf(Dimensions))
    .filter(
      (one) =>
        Object.hasOwn(one, tenant) && Object.entries(where).every(([key, value]) => one[key] === value),
    );
  const bySet = Map.groupBy(matching, (one) => Object.keys(one).sort().join(', '));
  const exact = bySet.get([tenant, ...Object.keys(where)].sort().join(', '));
  if (exact !== undefined) return exact;
  if (bySet.size > 1) {
    const sets = [...bySet.keys()].sort().map((names) => `{ ${names} }`);
    throw new UsageError(
      `${what} comes with the dimensions ${sets.join(' and ')}: the same use may be in both. Say by \`where\` which of them counts.`,
    );
  }
  return matching;
}

const dimensionsOf = (dimensions: readonly Dimension[]): Dimensions =>
  Object.fromEntries(dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));

const whereText = (where: Dimensions): string => {
  const pairs = Object.entries(where).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? '' : ` and ${pairs.join(', ')}`;
};

function unlistedNotes({ from, now }: MetricQuestion, name: string): readonly string[] {
  const listed = daysBefore(utcDay(now), LISTED_DAYS);
  return from >= listed
    ? []
    : [`CloudWatch lists what had use since ${listed}: who used ${name} before that alone is not known.`];
}

async function allowed<T>(what: string, action: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (/^AccessDenied/.test(errorCode(error))) {
      throw new UsageError(
        `${what}: AWS does not allow it: ${errorMessage(error).replace(/\.$/, '')}. Allow ${action}.`,
        { cause: error },
      );
    }
    throw error;
  }
}
