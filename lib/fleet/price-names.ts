import { assertNever } from '../types/assert-never.ts';
import { EBS_VOLUME_TYPES } from './ebs-charges.ts';
import type {
  Architecture,
  EbsUnit,
  Ec2System,
  LoadBalancerType,
  PriceKey,
  RdsStorageType,
  S3StorageClass,
  SageMakerUse,
  SageMakerVolumeUse,
  ServerlessMemory,
  SnapshotTier,
  UnitKey,
} from './prices.ts';

/** What any listed price is asked by: an hour of an instance, or one unit of something else. */
export type AnyPriceKey =
  | { readonly per: 'hour'; readonly key: PriceKey }
  | { readonly per: 'unit'; readonly key: UnitKey };

/**
 * The name of a price, the same in the ledger and in price files but for where the region stands:
 * `ec2/us-east-1/g5.xlarge/Linux`, `nat-gateway/us-east-1`.
 */
export function priceName(key: PriceKey | UnitKey): string {
  const { service, region } = key;
  return [service, region, ...partsOf(key)].join('/');
}

/** The name of a price within its region: `ec2/g5.xlarge/Linux`, `nat-gateway`. */
export const nameInRegion = (key: PriceKey | UnitKey): string => [key.service, ...partsOf(key)].join('/');

/** What stands after service and region, in the order of the name. */
function partsOf(key: PriceKey | UnitKey): readonly (string | number | boolean)[] {
  switch (key.service) {
    case 'ec2':
      return [key.instanceType, key.system];
    case 'sagemaker-hosting':
    case 'sagemaker-notebook':
    case 'sagemaker-studio-jupyterlab':
    case 'sagemaker-studio-codeeditor':
    case 'sagemaker-studio-kernelgateway':
    case 'sagemaker-training':
    case 'sagemaker-processing':
    case 'sagemaker-transform':
      return [key.instanceType];
    case 'rds':
      return [key.instanceType, key.engine, zones(key.multiAz)];
    case 'ebs':
      return [key.volumeType, key.unit];
    case 'ebs-snapshot':
      return [key.tier];
    case 'nat-gateway':
    case 'nat-gateway-data':
    case 's3-monitoring':
    case 'sagemaker-serverless-data':
      return [];
    case 'load-balancer':
    case 'load-balancer-lcu':
      return [key.type];
    case 'public-ipv4':
      return [key.state];
    case 's3':
      return [key.storageClass];
    case 'logs':
      return [key.unit];
    case 'lambda':
      return [key.architecture, key.unit];
    case 'rds-storage':
      return [key.storageType, key.unit, zones(key.multiAz)];
    case 'sagemaker-volume':
      return [key.use];
    case 'sagemaker-serverless':
      return [key.memoryMiB];
    default:
      return assertNever(key);
  }
}

const zones = (multiAz: boolean): Zones => (multiAz ? 'multi-az' : 'single-az');

type Zones = 'single-az' | 'multi-az';

/** One of some words, or any text of a form. */
type Part = readonly string[] | { readonly named: string; readonly form: RegExp };

const TYPE: Part = { named: 'instance type', form: /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/ };
const ML_TYPE: Part = { named: 'ml. instance type', form: /^ml\.[a-z][a-z0-9-]*\.[a-z0-9-]+$/ };
const DB_CLASS: Part = { named: 'db. instance class', form: /^db\.[a-z][a-z0-9-]*\.[a-z0-9-]+$/ };
const ENGINE: Part = { named: 'engine', form: /^[a-z][a-z0-9-]*$/ };

const SYSTEMS = ['Linux', 'Windows', 'RHEL', 'SUSE'] as const satisfies readonly Ec2System[];
const ML_USES = [
  'sagemaker-hosting',
  'sagemaker-notebook',
  'sagemaker-studio-jupyterlab',
  'sagemaker-studio-codeeditor',
  'sagemaker-studio-kernelgateway',
  'sagemaker-training',
  'sagemaker-processing',
  'sagemaker-transform',
] as const satisfies readonly SageMakerUse[];
const EBS_UNITS = ['gib', 'iops', 'iops-tier2', 'iops-tier3', 'gibps'] as const satisfies readonly EbsUnit[];
const TIERS = ['standard', 'archive'] as const satisfies readonly SnapshotTier[];
const BALANCERS = ['application', 'network', 'gateway'] as const satisfies readonly LoadBalancerType[];
const ADDRESSES = ['in-use', 'idle'] as const;
const CLASSES = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING_FREQUENT',
  'INTELLIGENT_TIERING_INFREQUENT',
  'INTELLIGENT_TIERING_ARCHIVE_INSTANT',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
] as const satisfies readonly S3StorageClass[];
const LOG_UNITS = ['stored', 'ingested'] as const;
const ARCHITECTURES = ['x86_64', 'arm64'] as const satisfies readonly Architecture[];
const LAMBDA_UNITS = ['requests', 'gb-seconds'] as const;
const STORAGE = ['gp2', 'gp3', 'io1', 'io2', 'standard'] as const satisfies readonly RdsStorageType[];
const STORAGE_UNITS = ['gib', 'iops'] as const;
const ZONES = ['single-az', 'multi-az'] as const satisfies readonly Zones[];
const VOLUME_USES = [
  'hosting',
  'notebook',
  'training',
  'processing',
  'studio',
] as const satisfies readonly SageMakerVolumeUse[];
const MEMORIES = [1024, 2048, 3072, 4096, 5120, 6144] as const satisfies readonly ServerlessMemory[];

