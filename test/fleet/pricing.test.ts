import { DescribeSpotPriceHistoryCommand, EC2Client, type SpotPrice } from '@aws-sdk/client-ec2';
import { GetProductsCommand, PricingClient } from '@aws-sdk/client-pricing';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PriceKey, SpotKey, UnitKey } from '../../lib/fleet/prices.ts';
import { createPriceBook } from '../../lib/fleet/pricing.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { awsError, NOW, PRICES, usd } from './fixtures.ts';

const pricing = mockClient(PricingClient);
const ec2Api = mockClient(EC2Client);
beforeEach(() => {
  pricing.reset();
  ec2Api.reset();
});

const HOUR_MS = 3_600_000;

const ec2 = (instanceType: string): PriceKey => ({
  service: 'ec2',
  region: 'us-east-1',
  instanceType,
  system: 'Linux',
});
const hosting = (instanceType: string): PriceKey => ({
  service: 'sagemaker-hosting',
  region: 'us-east-1',
  instanceType,
});

/** An entry of `PriceList` as the API writes it: JSON text, with the price ten digits long. */
const entry = (
  attributes: Readonly<Record<string, string>>,
  price: string,
  unit = 'Hrs',
  sku = 'Q85F79PK8VHHZT6X',
) =>
  JSON.stringify({
    product: { productFamily: 'Compute Instance', attributes, sku },
    serviceCode: 'AmazonEC2',
    terms: {
      OnDemand: {
        [`${sku}.JRTCKXETXF`]: {
          priceDimensions: {
            [`${sku}.JRTCKXETXF.6YS6EN2CT7`]: {
              unit,
              endRange: 'Inf',
              description: `$${price} per On Demand Linux`,
              appliesTo: [],
              rateCode: `${sku}.JRTCKXETXF.6YS6EN2CT7`,
              beginRange: '0',
              pricePerUnit: { USD: price },
            },
          },
          sku,
          effectiveDate: '2026-07-01T00:00:00Z',
          offerTermCode: 'JRTCKXETXF',
          termAttributes: {},
        },
      },
      Reserved: {
        [`${sku}.38NPMPTW36`]: {
          priceDimensions: {
            [`${sku}.38NPMPTW36.2TG2D8R56U`]: { unit: 'Quantity', pricePerUnit: { USD: '5227' } },
          },
        },
      },
    },
    version: '20260701000000',
    publicationDate: '2026-07-01T00:00:00Z',
  });

const padded = (price: string) => `${price}${price.includes('.') ? '' : '.'}`.padEnd(12, '0');

const ec2Row = (instanceType: string, price: string) =>
  entry(
    {
      instanceType,
      regionCode: 'us-east-1',
      operatingSystem: 'Linux',
      preInstalledSw: 'NA',
      tenancy: 'Shared',
      capacitystatus: 'Used',
      usagetype: `BoxUsage:${instanceType}`,
    },
    padded(price),
  );

const mlRow = (attributes: Readonly<Record<string, string>>, price: string) =>
  entry({ regionCode: 'us-east-1', ...attributes }, padded(price));

function book({ ledger = createMemoryLedger() }: { ledger?: Pick<Ledger, 'price' | 'savePrice'> } = {}) {
  const errors: [string, unknown][] = [];
  const clock = { now: NOW };
  const prices = createPriceBook({
    pricing: new PricingClient({ region: 'us-east-1' }),
    ledger,
    now: () => clock.now,
    onError: (key, error) => errors.push([key, error]),
  });
  return {
    ...prices,
    errors,
    later: (milliseconds: number) => {
      clock.now = new Date(clock.now.getTime() + milliseconds);
    },
  };
}

const calls = () => pricing.commandCalls(GetProductsCommand);

