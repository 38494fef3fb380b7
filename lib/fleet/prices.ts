import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Usd } from '../types/money.ts';

/** What EC2 charges by: `PlatformDetails` of the instance as the Pricing API's `operatingSystem`. */
export type Ec2System = 'Linux' | 'Windows' | 'RHEL' | 'SUSE';

/**
 * What SageMaker charges an instance for: the same type has another price for each. Studio's applications are
 * products of their own as well: JupyterLab and Code Editor spaces, and the kernels of Studio Classic.
 */
export type SageMakerUse =
  | 'sagemaker-hosting'
  | 'sagemaker-notebook'
  | 'sagemaker-studio-jupyterlab'
  | 'sagemaker-studio-codeeditor'
  | 'sagemaker-studio-kernelgateway'
  | 'sagemaker-training'
  | 'sagemaker-processing'
  /** Batch transform. */
  | 'sagemaker-transform';

/** What one on-demand price is asked by. */
export type PriceKey =
  | {
      readonly service: 'ec2';
      readonly region: string;
      readonly instanceType: string;
      readonly system: Ec2System;
    }
  /** An instance of SageMaker; the type carries its `ml.`. */
  | { readonly service: SageMakerUse; readonly region: string; readonly instanceType: string }
  /** A database instance; `engine` as RDS names it, such as `postgres`. */
  | {
      readonly service: 'rds';
      readonly region: string;
      readonly instanceType: string;
      readonly engine: string;
      readonly multiAz: boolean;
    };

/** EBS volume types, as EC2 names them. */
export type EbsVolumeType = 'gp2' | 'gp3' | 'io1' | 'io2' | 'st1' | 'sc1' | 'standard';

/**
 * What is charged of a volume, each for a month: a GiB; one of its provisioned IOPS (`io2` has three prices: up to
 * 32,000, up to 64,000, above); a GiB/s of provisioned throughput.
 */
export type EbsUnit = 'gib' | 'iops' | 'iops-tier2' | 'iops-tier3' | 'gibps';

export type LoadBalancerType = 'application' | 'network' | 'gateway';

export type SnapshotTier = 'standard' | 'archive';

/** What Amazon S3 stores, by its storage classes; of Intelligent-Tiering each access tier that it moves objects between. */
export type S3StorageClass =
  | 'STANDARD'
  | 'STANDARD_IA'
  | 'ONEZONE_IA'
  | 'INTELLIGENT_TIERING_FREQUENT'
  | 'INTELLIGENT_TIERING_INFREQUENT'
  | 'INTELLIGENT_TIERING_ARCHIVE_INSTANT'
  | 'GLACIER_IR'
  | 'GLACIER'
  | 'DEEP_ARCHIVE';

/** x86_64 or Graviton, as Lambda and EC2 name them. */
export type Architecture = 'x86_64' | 'arm64';

export type RdsStorageType = 'gp2' | 'gp3' | 'io1' | 'io2' | 'standard';

/** What an ML storage volume is charged as. */
export type SageMakerVolumeUse = 'hosting' | 'notebook' | 'training' | 'processing' | 'studio';

/** MiB of memory of a serverless endpoint; no other sizes exist. */
export type ServerlessMemory = 1024 | 2048 | 3072 | 4096 | 5120 | 6144;

/** What the price of one unit is asked by. */
export type UnitKey =
  | {
      readonly service: 'ebs';
      readonly region: string;
      readonly volumeType: EbsVolumeType;
      readonly unit: EbsUnit;
    }
  /** A month of one GiB of snapshots. */
  | { readonly service: 'ebs-snapshot'; readonly region: string; readonly tier: SnapshotTier }
  /** An hour of a NAT gateway of one Availability Zone. */
  | { readonly service: 'nat-gateway'; readonly region: string }
  /** One GB that a NAT gateway processes. */
  | { readonly service: 'nat-gateway-data'; readonly region: string }
  /** An hour of a load balancer. */
  | { readonly service: 'load-balancer'; readonly region: string; readonly type: LoadBalancerType }
  /** An hour of one capacity unit of a load balancer (LCU, NLCU, GLCU). */
  | { readonly service: 'load-balancer-lcu'; readonly region: string; readonly type: LoadBalancerType }
  /** An hour of a public IPv4 address: `idle` where it is associated with nothing that runs. */
  | { readonly service: 'public-ipv4'; readonly region: string; readonly state: 'in-use' | 'idle' }
  /** A month of one GiB, at the price of the first tier of volume. */
  | { readonly service: 's3'; readonly region: string; readonly storageClass: S3StorageClass }
  /** A month of a **million** objects that Intelligent-Tiering watches. */
  | { readonly service: 's3-monitoring'; readonly region: string }
  /** CloudWatch Logs: a month of one GiB `stored`, or one GB `ingested` in the Standard class. */
  | { readonly service: 'logs'; readonly region: string; readonly unit: 'stored' | 'ingested' }
  /** Lambda: a **million** `requests`, or a **million** `gb-seconds` at the price of the first tier. */
  | {
      readonly service: 'lambda';
      readonly region: string;
      readonly architecture: Architecture;
      readonly unit: 'requests' | 'gb-seconds';
    }
  /** Storage of a database: a month of one GiB or of one provisioned IOPS (`io1`, `io2`). Not Aurora. */
  | {
      readonly service: 'rds-storage';
      readonly region: string;
      readonly storageType: RdsStorageType;
      readonly unit: 'gib' | 'iops';
      readonly multiAz: boolean;
    }
  /** A month of one GiB of an ML storage volume. */
  | { readonly service: 'sagemaker-volume'; readonly region: string; readonly use: SageMakerVolumeUse }
  /** A **million** seconds of a serverless endpoint of that memory. */
  | {
      readonly service: 'sagemaker-serverless';
      readonly region: string;
      readonly memoryMiB: ServerlessMemory;
    }
  /** One GB that a serverless endpoint takes in or gives out. */
  | { readonly service: 'sagemaker-serverless-data'; readonly region: string };

/** What one Spot price is asked by. */
export interface SpotKey {
  readonly region: string;
  /** The name of the Availability Zone, such as `us-east-1a`. */
  readonly zone: string;
  readonly instanceType: string;
  readonly system: Ec2System;
}

export interface PriceBook {
  /** USD an hour on demand; `undefined` = unpriced, never free. Never throws. */
  hourly(key: PriceKey): Promise<Usd | undefined>;
  /**
   * USD a unit as the price list states it, so that it is rounded once, after it was multiplied; `undefined` =
   * unpriced, never free. Never throws.
   */
  unit(key: UnitKey): Promise<Usd | undefined>;
  /**
   * USD an hour of a Spot instance now, asked by the EC2 of its region; `undefined` = unpriced, never free. Never
   * throws.
   */
  spot(key: SpotKey, ec2: EC2Client): Promise<Usd | undefined>;
}
