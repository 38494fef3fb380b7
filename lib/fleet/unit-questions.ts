import type { Question } from './price-questions.ts';
import type { EbsUnit, EbsVolumeType, LoadBalancerType, UnitKey } from './prices.ts';

/**
 * Usage types carry a prefix of their region but in us-east-1: `EUC1-`, and `EU-` in eu-west-1. It must look like one:
 * `TS-LoadBalancerUsage` is the hour of a trust store, at a fourth of a load balancer's price.
 */
const REGION_PREFIX = /^(?:EU-|[A-Z]+\d-)?/;

const isUsage = (usagetype: string | undefined, usages: readonly string[]): boolean =>
  usages.includes((usagetype ?? '').replace(REGION_PREFIX, ''));

/** What is asked of the price list for one unit; `undefined` where that type of volume is not charged by it. */
export function unitQuestion(key: UnitKey): Question | undefined {
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
    case 'nat-gateway':
      return {
        ServiceCode: 'AmazonEC2',
        filters: { productFamily: 'NAT Gateway', regionCode: key.region },
        accepts: ({ usagetype }) => isUsage(usagetype, ['NatGateway-Hours']),
      };
    case 'load-balancer':
      return {
        ServiceCode: 'AWSELB',
        filters: { productFamily: BALANCER_FAMILIES[key.type], regionCode: key.region },
        accepts: ({ usagetype }) => isUsage(usagetype, ['LoadBalancerUsage']),
      };
    case 'ebs-snapshot':
    case 'nat-gateway-data':
    case 'load-balancer-lcu':
    case 'public-ipv4':
    case 's3':
    case 's3-monitoring':
    case 'logs':
    case 'lambda':
    case 'rds-storage':
    case 'sagemaker-volume':
    case 'sagemaker-serverless':
    case 'sagemaker-serverless-data':
      return undefined;
  }
}

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

/** The list writes both `GB-Mo` and `GB-month` for a month of 1 GiB; throughput is `GiBps-mo` in it. */
const EBS_UNITS: Readonly<Record<EbsUnit, (unit: string) => bigint | undefined>> = {
  gib: (unit) => (/^gi?b-mo(nth)?$/i.test(unit) ? 1n : undefined),
  iops: iopsMonth,
  'iops-tier2': iopsMonth,
  'iops-tier3': iopsMonth,
  gibps: (unit) => {
    if (/^gibps-mo(nth)?$/i.test(unit)) return 1n;
    return /^mibps-mo(nth)?$/i.test(unit) ? 1024n : undefined;
  },
};
