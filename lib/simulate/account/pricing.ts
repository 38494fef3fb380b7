import { GetProductsCommand, PricingClient, PricingServiceException } from '@aws-sdk/client-pricing';
import { type Usd, usdToDecimal } from '../../types/money.ts';
import { answering } from './answering.ts';
import { REGION } from './state.ts';

/** USD an hour by instance type, with its `ml.` or `db.`; the same in every region, for every system, use and engine. */
export type Prices = Readonly<Record<string, Usd>>;

/** USD a unit as of `UnitKey`, in every region, by name within it; what is absent is not in the price list. */
export type UnitPrices = Readonly<Partial<Record<keyof typeof UNITS, Usd>>>;

/** The limit of GetProducts for one page (its reference). */
const PER_PAGE = 100;

type Attributes = Readonly<Record<string, string>>;

interface Product {
  readonly service: string;
  readonly attributes: Attributes;
  readonly unit: string;
  readonly price: Usd;
  /** True where the price is that of a million of these units. */
  readonly byMillion?: boolean;
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

const SERVICES = new Set([
  'AmazonEC2',
  'AmazonVPC',
  'AWSELB',
  'AmazonSageMaker',
  'AmazonRDS',
  'AmazonS3',
  'AmazonCloudWatch',
  'AWSLambda',
]);

const refused = (name: string, message: string) =>
  new PricingServiceException({ name, message, $fault: 'client', $metadata: {} });

function* typesOf(prices: Prices, type: string | undefined): Iterable<readonly [string, Usd]> {
  if (type === undefined) return yield* Object.entries(prices);
  const price = Object.hasOwn(prices, type) ? prices[type] : undefined;
  if (price !== undefined) yield [type, price];
}

/** Each entry of `PriceList` is a JSON text. */
const rowOf = ({
  service,
  attributes: { productFamily, ...attributes },
  unit,
  price,
  byMillion = false,
}: Product) => ({
  product: { productFamily, attributes: { ...attributes, servicecode: service } },
  serviceCode: service,
  terms: {
    OnDemand: {
      offer: {
        priceDimensions: {
          rate: {
            unit,
            beginRange: '0',
            pricePerUnit: { USD: byMillion ? oneOfMillion(price) : usdToDecimal(price) },
          },
        },
      },
    },
  },
});

/** A price of a million as that of one, exact: `16.6667` → `0.000016666700`. */
function oneOfMillion(price: Usd): string {
  const digits = price.toString().padStart(13, '0');
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`;
}

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
  { component: 'BatchTransform', usage: 'Tsform:' },
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
const row = (service: string, productFamily: string, usagetype: string, unit: string) => ({
  service,
  attributes: { productFamily, usagetype },
  unit,
});
const balancer = (type: string, usage = 'LoadBalancerUsage', unit = 'Hrs') =>
  row('AWSELB', `Load Balancer-${type}`, usage, unit);
const address = (usage: string) => ({
  service: 'AmazonVPC',
  attributes: { group: 'VPCPublicIPv4Address', usagetype: `USE1-PublicIPv4:${usage}` },
  unit: 'Hrs',
});
const s3 = (usage: string) => row('AmazonS3', 'Storage', usage, 'GB-Mo');
const lambda = (usage: string, unit: string) => ({
  ...row('AWSLambda', 'Serverless', usage, unit),
  byMillion: true,
});
const rdsStorage = (usage: string, deploymentOption: string) => ({
  service: 'AmazonRDS',
  attributes: { productFamily: 'Database Storage', deploymentOption, usagetype: `RDS:${usage}` },
  unit: 'GB-Mo',
});
const rdsIops = (usage: string, deploymentOption: string) => ({
  service: 'AmazonRDS',
  attributes: { productFamily: 'Provisioned IOPS', deploymentOption, usagetype: `RDS:${usage}` },
  unit: 'IOPS-Mo',
});
const mlVolume = (usage: string) => row('AmazonSageMaker', 'Storage', `USE1-${usage}`, 'GB-Mo');
const serverless = (gb: number) => ({
  ...row('AmazonSageMaker', 'ML Serverless', `USE1-ServerlessInf:Mem-${gb}GB`, 'Seconds'),
  byMillion: true,
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
  'load-balancer-lcu/application': balancer('Application', 'LCUUsage', 'LCU-Hrs'),
  'load-balancer-lcu/network': balancer('Network', 'LCUUsage', 'LCU-Hrs'),
  'load-balancer-lcu/gateway': balancer('Gateway', 'LCUUsage', 'LCU-Hrs'),
  'nat-gateway-data': {
    service: 'AmazonEC2',
    attributes: { productFamily: 'NAT Gateway', usagetype: 'NatGateway-Bytes' },
    unit: 'GB',
  },
  'ebs-snapshot/standard': row('AmazonEC2', 'Storage Snapshot', 'EBS:SnapshotUsage', 'GB-Mo'),
  'ebs-snapshot/archive': row('AmazonEC2', 'Storage Snapshot', 'EBS:SnapshotArchiveStorage', 'GB-Mo'),
  'public-ipv4/in-use': address('InUseAddress'),
  'public-ipv4/idle': address('IdleAddress'),
  's3/STANDARD': s3('TimedStorage-ByteHrs'),
  's3/STANDARD_IA': s3('TimedStorage-SIA-ByteHrs'),
  's3/ONEZONE_IA': s3('TimedStorage-ZIA-ByteHrs'),
  's3/INTELLIGENT_TIERING_FREQUENT': s3('TimedStorage-INT-FA-ByteHrs'),
  's3/INTELLIGENT_TIERING_INFREQUENT': s3('TimedStorage-INT-IA-ByteHrs'),
  's3/INTELLIGENT_TIERING_ARCHIVE_INSTANT': s3('TimedStorage-INT-AIA-ByteHrs'),
  's3/GLACIER_IR': s3('TimedStorage-GIR-ByteHrs'),
  's3/GLACIER': s3('TimedStorage-GlacierByteHrs'),
  's3/DEEP_ARCHIVE': s3('TimedStorage-GDA-ByteHrs'),
  's3-monitoring': { ...row('AmazonS3', 'Fee', 'Monitoring-Automation-INT', 'Objects'), byMillion: true },
  'logs/stored': row('AmazonCloudWatch', 'Storage Snapshot', 'USE1-TimedStorage-ByteHrs', 'GB-Mo'),
  'logs/ingested': row('AmazonCloudWatch', 'Data Payload', 'USE1-DataProcessing-Bytes', 'GB'),
  'lambda/x86_64/requests': lambda('Request', 'Requests'),
  'lambda/arm64/requests': lambda('Request-ARM', 'Requests'),
  'lambda/x86_64/gb-seconds': lambda('Lambda-GB-Second', 'Lambda-GB-Second'),
  'lambda/arm64/gb-seconds': lambda('Lambda-GB-Second-ARM', 'Lambda-GB-Second'),
  'rds-storage/gp2/gib/single-az': rdsStorage('GP2-Storage', 'Single-AZ'),
  'rds-storage/gp2/gib/multi-az': rdsStorage('Multi-AZ-GP2-Storage', 'Multi-AZ'),
  'rds-storage/gp3/gib/single-az': rdsStorage('GP3-Storage', 'Single-AZ'),
  'rds-storage/gp3/gib/multi-az': rdsStorage('Multi-AZ-GP3-Storage', 'Multi-AZ'),
  'rds-storage/io1/gib/single-az': rdsStorage('PIOPS-Storage', 'Single-AZ'),
  'rds-storage/io1/gib/multi-az': rdsStorage('Multi-AZ-PIOPS-Storage', 'Multi-AZ'),
  'rds-storage/io1/iops/single-az': rdsIops('PIOPS', 'Single-AZ'),
  'rds-storage/io1/iops/multi-az': rdsIops('Multi-AZ-PIOPS', 'Multi-AZ'),
  'sagemaker-volume/hosting': mlVolume('Host:VolumeUsage.gp2'),
  'sagemaker-volume/notebook': mlVolume('Notebk:VolumeUsage.gp2'),
  'sagemaker-volume/training': mlVolume('Train:VolumeUsage.gp2'),
  'sagemaker-volume/processing': mlVolume('Processing:VolumeUsage.gp2'),
  'sagemaker-volume/studio': mlVolume('Studio:VolumeUsage.gp3'),
  'sagemaker-serverless/1024': serverless(1),
  'sagemaker-serverless/2048': serverless(2),
  'sagemaker-serverless/3072': serverless(3),
  'sagemaker-serverless/4096': serverless(4),
  'sagemaker-serverless/5120': serverless(5),
  'sagemaker-serverless/6144': serverless(6),
  'sagemaker-serverless-data': {
    service: 'AmazonSageMaker',
    attributes: { productFamily: 'ML Data', group: 'Hosting:IN', usagetype: 'USE1-Host:Data-Bytes-In' },
    unit: 'GB',
  },
} as const;

const unitProducts = (units: UnitPrices): readonly Product[] =>
  Object.entries(UNITS).flatMap(([name, product]) => {
    const price = Object.entries(units).find(([one]) => one === name)?.[1];
    return price === undefined ? [] : [{ ...product, price }];
  });
