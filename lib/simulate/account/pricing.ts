import { GetProductsCommand, PricingClient, PricingServiceException } from '@aws-sdk/client-pricing';
import { type Usd, usdToDecimal } from '../../types/money.ts';
import { answering } from './answering.ts';
import { REGION } from './state.ts';

/** USD an hour by instance type, with its `ml.` or `db.`; the same in every region, for every system, use and engine. */
export type Prices = Readonly<Record<string, Usd>>;

/** USD a unit, in every region; what is absent is not in the price list. */
export type UnitPrices = Readonly<Partial<Record<keyof typeof UNITS, Usd>>>;

/** The limit of GetProducts for one page (its reference). */
const PER_PAGE = 100;

type Attributes = Readonly<Record<string, string>>;

interface Product {
  readonly service: string;
  readonly attributes: Attributes;
  readonly unit: string;
  readonly price: Usd;
}

/** The Pricing API, with the rows that a question for a price finds; all filters must hold. */
export function pricingIn(prices: Prices, units: UnitPrices = {}): PricingClient {
  return answering(new PricingClient({ region: REGION })).on(
    GetProductsCommand,
    ({ ServiceCode = '', Filters = [], MaxResults = PER_PAGE, NextToken }) => {
      if (!SERVICES.has(ServiceCode)) {
        throw refused('NotFoundException', `The service code ${ServiceCode} was not found.`);
      }
      if (MaxResults < 1 || MaxResults > PER_PAGE) {
        throw refused('InvalidParameterException', `MaxResults must be from 1 to ${PER_PAGE}.`);
      }
      const start = NextToken === undefined ? 0 : Number(NextToken);
      if (!Number.isInteger(start) || start < 0) {
        throw refused('InvalidNextTokenException', 'The next token is not valid.');
      }
      const asked = new Map(Filters.map(({ Field = '', Value = '' }) => [Field, Value]));
      const type = asked.get(ServiceCode === 'AmazonSageMaker' ? 'instanceName' : 'instanceType');
      const region = asked.get('regionCode') ?? REGION;
      const found = [...typesOf(prices, type)]
        .flatMap(([one, price]) => instanceProducts(one, price))
        .concat(type === undefined ? unitProducts(units) : [])
        .map((product) => ({ ...product, attributes: { ...product.attributes, regionCode: region } }))
        .filter(({ service, attributes }) => {
          const own: Attributes = attributes;
          return service === ServiceCode && [...asked].every(([field, value]) => own[field] === value);
        });
      const end = start + MaxResults;
      return {
        FormatVersion: 'aws_v1',
        PriceList: found.slice(start, end).map((one) => JSON.stringify(rowOf(one))),
        ...(end < found.length ? { NextToken: `${end}` } : {}),
      };
    },
  ).client;
}

const SERVICES = new Set(['AmazonEC2', 'AmazonSageMaker', 'AmazonRDS', 'AWSELB']);

const refused = (name: string, message: string) =>
  new PricingServiceException({ name, message, $fault: 'client', $metadata: {} });

function* typesOf(prices: Prices, type: string | undefined): Iterable<readonly [string, Usd]> {
  if (type === undefined) return yield* Object.entries(prices);
  const price = Object.hasOwn(prices, type) ? prices[type] : undefined;
  if (price !== undefined) yield [type, price];
}

/** Each entry of `PriceList` is a JSON text. */
const rowOf = ({ service, attributes: { productFamily, ...attributes }, unit, price }: Product) => ({
  product: { productFamily, attributes: { ...attributes, servicecode: service } },
  serviceCode: service,
  terms: {
    OnDemand: {
      offer: { priceDimensions: { rate: { unit, pricePerUnit: { USD: usdToDecimal(price) } } } },
    },
  },
});

function instanceProducts(type: string, price: Usd): readonly Product[] {
  const hourly = (service: string, attributes: Attributes): Product => ({
    service,
    attributes,
    unit: 'Hrs',
    price,
  });
  if (type.startsWith('ml.')) {
    return SAGEMAKER_USES.map(({ usage, ...names }) =>
      hourly('AmazonSageMaker', {
        productFamily: 'ML Instance',
        instanceName: type,
        usagetype: `USE1-${usage}${type}`,
        ...names,
      }),
    );
  }
  if (type.startsWith('db.')) {
    return DATABASES.flatMap((database) =>
      ['Single-AZ', 'Multi-AZ'].map((deploymentOption) =>
        hourly('AmazonRDS', {
          productFamily: 'Database Instance',
          instanceType: type,
          deploymentOption,
          locationType: 'AWS Region',
          ...database,
        }),
      ),
    );
  }
  return ['Linux', 'Windows', 'RHEL', 'SUSE'].map((operatingSystem) =>
    hourly('AmazonEC2', {
      productFamily: 'Compute Instance',
      instanceType: type,
      operatingSystem,
      preInstalledSw: 'NA',
      tenancy: 'Shared',
      capacitystatus: 'Used',
      licenseModel: 'No License required',
      usagetype: `BoxUsage:${type}`,
    }),
  );
}

