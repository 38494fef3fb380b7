import type { Instance } from '@aws-sdk/client-ec2';
import type { Usd } from '../types/money.ts';
import { systemOf } from './ec2-read.ts';
import type { FleetContext } from './kind.ts';
import type { Ec2System } from './prices.ts';

/** How an instance is paid for; two that are alike in all of it cost the same. */
export interface Ec2Terms {
  readonly instanceType: string;
  readonly system: Ec2System;
  /** Its Availability Zone where it is a Spot instance; `undefined` = on demand. */
  readonly spotZone: string | undefined;
}

/**
 * By what its price is asked; `undefined` where neither a list price nor a Spot price applies: dedicated hardware, and
 * what is paid for as a whole in advance, such as a Capacity Block.
 */
export function termsOf(instance: Instance, instanceType: string): Ec2Terms | undefined {
  const system = systemOf(instance);
  if (system === undefined) return undefined;
  switch (instance.InstanceLifecycle) {
    case undefined:
      return { instanceType, system, spotZone: undefined };
    case 'spot': {
      const spotZone = instance.Placement?.AvailabilityZone;
      return spotZone === undefined ? undefined : { instanceType, system, spotZone };
    }
    default:
      return undefined;
  }
}

/** USD an hour; `undefined` = unpriced, never free. */
export function hourlyOf(
  { instanceType, system, spotZone: zone }: Ec2Terms,
  { region, prices, clients }: FleetContext,
): Promise<Usd | undefined> {
  return zone === undefined
    ? prices.hourly({ service: 'ec2', region, instanceType, system })
    : prices.spot({ region, zone, instanceType, system }, clients.ec2);
}