/** What stands after the service in a name within a region. */
const FORMS: Readonly<Record<(PriceKey | UnitKey)['service'], readonly Part[]>> = {
  ec2: [TYPE, SYSTEMS],
  'sagemaker-hosting': [ML_TYPE],
  'sagemaker-notebook': [ML_TYPE],
  'sagemaker-studio-jupyterlab': [ML_TYPE],
  'sagemaker-studio-codeeditor': [ML_TYPE],
  'sagemaker-studio-kernelgateway': [ML_TYPE],
  'sagemaker-training': [ML_TYPE],
  'sagemaker-processing': [ML_TYPE],
  'sagemaker-transform': [ML_TYPE],
  rds: [DB_CLASS, ENGINE, ZONES],
  ebs: [EBS_VOLUME_TYPES, EBS_UNITS],
  'ebs-snapshot': [TIERS],
  'nat-gateway': [],
  'nat-gateway-data': [],
  'load-balancer': [BALANCERS],
  'load-balancer-lcu': [BALANCERS],
  'public-ipv4': [ADDRESSES],
  s3: [CLASSES],
  's3-monitoring': [],
  logs: [LOG_UNITS],
  lambda: [ARCHITECTURES, LAMBDA_UNITS],
  'rds-storage': [STORAGE, STORAGE_UNITS, ZONES],
  'sagemaker-volume': [VOLUME_USES],
  'sagemaker-serverless': [MEMORIES.map(String)],
  'sagemaker-serverless-data': [],
};

/** Every service that a name may start with. */
export const PRICED_SERVICES: readonly string[] = Object.keys(FORMS);

/** How the names of a service are written: `ec2/<instance type>/Linux|Windows|RHEL|SUSE`; `undefined` of no service. */
export function formOf(service: string): string | undefined {
  const parts = Object.entries(FORMS).find(([one]) => one === service)?.[1];
  if (parts === undefined) return undefined;
  return [service, ...parts.map((part) => ('named' in part ? `<${part.named}>` : part.join('|')))].join('/');
}

/** What a name within a region stands for; `undefined` where it is not of the form of any. */
export function keyOfName(region: string, name: string): AnyPriceKey | undefined {
  const [service = '', ...parts] = name.split('/');
  const form = Object.entries(FORMS).find(([one]) => one === service)?.[1];
  if (form === undefined || form.length !== parts.length) return undefined;
  const [first = '', second = '', third = ''] = parts;
  const fits = form.every((part, index) => {
    const text = parts[index] ?? '';
    return 'named' in part ? part.form.test(text) : part.includes(text);
  });
  if (!fits) return undefined;
  const mlUse = word(ML_USES, service);
  if (mlUse !== undefined) return hour({ service: mlUse, region, instanceType: first });
  switch (service) {
    case 'ec2': {
      const system = word(SYSTEMS, second);
      return system && hour({ service, region, instanceType: first, system });
    }
    case 'rds':
      return hour({ service, region, instanceType: first, engine: second, multiAz: third === 'multi-az' });
    case 'ebs': {
      const [volumeType, of] = [word(EBS_VOLUME_TYPES, first), word(EBS_UNITS, second)];
      return volumeType && of && unit({ service, region, volumeType, unit: of });
    }
    case 'ebs-snapshot': {
      const tier = word(TIERS, first);
      return tier && unit({ service, region, tier });
    }
    case 'nat-gateway':
    case 'nat-gateway-data':
    case 's3-monitoring':
    case 'sagemaker-serverless-data':
      return unit({ service, region });
    case 'load-balancer':
    case 'load-balancer-lcu': {
      const type = word(BALANCERS, first);
      return type && unit({ service, region, type });
    }
    case 'public-ipv4': {
      const state = word(ADDRESSES, first);
      return state && unit({ service, region, state });
    }
    case 's3': {
      const storageClass = word(CLASSES, first);
      return storageClass && unit({ service, region, storageClass });
    }
    case 'logs': {
      const of = word(LOG_UNITS, first);
      return of && unit({ service, region, unit: of });
    }
    case 'lambda': {
      const [architecture, of] = [word(ARCHITECTURES, first), word(LAMBDA_UNITS, second)];
      return architecture && of && unit({ service, region, architecture, unit: of });
    }
    case 'rds-storage': {
      const [storageType, of] = [word(STORAGE, first), word(STORAGE_UNITS, second)];
      return (
        storageType && of && unit({ service, region, storageType, unit: of, multiAz: third === 'multi-az' })
      );
    }
    case 'sagemaker-volume': {
      const use = word(VOLUME_USES, first);
      return use && unit({ service, region, use });
    }
    case 'sagemaker-serverless': {
      const memoryMiB = MEMORIES.find((one) => `${one}` === first);
      return memoryMiB && unit({ service, region, memoryMiB });
    }
    default:
      return undefined;
  }
}

const hour = (key: PriceKey): AnyPriceKey => ({ per: 'hour', key });
const unit = (key: UnitKey): AnyPriceKey => ({ per: 'unit', key });

const word = <T extends string>(words: readonly T[], text: string): T | undefined =>
  words.find((one) => one === text);
