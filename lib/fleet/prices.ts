import type { Usd } from '../types/money.ts';

/** What EC2 charges by: `PlatformDetails` of the instance as the Pricing API's `operatingSystem`. */
export type Ec2System = 'Linux' | 'Windows' | 'RHEL' | 'SUSE';

/** What one on-demand price is asked by. */
export type PriceKey =
  | {
      readonly service: 'ec2';
      readonly region: string;
      readonly instanceType: string;
      readonly system: Ec2System;
    }
  /** A real-time endpoint's instance; the type carries its `ml.`. */
  | { readonly service: 'sagemaker-hosting'; readonly region: string; readonly instanceType: string };

export interface PriceBook {
  /** USD an hour on demand; `undefined` = unpriced, never free. Never throws. */
  hourly(key: PriceKey): Promise<Usd | undefined>;
}
