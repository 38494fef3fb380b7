import * as z from 'zod';
import { SAGEMAKER_USES } from '../simulate/account/pricing.ts';
import { type LoopbackServer, serveLoopback } from './loopback.ts';

/**
 * USD an hour, us-east-1, of public price lists of 2026: enough for the sandbox and the tests. Neither
 * MiniStack nor moto has the Pricing API. SageMaker asks the same for each use of the types
 * below; the database is PostgreSQL without a standby.
 */
export const LISTED_PRICES: Readonly<Record<string, string>> = {
  't3.medium': '0.0416',
  'm5.large': '0.096',
  'm5.xlarge': '0.192',
  'm5.2xlarge': '0.384',
  'c5.4xlarge': '0.68',
  'r5.2xlarge': '0.504',
  'g5.xlarge': '1.006',
  'p3.2xlarge': '3.06',
  'p3.8xlarge': '12.24',
  'p4d.24xlarge': '21.957642',
  'ml.t3.medium': '0.05',
  'ml.m5.large': '0.115',
  'ml.m5.xlarge': '0.23',
  'ml.p3.2xlarge': '3.825',
  'ml.g5.xlarge': '1.408',
  'ml.g5.2xlarge': '1.515',
  'ml.g5.12xlarge': '7.09',
  'ml.p4d.24xlarge': '37.688',
  'db.m5.large': '0.171',
};

/**
 * USD a unit, as the price list names usage types and units in us-east-1; of NAT gateways and load balancers an hour.
 * Rows that are no answer to what Bursar asks are there too, as in the list.
 */
const LISTED_UNITS: readonly {
  readonly service: string;
  readonly family: string;
  readonly volume?: string;
  readonly usage: string;
  readonly unit: string;
  readonly price: string;
}[] = [
  ebs('Storage', 'gp2', 'VolumeUsage.gp2', 'GB-Mo', '0.10'),
  ebs('Storage', 'gp3', 'VolumeUsage.gp3', 'GB-Mo', '0.08'),
  ebs('System Operation', 'gp3', 'VolumeP-IOPS.gp3', 'IOPS-Mo', '0.005'),
  ebs('Provisioned Throughput', 'gp3', 'VolumeP-Throughput.gp3', 'GiBps-mo', '40.96'),
  ebs('Storage', 'io1', 'VolumeUsage.piops', 'GB-Mo', '0.125'),
  ebs('System Operation', 'io1', 'VolumeP-IOPS.piops', 'IOPS-Mo', '0.065'),
  ebs('Storage', 'io2', 'VolumeUsage.io2', 'GB-month', '0.125'),
  ebs('System Operation', 'io2', 'VolumeP-IOPS.io2', 'IOPS-Mo', '0.065'),
  ebs('System Operation', 'io2', 'VolumeP-IOPS.io2.tier2', 'IOPS-Mo', '0.0455'),
  ebs('System Operation', 'io2', 'VolumeP-IOPS.io2.tier3', 'IOPS-Mo', '0.03185'),
  ebs('Storage', 'st1', 'VolumeUsage.st1', 'GB-Mo', '0.045'),
  ebs('Storage', 'sc1', 'VolumeUsage.sc1', 'GB-Mo', '0.015'),
  ebs('Storage', 'standard', 'VolumeUsage', 'GB-Mo', '0.05'),
  nat('NatGateway-Hours', 'Hrs', '0.045'),
  nat('NatGateway-Bytes', 'GB', '0.045'),
  nat('RegionalNatGateway-Hours', 'Hrs', '0.045'),
  balancer('Application', 'LoadBalancerUsage', 'Hrs', '0.0225'),
  balancer('Application', 'TS-LoadBalancerUsage', 'Hrs', '0.0056'),
  balancer('Application', 'Outposts-LoadBalancerUsage', 'Hrs', '0.0225'),
  balancer('Application', 'LCUUsage', 'LCU-Hrs', '0.008'),
  balancer('Network', 'LoadBalancerUsage', 'Hrs', '0.0225'),
  balancer('Network', 'LCUUsage', 'LCU-Hrs', '0.006'),
  balancer('Gateway', 'LoadBalancerUsage', 'Hrs', '0.0125'),
];

function ebs(family: string, volume: string, usage: string, unit: string, price: string) {
  return { service: 'AmazonEC2', family, volume, usage: `EBS:${usage}`, unit, price };
}

function nat(usage: string, unit: string, price: string) {
  return { service: 'AmazonEC2', family: 'NAT Gateway', usage, unit, price };
}

function balancer(type: string, usage: string, unit: string, price: string) {
  return { service: 'AWSELB', family: `Load Balancer-${type}`, usage, unit, price };
}

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
  const [family, volume] = [filters.get('productFamily'), filters.get('volumeApiName')];
  if (volume === undefined && family !== 'NAT Gateway' && service !== 'AWSELB') return undefined;
  return LISTED_UNITS.filter(
    (one) =>
      one.service === service &&
      (family === undefined || one.family === family) &&
      (volume === undefined || one.volume === volume),
  ).map(({ usage: usagetype, volume: volumeApiName, unit, price }) => ({
    product: { attributes: { usagetype, volumeApiName } },
    terms: { OnDemand: { offer: { priceDimensions: { rate: { unit, pricePerUnit: { USD: price } } } } } },
  }));
}

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
