import {
  CloudWatchClient,
  CloudWatchServiceException,
  GetMetricDataCommand,
  ListMetricsCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../lib/cli/io.ts';
import { answering } from '../../lib/simulate/account/answering.ts';
import { readUsage } from '../../lib/usage/read-usage.ts';

const NOW = new Date('2026-11-25T10:30:00.000Z');
const DAY = new Date('2026-11-24T00:00:00.000Z');

/** So many teams of which each uses its number in the first hour. */
function play(teams: number, answer: { code?: string; value?: number } = {}) {
  const asked: number[] = [];
  const points: number[] = [];
  const client = answering(new CloudWatchClient({ region: 'us-east-1' }))
    .on(ListMetricsCommand, ({ NextToken }) => {
      const start = Number(NextToken ?? 0);
      return {
        Metrics: Array.from({ length: Math.min(500, teams - start) }, (_, n) => ({
          Dimensions: [{ Name: 'Team', Value: `t${start + n}` }],
        })),
        ...(start + 500 < teams ? { NextToken: `${start + 500}` } : {}),
      };
    })
    .on(GetMetricDataCommand, ({ MetricDataQueries = [], StartTime, EndTime }) => {
      asked.push(MetricDataQueries.length);
      points.push(((EndTime?.getTime() ?? 0) - (StartTime?.getTime() ?? 0)) / 3_600_000);
      return {
        MetricDataResults: MetricDataQueries.map(({ Id, MetricStat }) => ({
          Id,
          StatusCode: answer.code ?? 'Complete',
          Timestamps: [DAY],
          Values: [answer.value ?? Number(MetricStat?.Metric?.Dimensions?.[0]?.Value?.slice(1))],
        })),
      };
    }).client;
  const read = (from = '2026-11-24', to = '2026-11-25') =>
    readUsage(
      'tokens',
      {
        unit: 'tokens',
        tenants: {},
        from: 'metric',
        namespace: 'G',
        metric: 'T',
        tenant: 'Team',
        where: {},
        region: 'eu-west-1',
      },
      { from, to, policyFolder: '/', cloudWatch: () => client, defaultRegion: 'us-east-1', now: NOW },
    );
  return { read, asked, points, client };
}

describe('use in CloudWatch', () => {
  it('is asked for in batches, until now, within what a call may ask', async () => {
    const { read, asked, points } = play(1_200);
    const usage = await read();
    expect(usage.entries).toHaveLength(1_200);
    expect(usage.entries.find(({ tenant }) => tenant === 't1199')).toEqual({
      at: DAY,
      tenant: 't1199',
      amount: 1_199,
    });
    expect(asked).toEqual([500, 500, 200]);
    // One day, and ten hours and a half of the next, to the hour.
    expect(points).toEqual([35, 35, 35]);
    const long = play(300);
    await long.read('2026-10-01', '2026-11-30');
    expect(long.asked.every((queries, n) => queries * (long.points[n] ?? 0) <= 100_800)).toBe(true);
    expect(long.asked.reduce((sum, one) => sum + one, 0)).toBe(300);
  });

  it('says of which time CloudWatch lists nothing', async () => {
    expect((await play(1).read('2026-11-01')).notes[1]).toBe(
      'CloudWatch lists what had use since 2026-11-11: who used tokens before that alone is not known.',
    );
  });

  it('is not taken for none where it is not told, and is never below 0', async () => {
    await expect(play(1, { code: 'InternalError' }).read()).rejects.toThrow(
      'CloudWatch did not tell all of G T in eu-west-1 for "t0". Try again.',
    );
    await expect(play(1, { value: -1 }).read()).rejects.toThrow(/is -1 for "t0" at 2026-11-24T00:00:00.000Z/);
  });

  it('asks for nothing of days to come', async () => {
    const { read, asked } = play(3);
    expect((await read('2026-12-01', '2026-12-02')).entries).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('says which permission is missing', async () => {
    const { read, client } = play(1);
    const fault = new CloudWatchServiceException({
      name: 'AccessDenied',
      message: 'no.',
      $fault: 'client',
      $metadata: {},
    });
    Object.assign(client, { send: () => Promise.reject(fault) });
    const error = await read().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({
      message: 'G T in eu-west-1: AWS does not allow it: no. Allow cloudwatch:ListMetrics.',
    });
  });
});
