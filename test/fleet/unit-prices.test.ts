import { GetProductsCommand, PricingClient } from '@aws-sdk/client-pricing';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import type { UnitKey } from '../../lib/fleet/prices.ts';
import { createPriceBook } from '../../lib/fleet/pricing.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { microUsd, type Usd } from '../../lib/types/money.ts';
import { NOW, usd } from './fixtures.ts';

const pricing = mockClient(PricingClient);
beforeEach(() => {
  pricing.reset();
});

const region = 'eu-west-1';

type Rate = readonly [from: string, price: string];

/** A row as the API writes it, with a rate for each tier. */
const row = (usagetype: string, unit: string, ...rates: readonly (Rate | string)[]) =>
  JSON.stringify({
    product: { attributes: { usagetype } },
    terms: {
      OnDemand: {
        offer: {
          priceDimensions: Object.fromEntries(
            rates.map((rate, index) => {
              const [beginRange, USD] = typeof rate === 'string' ? ['0', rate] : rate;
              return [`code-${index}`, { unit, beginRange, pricePerUnit: { USD } }];
            }),
          ),
        },
      },
    },
  });

function book() {
  const errors: unknown[] = [];
  const ledger = createMemoryLedger();
  const prices = createPriceBook({
    pricing: new PricingClient({ region: 'us-east-1' }),
    ledger,
    now: () => NOW,
    onError: (_, error) => errors.push(error),
  });
  return { ...prices, ledger, errors };
}

const asked = () =>
  pricing
    .commandCalls(GetProductsCommand)
    .map(({ args }) => [
      args[0].input.ServiceCode,
      Object.fromEntries((args[0].input.Filters ?? []).map(({ Field, Value }) => [Field, Value])),
    ]);

interface Case {
  readonly key: UnitKey;
  readonly service: string;
  readonly filters: Readonly<Record<string, string>>;
  readonly rows: readonly string[];
  readonly price: string;
}

