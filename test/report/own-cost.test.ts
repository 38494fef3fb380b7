import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { billingRequestId } from '../../lib/enforce/billing-requests.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { type OwnCostDeps, readOwnCost } from '../../lib/report/own-cost.ts';
import { ownPartsOf, ownPartsText, partsOfStack } from '../../lib/report/own-parts.ts';
import {
  COST_EXPLORER_REQUESTS,
  LAMBDA_MEGABYTE_MS,
  LAMBDA_REQUESTS,
  priceOf,
  priceOver,
} from '../../lib/report/own-prices.ts';
import type { OwnCost } from '../../lib/report/report.ts';
import { microUsd, parseUsd, sumUsd, usdToDecimal, ZERO_USD } from '../../lib/types/money.ts';

const FROM = new Date('2026-11-01T00:00:00.000Z');
const TO = new Date('2026-12-01T00:00:00.000Z');
const HOUR = 3_600_000;
const usd = (text: string) => parseUsd(text) ?? ZERO_USD;

interface Written {
  readonly metric: string;
  /** The value of its one dimension. */
  readonly of: string;
  readonly hours: readonly (readonly [at: Date, value: number])[];
}

const hoursFrom = (from: Date, count: number, value: number) =>
  Array.from({ length: count }, (_, n) => [new Date(from.getTime() + n * HOUR), value] as const);

/** A CloudWatch that has these metrics; answers come in pages of 100 values. */
function cloudwatchOf(written: readonly Written[], code: 'Complete' | 'InternalError' = 'Complete') {
  const mock = mockClient(CloudWatchClient);
  mock.on(ListMetricsCommand).callsFake(({ NextToken: token }) => {
    const own = written.filter(({ metric }) => metric !== 'Invocations' && metric !== 'Duration');
    const start = Number(token ?? 0);
    return {
      Metrics: own.slice(start, start + 2).map(({ metric, of }) => ({
        MetricName: metric,
        Dimensions: [{ Name: 'service', Value: of }],
      })),
      ...(start + 2 < own.length ? { NextToken: `${start + 2}` } : {}),
    };
  });
  mock.on(GetMetricDataCommand).callsFake(({ MetricDataQueries: queries = [], NextToken: token }) => {
    const start = Number(token ?? 0);
    let more = false;
    const MetricDataResults = queries.map(
      ({
        Id,
        MetricStat,
      }: {
        Id: string;
        MetricStat: { Metric: { MetricName: string; Dimensions: { Value: string }[] } };
      }) => {
        const { MetricName, Dimensions } = MetricStat.Metric;
        const hours =
          written.find(({ metric, of }) => metric === MetricName && of === Dimensions[0]?.Value)?.hours ?? [];
        const page = hours.slice(start, start + 100);
        const isPartial = hours.length > start + 100;
        more ||= isPartial;
        return {
          Id,
          StatusCode: isPartial ? 'PartialData' : code,
          Timestamps: page.map(([at]) => at),
          Values: page.map(([, value]) => value),
        };
      },
    );
    return { MetricDataResults, ...(more ? { NextToken: `${start + 100}` } : {}) };
  });
  return mock;
}

const depsOf = (written: readonly Written[], more: Partial<OwnCostDeps> = {}): OwnCostDeps => {
  cloudwatchOf(written);
  return {
    functions: [
      { name: 'sweep', memoryMb: 1024 },
      { name: 'notify', memoryMb: 256 },
    ],
    alarms: 18,
    keys: 1,
    secrets: 1,
    cloudwatch: new CloudWatchClient({ region: 'us-east-1' }),
    ledger: createMemoryLedger(),
    now: new Date('2026-12-01T02:00:00.000Z'),
    ...more,
  };
};

const costOf = ({ items }: OwnCost, what: string): string | undefined => {
  const found = items.find((item) => item.what === what);
  return found === undefined ? undefined : usdToDecimal(found.cost);
};
const basisOf = ({ items }: OwnCost, what: string) => items.find((item) => item.what === what)?.basis;

const MONTH: readonly Written[] = [
  { metric: 'Invocations', of: 'sweep', hours: hoursFrom(FROM, 720, 12) },
  // 100 s of 1 GB an hour.
  { metric: 'Duration', of: 'sweep', hours: hoursFrom(FROM, 720, 100_000.25) },
  { metric: 'Invocations', of: 'notify', hours: hoursFrom(FROM, 10, 100) },
  { metric: 'Duration', of: 'notify', hours: hoursFrom(FROM, 10, 4_000) },
  { metric: 'MetricsRequested', of: 'sweep', hours: hoursFrom(FROM, 720, 100) },
  { metric: 'SweepCompleted', of: 'sweep', hours: hoursFrom(FROM, 720, 12) },
  { metric: 'CanaryArrived', of: 'notify', hours: hoursFrom(FROM, 30, 1) },
];

