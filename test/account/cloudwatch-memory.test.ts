import {
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  ListMetricsCommand,
} from '@aws-sdk/client-cloudwatch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpuSeries } from '../../lib/fleet/ec2-signals.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { pointsOf, STATISTICS } from '../../lib/simulate/account/cloudwatch-points.ts';
import { seriesKey, seriesOfKey } from '../../lib/simulate/account/recorded.ts';
import type { KeptInstance } from '../../lib/simulate/account/state.ts';
import type { Use } from '../../lib/simulate/account/use.ts';
import { fixedPrices } from '../fleet/fixtures.ts';

const NOW = new Date('2026-11-25T10:30:30.000Z');
const MINUTE_MS = 60_000;
const at = (time: string): Date => new Date(`2026-11-25T${time}:00.000Z`);
const times = (...all: readonly string[]) => all.map(at);

function play(fields: Partial<KeptInstance> = {}) {
  let now = NOW;
  const account = createAccount(() => now);
  account.instances.set('i-1', {
    id: 'i-1',
    type: 'g5.xlarge',
    tags: {},
    since: at('08:00'),
    use: () => ({ cpu: 5, gpu: 1 }),
    ...fields,
  });
  const query = (Id: string, InstanceId: string, Period = 300, MetricName = 'CPUUtilization') => ({
    Id,
    MetricStat: {
      Metric: { Namespace: 'AWS/EC2', MetricName, Dimensions: [{ Name: 'InstanceId', Value: InstanceId }] },
      Period,
      Stat: 'Maximum',
    },
  });
  const ask = (more: Partial<GetMetricDataCommandInput> = {}) =>
    account.clients.cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: at('10:00'),
        EndTime: now,
        ScanBy: 'TimestampAscending',
        MetricDataQueries: [query('one', 'i-1')],
        ...more,
      }),
    );
  const read = async (more?: Partial<GetMetricDataCommandInput>) => {
    const [result] = (await ask(more)).MetricDataResults ?? [];
    return { times: result?.Timestamps, values: result?.Values };
  };
  return {
    account,
    query,
    ask,
    read,
    setNow: (time: Date) => {
      now = time;
    },
  };
}

describe('a datapoint in memory', () => {
  it('is of minutes that have passed alone', async () => {
    const { read } = play({ use: (minute) => ({ cpu: minute.getUTCMinutes() }) });
    expect(await read({ EndTime: at('11:00') })).toEqual({
      times: times('10:00', '10:05', '10:10', '10:15', '10:20', '10:25'),
      values: [4, 9, 14, 19, 24, 29],
    });
    expect(
      await read({ StartTime: at('10:28'), MetricDataQueries: [play().query('one', 'i-1', 60)] }),
    ).toEqual({ times: times('10:28', '10:29'), values: [28, 29] });
  });

  it('is of the time in service alone', async () => {
    const minutes = { since: new Date('2026-11-25T10:06:30.000Z'), stoppedAt: at('10:17') };
    const { read } = play({ ...minutes, use: (minute) => ({ cpu: minute.getUTCMinutes() }) });
    expect(await read()).toEqual({ times: times('10:05', '10:10', '10:15'), values: [9, 14, 16] });
  });

  it('is not there while CloudWatch is out', async () => {
    const { read, account } = play();
    account.health.metrics = false;
    expect(await read()).toEqual({ times: [], values: [] });
  });

  it('is asked for once where it goes on for hours', async () => {
    let asked = 0;
    const { read } = play({
      use: (minute) => {
        asked += 1;
        return minute < at('10:12') ? { cpu: 3 } : { cpu: 8 };
      },
      steadyUntil: (minute) => (minute < at('10:12') ? at('10:12') : at('23:00')),
    });
    expect((await read()).values).toEqual([3, 3, 8, 8, 8, 8]);
    expect(asked).toBe(2);
  });

  it('is the same whether or not its resource is known to be steady', () => {
    const segment = fc.record({
      minutes: fc.integer({ min: 1, max: 40 }),
      cpu: fc.option(fc.integer({ min: 0, max: 9 })),
    });
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 8 }),
        fc.record({
          from: fc.integer({ min: 0, max: 90 }),
          length: fc.integer({ min: 1, max: 90 }),
          since: fc.integer({ min: 0, max: 60_000 * 60 }),
          lasts: fc.integer({ min: 0, max: 60_000 * 120 }),
          period: fc.constantFrom(10, 60, 300, 900),
          statistic: fc.constantFrom(...STATISTICS),
        }),
        (segments, { from, length, since, lasts, period, statistic }) => {
          const ends: number[] = [];
          for (const { minutes } of segments) ends.push((ends.at(-1) ?? 0) + minutes * MINUTE_MS);
          const last = segments.length - 1;
          const indexAt = (minute: Date) => {
            const index = ends.findIndex((end) => minute.getTime() < end);
            return index === -1 ? last : index;
          };
          const use = (minute: Date): Use | undefined => {
            const cpu = segments[indexAt(minute)]?.cpu;
            return cpu === null || cpu === undefined ? undefined : { cpu };
          };
          const publisher = {
            use,
            from: since,
            to: since + lasts,
            value: ({ cpu }: Use) => cpu,
            factors: { cores: 1, gpus: 1, count: 1 },
          };
          const window = {
            from: from * MINUTE_MS,
            to: (from + length) * MINUTE_MS + 500,
            keptFrom: 0,
            periodMs: period * 1000,
            statistic,
          };
          const steadyUntil = (minute: Date) => {
            const index = indexAt(minute);
            return new Date(index === last ? 1e12 : (ends[index] ?? 0));
          };
          const plain = pointsOf(publisher, window);
          expect(pointsOf({ ...publisher, steadyUntil }, window)).toEqual(plain);
          expect(plain.periods).toEqual([...new Set(plain.periods)].toSorted((a, b) => a - b));
        },
      ),
    );
  });

  it('is kept as long as AWS keeps it: minutes for 15 days, five minutes for 63', async () => {
    const { ask, query } = play({ since: new Date('2026-01-01T00:00:00.000Z') });
    const day = new Date('2026-11-05T00:00:00.000Z');
    const { MetricDataResults = [] } = await ask({
      StartTime: day,
      EndTime: new Date('2026-11-05T01:00:00.000Z'),
      MetricDataQueries: [query('minutes', 'i-1', 60), query('five', 'i-1', 300)],
    });
    expect(MetricDataResults.map(({ Id, Values }) => [Id, Values?.length])).toEqual([
      ['minutes', 0],
      ['five', 12],
    ]);
  });
});

