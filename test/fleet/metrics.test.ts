import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SignalQuery } from '../../lib/fleet/kind.ts';
import { type MetricsRequest, readMetrics } from '../../lib/fleet/metrics.ts';
import { awsError, instanceArn, instanceId, NOW } from './fixtures.ts';

const cloudwatch = mockClient(CloudWatchClient);
const client = new CloudWatchClient({ region: 'us-east-1' });
const SAMPLE_AT = new Date('2026-11-25T10:00:00.000Z');

beforeEach(() => cloudwatch.reset());

const query = (
  signal: SignalQuery['signal'],
  id: string,
  fields: Partial<SignalQuery> = {},
): SignalQuery => ({
  signal,
  namespace: 'AWS/EC2',
  metricName: signal,
  dimensions: { InstanceId: id },
  statistic: 'Maximum',
  periodSeconds: 300,
  scale: 1,
  absence: 'unknown',
  ...fields,
});

/** A resource with so many signals; busy at 50 and above. */
const request = (
  n: number,
  signals: readonly SignalQuery['signal'][],
  windowSeconds = 2_400,
): MetricsRequest => ({
  arn: instanceArn(instanceId(n)),
  plan: { queries: signals.map((signal) => query(signal, instanceId(n))), missing: [] },
  windowSeconds,
  isBusy: ({ samples }) => samples.some(({ value }) => value >= 50),
});

const inputs = (): GetMetricDataCommandInput[] =>
  cloudwatch.commandCalls(GetMetricDataCommand).map(({ args }) => args[0].input);

const metricOf = (input: GetMetricDataCommandInput, index: number) => {
  const metric = input.MetricDataQueries?.[index]?.MetricStat?.Metric;
  return { name: metric?.MetricName, id: metric?.Dimensions?.[0]?.Value };
};

/** Answers each query by one sample of the value that `valueFor` says. */
function answering(valueFor: (metric: ReturnType<typeof metricOf>) => number): void {
  cloudwatch.on(GetMetricDataCommand).callsFake((input: GetMetricDataCommandInput) => ({
    MetricDataResults: (input.MetricDataQueries ?? []).map(({ Id }, index) => ({
      Id,
      StatusCode: 'Complete',
      Timestamps: [SAMPLE_AT],
      Values: [valueFor(metricOf(input, index))],
    })),
  }));
}

const ARN = instanceArn(instanceId(1));
const result = (fields: Partial<MetricDataResult>): MetricDataResult => ({
  Id: 'q0',
  StatusCode: 'Complete',
  Timestamps: [SAMPLE_AT],
  Values: [1],
  ...fields,
});

async function readings(requests = [request(1, ['cpu'])]) {
  const { evidence } = await readMetrics(requests, client, NOW);
  return evidence.get(ARN)?.readings ?? [];
}

