import type { PricingClient } from '@aws-sdk/client-pricing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPricingClient } from '../../lib/fleet/clients.ts';
import type { PriceBook } from '../../lib/fleet/prices.ts';
import { createPriceBook } from '../../lib/fleet/pricing.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { LISTED_PRICES } from '../../lib/sandbox/pricing-stub.ts';
import { pricingIn } from '../../lib/simulate/account/pricing.ts';
import { NOW, usd } from '../fleet/fixtures.ts';
import type { Side } from './both.ts';

const region = 'us-east-1';

const inMemory = (): PricingClient =>
  pricingIn(Object.fromEntries(Object.entries(LISTED_PRICES).map(([type, price]) => [type, usd(price)])), {
    'ebs/gp3/gib': usd('0.08'),
    'ebs/gp3/iops': usd('0.005'),
    'ebs/gp3/gibps': usd('40.96'),
    'ebs/io2/gib': usd('0.125'),
    'ebs/io2/iops-tier2': usd('0.0455'),
    'nat-gateway': usd('0.045'),
    'load-balancer/application': usd('0.0225'),
    'load-balancer/gateway': usd('0.0125'),
    'load-balancer-lcu/application': usd('0.008'),
    'nat-gateway-data': usd('0.045'),
    'ebs-snapshot/standard': usd('0.05'),
    'public-ipv4/idle': usd('0.005'),
    's3/STANDARD': usd('0.023'),
    's3/INTELLIGENT_TIERING_ARCHIVE_INSTANT': usd('0.004'),
    's3-monitoring': usd('2.5'),
    'logs/stored': usd('0.03'),
    'logs/ingested': usd('0.5'),
    'lambda/x86_64/requests': usd('0.2'),
    'lambda/x86_64/gb-seconds': usd('16.6667'),
    'lambda/arm64/gb-seconds': usd('13.3334'),
    'rds-storage/gp3/gib/single-az': usd('0.115'),
    'rds-storage/io1/iops/multi-az': usd('0.2'),
    'sagemaker-volume/notebook': usd('0.14'),
    'sagemaker-serverless/4096': usd('80'),
    'sagemaker-serverless-data': usd('0.016'),
  });

/** All that the Pricing API is asked. */
export function pricingSuite(side: () => Side): void {
  describe('prices', () => {
    let client: PricingClient;
    let prices: PriceBook;
    const errors: unknown[] = [];
    beforeAll(() => {
      client = side().name === 'in memory' ? inMemory() : createPricingClient();
      prices = createPriceBook({
        pricing: client,
        ledger: createMemoryLedger(),
        now: () => NOW,
        onError: (_, error) => errors.push(error),
      });
    });
    afterAll(() => {
      client?.destroy();
      expect(errors).toEqual([]);
    });

    it.each([
      [{ service: 'ec2', region, instanceType: 'p3.8xlarge', system: 'Linux' }, '12.24'],
      [{ service: 'ec2', region: 'eu-west-1', instanceType: 'p4d.24xlarge', system: 'Linux' }, '21.957642'],
      [{ service: 'sagemaker-hosting', region, instanceType: 'ml.g5.12xlarge' }, '7.09'],
      [{ service: 'sagemaker-notebook', region, instanceType: 'ml.t3.medium' }, '0.05'],
      [{ service: 'sagemaker-studio-jupyterlab', region, instanceType: 'ml.t3.medium' }, '0.05'],
      [{ service: 'sagemaker-studio-codeeditor', region, instanceType: 'ml.t3.medium' }, '0.05'],
      [{ service: 'sagemaker-studio-kernelgateway', region, instanceType: 'ml.t3.medium' }, '0.05'],
      [{ service: 'sagemaker-training', region, instanceType: 'ml.p3.2xlarge' }, '3.825'],
      [{ service: 'sagemaker-processing', region, instanceType: 'ml.m5.large' }, '0.115'],
      [{ service: 'sagemaker-transform', region, instanceType: 'ml.m5.large' }, '0.115'],
      [{ service: 'rds', region, instanceType: 'db.m5.large', engine: 'postgres', multiAz: false }, '0.171'],
    ] as const)('knows the hour of %o', async (key, price) => {
      expect(await prices.hourly(key)).toBe(usd(price));
    });

    it.each([
      { service: 'ec2', region, instanceType: 'x9.unheard', system: 'Linux' },
      { service: 'sagemaker-hosting', region, instanceType: 'ml.x9.unheard' },
      { service: 'rds', region, instanceType: 'db.m5.large', engine: 'aurora-postgresql', multiAz: false },
    ] as const)('knows no price of %o', async (key) => {
      expect(await prices.hourly(key)).toBeUndefined();
    });

    it.each([
      [{ service: 'ebs', region, volumeType: 'gp3', unit: 'gib' }, '0.08'],
      [{ service: 'ebs', region, volumeType: 'gp3', unit: 'iops' }, '0.005'],
      [{ service: 'ebs', region, volumeType: 'gp3', unit: 'gibps' }, '40.96'],
      [{ service: 'ebs', region, volumeType: 'io2', unit: 'gib' }, '0.125'],
      [{ service: 'ebs', region, volumeType: 'io2', unit: 'iops-tier2' }, '0.0455'],
      [{ service: 'nat-gateway', region }, '0.045'],
      [{ service: 'load-balancer', region, type: 'application' }, '0.0225'],
      [{ service: 'load-balancer', region, type: 'gateway' }, '0.0125'],
      [{ service: 'load-balancer-lcu', region, type: 'application' }, '0.008'],
      [{ service: 'nat-gateway-data', region }, '0.045'],
      [{ service: 'ebs-snapshot', region, tier: 'standard' }, '0.05'],
      [{ service: 'public-ipv4', region, state: 'idle' }, '0.005'],
      [{ service: 's3', region, storageClass: 'STANDARD' }, '0.023'],
      [{ service: 's3', region, storageClass: 'INTELLIGENT_TIERING_ARCHIVE_INSTANT' }, '0.004'],
      [{ service: 's3-monitoring', region }, '2.5'],
      [{ service: 'logs', region, unit: 'stored' }, '0.03'],
      [{ service: 'logs', region, unit: 'ingested' }, '0.5'],
      [{ service: 'lambda', region, architecture: 'x86_64', unit: 'requests' }, '0.2'],
      [{ service: 'lambda', region, architecture: 'x86_64', unit: 'gb-seconds' }, '16.6667'],
      [{ service: 'lambda', region, architecture: 'arm64', unit: 'gb-seconds' }, '13.3334'],
      [{ service: 'rds-storage', region, storageType: 'gp3', unit: 'gib', multiAz: false }, '0.115'],
      [{ service: 'rds-storage', region, storageType: 'io1', unit: 'iops', multiAz: true }, '0.2'],
      [{ service: 'sagemaker-volume', region, use: 'notebook' }, '0.14'],
      [{ service: 'sagemaker-serverless', region, memoryMiB: 4096 }, '80'],
      [{ service: 'sagemaker-serverless-data', region }, '0.016'],
    ] as const)('knows the unit of %o', async (key, price) => {
      expect(await prices.unit(key)).toBe(usd(price));
    });
  });
}
