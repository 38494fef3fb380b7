import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import { readMetrics } from '../../lib/fleet/metrics.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { contextOf, instance, instanceId, REGION, useEndpoint } from './fixtures.ts';

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

// moto forgets no datapoint by its age, but reads on the grid of the query: a past hour stands for now.
const NOW = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000);
const before = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);

async function put(
  name: string,
  dimensions: Readonly<Record<string, string>>,
  values: readonly (readonly [number, number])[],
  namespace = 'AWS/EC2',
): Promise<void> {
  await clients.cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: namespace,
      MetricData: values.map(([minutes, Value]) => ({
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        Timestamp: before(minutes),
        Value,
      })),
    }),
  );
}

const sorted = (samples: readonly { readonly at: Date; readonly value: number }[]) =>
  samples.toSorted((a, b) => a.at.getTime() - b.at.getTime());

describe('readMetrics', () => {
  it('reads the CPU, network and GPU of an instance as its kind plans them', async () => {
    const id = instanceId(1);
    const target = instance(id, { size: 'g5.xlarge' });
    const gpu = { InstanceId: id, index: '0', name: 'NVIDIA A10G', host: 'ip-10-0-0-1' };
    await put('nvidia_smi_utilization_gpu', gpu, [[20, 3]], 'CWAgent');
    await put('CPUUtilization', { InstanceId: id }, [
      [30, 2],
      [25, 4],
      [24, 9],
      [20, 1],
    ]);
    await put('NetworkIn', { InstanceId: id }, [[20, 300_000]]);
    await put('CPUUtilization', { InstanceId: instanceId(2) }, [[20, 99]]);

    const plan = (await ec2Instance.signals([target], contextOf(clients))).get(target.arn);
    if (plan === undefined) throw new Error('no plan');
    expect(plan.missing).toEqual([]);
    const { evidence, count } = await readMetrics(
      [{ arn: target.arn, plan, windowSeconds: 2_400, isBusy: () => false }],
      clients.cloudwatch,
      NOW,
    );
    const readings = evidence.get(target.arn)?.readings ?? [];
    expect(readings.map(({ signal }) => signal)).toEqual(['gpu', 'cpu', 'network', 'network']);
    expect(readings[0]?.samples).toEqual([{ at: before(20), value: 3 }]);
    expect(sorted(readings[1]?.samples ?? []), 'the maximum of each 5 minutes').toEqual([
      { at: before(30), value: 2 },
      { at: before(25), value: 9 },
      { at: before(20), value: 1 },
    ]);
    expect(readings[2]?.samples[0]?.value, '300,000 bytes in 5 minutes, in bytes/s').toBeCloseTo(1_000, 6);
    expect(readings[3]?.samples).toEqual([]);
    expect(count).toEqual({ calls: 2, metrics: 4 });
  });

  it('sees nothing older than the window', async () => {
    const id = instanceId(3);
    const target = instance(id);
    await put('CPUUtilization', { InstanceId: id }, [
      [90, 80],
      [10, 1],
    ]);
    const plan = (await ec2Instance.signals([target], contextOf(clients))).get(target.arn);
    if (plan === undefined) throw new Error('no plan');
    const { evidence } = await readMetrics(
      [{ arn: target.arn, plan, windowSeconds: 2_400, isBusy: () => false }],
      clients.cloudwatch,
      NOW,
    );
    expect(evidence.get(target.arn)?.readings[0]?.samples).toEqual([{ at: before(10), value: 1 }]);
  });
});