describe('the calls', () => {
  it('are 3 of at most 500 queries for 1,200 signals', async () => {
    answering(() => 1);
    const requests = Array.from({ length: 1_200 }, (_, n) => request(n, ['cpu']));
    const { evidence, count } = await readMetrics(requests, client, NOW);
    expect(inputs().map(({ MetricDataQueries = [] }) => MetricDataQueries.length)).toEqual([500, 500, 200]);
    expect(count).toEqual({ calls: 3, metrics: 1_200 });
    expect(evidence.size).toBe(1_200);
    for (const one of evidence.values()) expect(one.readings).toHaveLength(1);
  });

  it('ask for at most 100,800 datapoints each', async () => {
    answering(() => 1);
    // A day of 1-minute samples: 1,441 a query, of which 69 fit.
    const day = 86_400;
    const requests = Array.from(
      { length: 100 },
      (_, n): MetricsRequest => ({
        ...request(n, [], day),
        plan: { queries: [query('cpu', instanceId(n), { periodSeconds: 60 })], missing: [] },
      }),
    );
    await readMetrics(requests, client, NOW);
    expect(inputs().map(({ MetricDataQueries = [] }) => MetricDataQueries.length)).toEqual([69, 31]);
  });

  it('do not mix windows: a long one would make the short ones cost datapoints', async () => {
    answering(() => 1);
    await readMetrics(
      [request(1, ['cpu'], 2_400), request(2, ['cpu'], 7_200), request(3, ['cpu'], 2_400)],
      client,
      NOW,
    );
    expect(
      inputs().map(({ StartTime, MetricDataQueries }) => [
        StartTime?.toISOString(),
        MetricDataQueries?.length,
      ]),
    ).toEqual([
      ['2026-11-25T09:50:00.000Z', 2],
      ['2026-11-25T08:30:00.000Z', 1],
    ]);
  });

  it('begin on the 5-minute grid, early enough for the whole window, and end now', async () => {
    answering(() => 1);
    const now = new Date('2026-11-25T10:33:21.500Z');
    await readMetrics([request(1, ['cpu'], 2_400)], client, now);
    expect(inputs()[0]?.StartTime).toEqual(new Date('2026-11-25T09:50:00.000Z'));
    expect(inputs()[0]?.EndTime).toEqual(now);
  });

  it('are none where nothing is to be read', async () => {
    const { evidence, count } = await readMetrics([request(1, [])], client, NOW);
    expect(inputs()).toEqual([]);
    expect(count).toEqual({ calls: 0, metrics: 0 });
    expect(evidence.get(ARN)).toEqual({ asOf: NOW, readings: [], missing: [] });
  });

  it('say exactly which series and which statistic', async () => {
    answering(() => 1);
    await readMetrics([request(1, ['cpu'])], client, NOW);
    expect(inputs()[0]?.MetricDataQueries).toEqual([
      {
        Id: 'q0',
        MetricStat: {
          Metric: {
            Namespace: 'AWS/EC2',
            MetricName: 'cpu',
            Dimensions: [{ Name: 'InstanceId', Value: instanceId(1) }],
          },
          Period: 300,
          Stat: 'Maximum',
        },
        ReturnData: true,
      },
    ]);
  });

  it('that fail as a whole fail the reading', async () => {
    cloudwatch.on(GetMetricDataCommand).rejects(awsError('Throttling', 'Rate exceeded'));
    await expect(readings()).rejects.toThrow('Rate exceeded');
  });
});

describe('reading in two stages', () => {
  it('asks for the other signals only where the first is not busy', async () => {
    // Of 10 resources with 3 signals each, 7 are seen busy by the first one.
    answering(({ id }) => (Number.parseInt(id?.slice(2) ?? '', 16) < 7 ? 90 : 1));
    const requests = Array.from({ length: 10 }, (_, n) => request(n, ['cpu', 'network', 'gpu']));
    const { evidence, count } = await readMetrics(requests, client, NOW);
    expect(count, '10 first signals and 2 more of each of the 3 others').toEqual({ calls: 2, metrics: 16 });
    expect(inputs()[1]?.MetricDataQueries).toHaveLength(6);
    expect(evidence.get(instanceArn(instanceId(0)))?.readings.map(({ signal }) => signal)).toEqual(['cpu']);
    expect(evidence.get(instanceArn(instanceId(9)))?.readings.map(({ signal }) => signal)).toEqual([
      'cpu',
      'network',
      'gpu',
    ]);
  });

  it('gives each resource its own samples', async () => {
    answering(({ id, name }) => Number.parseInt(id?.slice(2) ?? '', 16) + (name === 'network' ? 0.5 : 0));
    const requests = Array.from({ length: 5 }, (_, n) =>
      request(n, ['cpu', 'network'], 2_400 + 300 * (n % 2)),
    );
    const { evidence } = await readMetrics(requests, client, NOW);
    for (let n = 0; n < 5; n += 1) {
      const values = evidence
        .get(instanceArn(instanceId(n)))
        ?.readings.map(({ samples }) => samples[0]?.value);
      expect(values).toEqual([n, n + 0.5]);
    }
  });

  it('passes on what no metric can show', async () => {
    answering(() => 1);
    const missing = [{ signal: 'gpu' as const, why: 'No metric shows the use of its accelerator.' }];
    const { evidence } = await readMetrics(
      [{ ...request(1, ['cpu']), plan: { queries: [query('cpu', instanceId(1))], missing } }],
      client,
      NOW,
    );
    expect(evidence.get(ARN)?.missing).toEqual(missing);
  });
});

