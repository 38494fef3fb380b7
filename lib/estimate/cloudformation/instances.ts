import type { Ec2System, PriceKey } from '../../fleet/prices.ts';
import { type InstanceChoice, MONTH_HOURS, type PricePart } from '../estimate.ts';
import type { StatedUsage } from '../usage-file.ts';
import type { Fields } from './fields.ts';
import { type Costs, orElse } from './resource.ts';

/** `2 × g5.xlarge`, with the hours where they are not all of a month's. */
export const sized = (count: number, type: string, hours: number): string =>
  `${count} × ${type}${hours === MONTH_HOURS ? '' : `, ${hours} h`}`;

/**
 * What an instance type may be changed to, where one literal holds it.
 * @param name the property that the type is read from
 */
export function choiceOf(
  fields: Fields,
  name: string,
  service: PriceKey['service'],
  stated: StatedUsage,
  isSpot = false,
): { readonly choice?: InstanceChoice } {
  const instanceType = orElse(() => fields.text(name), undefined);
  const origin = fields.originOf(name);
  if (instanceType === undefined || origin === undefined) return {};
  return {
    choice: {
      instanceType,
      service,
      at: origin,
      interruptible: isSpot || stated.interruptible === true,
      ...(stated.needs === undefined ? {} : { needs: stated.needs }),
    },
  };
}

/** Costs with a choice where there are any. */
export const withChoice = (parts: readonly PricePart[], choice: Pick<Costs, 'choice'>): Costs => ({
  parts,
  unpriced: [],
  ...choice,
});

/** `at MaxSize 6 it costs 3 times as much`: what growing from one count to another comes to; empty where it does not. */
export function growthOf(count: number, name: string, most: number | undefined): string {
  if (most === undefined || most <= count || count === 0) return '';
  const times = Math.round((most / count) * 100) / 100;
  return `at ${name} ${most} it costs ${times} times as much`;
}

const SYSTEMS: Readonly<Record<NonNullable<StatedUsage['system']>, Ec2System>> = {
  linux: 'Linux',
  windows: 'Windows',
  rhel: 'RHEL',
  suse: 'SUSE',
};

/**
 * What an instance runs: as stated, else by the names that its image goes by (a path of Parameter Store, a parameter,
 * a mapping), else Linux.
 */
export function systemOf(launch: Fields, stated: StatedUsage): Ec2System {
  if (stated.system !== undefined) return SYSTEMS[stated.system];
  const value = launch.value('ImageId');
  const names = [...launch.textsOf('ImageId'), ...(value.kind === 'unknown' ? [value.why] : [])].join(' ');
  if (/windows/i.test(names)) return 'Windows';
  if (/rhel|red-?hat/i.test(names)) return 'RHEL';
  return /suse|\bsles/i.test(names) ? 'SUSE' : 'Linux';
}