const LAMBDA = [
  row('EU-Request', 'Requests', '0.0000002000'),
  row('EU-Request-ARM', 'Requests', '0.0000001900'),
  row('Global-Request', 'Requests', '0.0000000000'),
  row(
    'EU-Lambda-GB-Second',
    'Lambda-GB-Second',
    ['15000000000', '0.0000133334'],
    ['0', '0.0000166667'],
    ['6000000000', '0.0000150000'],
  ),
  row('EU-Lambda-GB-Second-ARM', 'Lambda-GB-Second', ['0', '0.0000133334'], ['7500000000', '0.0000120001']),
  row('Global-Lambda-GB-Second', 'Lambda-GB-Second', '0.0000000000'),
  row('EU-Lambda-Provisioned-GB-Second', 'Lambda-GB-Second', '0.0000097222'),
];
const SNAPSHOTS = [
  row('EU-EBS:SnapshotUsage', 'GB-Mo', '0.05'),
  row('EU-EBS:SnapshotArchiveStorage', 'GB-Mo', '0.0125'),
  row('EU-EBS:SnapshotUsage.outposts', 'GB-Mo', '0.09'),
];
const NAT = [
  row('EU-NatGateway-Hours', 'Hrs', '0.048'),
  row('EU-NatGateway-Bytes', 'GB', '0.047'),
  row('EU-NatGateway-Prvd-Bytes', 'GB', '0.046'),
];
const ADDRESSES = [
  row('EU-PublicIPv4:InUseAddress', 'Hrs', '0.005'),
  row('EU-PublicIPv4:IdleAddress', 'Hrs', '0.006'),
  row('EU-PublicIPv4:ContiguousBlock', 'Hrs', '0.008'),
];
const S3 = [
  row(
    'EU-TimedStorage-ByteHrs',
    'GB-Mo',
    ['0', '0.0230000000'],
    ['51200', '0.0220000000'],
    ['512000', '0.021'],
  ),
  row('EU-TimedStorage-SIA-ByteHrs', 'GB-Mo', '0.0125'),
  row('EU-TimedStorage-INT-FA-ByteHrs', 'GB-Mo', ['0', '0.0231'], ['51200', '0.022']),
  row('EU-TimedStorage-INT-IA-ByteHrs', 'GB-Mo', '0.0126'),
  row('EU-TimedStorage-INT-AIA-ByteHrs', 'GB-Mo', '0.005'),
  row('EU-TimedStorage-GIR-ByteHrs', 'GB-Mo', '0.0051'),
  row('EU-Tables-TimedStorage-ByteHrs', 'GB-Mo', '0.0253'),
  row('EU-Monitoring-Automation-INT', 'Objects', '0.0000025000'),
];
const LOGS = [
  row('EU-TimedStorage-ByteHrs', 'GB-Mo', '0.03'),
  row('EU-DataProcessing-Bytes', 'GB', '0.57'),
  row('EU-DataProcessingIA-Bytes', 'GB', '0.285'),
  row('EU-VendedLog-Bytes', 'GB', ['0', '0.5'], ['10240', '0.25']),
];
const RDS = [
  row('EU-RDS:GP2-Storage', 'GB-Mo', '0.127'),
  row('EU-RDS:GP3-Storage', 'GB-Mo', '0.128'),
  row('EU-RDS:Multi-AZ-GP3-Storage', 'GB-Mo', '0.256'),
  row('EU-RDS:Multi-AZCluster-GP3-Storage', 'GB-Mo', '0.345'),
  row('EU-RDS:PIOPS-Storage', 'GB-Mo', '0.138'),
  row('EU-RDS:PIOPS-Storage-IO2', 'GB-Mo', '0.139'),
  row('EU-RDS:PIOPS', 'IOPS-Mo', '0.11'),
  row('EU-RDS:GP3-PIOPS', 'IOPS-Mo', '0.022'),
];
const ML = [
  row('EU-Host:VolumeUsage.gp2', 'GB-Mo', '0.154'),
  row('EU-Notebk:VolumeUsage.gp2', 'GB-Mo', '0.155'),
  row('EU-Studio:VolumeUsage.gp3', 'GB-Mo', '0.1232'),
  row('EU-UnifiedStudio:VolumeUsage.gp3', 'GB-Mo', '0.2'),
  row('EU-ServerlessInf:Mem-1GB', 'Seconds', '0.0000200000'),
  row('EU-ServerlessInf:Mem-4GB', 'Seconds', '0.0000800000'),
  row('EU-ServerlessInf:ProvisionedConcurrency:Mem-4GB', 'Seconds', '0.0000360000'),
  row('EU-Host:Data-Bytes-In', 'GB', '0.016'),
];

const lambda = (architecture: 'x86_64' | 'arm64', unit: 'requests' | 'gb-seconds', price: string): Case => ({
  key: { service: 'lambda', region, architecture, unit },
  service: 'AWSLambda',
  filters: { productFamily: 'Serverless', regionCode: region },
  rows: LAMBDA,
  price,
});
const s3 = (storageClass: Extract<UnitKey, { service: 's3' }>['storageClass'], price: string): Case => ({
  key: { service: 's3', region, storageClass },
  service: 'AmazonS3',
  filters: { productFamily: 'Storage', regionCode: region },
  rows: S3,
  price,
});
const rds = (
  storageType: 'gp2' | 'gp3' | 'io1' | 'io2',
  unit: 'gib' | 'iops',
  multiAz: boolean,
  price: string,
): Case => ({
  key: { service: 'rds-storage', region, storageType, unit, multiAz },
  service: 'AmazonRDS',
  filters: {
    productFamily: unit === 'gib' ? 'Database Storage' : 'Provisioned IOPS',
    regionCode: region,
    deploymentOption: multiAz ? 'Multi-AZ' : 'Single-AZ',
  },
  rows: RDS,
  price,
});