describe('a price', () => {
  it.each(Object.entries(PRICES).filter(([type]) => !type.startsWith('ml.')))(
    'of EC2 %s is $%s an hour',
    async (type, price) => {
      pricing.on(GetProductsCommand).resolves({ PriceList: [ec2Row(type, price)] });
      expect(await book().hourly(ec2(type))).toBe(usd(price));
    },
  );

  it.each(Object.entries(PRICES).filter(([type]) => type.startsWith('ml.')))(
    'of SageMaker hosting on %s is $%s an hour',
    async (type, price) => {
      pricing.on(GetProductsCommand).resolves({
        PriceList: [
          mlRow(
            {
              instanceName: type,
              instanceType: `${type}-Notebook`,
              component: 'Notebook',
              usagetype: `USE1-Notebk:${type}`,
            },
            '9.99',
          ),
          mlRow(
            {
              instanceName: type,
              instanceType: `${type}-Training`,
              component: 'Training',
              usagetype: `USE1-Train:${type}`,
            },
            '8.88',
          ),
          mlRow(
            { instanceName: type, instanceType: type, component: 'Hosting', usagetype: `USE1-Host:${type}` },
            price,
          ),
        ],
      });
      expect(await book().hourly(hosting(type))).toBe(usd(price));
    },
  );

  it('is also read of rows that name their use in the instance type and usage type alone', async () => {
    pricing.on(GetProductsCommand).resolves({
      PriceList: [
        mlRow(
          {
            instanceName: 'ml.g5.xlarge',
            instanceType: 'ml.g5.xlarge-Hosting',
            usagetype: 'USE1-Hosting:ml.g5.xlarge',
          },
          '1.408',
        ),
        mlRow(
          {
            instanceName: 'ml.g5.xlarge',
            instanceType: 'ml.g5.xlarge-Training',
            usagetype: 'USE1-Train:ml.g5.xlarge',
          },
          '8.88',
        ),
      ],
    });
    expect(await book().hourly(hosting('ml.g5.xlarge'))).toBe(usd('1.408'));
  });

  /** Every product of one instance type, each at its own price. */
  const EVERY_USE = [
    mlRow({ component: 'Hosting', usagetype: 'USE1-Host:ml.g5.xlarge' }, '1.01'),
    mlRow({ component: 'Notebook', usagetype: 'USE1-Notebk:ml.g5.xlarge' }, '1.02'),
    mlRow({ platoinstancetype: 'Training', usagetype: 'USE1-Train:ml.g5.xlarge' }, '1.03'),
    mlRow({ usagetype: 'USE1-Processing:ml.g5.xlarge' }, '1.04'),
    mlRow({ platoinstancetype: 'Studio-JupyterLab', component: 'Studio', usagetype: 'x' }, '1.05'),
    mlRow({ platoinstancetype: 'studio-codeeditor', component: 'Studio', usagetype: 'x' }, '1.06'),
    mlRow({ component: 'Studio-Notebook', usagetype: 'USE1-Studio:KernelGateway-ml.g5.xlarge' }, '1.07'),
    // Other products of the same type.
    mlRow({ platoinstancetype: 'SpotTraining', component: 'Training', usagetype: 'x' }, '0.41'),
    mlRow({ platoinstancetype: 'Processing_DW', component: 'Processing', usagetype: 'x' }, '0.42'),
    mlRow({ platoinstancetype: 'AsyncInf', usagetype: 'USE1-AsyncInf:ml.g5.xlarge' }, '0.43'),
    mlRow({ component: 'Notebook', platoinstancetype: 'FreeNotebook', usagetype: 'x' }, '0.44'),
    mlRow({ usagetype: 'USE1-SpotTrain:ml.g5.xlarge' }, '0.45'),
    mlRow({ usagetype: 'USE1-Processing:ml.g5.xlarge-Free' }, '0.46'),
    mlRow({}, '0.47'),
  ];

  it.each([
    ['sagemaker-hosting', '1.01'],
    ['sagemaker-notebook', '1.02'],
    ['sagemaker-training', '1.03'],
    ['sagemaker-processing', '1.04'],
    ['sagemaker-studio-jupyterlab', '1.05'],
    ['sagemaker-studio-codeeditor', '1.06'],
    ['sagemaker-studio-kernelgateway', '1.07'],
  ] as const)('of %s is told from those of all other uses of the type', async (service, price) => {
    pricing.on(GetProductsCommand).resolves({ PriceList: EVERY_USE });
    const key = { service, region: 'us-east-1', instanceType: 'ml.g5.xlarge' };
    expect(await book().hourly(key)).toBe(usd(price));
  });

  const rds = (engine: string, multiAz = false): PriceKey => ({
    service: 'rds',
    region: 'us-east-1',
    instanceType: 'db.m5.large',
    engine,
    multiAz,
  });

  it.each([
    ['postgres', { databaseEngine: 'PostgreSQL', licenseModel: 'No license required' }],
    ['mysql', { databaseEngine: 'MySQL', licenseModel: 'No license required' }],
    ['mariadb', { databaseEngine: 'MariaDB', licenseModel: 'No license required' }],
    [
      'oracle-ee',
      {
        databaseEngine: 'Oracle',
        databaseEdition: 'Enterprise',
        licenseModel: 'Bring your own license',
      },
    ],
    [
      'sqlserver-web',
      { databaseEngine: 'SQL Server', databaseEdition: 'Web', licenseModel: 'License included' },
    ],
  ])('of a %s database is asked by engine, edition and licence', async (engine, names) => {
    pricing.on(GetProductsCommand).resolves({
      PriceList: [
        entry({ deploymentModel: 'Custom', locationType: 'AWS Region' }, '0.5'),
        entry({ locationType: 'AWS Outposts' }, '0.6'),
        entry({ locationType: 'AWS Region', databaseEngine: names.databaseEngine }, '0.171'),
      ],
    });
    const { hourly } = book();
    expect(await hourly(rds(engine))).toBe(usd('0.171'));
    await hourly(rds(engine, true));
    const filters = calls().map(({ args }) =>
      Object.fromEntries((args[0].input.Filters ?? []).map(({ Field, Value }) => [Field, Value])),
    );
    const common = {
      productFamily: 'Database Instance',
      regionCode: 'us-east-1',
      instanceType: 'db.m5.large',
      ...names,
    };
    expect(filters).toEqual([
      { ...common, deploymentOption: 'Single-AZ' },
      { ...common, deploymentOption: 'Multi-AZ' },
    ]);
  });

  it.each(['oracle-se2', 'aurora-postgresql', 'db2-se', 'custom-oracle-ee', 'constructor'])(
    'of a %s database is unknown and not asked for',
    async (engine) => {
      const { hourly, errors } = book();
      expect(await hourly(rds(engine))).toBeUndefined();
      expect(errors).toEqual([]);
      expect(calls()).toHaveLength(0);
    },
  );

  it('is asked by what tells the products apart', async () => {
    pricing.on(GetProductsCommand).resolves({ PriceList: [] });
    const { hourly } = book();
    await hourly(ec2('g5.xlarge'));
    await hourly(hosting('ml.g5.xlarge'));
    const filters = calls().map(({ args }) => [
      args[0].input.ServiceCode,
      Object.fromEntries((args[0].input.Filters ?? []).map(({ Field, Value }) => [Field, Value])),
    ]);
    expect(filters).toEqual([
      [
        'AmazonEC2',
        {
          instanceType: 'g5.xlarge',
          regionCode: 'us-east-1',
          operatingSystem: 'Linux',
          preInstalledSw: 'NA',
          tenancy: 'Shared',
          capacitystatus: 'Used',
          licenseModel: 'No License required',
        },
      ],
      [
        'AmazonSageMaker',
        { productFamily: 'ML Instance', regionCode: 'us-east-1', instanceName: 'ml.g5.xlarge' },
      ],
    ]);
  });

  it('that two rows agree on is one price', async () => {
    const row = ec2Row('g5.xlarge', '1.006');
    pricing.on(GetProductsCommand).resolves({ PriceList: [row, row] });
    expect(await book().hourly(ec2('g5.xlarge'))).toBe(usd('1.006'));
  });

  it.each([
    { what: 'several prices', list: [ec2Row('g5.xlarge', '1.006'), ec2Row('g5.xlarge', '1.5')] },
    { what: 'none', list: [] },
    { what: 'a price of zero', list: [ec2Row('g5.xlarge', '0')] },
    { what: 'a price of another unit', list: [entry({}, '1.0060000000', 'Quantity')] },
    { what: 'text that is no JSON', list: ['<html>'] },
    { what: 'JSON of another shape', list: ['{}', 'null', '{"product":{"attributes":{}},"terms":{}}'] },
    {
      what: 'a price in another currency',
      list: [
        '{"product":{"attributes":{}},"terms":{"OnDemand":{"a":{"priceDimensions":{"b":{"unit":"Hrs","pricePerUnit":{"CNY":"7"}}}}}}}',
      ],
    },
  ])('is unknown, never free, where the API gives $what', async ({ list }) => {
    pricing.on(GetProductsCommand).resolves({ PriceList: list });
    const { hourly, errors } = book();
    expect(await hourly(ec2('g5.xlarge'))).toBeUndefined();
    expect(errors).toEqual([]);
  });
});