describe('an answer', () => {
  it('is scaled into the unit of the policy', async () => {
    cloudwatch.on(GetMetricDataCommand).resolves({ MetricDataResults: [result({ Values: [600_000] })] });
    const [reading] = await readings([
      {
        ...request(1, []),
        plan: {
          queries: [query('network', instanceId(1), { statistic: 'Sum', scale: 1 / 300 })],
          missing: [],
        },
      },
    ]);
    expect(reading?.samples[0]?.value).toBeCloseTo(2_000, 6);
  });

  it('carries the ceiling of its query, where there is one', async () => {
    answering(() => 1);
    const queries = [query('cpu', instanceId(1), { ceiling: 0.5 }), query('network', instanceId(1))];
    const found = await readings([{ ...request(1, []), plan: { queries, missing: [] } }]);
    expect(found.map(({ ceiling }) => ceiling)).toEqual([0.5, undefined]);
    expect(found.map((one) => 'ceiling' in one)).toEqual([true, false]);
  });

  it('of several pages is one reading', async () => {
    const earlier = new Date('2026-11-25T09:55:00.000Z');
    cloudwatch
      .on(GetMetricDataCommand)
      .resolvesOnce({ MetricDataResults: [result({ StatusCode: 'PartialData' })], NextToken: 'page-2' })
      .resolvesOnce({ MetricDataResults: [result({ Timestamps: [earlier], Values: [2] })] });
    const { evidence, count } = await readMetrics([request(1, ['cpu'])], client, NOW);
    expect(evidence.get(ARN)?.readings[0]?.samples).toEqual([
      { at: SAMPLE_AT, value: 1 },
      { at: earlier, value: 2 },
    ]);
    expect(count).toEqual({ calls: 2, metrics: 1 });
    expect(inputs().map(({ NextToken }) => NextToken)).toEqual([undefined, 'page-2']);
  });

  it('ends with an empty token', async () => {
    cloudwatch.on(GetMetricDataCommand).resolves({ MetricDataResults: [result({})], NextToken: '' });
    await readings();
    expect(inputs()).toHaveLength(1);
  });

  it.each([
    { what: 'an error', pages: [{ MetricDataResults: [result({ StatusCode: 'InternalError' })] }] },
    { what: 'a refusal', pages: [{ MetricDataResults: [result({ StatusCode: 'Forbidden' })] }] },
    {
      what: 'an error on the second page',
      pages: [
        { MetricDataResults: [result({ StatusCode: 'PartialData' })], NextToken: 'page-2' },
        { MetricDataResults: [result({ StatusCode: 'InternalError', Timestamps: [], Values: [] })] },
      ],
    },
    {
      what: 'an error on the first page, and whole on the second',
      pages: [
        { MetricDataResults: [result({ StatusCode: 'InternalError' })], NextToken: 'page-2' },
        { MetricDataResults: [result({})] },
      ],
    },
    {
      what: 'pages that end before they are whole',
      pages: [{ MetricDataResults: [result({ StatusCode: 'PartialData' })] }],
    },
    { what: 'nothing for the query', pages: [{ MetricDataResults: [] }] },
    { what: 'another query only', pages: [{ MetricDataResults: [result({ Id: 'q7' })] }] },
  ])('that is $what gives no samples, and their absence is no zero', async ({ pages }) => {
    const stub = cloudwatch.on(GetMetricDataCommand);
    for (const page of pages) stub.resolvesOnce(page);
    const read = await readings([
      {
        ...request(1, []),
        plan: { queries: [query('invocations', instanceId(1), { absence: 'zero-if-alive' })], missing: [] },
      },
    ]);
    expect(read).toEqual([{ signal: 'invocations', periodSeconds: 300, absence: 'unknown', samples: [] }]);
  });

  it('that is whole and empty keeps the meaning of its absence', async () => {
    cloudwatch
      .on(GetMetricDataCommand)
      .resolves({ MetricDataResults: [result({ Timestamps: [], Values: [] })] });
    const read = await readings([
      {
        ...request(1, []),
        plan: { queries: [query('invocations', instanceId(1), { absence: 'zero-if-alive' })], missing: [] },
      },
    ]);
    expect(read).toEqual([
      { signal: 'invocations', periodSeconds: 300, absence: 'zero-if-alive', samples: [] },
    ]);
  });

  it('of one query that fails leaves the others whole', async () => {
    cloudwatch.on(GetMetricDataCommand).resolves({
      MetricDataResults: [result({ StatusCode: 'InternalError' }), result({ Id: 'q1', Values: [3] })],
    });
    const { evidence } = await readMetrics([request(1, ['cpu']), request(2, ['cpu'])], client, NOW);
    expect(evidence.get(ARN)?.readings[0]?.samples).toEqual([]);
    expect(evidence.get(instanceArn(instanceId(2)))?.readings[0]?.samples).toEqual([
      { at: SAMPLE_AT, value: 3 },
    ]);
  });
});