const CASES: readonly Case[] = [
  lambda('x86_64', 'requests', '0.2'),
  lambda('arm64', 'requests', '0.19'),
  lambda('x86_64', 'gb-seconds', '16.6667'),
  lambda('arm64', 'gb-seconds', '13.3334'),
  ...(
    [
      ['standard', '0.05'],
      ['archive', '0.0125'],
    ] as const
  ).map(
    ([tier, price]): Case => ({
      key: { service: 'ebs-snapshot', region, tier },
      service: 'AmazonEC2',
      filters: { productFamily: 'Storage Snapshot', regionCode: region },
      rows: SNAPSHOTS,
      price,
    }),
  ),
  {
    key: { service: 'nat-gateway-data', region },
    service: 'AmazonEC2',
    filters: { productFamily: 'NAT Gateway', regionCode: region },
    rows: NAT,
    price: '0.047',
  },
  ...(
    [
      ['in-use', '0.005'],
      ['idle', '0.006'],
    ] as const
  ).map(
    ([state, price]): Case => ({
      key: { service: 'public-ipv4', region, state },
      service: 'AmazonVPC',
      filters: { group: 'VPCPublicIPv4Address', regionCode: region },
      rows: ADDRESSES,
      price,
    }),
  ),
  ...(
    [
      ['application', 'Load Balancer-Application', 'LCU-Hrs'],
      ['network', 'Load Balancer-Network', 'Hrs'],
    ] as const
  ).map(
    ([type, productFamily, unit]): Case => ({
      key: { service: 'load-balancer-lcu', region, type },
      service: 'AWSELB',
      filters: { productFamily, regionCode: region },
      rows: [
        row('EU-LCUUsage', unit, '0.008'),
        row('EU-LoadBalancerUsage', 'Hrs', '0.0252'),
        row('EU-ReservedLCUUsage', unit, '0.007'),
      ],
      price: '0.008',
    }),
  ),
  s3('STANDARD', '0.023'),
  s3('STANDARD_IA', '0.0125'),
  s3('INTELLIGENT_TIERING_FREQUENT', '0.0231'),
  s3('INTELLIGENT_TIERING_INFREQUENT', '0.0126'),
  s3('INTELLIGENT_TIERING_ARCHIVE_INSTANT', '0.005'),
  s3('GLACIER_IR', '0.0051'),
  {
    key: { service: 's3-monitoring', region },
    service: 'AmazonS3',
    filters: { regionCode: region },
    rows: S3,
    price: '2.5',
  },
  {
    key: { service: 'logs', region, unit: 'stored' },
    service: 'AmazonCloudWatch',
    filters: { productFamily: 'Storage Snapshot', regionCode: region },
    rows: LOGS,
    price: '0.03',
  },
  {
    key: { service: 'logs', region, unit: 'ingested' },
    service: 'AmazonCloudWatch',
    filters: { productFamily: 'Data Payload', regionCode: region },
    rows: LOGS,
    price: '0.57',
  },
  rds('gp2', 'gib', false, '0.127'),
  rds('gp3', 'gib', false, '0.128'),
  rds('gp3', 'gib', true, '0.256'),
  rds('io1', 'gib', false, '0.138'),
  rds('io2', 'gib', false, '0.139'),
  rds('io1', 'iops', false, '0.11'),
  ...(
    [
      ['hosting', '0.154'],
      ['notebook', '0.155'],
      ['studio', '0.1232'],
    ] as const
  ).map(
    ([use, price]): Case => ({
      key: { service: 'sagemaker-volume', region, use },
      service: 'AmazonSageMaker',
      filters: { productFamily: 'Storage', regionCode: region },
      rows: ML,
      price,
    }),
  ),
  ...(
    [
      [1024, '20'],
      [4096, '80'],
    ] as const
  ).map(
    ([memoryMiB, price]): Case => ({
      key: { service: 'sagemaker-serverless', region, memoryMiB },
      service: 'AmazonSageMaker',
      filters: { productFamily: 'ML Serverless', regionCode: region },
      rows: ML,
      price,
    }),
  ),
  {
    key: { service: 'sagemaker-serverless-data', region },
    service: 'AmazonSageMaker',
    filters: { group: 'Hosting:IN', regionCode: region },
    rows: ML,
    price: '0.016',
  },
];

