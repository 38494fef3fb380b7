import * as z from 'zod';
import { SAGEMAKER_USES } from '../simulate/account/pricing.ts';
import { LISTED_UNITS, type ListedUnit } from './listed-units.ts';
import { type LoopbackServer, serveLoopback } from './loopback.ts';

/**
 * USD an hour, us-east-1, of public price lists of 2026: enough for the sandbox and the tests. Neither
 * MiniStack nor moto has the Pricing API. SageMaker asks the same for each use of the types
 * below; the database is PostgreSQL without a standby.
 */
export const LISTED_PRICES: Readonly<Record<string, string>> = {
  't3.micro': '0.0104',
  't3.medium': '0.0416',
  't3.large': '0.0832',
  'm5.large': '0.096',
  'm5.xlarge': '0.192',
  'm5.2xlarge': '0.384',
  'm5.4xlarge': '0.768',
  'c5.xlarge': '0.17',
  'c5.4xlarge': '0.68',
  'r5.large': '0.126',
  'r5.2xlarge': '0.504',
  'g4dn.xlarge': '0.526',
  'g5.xlarge': '1.006',
  'g5.2xlarge': '1.212',
  'g5.12xlarge': '5.672',
  'p3.2xlarge': '3.06',
  'p3.8xlarge': '12.24',
  'p4d.24xlarge': '21.957642',
  'ml.t3.medium': '0.05',
  'ml.m5.large': '0.115',
  'ml.m5.xlarge': '0.23',
  'ml.m5.2xlarge': '0.461',
  'ml.m5.4xlarge': '0.922',
  'ml.c5.xlarge': '0.204',
  'ml.g4dn.xlarge': '0.7364',
  'ml.p3.2xlarge': '3.825',
  'ml.g5.xlarge': '1.408',
  'ml.g5.2xlarge': '1.515',
  'ml.g5.12xlarge': '7.09',
  'ml.p4d.24xlarge': '37.688',
  'db.t3.medium': '0.072',
  'db.m5.large': '0.171',
  'db.m5.xlarge': '0.342',
  'db.r5.large': '0.25',
};

const RequestSchema = z.object({
  ServiceCode: z.string(),
  Filters: z.array(z.object({ Field: z.string(), Value: z.string() })),
});

/** A Pricing API on loopback that answers `GetProducts` in the form that AWS answers in. */
export function startPricingStub(): Promise<LoopbackServer> {
  return serveLoopback(async (request) => {
    const { ServiceCode, Filters } = RequestSchema.parse(JSON.parse(request.body));
    const filters = new Map(Filters.map(({ Field, Value }) => [Field, Value]));
    return {
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: JSON.stringify({
        FormatVersion: 'aws_v1',
        PriceList: productsOf(ServiceCode, filters).map((one) => JSON.stringify(one)),
      }),
    };
  });
}

type Filters = ReadonlyMap<string, string>;

function productsOf(service: string, filters: Filters) {
  const units = unitsOf(service, filters);
  if (units !== undefined) return units;
  const type = filters.get(service === 'AmazonSageMaker' ? 'instanceName' : 'instanceType') ?? '';
  switch (service) {
    case 'AmazonEC2':
      return priced(type, [
        { instanceType: type, operatingSystem: 'Linux', tenancy: 'Shared', usagetype: `BoxUsage:${type}` },
      ]);
    case 'AmazonSageMaker':
      return priced(
        type,
        SAGEMAKER_USES.map(({ component, usage, ...finer }) => ({
          instanceName: type,
          component,
          usagetype: `USE1-${usage}${type}`,
          ...finer,
        })),
      );
    case 'AmazonRDS':
      return filters.get('databaseEngine') === 'PostgreSQL' && filters.get('deploymentOption') === 'Single-AZ'
        ? priced(type, [{ instanceType: type, databaseEngine: 'PostgreSQL', deploymentOption: 'Single-AZ' }])
        : [];
    default:
      return [];
  }
}

/** What has no instance type, at the same price in every region; `undefined` where a type is asked for. */
function unitsOf(service: string, filters: Filters) {
  if (filters.has('instanceType') || filters.has('instanceName')) return undefined;
  const holds = (field: string, own: string | undefined): boolean => {
    const wanted = filters.get(field);
    return wanted === undefined || wanted === own;
  };
  return LISTED_UNITS.filter(
    (one) =>
      one.service === service &&
      holds('productFamily', one.family) &&
      holds('volumeApiName', one.volume) &&
      holds('group', one.group) &&
      holds('deploymentOption', one.deployment),
  ).map(({ usage: usagetype, volume: volumeApiName, group, deployment: deploymentOption, ...one }) => ({
    product: { attributes: { usagetype, volumeApiName, group, deploymentOption } },
    terms: { OnDemand: { offer: { priceDimensions: dimensionsOf(one) } } },
  }));
}

/** A rate for each tier; the list names them by codes that mean nothing. */
const dimensionsOf = ({ unit, price, then = [] }: Pick<ListedUnit, 'unit' | 'price' | 'then'>) =>
  Object.fromEntries(
    [['0', price] as const, ...then].map(([beginRange, USD], index) => [
      `rate-${index}`,
      { unit, beginRange, pricePerUnit: { USD } },
    ]),
  );

function priced(type: string, products: readonly Readonly<Record<string, string | undefined>>[]) {
  const price = Object.hasOwn(LISTED_PRICES, type) ? LISTED_PRICES[type] : undefined;
  if (price === undefined) return [];
  return products.map((attributes) => ({
    product: { attributes },
    terms: {
      OnDemand: { offer: { priceDimensions: { rate: { unit: 'Hrs', pricePerUnit: { USD: price } } } } },
    },
  }));
}
