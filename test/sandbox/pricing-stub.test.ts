import { PricingClient } from '@aws-sdk/client-pricing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPriceBook } from '../../lib/fleet/pricing.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import type { LoopbackServer } from '../../lib/sandbox/loopback.ts';
import { startPricingStub } from '../../lib/sandbox/pricing-stub.ts';
import { formatUsd } from '../../lib/types/money.ts';

let stub: LoopbackServer;
beforeAll(async () => {
  stub = await startPricingStub();
});
afterAll(() => stub.stop());

function book() {
  const errors: unknown[] = [];
  const prices = createPriceBook({
    pricing: new PricingClient({
      region: 'us-east-1',
      endpoint: stub.url,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    }),
    ledger: createMemoryLedger(),
    now: () => new Date('2026-11-10T12:00:00Z'),
    onError: (_, error) => errors.push(error),
  });
  return { prices, errors };
}

const region = 'us-east-1';

it('answers the price book on the wire, and knows no price of what is not listed', async () => {
  const { prices, errors } = book();
  const ec2 = (instanceType: string) =>
    prices.hourly({ service: 'ec2', region, instanceType, system: 'Linux' });
  const [g5, unknown] = [await ec2('g5.xlarge'), await ec2('x9.unheard')];
  expect(g5 && formatUsd(g5)).toBe('$1.01');
  expect(unknown).toBeUndefined();
  expect(errors).toEqual([]);
});

it.each([
  'sagemaker-hosting',
  'sagemaker-notebook',
  'sagemaker-studio-jupyterlab',
  'sagemaker-studio-codeeditor',
  'sagemaker-studio-kernelgateway',
  'sagemaker-training',
  'sagemaker-processing',
] as const)('prices an instance as %s', async (service) => {
  const price = await book().prices.hourly({ service, region, instanceType: 'ml.g5.12xlarge' });
  expect(price).toBe(7_090_000n);
});

it('prices a PostgreSQL database without a standby, and nothing that it does not list', async () => {
  const { prices } = book();
  const rds = (engine: string, multiAz: boolean) =>
    prices.hourly({ service: 'rds', region, instanceType: 'db.m5.large', engine, multiAz });
  expect(await rds('postgres', false)).toBe(171_000n);
  expect(await rds('postgres', true)).toBeUndefined();
  expect(await rds('mysql', false)).toBeUndefined();
});

it.each([
  [{ service: 'ebs', region, volumeType: 'gp3', unit: 'gib' }, 80_000n],
  [{ service: 'ebs', region, volumeType: 'gp3', unit: 'iops' }, 5_000n],
  [{ service: 'ebs', region, volumeType: 'gp3', unit: 'gibps' }, 40_960_000n],
  [{ service: 'ebs', region, volumeType: 'gp2', unit: 'gib' }, 100_000n],
  [{ service: 'ebs', region, volumeType: 'gp2', unit: 'iops' }, undefined],
  [{ service: 'ebs', region, volumeType: 'io1', unit: 'iops' }, 65_000n],
  [{ service: 'ebs', region, volumeType: 'io2', unit: 'gib' }, 125_000n],
  [{ service: 'ebs', region, volumeType: 'io2', unit: 'iops' }, 65_000n],
  [{ service: 'ebs', region, volumeType: 'io2', unit: 'iops-tier2' }, 45_500n],
  [{ service: 'ebs', region, volumeType: 'io2', unit: 'iops-tier3' }, 31_850n],
  [{ service: 'ebs', region, volumeType: 'standard', unit: 'gib' }, 50_000n],
  [{ service: 'nat-gateway', region }, 45_000n],
  [{ service: 'load-balancer', region, type: 'application' }, 22_500n],
  [{ service: 'load-balancer', region, type: 'network' }, 22_500n],
  [{ service: 'load-balancer', region, type: 'gateway' }, 12_500n],
] as const)('prices the unit %o', async (key, price) => {
  const { prices, errors } = book();
  expect(await prices.unit(key)).toBe(price);
  expect(errors).toEqual([]);
});
