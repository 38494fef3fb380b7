import type { Question } from './price-questions.ts';
import type {
  EbsUnit,
  EbsVolumeType,
  LoadBalancerType,
  RdsStorageType,
  S3StorageClass,
  SageMakerVolumeUse,
  SnapshotTier,
  UnitKey,
} from './prices.ts';

/**
 * Usage types carry a prefix of their region but in us-east-1: `EUC1-`, and `EU-` in eu-west-1. It must look like one:
 * `TS-LoadBalancerUsage` is the hour of a trust store, at a fourth of a load balancer's price.
 */
const REGION_PREFIX = /^(?:EU-|[A-Z]+\d-)?/;

const isUsage = (usagetype: string | undefined, usages: readonly string[]): boolean =>
  usages.includes((usagetype ?? '').replace(REGION_PREFIX, ''));

/**
 * What is asked of the price list for one unit; `undefined` where that type of volume is not charged by it.
 *
 * Sources: the price list's own rows, as the AWS Price List offer files of EC2, VPC, ELB, S3, Lambda, RDS, CloudWatch
 * and SageMaker name them, and the usage types in “Understanding your AWS billing and usage reports” of S3 and RDS. What
 * no row of the list could be found for is marked (unverified): where the list names it otherwise, it stays unpriced.
 */
export function unitQuestion(key: UnitKey): Question | undefined {
  const { region } = key;
  switch (key.service) {
    case 'ebs': {
      const usages = ebsUsages(key.volumeType, key.unit);
      if (usages === undefined) return undefined;
      return {
        ServiceCode: 'AmazonEC2',
        filters: { regionCode: key.region, volumeApiName: key.volumeType },
        accepts: ({ usagetype }) => isUsage(usagetype, usages),
        perUnit: EBS_UNITS[key.unit],
      };
    }
    case 'ebs-snapshot':
      return {
        ServiceCode: 'AmazonEC2',
        filters: { productFamily: 'Storage Snapshot', regionCode: region },
        accepts: ({ usagetype }) => isUsage(usagetype, [SNAPSHOTS[key.tier]]),
        perUnit: gibMonth,
      };
    case 'nat-gateway':
      return {
        ServiceCode: 'AmazonEC2',
        filters: { productFamily: 'NAT Gateway', regionCode: key.region },
        accepts: ({ usagetype }) => isUsage(usagetype, ['NatGateway-Hours']),
      };
    case 'nat-gateway-data':
      return {
        ServiceCode: 'AmazonEC2',
        filters: { productFamily: 'NAT Gateway', regionCode: region },
        accepts: ({ usagetype }) => isUsage(usagetype, ['NatGateway-Bytes']),
        perUnit: gigabyte,
      };
    case 'load-balancer':
      return {
        ServiceCode: 'AWSELB',
        filters: { productFamily: BALANCER_FAMILIES[key.type], regionCode: key.region },
        accepts: ({ usagetype }) => isUsage(usagetype, ['LoadBalancerUsage']),
      };
    case 'load-balancer-lcu':
      return {
        ServiceCode: 'AWSELB',
        filters: { productFamily: BALANCER_FAMILIES[key.type], regionCode: region },
        accepts: ({ usagetype }) => isUsage(usagetype, ['LCUUsage']),
        perUnit: capacityHour,
      };
    case 'public-ipv4':
      return {
        ServiceCode: 'AmazonVPC',
        filters: { group: 'VPCPublicIPv4Address', regionCode: region },
        accepts: ({ usagetype }) =>
          isUsage(usagetype, [key.state === 'idle' ? 'PublicIPv4:IdleAddress' : 'PublicIPv4:InUseAddress']),
      };
    case 's3':
      return {
        ServiceCode: 'AmazonS3',
        filters: { productFamily: 'Storage', regionCode: region },
        accepts: ({ usagetype }) => isUsage(usagetype, [S3_USAGES[key.storageClass]]),
        perUnit: gibMonth,
        tiered: true,
      };
    case 's3-monitoring':
      // Its product family is not known for sure (unverified): all of the region's rows are read.
      return {
        ServiceCode: 'AmazonS3',
        filters: { regionCode: region },
        accepts: ({ usagetype }) => isUsage(usagetype, ['Monitoring-Automation-INT']),
        perUnit: (unit) => (/^objects?(?:-mo(?:nth)?)?$/i.test(unit) ? MILLION : undefined),
        tiered: true,
      };
    case 'logs':
      return {
        ServiceCode: 'AmazonCloudWatch',
        filters: { productFamily: LOGS[key.unit].family, regionCode: region },
        accepts: ({ usagetype }) => isUsage(usagetype, [LOGS[key.unit].usage]),
        perUnit: LOGS[key.unit].perUnit,
        tiered: true,
      };
    case 'lambda': {
      const suffix = key.architecture === 'arm64' ? '-ARM' : '';
      const usage = `${key.unit === 'requests' ? 'Request' : 'Lambda-GB-Second'}${suffix}`;
      return {
        ServiceCode: 'AWSLambda',
        filters: { productFamily: 'Serverless', regionCode: region },
        accepts: ({ usagetype }) => isUsage(usagetype, [usage]),
        perUnit: key.unit === 'requests' ? requests : gbSeconds,
        tiered: true,
      };
    }
    case 'rds-storage': {
      const usage = RDS_USAGES[key.storageType][key.unit];
      if (usage === undefined) return undefined;
      return {
        ServiceCode: 'AmazonRDS',
        filters: {
          productFamily: key.unit === 'gib' ? 'Database Storage' : 'Provisioned IOPS',
          regionCode: region,
          deploymentOption: key.multiAz ? 'Multi-AZ' : 'Single-AZ',
        },
        accepts: ({ usagetype, locationType }) =>
          isUsage(usagetype, [`RDS:${key.multiAz ? 'Multi-AZ-' : ''}${usage}`]) &&
          (locationType === undefined || locationType === 'AWS Region'),
        perUnit: key.unit === 'gib' ? gibMonth : iopsMonth,
      };
    }
    case 'sagemaker-volume':
      return {
        ServiceCode: 'AmazonSageMaker',
        filters: { productFamily: 'Storage', regionCode: region },
        accepts: ({ usagetype }) => isUsage(usagetype, [ML_VOLUMES[key.use]]),
        perUnit: gibMonth,
      };
    case 'sagemaker-serverless':
      return {
        ServiceCode: 'AmazonSageMaker',
        filters: { productFamily: 'ML Serverless', regionCode: region },
        accepts: ({ usagetype }) => isUsage(usagetype, [`ServerlessInf:Mem-${key.memoryMiB / 1024}GB`]),
        perUnit: (unit) => (/^sec(?:ond)?s?$/i.test(unit) ? MILLION : undefined),
      };
    case 'sagemaker-serverless-data':
      // The list has one price of data for endpoints of both sorts, in and out (unverified of serverless ones).
      return {
        ServiceCode: 'AmazonSageMaker',
        filters: { group: 'Hosting:IN', regionCode: region },
        accepts: ({ usagetype = '' }) => /(?:^|[:-])Data-Bytes-In$/.test(usagetype),
        perUnit: gigabyte,
      };
  }
}