describe('the price of a unit', () => {
  const region = 'eu-west-1';
  const ebs = (
    volumeType: Extract<UnitKey, { service: 'ebs' }>['volumeType'],
    unit: Extract<UnitKey, { service: 'ebs' }>['unit'],
  ): UnitKey => ({ service: 'ebs', region, volumeType, unit });
  const balancer = (type: 'application' | 'network' | 'gateway'): UnitKey => ({
    service: 'load-balancer',
    region,
    type,
  });

  const asked = () =>
    calls().map(({ args }) => [
      args[0].input.ServiceCode,
      Object.fromEntries((args[0].input.Filters ?? []).map(({ Field, Value }) => [Field, Value])),
    ]);

  /** Every product of one volume type, with the prefix of eu-west-1, which is like no other region's. */
  const GP3 = [
    entry({ usagetype: 'EU-EBS:VolumeUsage.gp3', volumeApiName: 'gp3' }, '0.0880000000', 'GB-Mo'),
    entry({ usagetype: 'EU-EBS:VolumeUsage.gp3-Outposts', volumeApiName: 'gp3' }, '0.2', 'GB-Mo'),
    entry({ usagetype: 'EU-EBS:VolumeP-IOPS.gp3', volumeApiName: 'gp3' }, '0.0055000000', 'IOPS-Mo'),
    entry({ usagetype: 'EU-EBS:VolumeP-Throughput.gp3', volumeApiName: 'gp3' }, '45.056', 'GiBps-mo'),
  ];

  it.each([
    ['gib', '0.088'],
    ['iops', '0.0055'],
    ['gibps', '45.056'],
  ] as const)('%s of a gp3 volume is told from the others', async (unit, price) => {
    pricing.on(GetProductsCommand).resolves({ PriceList: GP3 });
    expect(await book().unit(ebs('gp3', unit))).toBe(usd(price));
    expect(asked()).toEqual([['AmazonEC2', { regionCode: region, volumeApiName: 'gp3' }]]);
  });

  it('of throughput that the list states by the MiB/s is one by the GiB/s', async () => {
    const row = entry({ usagetype: 'EBS:VolumeP-Throughput.gp3' }, '0.0440000000', 'MiBps-Mo');
    pricing.on(GetProductsCommand).resolves({ PriceList: [row] });
    expect(await book().unit(ebs('gp3', 'gibps'))).toBe(usd('45.056'));
  });

  it.each([
    ['gp2', 'EBS:VolumeUsage.gp2'],
    ['io1', 'EBS:VolumeUsage.piops'],
    ['io2', 'EBS:VolumeUsage.io2'],
    ['st1', 'EBS:VolumeUsage.st1'],
    ['sc1', 'EBS:VolumeUsage.sc1'],
    ['standard', 'EBS:VolumeUsage'],
  ] as const)('of a %s volume is found by usage type %s', async (volumeType, usagetype) => {
    pricing.on(GetProductsCommand).resolves({
      PriceList: [
        entry({ usagetype }, '0.05', 'GB-month'),
        entry({ usagetype: 'EBS:VolumeIOUsage' }, '0.00000005', 'IOs'),
        entry({ usagetype: `${usagetype}.other` }, '9.99', 'GB-Mo'),
      ],
    });
    expect(await book().unit(ebs(volumeType, 'gib'))).toBe(usd('0.05'));
  });

  it('of the IOPS of an io2 volume has three tiers', async () => {
    pricing.on(GetProductsCommand).resolves({
      PriceList: [
        entry({ usagetype: 'APN1-EBS:VolumeP-IOPS.io2' }, '0.074', 'IOPS-Mo'),
        entry({ usagetype: 'APN1-EBS:VolumeP-IOPS.io2.tier2' }, '0.0518', 'IOPS-Mo'),
        entry({ usagetype: 'APN1-EBS:VolumeP-IOPS.io2.tier3' }, '0.03626', 'IOPS-Mo'),
      ],
    });
    const { unit } = book();
    expect(await unit(ebs('io2', 'iops'))).toBe(usd('0.074'));
    expect(await unit(ebs('io2', 'iops-tier2'))).toBe(usd('0.0518'));
    expect(await unit(ebs('io2', 'iops-tier3'))).toBe(usd('0.03626'));
  });

  it('that a volume type is not charged by is not asked for', async () => {
    const { unit } = book();
    for (const key of [ebs('gp2', 'iops'), ebs('st1', 'gibps'), ebs('io1', 'iops-tier2')]) {
      expect(await unit(key)).toBeUndefined();
    }
    expect(calls()).toHaveLength(0);
  });

  it('of a NAT gateway is that of one zone, by the hour', async () => {
    pricing.on(GetProductsCommand).resolves({
      PriceList: [
        entry({ usagetype: 'EU-NatGateway-Hours' }, '0.048'),
        entry({ usagetype: 'EU-NatGateway-Bytes' }, '0.047', 'GB'),
        entry({ usagetype: 'EU-RegionalNatGateway-Hours' }, '0.049'),
        entry({ usagetype: 'EU-NatGateway-Prvd-Bytes' }, '0.046', 'GB'),
      ],
    });
    expect(await book().unit({ service: 'nat-gateway', region })).toBe(usd('0.048'));
    expect(asked()).toEqual([['AmazonEC2', { productFamily: 'NAT Gateway', regionCode: region }]]);
  });

  it.each([
    ['application', 'Load Balancer-Application'],
    ['network', 'Load Balancer-Network'],
    ['gateway', 'Load Balancer-Gateway'],
  ] as const)("of an %s load balancer is no trust store's and no Outpost's", async (type, productFamily) => {
    for (const prefix of ['', 'EUC1-', 'EU-']) {
      pricing.on(GetProductsCommand).resolves({
        PriceList: [
          entry({ usagetype: `${prefix}LoadBalancerUsage` }, '0.0252'),
          entry({ usagetype: `${prefix}TS-LoadBalancerUsage` }, '0.0063'),
          entry({ usagetype: `${prefix}Outposts-LoadBalancerUsage` }, '0.09'),
          entry({ usagetype: `${prefix}LCUUsage` }, '0.008', 'LCU-Hrs'),
        ],
      });
      expect(await book().unit(balancer(type))).toBe(usd('0.0252'));
    }
    expect(asked()[0]).toEqual(['AWSELB', { productFamily, regionCode: region }]);
  });

  it('is asked for once a day, and has a name of its own in the ledger', async () => {
    pricing.on(GetProductsCommand).resolves({ PriceList: GP3 });
    const ledger = createMemoryLedger();
    const first = book({ ledger });
    await Promise.all([first.unit(ebs('gp3', 'gib')), first.unit(ebs('gp3', 'gib'))]);
    first.later(24 * HOUR_MS - 1);
    await first.unit(ebs('gp3', 'gib'));
    await book({ ledger }).unit(ebs('gp3', 'gib'));
    expect(calls()).toHaveLength(1);
    expect(await ledger.price('ebs/eu-west-1/gp3/gib')).toEqual({ hourly: usd('0.088'), asOf: NOW });
  });
});

