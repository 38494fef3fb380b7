import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCache } from '../../lib/backtest/cache.ts';
import { prepareHistory } from '../../lib/backtest/prepare-history.ts';
import { readHistory } from '../../lib/backtest/read-history.ts';
import { createCloudTrailClient, createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import { DAY_MS } from '../../lib/meter/days.ts';
import { seriesKey } from '../../lib/simulate/account/recorded.ts';
import { contextOf, REGION, useEndpoint } from '../fleet/fixtures.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { accountOf, scratch } from './fixtures.ts';

let moto: Moto;
let clients: RegionClients;
let restoreEnvironment: () => void;

beforeAll(async () => {
  moto = await startMoto();
  restoreEnvironment = useEndpoint(moto.endpoint);
  clients = createRegionClients(REGION);
}, 60_000);

afterAll(async () => {
  for (const client of Object.values(clients ?? {})) client.destroy();
  restoreEnvironment?.();
  await moto?.stop();
});

describe('readHistory on the wire', () => {
  it('reads what was published days ago, and nothing a second time', async () => {
    const now = new Date();
    const midnight = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
    const from = new Date(midnight - 2 * DAY_MS);
    const { Instances: [made] = [] } = await clients.ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-12c6146b',
        InstanceType: 'm5.large',
        MinCount: 1,
        MaxCount: 1,
      }),
    );
    const InstanceId = made?.InstanceId ?? '';
    const put = (at: number, Value: number) =>
      clients.cloudwatch.send(
        new PutMetricDataCommand({
          Namespace: 'AWS/EC2',
          MetricData: [
            {
              MetricName: 'CPUUtilization',
              Dimensions: [{ Name: 'InstanceId', Value: InstanceId }],
              Timestamp: new Date(at),
              Value,
            },
          ],
        }),
      );
    const hour = 3_600_000;
    await put(from.getTime() + 10 * hour, 3);
    await put(from.getTime() + 10 * hour + 60_000, 42);
    await put(from.getTime() + 30 * hour, 7);

    // The local AWS does not know all that a fleet is made of.
    const { clients: memory } = accountOf(now);
    const { ec2, cloudwatch } = clients;
    const cache = createCache(scratch());
    const cloudTrails = new Map([[REGION, createCloudTrailClient(REGION)]]);
    const read = async () => {
      const to = new Date(midnight);
      const regions = new Map([[REGION, { ...contextOf({ ...memory, ec2, cloudwatch }), now: () => now }]]);
      const prepared = await prepareHistory({ regions, from, to, now: new Date(midnight + 2 * hour), cache });
      const done = await readHistory(prepared, { cloudTrails, cache, trailPace: async () => {} });
      return { ...done, cost: prepared.cost };
    };
    const first = await read();
    const key = seriesKey({
      region: REGION,
      namespace: 'AWS/EC2',
      metricName: 'CPUUtilization',
      dimensions: { InstanceId },
      statistic: 'Maximum',
      periodSeconds: 300,
    });
    expect(first.history.metrics.get(key)?.slice()).toEqual([
      { at: new Date(from.getTime() + 10 * hour), value: 42 },
      { at: new Date(from.getTime() + 30 * hour), value: 7 },
    ]);
    expect(first.cost.metrics).toBe(3);
    const again = await read();
    expect(again.asked).toEqual({ metrics: 0, calls: 0 });
    expect(again.history).toEqual(first.history);
  });
});
