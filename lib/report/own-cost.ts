import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { billingRequestId, REQUESTS_A_DAY } from '../enforce/billing-requests.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { KEPT_DAYS } from '../ledger/lifetimes.ts';
import { DAY_MS, dayName, dayNumber } from '../meter/days.ts';
import { mapLimited } from '../types/lists.ts';
import { METRICS, METRICS_NAMESPACE } from '../types/metric.ts';
import { microUsd, sumUsd, type Usd } from '../types/money.ts';
import type { OwnParts } from './own-parts.ts';
import {
  ALARM_MONTH,
  COST_EXPLORER_REQUESTS,
  CUSTOM_METRIC_MONTH,
  KMS_KEY_MONTH,
  LAMBDA_MEGABYTE_MS,
  LAMBDA_REQUESTS,
  METRICS_ASKED,
  priceOf,
  priceOver,
  SECRET_MONTH,
} from './own-prices.ts';
import { type HourlySeries, type HourlyValue, ownSeries, readHours } from './own-series.ts';
import type { OwnCost } from './report.ts';

export interface OwnCostDeps extends OwnParts {
  /** Of the region of the stack. */
  readonly cloudwatch: CloudWatchClient;
  /** It is read alone. */
  readonly ledger: Pick<Ledger, 'seen'>;
  readonly now: Date;
}

export interface OwnCostSpan {
  readonly from: Date;
  /** Exclusive; what lies ahead of now costs nothing yet. */
  readonly to: Date;
}

type Item = OwnCost['items'][number];

/** What is measured, and sentences about what is not. */
interface Part {
  readonly items: readonly Item[];
  readonly without: readonly string[];
}

/**
 * What Bursar itself costs in a span, by what is measured of it and list prices. What cannot be measured is left out, and
 * said: it is never guessed.
 * @throws what CloudWatch or the ledger answers
 */
export async function readOwnCost(deps: OwnCostDeps, { from, to }: OwnCostSpan): Promise<OwnCost> {
  const span = { from, to: to < deps.now ? to : deps.now };
  const calls = await readCalls(deps, span);
  // Where CloudWatch did not answer it is taken for there, all the time.
  const since = calls.firstHour ?? (calls.unknown.length > 0 ? span.from : span.to);
  const parts: readonly Part[] = [
    lambdaPart(calls),
    await metricsAskedPart(deps, span),
    await customMetricsPart(deps, span),
    await costExplorerPart(deps, span, calls.days),
    fixedPart(deps, { from: since, to: span.to }),
  ];
  const items = parts.flatMap((part) => part.items);
  return {
    items,
    total: sumUsd(items.map(({ cost }) => cost)),
    without: [...parts.flatMap((part) => part.without), ...NOT_MEASURED],
  };
}

const NOT_MEASURED: readonly string[] = [
  'Not measured: DynamoDB, SQS, SNS, S3, EventBridge, Scheduler, KMS and Secrets Manager requests, logs and X-Ray; thousands of short calls and one for each launch, a few dollars a month at most are expected.',
  'Not in it: what reports, plans and backtests ask of Cost Explorer, CloudWatch and Athena, the CloudWatch dashboard ($3 a month beyond the third of an account), and the rotations of the KMS key ($1 a month for each of the first two).',
  'Prices are list prices of us-east-1; free tiers are not taken off.',
];

interface Calls {
  readonly invocations: bigint;
  readonly megabyteMs: bigint;
  /** The first hour of the span in which any was called: Bursar was there since then. `undefined` = not known. */
  readonly firstHour: Date | undefined;
  /** UTC days on which any was called. */
  readonly days: ReadonlySet<string>;
  /** Functions that CloudWatch said nothing of, or not all. */
  readonly unknown: readonly string[];
}

const LAMBDA = 'AWS/Lambda';