describe('the price of a unit', () => {
  it.each(CASES.map((one) => [Object.values(one.key).join(' '), one] as const))(
    'of %s is told from those of all other products',
    async (_, { key, service, filters, rows, price }) => {
      pricing.on(GetProductsCommand).resolves({ PriceList: [...rows] });
      const { unit, errors } = book();
      expect(await unit(key)).toBe(usd(price));
      expect(asked()).toEqual([[service, filters]]);
      expect(errors).toEqual([]);
    },
  );

  const gbSeconds: UnitKey = { service: 'lambda', region, architecture: 'x86_64', unit: 'gb-seconds' };

  it.each([
    ['0.0000166667', 16_666_700n],
    ['0.0000000001', 100n],
    ['0.0000000000005', 1n],
    ['0.0000000000004', 0n],
    ['0.000016666666666649', 16_666_667n],
    ['2', 2_000_000_000_000n],
  ])('by the million is rounded after it was multiplied: $%s', async (price, micros) => {
    pricing
      .on(GetProductsCommand)
      .resolves({ PriceList: [row('EU-Lambda-GB-Second', 'Lambda-GB-Second', price)] });
    const { unit, errors } = book();
    const answer = await unit(gbSeconds);
    // What is too dear to be true is not believed, and what rounds to nothing is no price.
    const expected = micros === 0n || micros > 1_000_000_000n ? undefined : microUsd(micros);
    expect(answer).toBe(expected);
    expect(errors).toHaveLength(micros > 1_000_000_000n ? 1 : 0);
  });

  it('by tiers is that of the first which is not free, in whatever order they stand', async () => {
    pricing.on(GetProductsCommand).resolves({
      PriceList: [
        row(
          'EU-TimedStorage-ByteHrs',
          'GB-Mo',
          ['512000', '0.021'],
          ['5', '0.0235'],
          ['0', '0'],
          ['51200', '0.022'],
        ),
      ],
    });
    expect(await book().unit({ service: 's3', region, storageClass: 'STANDARD' })).toBe(usd('0.0235'));
  });

  it('that should have one rate and has several is unknown', async () => {
    pricing.on(GetProductsCommand).resolves({
      PriceList: [row('EU-EBS:SnapshotUsage', 'GB-Mo', ['0', '0.05'], ['100', '0.04'])],
    });
    expect(await book().unit({ service: 'ebs-snapshot', region, tier: 'standard' })).toBeUndefined();
  });

  it('is looked for on every page', async () => {
    pricing
      .on(GetProductsCommand)
      .resolvesOnce({ PriceList: [row('EU-TimedStorage-SIA-ByteHrs', 'GB-Mo', '0.0125')], NextToken: 'more' })
      .resolvesOnce({ PriceList: [row('EU-TimedStorage-ByteHrs', 'GB-Mo', '0.023')] });
    expect(await book().unit({ service: 's3', region, storageClass: 'STANDARD' })).toBe(usd('0.023'));
    const tokens = pricing.commandCalls(GetProductsCommand).map(({ args }) => args[0].input.NextToken);
    expect(tokens).toEqual([undefined, 'more']);
  });

  it('that RDS storage is not charged by is not asked for', async () => {
    const key: UnitKey = { service: 'rds-storage', region, storageType: 'gp3', unit: 'iops', multiAz: false };
    expect(await book().unit(key)).toBeUndefined();
    expect(asked()).toEqual([]);
  });

  it('has a name of its own in the ledger, however its key was written', async () => {
    pricing.on(GetProductsCommand).resolves({ PriceList: [...RDS] });
    const { unit, ledger } = book();
    const price = await unit({
      multiAz: true,
      unit: 'gib',
      storageType: 'gp3',
      region,
      service: 'rds-storage',
    });
    const kept = await ledger.price('rds-storage/eu-west-1/gp3/gib/multi-az');
    expect<Usd | undefined>(kept?.hourly).toBe(price);
    expect(price).toBe(usd('0.256'));
  });
});

it('batch transform is told from the other uses of an instance', async () => {
  const ml = (usagetype: string, attributes: object, price: string) =>
    JSON.stringify({
      product: { attributes: { usagetype, ...attributes } },
      terms: {
        OnDemand: { offer: { priceDimensions: { rate: { unit: 'Hrs', pricePerUnit: { USD: price } } } } },
      },
    });
  pricing.on(GetProductsCommand).resolves({
    PriceList: [
      ml('EU-Host:ml.m5.xlarge', { component: 'Hosting' }, '0.257'),
      ml('EU-Tsform:ml.m5.xlarge', {}, '0.258'),
      ml('EU-Processing:ml.m5.xlarge', {}, '0.259'),
    ],
  });
  const { hourly } = book();
  expect(await hourly({ service: 'sagemaker-transform', region, instanceType: 'ml.m5.xlarge' })).toBe(
    usd('0.258'),
  );
});