describe('GetMetricData in memory', () => {
  it('goes on on the next page where there is more than was asked for', async () => {
    const { account, ask, query } = play();
    const common = { type: 'm5.large', tags: {}, since: at('08:00'), use: () => ({ cpu: 7 }) };
    account.instances.set('i-2', { ...common, id: 'i-2' });
    const MetricDataQueries = [query('one', 'i-1'), query('two', 'i-2')];
    const pages: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await ask({
        MetricDataQueries,
        MaxDatapoints: 4,
        ...(NextToken === undefined ? {} : { NextToken }),
      });
      pages.push(
        (page.MetricDataResults ?? [])
          .map(({ Id, StatusCode, Values }) => `${Id} ${StatusCode} ${Values?.length}`)
          .join(', '),
      );
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(pages).toEqual(['one PartialData 4', 'one Complete 2, two PartialData 2', 'two Complete 4']);
    expect(account.asked.metrics, 'pages are not paid for').toBe(2);
  });

  it.each<readonly [string, Partial<GetMetricDataCommandInput>]>([
    ['a span that ends before it begins', { StartTime: NOW, EndTime: at('10:00') }],
    ['an id twice', { MetricDataQueries: [play().query('one', 'i-1'), play().query('one', 'i-1')] }],
    ['an id that begins with a number', { MetricDataQueries: [play().query('1', 'i-1')] }],
    ['a period that is no multiple of a minute', { MetricDataQueries: [play().query('one', 'i-1', 90)] }],
    ['no datapoint at all', { MaxDatapoints: 0 }],
  ])('refuses %s', async (_, asked) => {
    await expect(play().ask(asked)).rejects.toMatchObject({ name: 'ValidationError' });
  });

  it('refuses a token that it did not give', async () => {
    await expect(play().ask({ NextToken: 'more' })).rejects.toMatchObject({ name: 'InvalidNextToken' });
  });
});