const MILLION = 1_000_000n;

/** The list writes both `GB-Mo` and `GB-month` for a month of 1 GiB. */
const gibMonth = (unit: string): bigint | undefined => (/^gi?b-mo(nth)?$/i.test(unit) ? 1n : undefined);
const gigabyte = (unit: string): bigint | undefined => (/^(?:gi?b|gigabytes?)$/i.test(unit) ? 1n : undefined);
/** `LCU-Hrs`; in some regions `Hrs` alone. */
const capacityHour = (unit: string): bigint | undefined =>
  /^(?:[ng]?lcu-?)?(?:hrs?|hours?)$/i.test(unit) ? 1n : undefined;
const requests = (unit: string): bigint | undefined => (/^requests?$/i.test(unit) ? MILLION : undefined);
const gbSeconds = (unit: string): bigint | undefined =>
  /^(?:lambda-)?gb-seconds?$/i.test(unit) ? MILLION : undefined;

const SNAPSHOTS: Readonly<Record<SnapshotTier, string>> = {
  standard: 'EBS:SnapshotUsage',
  archive: 'EBS:SnapshotArchiveStorage',
};

/** S3 User Guide, “Understanding your AWS billing and usage reports for Amazon S3”. */
const S3_USAGES: Readonly<Record<S3StorageClass, string>> = {
  STANDARD: 'TimedStorage-ByteHrs',
  STANDARD_IA: 'TimedStorage-SIA-ByteHrs',
  ONEZONE_IA: 'TimedStorage-ZIA-ByteHrs',
  INTELLIGENT_TIERING_FREQUENT: 'TimedStorage-INT-FA-ByteHrs',
  INTELLIGENT_TIERING_INFREQUENT: 'TimedStorage-INT-IA-ByteHrs',
  INTELLIGENT_TIERING_ARCHIVE_INSTANT: 'TimedStorage-INT-AIA-ByteHrs',
  GLACIER_IR: 'TimedStorage-GIR-ByteHrs',
  GLACIER: 'TimedStorage-GlacierByteHrs',
  DEEP_ARCHIVE: 'TimedStorage-GDA-ByteHrs',
};