// moto has one price for all, of 2006, so what holds of several is shown here.
describe('a Spot price', () => {
  const client = new EC2Client({ region: 'us-east-1' });
  const KEY: SpotKey = {
    region: 'us-east-1',
    zone: 'us-east-1b',
    instanceType: 'g5.xlarge',
    system: 'Linux',
  };
  const row = (SpotPrice: string, hoursAgo: number, fields: Partial<SpotPrice> = {}): SpotPrice => ({
    InstanceType: 'g5.xlarge',
    AvailabilityZone: 'us-east-1b',
    ProductDescription: 'Linux/UNIX',
    SpotPrice,
    Timestamp: new Date(NOW.getTime() - hoursAgo * HOUR_MS),
    ...fields,
  });
  const asked = () => ec2Api.commandCalls(DescribeSpotPriceHistoryCommand).map(({ args }) => args[0].input);

  it('is the newest one of its zone, type and product, on whatever page it comes', async () => {
    ec2Api
      .on(DescribeSpotPriceHistoryCommand)
      .resolvesOnce({
        SpotPriceHistory: [
          row('0.5', 7),
          row('0.1', 0, { AvailabilityZone: 'us-east-1a' }),
          row('0.2', 0, { InstanceType: 'g5.2xlarge' }),
          row('0.3', 0, { ProductDescription: 'Windows' }),
        ],
        NextToken: 'more',
      })
      .resolvesOnce({ SpotPriceHistory: [row('0.451200', 2), row('0.6', 9)], NextToken: '' });
    expect(await book().spot(KEY, client)).toBe(usd('0.4512'));
    const question = {
      StartTime: NOW,
      ProductDescriptions: ['Linux/UNIX', 'Linux/UNIX (Amazon VPC)'],
      Filters: [
        { Name: 'instance-type', Values: ['g5.xlarge'] },
        { Name: 'availability-zone', Values: ['us-east-1b'] },
      ],
    };
    expect(asked()).toEqual([question, { ...question, NextToken: 'more' }]);
  });

  it.each([
    ['Windows', 'Windows'],
    ['RHEL', 'Red Hat Enterprise Linux'],
    ['SUSE', 'SUSE Linux'],
  ] as const)('of %s is asked for as "%s"', async (system, product) => {
    ec2Api.on(DescribeSpotPriceHistoryCommand).resolves({
      SpotPriceHistory: [Object.assign(row('0.7', 1), { ProductDescription: `${product} (Amazon VPC)` })],
    });
    expect(await book().spot({ ...KEY, system }, client)).toBe(usd('0.7'));
    expect(asked()[0]?.ProductDescriptions).toEqual([product, `${product} (Amazon VPC)`]);
  });

  it.each([
    { what: 'none', history: [] },
    { what: 'a price of zero', history: [row('0.000000', 1)] },
    { what: 'no number', history: [row('cheap', 1)] },
  ])('is unknown, never free, where the history has $what', async ({ history }) => {
    ec2Api.on(DescribeSpotPriceHistoryCommand).resolves({ SpotPriceHistory: history });
    expect(await book().spot(KEY, client)).toBeUndefined();
  });

  it('is asked for once in six hours, by one process and by the next', async () => {
    ec2Api
      .on(DescribeSpotPriceHistoryCommand)
      .resolvesOnce({ SpotPriceHistory: [row('0.45', 1)] })
      .resolves({ SpotPriceHistory: [row('0.47', 0)] });
    const ledger = createMemoryLedger();
    const first = book({ ledger });
    expect(await first.spot(KEY, client)).toBe(usd('0.45'));
    first.later(6 * HOUR_MS - 1);
    expect(await first.spot(KEY, client)).toBe(usd('0.45'));
    expect(await book({ ledger }).spot(KEY, client)).toBe(usd('0.45'));
    first.later(1);
    expect(await first.spot(KEY, client)).toBe(usd('0.47'));
    expect(asked()).toHaveLength(2);
  });

  it('stays the last known one where EC2 refuses', async () => {
    ec2Api.on(DescribeSpotPriceHistoryCommand).resolvesOnce({ SpotPriceHistory: [row('0.45', 1)] });
    const { spot, later, errors } = book();
    await spot(KEY, client);
    later(6 * HOUR_MS);
    const error = awsError('UnauthorizedOperation', 'You are not authorized.');
    ec2Api.on(DescribeSpotPriceHistoryCommand).rejects(error);
    expect(await spot(KEY, client)).toBe(usd('0.45'));
    expect(errors).toEqual([['spot/us-east-1/us-east-1b/g5.xlarge/Linux', error]]);
  });
});