async function readCalls({ functions, cloudwatch }: OwnCostDeps, span: OwnCostSpan): Promise<Calls> {
  const series = functions.flatMap(({ name }): readonly HourlySeries[] =>
    (['Invocations', 'Duration'] as const).map((metricName) => ({
      namespace: LAMBDA,
      metricName,
      dimensions: { FunctionName: name },
      statistic: 'Sum',
    })),
  );
  const answers = series.length === 0 ? [] : await readHours(cloudwatch, series, span);
  let invocations = 0n;
  let megabyteMs = 0n;
  const hours: number[] = [];
  const unknown: string[] = [];
  for (const [index, { name, memoryMb }] of functions.entries()) {
    const [called, lasted] = [answers[2 * index], answers[2 * index + 1]];
    if (called === undefined || lasted === undefined) {
      unknown.push(name);
      continue;
    }
    invocations += sumOf(called);
    megabyteMs += sumOf(lasted) * BigInt(Math.round(memoryMb));
    hours.push(...called.flatMap(({ at, value }) => (value > 0 ? [at.getTime()] : [])));
  }
  const first = hours.reduce((least, hour) => Math.min(least, hour), Number.POSITIVE_INFINITY);
  return {
    invocations,
    megabyteMs,
    firstHour: Number.isFinite(first) ? new Date(Math.max(first, span.from.getTime())) : undefined,
    days: new Set(hours.map((hour) => dayName(dayNumber(hour)))),
    unknown,
  };
}

/** Whole units: invocations, milliseconds. */
const sumOf = (values: readonly HourlyValue[]): bigint =>
  BigInt(Math.round(values.reduce((sum, { value }) => sum + value, 0)));

function lambdaPart({ invocations, megabyteMs, unknown }: Calls): Part {
  const gone =
    unknown.length === 0
      ? []
      : [`CloudWatch did not say how often these Lambdas ran: ${unknown.join(', ')}.`];
  if (invocations === 0n) {
    return {
      items: [],
      without: [
        ...gone,
        unknown.length > 0
          ? 'CloudWatch knows of no call of the others in this time: what Lambdas cost is not in it.'
          : 'CloudWatch knows of no call of a Lambda of Bursar in this time: it is taken for not deployed then.',
      ],
    };
  }
  return {
    items: [
      {
        what: 'Lambda',
        cost: sumUsd([priceOf(megabyteMs, LAMBDA_MEGABYTE_MS), priceOf(invocations, LAMBDA_REQUESTS)]),
        basis: `${grouped(invocations)} invocations, ${grouped(megabyteMs / (1024n * 1000n))} GB-seconds`,
      },
    ],
    without: gone,
  };
}

/** Of the sweeps, which count them. */
async function metricsAskedPart({ cloudwatch }: OwnCostDeps, span: OwnCostSpan): Promise<Part> {
  const [values] = await readHours(
    cloudwatch,
    [
      {
        namespace: METRICS_NAMESPACE,
        metricName: METRICS.metricsRequested,
        dimensions: { service: 'sweep' },
        statistic: 'Sum',
      },
    ],
    span,
  );
  if (values === undefined || values.length === 0) {
    return {
      items: [],
      without: ['How many metrics the sweeps asked of CloudWatch is not known: they are not in it.'],
    };
  }
  const asked = sumOf(values);
  return {
    items: [
      {
        what: 'Metrics asked of CloudWatch',
        cost: priceOf(asked, METRICS_ASKED),
        basis: `${grouped(asked)} metrics asked by sweeps, $0.01 for 1,000`,
      },
    ],
    without: [],
  };
}

const HOUR_MS = 3_600_000;

