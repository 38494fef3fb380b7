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
    ] as const)('knows the unit of %o', async (key, price) => {
      expect(await prices.unit(key)).toBe(usd(price));
    });
  });
}