describe('the API', () => {
  it('is asked once for many resources at the same time', async () => {
    pricing.on(GetProductsCommand).resolves({ PriceList: [ec2Row('g5.xlarge', '1.006')] });
    const { hourly } = book();
    const all = await Promise.all(Array.from({ length: 100 }, () => hourly(ec2('g5.xlarge'))));
    expect(new Set(all)).toEqual(new Set([usd('1.006')]));
    expect(calls()).toHaveLength(1);
  });

  it('is asked once in 24 h, by one process and by the next', async () => {
    pricing.on(GetProductsCommand).resolves({ PriceList: [ec2Row('g5.xlarge', '1.006')] });
    const ledger = createMemoryLedger();
    const first = book({ ledger });
    await first.hourly(ec2('g5.xlarge'));
    first.later(24 * HOUR_MS - 1);
    await first.hourly(ec2('g5.xlarge'));
    expect(await book({ ledger }).hourly(ec2('g5.xlarge'))).toBe(usd('1.006'));
    expect(calls()).toHaveLength(1);
  });

  it('is asked again after 24 h, also by a process that lives on', async () => {
    pricing
      .on(GetProductsCommand)
      .resolvesOnce({ PriceList: [ec2Row('g5.xlarge', '1.006')] })
      .resolves({ PriceList: [ec2Row('g5.xlarge', '2')] });
    const { hourly, later } = book();
    expect(await hourly(ec2('g5.xlarge'))).toBe(usd('1.006'));
    later(24 * HOUR_MS);
    expect(await hourly(ec2('g5.xlarge'))).toBe(usd('2'));
    expect(calls()).toHaveLength(2);
  });

  it('is asked once in 24 h for a price that it does not know', async () => {
    pricing.on(GetProductsCommand).resolves({ PriceList: [] });
    const ledger = createMemoryLedger();
    await book({ ledger }).hourly(ec2('g5.xlarge'));
    await book({ ledger }).hourly(ec2('g5.xlarge'));
    expect(calls()).toHaveLength(1);
  });

  it.each([
    ['another region', { ...ec2('g5.xlarge'), region: 'eu-west-1' }],
    ['another type', ec2('g5.2xlarge')],
    ['another system', { ...ec2('g5.xlarge'), system: 'Windows' }],
    ['another service', hosting('g5.xlarge')],
  ] as const)('is asked for %s by itself', async (_, key) => {
    pricing.on(GetProductsCommand).resolves({ PriceList: [] });
    const { hourly } = book();
    await hourly(ec2('g5.xlarge'));
    await hourly(key);
    expect(calls()).toHaveLength(2);
  });

  it('that fails leaves the last known price, however old', async () => {
    const ledger = createMemoryLedger();
    await ledger.savePrice(
      'ec2/us-east-1/g5.xlarge/Linux',
      usd('1.006'),
      new Date(NOW.getTime() - 90 * HOUR_MS),
    );
    const error = awsError('ThrottlingException', 'Rate exceeded');
    pricing.on(GetProductsCommand).rejects(error);
    const { hourly, errors } = book({ ledger });
    expect(await hourly(ec2('g5.xlarge'))).toBe(usd('1.006'));
    expect(errors).toEqual([['ec2/us-east-1/g5.xlarge/Linux', error]]);
  });

  it('that fails where no price was known leaves none, and throws nothing', async () => {
    pricing.on(GetProductsCommand).rejects(awsError('AccessDeniedException', 'no'));
    expect(await book().hourly(ec2('g5.xlarge'))).toBeUndefined();
  });

  it('that failed is asked again, but not for each resource of a sweep', async () => {
    pricing
      .on(GetProductsCommand)
      .rejectsOnce(awsError('ThrottlingException', 'Rate exceeded'))
      .resolves({ PriceList: [ec2Row('g5.xlarge', '1.006')] });
    const { hourly, later } = book();
    expect(await hourly(ec2('g5.xlarge'))).toBeUndefined();
    expect(await hourly(ec2('g5.xlarge'))).toBeUndefined();
    expect(calls()).toHaveLength(1);
    later(5 * 60_000);
    expect(await hourly(ec2('g5.xlarge'))).toBe(usd('1.006'));
  });
});