describe('what Bursar costs in a month', () => {
  it('is measured, item by item, and summed', async () => {
    const found = await readOwnCost(depsOf(MONTH), { from: FROM, to: TO });
    expect(found.items.map(({ what }) => what)).toEqual([
      'Lambda',
      'Metrics asked of CloudWatch',
      'Custom metrics',
      'Cost Explorer',
      'Alarms',
      'KMS key',
      'Secret of Slack',
    ]);
    // 72,010 GB-seconds and 9,640 requests.
    expect(basisOf(found, 'Lambda')).toBe('9,640 invocations, 72,010 GB-seconds');
    expect(costOf(found, 'Lambda')).toBe('0.962069');
    expect(costOf(found, 'Metrics asked of CloudWatch')).toBe('0.72');
    // Two whole months and 30 hours of one.
    expect(basisOf(found, 'Custom metrics')).toBe(
      '1,470 hours in which one of 3 metrics was written, $0.30 a month each',
    );
    expect(Number(costOf(found, 'Custom metrics'))).toBeCloseTo(0.6125, 3);
    expect([costOf(found, 'Alarms'), costOf(found, 'KMS key'), costOf(found, 'Secret of Slack')]).toEqual([
      '1.8',
      '1',
      '0.4',
    ]);
    expect(found.total).toBe(sumUsd(found.items.map(({ cost }) => cost)));
    expect(found.without.join('\n')).toMatch(
      /DynamoDB, SQS[\s\S]*list prices of us-east-1; free tiers are not taken off/,
    );
  });

  it('begins where Bursar was first called', async () => {
    const deployed = new Date('2026-11-16T00:00:00.000Z');
    const written: readonly Written[] = [
      { metric: 'Invocations', of: 'sweep', hours: hoursFrom(deployed, 360, 12) },
      { metric: 'Duration', of: 'sweep', hours: hoursFrom(deployed, 360, 1) },
    ];
    const found = await readOwnCost(depsOf(written), { from: FROM, to: TO });
    expect(costOf(found, 'KMS key')).toBe('0.5');
    expect(basisOf(found, 'Alarms')).toBe('18 since 2026-11-16, $0.10 a month each');
    // Of the 16th alone, whose marks are gone; from the 17th on there are none.
    expect(basisOf(found, 'Cost Explorer')).toBe(
      '8 requests of sweeps, $0.01 each, 8 of them assumed: at most 4 a day, as marks are kept for 14 days',
    );
    expect(found.without).toContain(
      'Requests to Cost Explorer on 15 days from 2026-11-01 on are not known: their marks are gone, and CloudWatch knows of no call of Bursar then.',
    );
  });

  it('ends now', async () => {
    const now = new Date('2026-11-07T00:00:00.000Z');
    const found = await readOwnCost(depsOf(MONTH, { now }), { from: FROM, to: TO });
    expect(costOf(found, 'KMS key')).toBe('0.2');
  });

  it('counts the requests to Cost Explorer that the ledger has marked', async () => {
    const now = new Date('2026-11-10T12:00:00.000Z');
    const ledger = createMemoryLedger();
    for (const [day, n] of [
      ['2026-11-09', 1],
      ['2026-11-09', 2],
      ['2026-11-10', 1],
      ['2026-10-31', 1],
    ] as const) {
      await ledger.once(billingRequestId(day, n), new Date(`${day}T08:00:00.000Z`));
    }
    const found = await readOwnCost(depsOf([], { now, ledger }), { from: FROM, to: now });
    expect(basisOf(found, 'Cost Explorer')).toBe('3 requests of sweeps, $0.01 each');
    expect(costOf(found, 'Cost Explorer')).toBe('0.03');
  });

  it('leaves out what CloudWatch does not say, and says so', async () => {
    // As of a month before it was deployed: no alarm and no key of it was there either.
    const silent = await readOwnCost(depsOf([]), { from: FROM, to: TO });
    expect([silent.items, silent.total]).toEqual([[], ZERO_USD]);
    expect(silent.without.join('\n')).toMatch(
      /knows of no call of a Lambda[\s\S]*is not known[\s\S]*lists no metric of Bursar's own/,
    );
    const deps = depsOf([]);
    cloudwatchOf(MONTH, 'InternalError');
    const failed = await readOwnCost(deps, { from: FROM, to: TO });
    expect(failed.items.map(({ what }) => what)).toEqual(['Alarms', 'KMS key', 'Secret of Slack']);
    expect(failed.without[0]).toBe('CloudWatch did not say how often these Lambdas ran: sweep, notify.');
  });

  it('asks CloudWatch within its limits', async () => {
    const functions = Array.from({ length: 200 }, (_, n) => ({ name: `f${n}`, memoryMb: 128 }));
    const deps = depsOf([], { functions });
    const mock = cloudwatchOf([]);
    await readOwnCost(deps, { from: FROM, to: TO });
    const sizes = mock
      .commandCalls(GetMetricDataCommand)
      .map(({ args: [{ input }] }) => (input.MetricDataQueries ?? []).length);
    expect(Math.max(...sizes) * 721).toBeLessThanOrEqual(100_800);
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(401);
  });
});