/** Ingestion into the Infrequent Access class and vended logs are products of their own. */
const LOGS = {
  stored: { family: 'Storage Snapshot', usage: 'TimedStorage-ByteHrs', perUnit: gibMonth },
  ingested: { family: 'Data Payload', usage: 'DataProcessing-Bytes', perUnit: gigabyte },
} as const;

/** After `RDS:`, and `Multi-AZ-` where there is a standby. IOPS above what gp3 includes are not asked for. */
const RDS_USAGES: Readonly<Record<RdsStorageType, { readonly gib: string; readonly iops?: string }>> = {
  gp2: { gib: 'GP2-Storage' },
  gp3: { gib: 'GP3-Storage' },
  io1: { gib: 'PIOPS-Storage', iops: 'PIOPS' },
  io2: { gib: 'PIOPS-Storage-IO2', iops: 'IO2-PIOPS' },
  standard: { gib: 'StorageUsage' },
};

/** The names for training and processing are like those of the others (unverified). */
const ML_VOLUMES: Readonly<Record<SageMakerVolumeUse, string>> = {
  hosting: 'Host:VolumeUsage.gp2',
  notebook: 'Notebk:VolumeUsage.gp2',
  training: 'Train:VolumeUsage.gp2',
  processing: 'Processing:VolumeUsage.gp2',
  studio: 'Studio:VolumeUsage.gp3',
};

const BALANCER_FAMILIES: Readonly<Record<LoadBalancerType, string>> = {
  application: 'Load Balancer-Application',
  network: 'Load Balancer-Network',
  gateway: 'Load Balancer-Gateway',
};

/** How usage types name the volume types: `EBS:VolumeUsage.gp3`, `EBS:VolumeUsage` for `standard`. */
const EBS_NAMES: Readonly<Record<EbsVolumeType, string>> = {
  gp2: '.gp2',
  gp3: '.gp3',
  io1: '.piops',
  io2: '.io2',
  st1: '.st1',
  sc1: '.sc1',
  standard: '',
};

function ebsUsages(volumeType: EbsVolumeType, unit: EbsUnit): readonly string[] | undefined {
  const name = EBS_NAMES[volumeType];
  switch (unit) {
    case 'gib':
      return [`EBS:VolumeUsage${name}`];
    case 'iops':
      return ['gp3', 'io1', 'io2'].includes(volumeType) ? [`EBS:VolumeP-IOPS${name}`] : undefined;
    case 'iops-tier2':
      return volumeType === 'io2' ? ['EBS:VolumeP-IOPS.io2.tier2'] : undefined;
    case 'iops-tier3':
      return volumeType === 'io2' ? ['EBS:VolumeP-IOPS.io2.tier3'] : undefined;
    case 'gibps':
      return volumeType === 'gp3' ? ['EBS:VolumeP-Throughput.gp3'] : undefined;
  }
}

const iopsMonth = (unit: string): bigint | undefined => (/^iops-mo(nth)?$/i.test(unit) ? 1n : undefined);

/** Throughput is `GiBps-mo` in the list. */
const EBS_UNITS: Readonly<Record<EbsUnit, (unit: string) => bigint | undefined>> = {
  gib: gibMonth,
  iops: iopsMonth,
  'iops-tier2': iopsMonth,
  'iops-tier3': iopsMonth,
  gibps: (unit) => {
    if (/^gibps-mo(nth)?$/i.test(unit)) return 1n;
    return /^mibps-mo(nth)?$/i.test(unit) ? 1024n : undefined;
  },
};
