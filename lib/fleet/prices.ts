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

export interface PriceBook {
  /** USD an hour on demand; `undefined` = unpriced, never free. Never throws. */
  hourly(key: PriceKey): Promise<Usd | undefined>;
}
