import * as z from 'zod';
import { type LoopbackServer, serveLoopback } from './loopback.ts';

/**
 * USD an hour, us-east-1, of public price lists of 2026: enough for the sandbox and the tests. Neither
 * MiniStack nor moto has the Pricing API.
 */
export const LISTED_PRICES: Readonly<Record<string, string>> = {
  't3.medium': '0.0416',
  'm5.xlarge': '0.192',
  'm5.2xlarge': '0.384',
  'c5.4xlarge': '0.68',
  'r5.2xlarge': '0.504',
  'g5.xlarge': '1.006',
  'p3.2xlarge': '3.06',
  'p3.8xlarge': '12.24',
  'p4d.24xlarge': '21.957642',
  'ml.m5.xlarge': '0.23',
  'ml.p3.2xlarge': '3.825',
  'ml.g5.xlarge': '1.408',
  'ml.g5.2xlarge': '1.515',
  'ml.p4d.24xlarge': '37.688',
};

const RequestSchema = z.object({
  ServiceCode: z.string(),
  Filters: z.array(z.object({ Field: z.string(), Value: z.string() })),
});

/** A Pricing API on loopback that answers `GetProducts` in the form that AWS answers in. */
export function startPricingStub(): Promise<LoopbackServer> {
  return serveLoopback(async (request) => {
    const { ServiceCode, Filters } = RequestSchema.parse(JSON.parse(request.body));
    const filter = new Map(Filters.map(({ Field, Value }) => [Field, Value]));
    const type = filter.get(ServiceCode === 'AmazonEC2' ? 'instanceType' : 'instanceName') ?? '';
    const price = Object.hasOwn(LISTED_PRICES, type) ? LISTED_PRICES[type] : undefined;
    return {
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: JSON.stringify({
        FormatVersion: 'aws_v1',
        PriceList: price === undefined ? [] : [JSON.stringify(product(ServiceCode, type, price))],
      }),
    };
  });
}

function product(service: string, type: string, price: string) {
  const attributes =
    service === 'AmazonEC2'
      ? { instanceType: type, operatingSystem: 'Linux', tenancy: 'Shared', usagetype: `BoxUsage:${type}` }
      : { instanceName: type, component: 'Hosting', usagetype: `USE1-Hosting:${type}` };
  return {
    product: { attributes },
    terms: {
      OnDemand: { offer: { priceDimensions: { rate: { unit: 'Hrs', pricePerUnit: { USD: price } } } } },
    },
  };
}
