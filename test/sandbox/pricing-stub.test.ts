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

it('answers the price book on the wire, and knows no price of what is not listed', async () => {
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
  const region = 'us-east-1';
  const ec2 = (instanceType: string) =>
    prices.hourly({ service: 'ec2', region, instanceType, system: 'Linux' });
  const hosting = await prices.hourly({
    service: 'sagemaker-hosting',
    region,
    instanceType: 'ml.p4d.24xlarge',
  });
  const [g5, unknown] = [await ec2('g5.xlarge'), await ec2('x9.unheard')];
  expect([g5, hosting].map((price) => price && formatUsd(price))).toEqual(['$1.01', '$37.69']);
  expect(unknown).toBeUndefined();
  expect(errors).toEqual([]);
});