/** By the hours in which each is written. */
async function customMetricsPart({ cloudwatch }: OwnCostDeps, span: OwnCostSpan): Promise<Part> {
  const listed = await ownSeries(cloudwatch);
  const answers = listed.length === 0 ? [] : await readHours(cloudwatch, listed, span);
  const hours = answers.flatMap((values) => values ?? []).filter(({ value }) => value > 0);
  const notWhole = answers.filter((values) => values === undefined).length;
  const without =
    notWhole === 0 ? [] : [`CloudWatch did not say when ${notWhole} of Bursar's own metrics were written.`];
  if (hours.length === 0) {
    return {
      items: [],
      without: [
        ...without,
        "CloudWatch lists no metric of Bursar's own that was written in this time: none is in it.",
      ],
    };
  }
  const byHour = Map.groupBy(hours, ({ at }) => at.getTime());
  const written = [...byHour].map(([hour, some]) =>
    priceOver(times(CUSTOM_METRIC_MONTH, some.length), new Date(hour), new Date(hour + HOUR_MS)),
  );
  return {
    items: [
      {
        what: 'Custom metrics',
        cost: sumUsd(written),
        basis: `${grouped(BigInt(hours.length))} hours in which one of ${listed.length} metrics was written, $0.30 a month each`,
      },
    ],
    without,
  };
}

const times = (amount: Usd, count: number): Usd => microUsd(amount * BigInt(count));

/**
 * By the marks in the ledger, and of days whose marks are gone as many as there may have been at most.
 * @param ranOn days on which Bursar is known to have run; of an older day that is none of them nothing is said
 */
async function costExplorerPart(
  { ledger, now }: OwnCostDeps,
  { from, to }: OwnCostSpan,
  ranOn: ReadonlySet<string>,
): Promise<Part> {
  const first = dayNumber(from.getTime());
  const days = Array.from(
    { length: Math.max(0, dayNumber(to.getTime() - 1) - first + 1) },
    (_, n) => first + n,
  );
  const isMarked = (day: number): boolean => day * DAY_MS >= now.getTime() - KEPT_DAYS.once * DAY_MS;
  const marked = days.filter(isMarked).map(dayName);
  const older = days.filter((day) => !isMarked(day)).map(dayName);
  const counted = (
    await mapLimited(
      marked.flatMap((day) => Array.from({ length: REQUESTS_A_DAY }, (_, n) => billingRequestId(day, n + 1))),
      READS_AT_ONCE,
      (id) => ledger.seen(id, now),
    )
  ).filter(Boolean).length;
  const assumed = older.filter((day) => ranOn.has(day)).length * REQUESTS_A_DAY;
  const unknown = older.filter((day) => !ranOn.has(day));
  const without =
    unknown.length === 0
      ? []
      : [
          `Requests to Cost Explorer on ${unknown.length === 1 ? 'a day' : `${unknown.length} days`} from ${unknown[0] ?? ''} on are not known: their marks are gone, and CloudWatch knows of no call of Bursar then.`,
        ];
  const requests = BigInt(counted + assumed);
  if (requests === 0n) return { items: [], without };
  const atMost =
    assumed === 0
      ? ''
      : `, ${assumed} of them assumed: at most ${REQUESTS_A_DAY} a day, as marks are kept for ${KEPT_DAYS.once} days`;
  return {
    items: [
      {
        what: 'Cost Explorer',
        cost: priceOf(requests, COST_EXPLORER_REQUESTS),
        basis: `${grouped(requests)} ${requests === 1n ? 'request' : 'requests'} of sweeps, $0.01 each${atMost}`,
      },
    ],
    without,
  };
}

const READS_AT_ONCE = 10;

/** What costs money by being there. */
function fixedPart({ alarms, keys, secrets }: OwnCostDeps, { from, to }: OwnCostSpan): Part {
  const since = `since ${dayName(dayNumber(from.getTime()))}`;
  const item = (what: string, count: number, month: Usd, each: string): readonly Item[] =>
    count === 0 || from >= to
      ? []
      : [
          {
            what,
            cost: priceOver(times(month, count), from, to),
            basis: `${count} ${since}, ${each} a month each`,
          },
        ];
  return {
    items: [
      ...item('Alarms', alarms, ALARM_MONTH, '$0.10'),
      ...item('KMS key', keys, KMS_KEY_MONTH, '$1.00'),
      ...item('Secret of Slack', secrets, SECRET_MONTH, '$0.40'),
    ],
    without: [],
  };
}

/** `44,640`. */
const grouped = (count: bigint): string => count.toLocaleString('en-US');