describe('prices', () => {
  it('are exact, rounded once', () => {
    expect(usdToDecimal(priceOf(1_000_000n * 1024n * 1000n, LAMBDA_MEGABYTE_MS))).toBe('13.3334');
    expect(usdToDecimal(priceOf(1_000_000n, LAMBDA_REQUESTS))).toBe('0.2');
    expect(usdToDecimal(priceOf(122n, COST_EXPLORER_REQUESTS))).toBe('1.22');
  });

  it('a month are those of the month, whole or in parts', () => {
    expect(priceOver(usd('1'), new Date('2026-10-01T00:00:00.000Z'), TO)).toBe(usd('2'));
    expect(priceOver(usd('1'), TO, FROM)).toBe(0n);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 9n }), fc.nat(2_592_000_000), (month, cut) => {
        const middle = new Date(FROM.getTime() + cut);
        const parts = priceOver(microUsd(month), FROM, middle) + priceOver(microUsd(month), middle, TO);
        const off = parts - priceOver(microUsd(month), FROM, TO);
        expect(off >= -1n && off <= 1n).toBe(true);
      }),
    );
  });
});

describe('the parts of a stack', () => {
  it('are read off CloudFormation and Lambda, all pages', async () => {
    const cloudFormation = mockClient(CloudFormationClient);
    const one = (type: string, id: string) => ({
      ResourceType: type,
      PhysicalResourceId: id,
      LogicalResourceId: id,
      LastUpdatedTimestamp: FROM,
      ResourceStatus: 'CREATE_COMPLETE' as const,
    });
    cloudFormation
      .on(ListStackResourcesCommand, { StackName: 'Bursar' })
      .resolves({
        StackResourceSummaries: [one('AWS::Lambda::Function', 'sweep'), one('AWS::CloudWatch::Alarm', 'a')],
        NextToken: 'x',
      })
      .on(ListStackResourcesCommand, { StackName: 'Bursar', NextToken: 'x' })
      .resolves({
        StackResourceSummaries: [
          one('AWS::Lambda::Function', 'notify'),
          one('AWS::Lambda::Function', 'chat'),
          one('AWS::CloudWatch::Alarm', 'b'),
          one('AWS::KMS::Key', 'k'),
        ],
      });
    const lambda = mockClient(LambdaClient);
    lambda.on(GetFunctionConfigurationCommand, { FunctionName: 'sweep' }).resolves({ MemorySize: 1024 });
    for (const FunctionName of ['notify', 'chat']) {
      lambda
        .on(GetFunctionConfigurationCommand, { FunctionName })
        .resolves({ MemorySize: 256, Environment: { Variables: { SLACK_SECRET_ID: 'slack' } } });
    }
    const parts = await partsOfStack(
      new CloudFormationClient({ region: 'us-east-1' }),
      new LambdaClient({ region: 'us-east-1' }),
      'Bursar',
    );
    expect(parts).toEqual({
      functions: [
        { name: 'sweep', memoryMb: 1024 },
        { name: 'notify', memoryMb: 256 },
        { name: 'chat', memoryMb: 256 },
      ],
      alarms: 2,
      keys: 1,
      secrets: 1,
    });
    expect(ownPartsOf(ownPartsText(parts))).toEqual(parts);
    expect(() => ownPartsOf('{}')).toThrow();
  });
});
