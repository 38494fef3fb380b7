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
  'sagemaker-transform',
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
  [{ service: 'load-balancer-lcu', region, type: 'application' }, 8_000n],
  [{ service: 'load-balancer-lcu', region, type: 'network' }, 6_000n],
  [{ service: 'nat-gateway-data', region }, 45_000n],
  [{ service: 'ebs-snapshot', region, tier: 'standard' }, 50_000n],
  [{ service: 'ebs-snapshot', region, tier: 'archive' }, 12_500n],
  [{ service: 'public-ipv4', region, state: 'idle' }, 5_000n],
  [{ service: 'public-ipv4', region, state: 'in-use' }, 5_000n],
  [{ service: 's3', region, storageClass: 'STANDARD' }, 23_000n],
  [{ service: 's3', region, storageClass: 'STANDARD_IA' }, 12_500n],
  [{ service: 's3', region, storageClass: 'ONEZONE_IA' }, 10_000n],
  [{ service: 's3', region, storageClass: 'INTELLIGENT_TIERING_FREQUENT' }, 23_000n],
  [{ service: 's3', region, storageClass: 'INTELLIGENT_TIERING_INFREQUENT' }, 12_500n],
  [{ service: 's3', region, storageClass: 'INTELLIGENT_TIERING_ARCHIVE_INSTANT' }, 4_000n],
  [{ service: 's3', region, storageClass: 'GLACIER_IR' }, 4_000n],
  [{ service: 's3', region, storageClass: 'GLACIER' }, 3_600n],
  [{ service: 's3', region, storageClass: 'DEEP_ARCHIVE' }, 990n],
  [{ service: 's3-monitoring', region }, 2_500_000n],
  [{ service: 'logs', region, unit: 'stored' }, 30_000n],
  [{ service: 'logs', region, unit: 'ingested' }, 500_000n],
  [{ service: 'lambda', region, architecture: 'x86_64', unit: 'requests' }, 200_000n],
  [{ service: 'lambda', region, architecture: 'x86_64', unit: 'gb-seconds' }, 16_666_700n],
  [{ service: 'lambda', region, architecture: 'arm64', unit: 'requests' }, 200_000n],
  [{ service: 'lambda', region, architecture: 'arm64', unit: 'gb-seconds' }, 13_333_400n],
  [{ service: 'rds-storage', region, storageType: 'gp2', unit: 'gib', multiAz: false }, 115_000n],
  [{ service: 'rds-storage', region, storageType: 'gp3', unit: 'gib', multiAz: true }, 230_000n],
  [{ service: 'rds-storage', region, storageType: 'gp3', unit: 'iops', multiAz: false }, undefined],
  [{ service: 'rds-storage', region, storageType: 'io1', unit: 'iops', multiAz: false }, 100_000n],
  [{ service: 'rds-storage', region, storageType: 'io2', unit: 'gib', multiAz: true }, 250_000n],
  [{ service: 'sagemaker-volume', region, use: 'hosting' }, 140_000n],
  [{ service: 'sagemaker-volume', region, use: 'notebook' }, 140_000n],
  [{ service: 'sagemaker-volume', region, use: 'training' }, 140_000n],
  [{ service: 'sagemaker-volume', region, use: 'processing' }, 100_000n],
  [{ service: 'sagemaker-volume', region, use: 'studio' }, 112_000n],
  [{ service: 'sagemaker-serverless', region, memoryMiB: 1024 }, 20_000_000n],
  [{ service: 'sagemaker-serverless', region, memoryMiB: 4096 }, 80_000_000n],
  [{ service: 'sagemaker-serverless', region, memoryMiB: 5120 }, 100_000_000n],
  [{ service: 'sagemaker-serverless-data', region }, 16_000n],
] as const)('prices the unit %o', async (key, price) => {
  const { prices, errors } = book();
  expect(await prices.unit(key)).toBe(price);
  expect(errors).toEqual([]);
});
