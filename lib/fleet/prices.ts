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
  | 'sagemaker-processing';

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

/** What the price of one unit is asked by. */
export type UnitKey =
  | {
      readonly service: 'ebs';
      readonly region: string;
      readonly volumeType: EbsVolumeType;
      readonly unit: EbsUnit;
    }
  /** An hour of a NAT gateway of one Availability Zone. */
  | { readonly service: 'nat-gateway'; readonly region: string }
  /** An hour of a load balancer. */
  | { readonly service: 'load-balancer'; readonly region: string; readonly type: LoadBalancerType };

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