describe('what was recorded elsewhere', () => {
  const key = (dimensions: Readonly<Record<string, string>>, more = {}) => ({
    region: 'us-east-1',
    namespace: 'AWS/EC2',
    metricName: 'CPUUtilization',
    dimensions,
    statistic: 'Maximum' as const,
    periodSeconds: 300,
    ...more,
  });
  const samples = times('09:55', '10:00', '10:10', '10:25', '10:30').map((one, n) => ({ at: one, value: n }));

  it('goes before what is computed, whole periods of the time in service alone', async () => {
    const { account, read } = play();
    account.recorded.set(seriesKey(key({ InstanceId: 'i-1' })), samples);
    expect(await read({ EndTime: at('11:00') }), 'not of a period that goes on').toEqual({
      times: times('10:00', '10:10', '10:25'),
      values: [1, 2, 3],
    });
    const restarted = play({ since: at('10:07') });
    restarted.account.recorded.set(seriesKey(key({ InstanceId: 'i-1' })), samples);
    expect((await restarted.read()).values).toEqual([2, 3]);
    const stopped = play({ stoppedAt: at('10:20') });
    stopped.account.recorded.set(seriesKey(key({ InstanceId: 'i-1' })), samples);
    expect((await stopped.read()).values).toEqual([1, 2]);
  });

  it('is of its region and its period alone', async () => {
    const { account, read, query } = play();
    account.recorded.set(seriesKey(key({ InstanceId: 'i-1' }, { region: 'eu-west-1' })), samples);
    account.recorded.set(seriesKey(key({ InstanceId: 'i-1' }, { periodSeconds: 60 })), samples);
    expect((await read()).values).toEqual([5, 5, 5, 5, 5, 5]);
    expect((await read({ MetricDataQueries: [query('one', 'i-1', 60)] })).values).toEqual([1, 2, 3]);
  });

  it('is listed with its own dimensions, once, while there were datapoints of late', async () => {
    const { account, setNow } = play();
    const dimensions = { InstanceId: 'i-1', index: '0', host: 'ip-10-0-0-1' };
    const gpu = { namespace: 'CWAgent', metricName: 'nvidia_smi_utilization_gpu' };
    account.recorded.set(seriesKey(key(dimensions, gpu)), samples);
    account.recorded.set(seriesKey(key(dimensions, { ...gpu, periodSeconds: 60 })), samples);
    const listed = async () => {
      const context = {
        account: '1',
        region: 'us-east-1',
        clients: account.clients,
        prices: fixedPrices(),
        now: () => NOW,
      };
      return ((await gpuSeries(context)).get('i-1') ?? []).map((one) => one.dimensions);
    };
    expect(await listed()).toEqual([dimensions, { InstanceId: 'i-1', index: '0' }]);
    setNow(at('14:00'));
    expect(await listed()).toEqual([{ InstanceId: 'i-1', index: '0' }]);
  });

  it('has a key that names it, whatever the order of its dimensions', () => {
    const names = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });
    fc.assert(
      fc.property(
        names,
        fc.string(),
        fc.constantFrom('Maximum', 'Sum'),
        (dimensions, metricName, statistic) => {
          const series = key(dimensions, { metricName, statistic });
          const reversed = Object.fromEntries(Object.entries(dimensions).reverse());
          expect(seriesKey({ ...series, dimensions: reversed })).toBe(seriesKey(series));
          expect(seriesOfKey(seriesKey(series))).toEqual({ ...series, dimensions: { ...dimensions } });
        },
      ),
    );
  });
});

describe('ListMetrics in memory', () => {
  it('gives 500 on a page, of types that have a GPU and were seen of late', async () => {
    const { account, setNow } = play();
    const common = { tags: {}, since: at('08:00') };
    for (let n = 0; n < 1_200; n += 1) {
      const id = `i-gpu-${n}`;
      account.instances.set(id, { ...common, id, type: 'p3.2xlarge', use: () => ({ cpu: 1, gpu: 1 }) });
    }
    account.instances.set('i-cpu', { ...common, id: 'i-cpu', type: 'm5.large', use: () => ({ cpu: 1 }) });
    account.instances.set('i-agentless', {
      ...common,
      id: 'i-agentless',
      type: 'p3.2xlarge',
      use: () => ({ cpu: 1 }),
    });
    account.instances.set('i-down', {
      ...common,
      id: 'i-down',
      type: 'p3.2xlarge',
      use: () => ({ cpu: 1, gpu: 1 }),
      stoppedAt: at('09:00'),
    });
    const sizes = async () => {
      const found: number[] = [];
      let NextToken: string | undefined;
      do {
        const page = await account.clients.cloudwatch.send(
          new ListMetricsCommand({
            Namespace: 'CWAgent',
            RecentlyActive: 'PT3H',
            ...(NextToken === undefined ? {} : { NextToken }),
          }),
        );
        found.push(page.Metrics?.length ?? 0);
        ({ NextToken } = page);
      } while (NextToken !== undefined);
      return found;
    };
    expect(await sizes()).toEqual([500, 500, 202]);
    setNow(at('12:30'));
    expect(await sizes(), 'nothing of what was stopped three hours ago').toEqual([500, 500, 201]);
  });

  it('costs no look at the others where a dimension names one', async () => {
    const { account } = play();
    let looks = 0;
    for (let n = 0; n < 1_000; n += 1) {
      const id = `i-${n + 2}`;
      const use = () => {
        looks += 1;
        return { cpu: 1 };
      };
      account.instances.set(id, { id, type: 'm5.large', tags: {}, since: at('08:00'), use });
    }
    const { Metrics = [] } = await account.clients.cloudwatch.send(
      new ListMetricsCommand({ Dimensions: [{ Name: 'InstanceId', Value: 'i-2' }] }),
    );
    expect(Metrics).toHaveLength(3);
    expect(looks).toBe(3);
  });
});