/** One row for each use of an instance, as in the price list; a use of Studio is told by its finer name. */
export const SAGEMAKER_USES: readonly (Attributes & { readonly usage: string })[] = [
  { component: 'Hosting', usage: 'Host:' },
  { component: 'Notebook', usage: 'Notebk:' },
  { component: 'Training', usage: 'Train:' },
  { component: 'Processing', usage: 'Processing:' },
  { component: 'Studio', usage: 'Studio:JupyterLab-', platoinstancetype: 'Studio-JupyterLab' },
  { component: 'Studio', usage: 'Studio:CodeEditor-', platoinstancetype: 'Studio-CodeEditor' },
  { component: 'Studio-Notebook', usage: 'Studio:KernelGateway-', platoinstancetype: 'Studio-Notebook' },
];

const free = (databaseEngine: string) => ({ databaseEngine, licenseModel: 'No license required' });
const oracle = (licenseModel: string, databaseEdition: string) => ({
  databaseEngine: 'Oracle',
  databaseEdition,
  licenseModel,
});
const sqlServer = (databaseEdition: string) => ({
  databaseEngine: 'SQL Server',
  databaseEdition,
  licenseModel: 'License included',
});

const DATABASES: readonly Attributes[] = [
  free('PostgreSQL'),
  free('MySQL'),
  free('MariaDB'),
  oracle('Bring your own license', 'Enterprise'),
  ...['Express', 'Web', 'Standard', 'Enterprise'].map(sqlServer),
];

const ebs = (productFamily: string, volumeApiName: string, usage: string, unit: string) => ({
  service: 'AmazonEC2',
  attributes: { productFamily, volumeApiName, usagetype: `EBS:${usage}` },
  unit,
});
const balancer = (type: string) => ({
  service: 'AWSELB',
  attributes: { productFamily: `Load Balancer-${type}`, usagetype: 'LoadBalancerUsage' },
  unit: 'Hrs',
});

/** What has no instance type, by the names of usage and unit in the list of us-east-1. */
const UNITS = {
  'ebs/gp2/gib': ebs('Storage', 'gp2', 'VolumeUsage.gp2', 'GB-Mo'),
  'ebs/gp3/gib': ebs('Storage', 'gp3', 'VolumeUsage.gp3', 'GB-Mo'),
  'ebs/gp3/iops': ebs('System Operation', 'gp3', 'VolumeP-IOPS.gp3', 'IOPS-Mo'),
  'ebs/gp3/gibps': ebs('Provisioned Throughput', 'gp3', 'VolumeP-Throughput.gp3', 'GiBps-mo'),
  'ebs/io1/gib': ebs('Storage', 'io1', 'VolumeUsage.piops', 'GB-Mo'),
  'ebs/io1/iops': ebs('System Operation', 'io1', 'VolumeP-IOPS.piops', 'IOPS-Mo'),
  'ebs/io2/gib': ebs('Storage', 'io2', 'VolumeUsage.io2', 'GB-month'),
  'ebs/io2/iops': ebs('System Operation', 'io2', 'VolumeP-IOPS.io2', 'IOPS-Mo'),
  'ebs/io2/iops-tier2': ebs('System Operation', 'io2', 'VolumeP-IOPS.io2.tier2', 'IOPS-Mo'),
  'ebs/io2/iops-tier3': ebs('System Operation', 'io2', 'VolumeP-IOPS.io2.tier3', 'IOPS-Mo'),
  'ebs/st1/gib': ebs('Storage', 'st1', 'VolumeUsage.st1', 'GB-Mo'),
  'ebs/sc1/gib': ebs('Storage', 'sc1', 'VolumeUsage.sc1', 'GB-Mo'),
  'ebs/standard/gib': ebs('Storage', 'standard', 'VolumeUsage', 'GB-Mo'),
  'nat-gateway': {
    service: 'AmazonEC2',
    attributes: { productFamily: 'NAT Gateway', usagetype: 'NatGateway-Hours' },
    unit: 'Hrs',
  },
  'load-balancer/application': balancer('Application'),
  'load-balancer/network': balancer('Network'),
  'load-balancer/gateway': balancer('Gateway'),
} as const;

const unitProducts = (units: UnitPrices): readonly Product[] =>
  Object.entries(UNITS).flatMap(([name, product]) => {
    const price = Object.entries(units).find(([one]) => one === name)?.[1];
    return price === undefined ? [] : [{ ...product, price }];
  });