describe('a price that cannot be one', () => {
  it('is none where no other was known, and people can read of it', async () => {
    pricing.on(GetProductsCommand).resolves({ PriceList: [ec2Row('g5.xlarge', '1000.000001')] });
    const { hourly, errors } = book();
    expect(await hourly(ec2('g5.xlarge'))).toBeUndefined();
    expect(String(errors[0])).toContain('A price of $1,000.00 is not believed.');
    pricing.on(GetProductsCommand).resolves({ PriceList: [ec2Row('g5.xlarge', '1000')] });
    expect(await book().hourly(ec2('g5.xlarge'))).toBe(usd('1000'));
  });

  it('is the last known one where it is more than five times that, until that is forgotten', async () => {
    const ledger = createMemoryLedger();
    pricing.on(GetProductsCommand).resolves({ PriceList: [ec2Row('g5.xlarge', '1')] });
    const { hourly, later, errors } = book({ ledger });
    expect(await hourly(ec2('g5.xlarge'))).toBe(usd('1'));
    pricing.on(GetProductsCommand).resolves({ PriceList: [ec2Row('g5.xlarge', '5.000001')] });
    later(25 * HOUR_MS);
    expect(await hourly(ec2('g5.xlarge'))).toBe(usd('1'));
    expect(String(errors[0])).toContain('A price of $5.00 that was $1.00 is not believed for now.');
    expect((await ledger.price('ec2/us-east-1/g5.xlarge/Linux'))?.asOf).toEqual(NOW);
    pricing.on(GetProductsCommand).resolves({ PriceList: [ec2Row('g5.xlarge', '5')] });
    later(5 * 60_000);
    expect(await hourly(ec2('g5.xlarge'))).toBe(usd('5'));
  });

  it('is never a Spot price for its rise, which may be steep', async () => {
    const client = new EC2Client({ region: 'us-east-1' });
    const key: SpotKey = {
      region: 'us-east-1',
      zone: 'us-east-1b',
      instanceType: 'g5.xlarge',
      system: 'Linux',
    };
    const history = (SpotPrice: string) => ({
      SpotPriceHistory: [
        {
          SpotPrice,
          AvailabilityZone: key.zone,
          InstanceType: 'g5.xlarge' as const,
          ProductDescription: 'Linux/UNIX' as const,
          Timestamp: NOW,
        },
      ],
    });
    ec2Api.on(DescribeSpotPriceHistoryCommand).resolvesOnce(history('0.1')).resolvesOnce(history('0.9'));
    const { spot, later } = book();
    expect(await spot(key, client)).toBe(usd('0.1'));
    later(6 * HOUR_MS);
    expect(await spot(key, client)).toBe(usd('0.9'));
    ec2Api.on(DescribeSpotPriceHistoryCommand).resolves(history('9000'));
    later(6 * HOUR_MS);
    expect(await spot(key, client)).toBe(usd('0.9'));
  });
});

it('a ledger that is out leaves no price, and throws nothing', async () => {
  const out = async () => {
    throw new Error('the table is out');
  };
  const { hourly, errors } = book({ ledger: { price: out, savePrice: out } });
  expect(await hourly(ec2('g5.xlarge'))).toBeUndefined();
  expect(errors).toHaveLength(1);
});
