import { hasAccelerator } from '../fleet/accelerators.ts';
import {
  familyOf,
  type InstanceFacts,
  instanceFacts,
  knownTypes,
  meets,
  smallestFitting,
} from '../fleet/instance-facts.ts';
import type { InstanceNeeds } from '../types/gate.ts';

/** What was used at most is to be this much less than what there is: a quarter more than was ever used. */
export const HEADROOM = 1.25;

/** What something must still have on another size; everything with the headroom in it. */
export interface FitNeeds extends InstanceNeeds {
  readonly vcpu: number;
  readonly memoryGiB: number;
  /** vCPUs' worth that is used in 99 of 100 hours: what a burstable type must have all the time. */
  readonly steadyVcpu: number;
  /** Bytes a second, each way. */
  readonly network?: number;
  /** Bytes a second to and from volumes, both together. */
  readonly disk?: number;
  /** GiB that each of its GPUs must have. */
  readonly eachGpuGiB?: number;
}

/**
 * What a burstable size may use all the time: % of each vCPU, and bytes a second of network and volumes. Source: EC2 User
 * Guide, "Key concepts for burstable performance instances", and Instance Types guide, "Network specifications" and
 * "Amazon EBS specifications" of general purpose instances (T3; T3a and T4g have no less).
 */
const BURSTABLE: Readonly<
  Record<string, { readonly percent: number; readonly network: number; readonly disk: number }>
> = {
  nano: { percent: 5, network: 4e6, disk: 5.3e6 },
  micro: { percent: 10, network: 8e6, disk: 10.8e6 },
  small: { percent: 20, network: 16e6, disk: 21.7e6 },
  medium: { percent: 20, network: 32e6, disk: 43e6 },
  large: { percent: 30, network: 64e6, disk: 86e6 },
  xlarge: { percent: 40, network: 128e6, disk: 86e6 },
  '2xlarge': { percent: 40, network: 256e6, disk: 86e6 },
};

/** `c5`, `m7i`: line, generation, processor and what else is in it. */
const FAMILY = /^([a-z]+)(\d+)([a-z]*)$/;

export const isBurstable = (type: string): boolean => /^t\d/.test(familyOf(type));

/**
 * Bytes a second for each vCPU, which the sizes of current families sustain at least: 0.3125 Gbit/s of network, 175 Mbit/s to
 * and from volumes (g5.xlarge; m5, c5 and r5 have more). Source: as above, baseline bandwidth.
 */
const NETWORK_EACH = 39e6;
const DISK_EACH = 21.8e6;

const sizeOf = (type: string): string => type.split('.').at(-1) ?? '';

/** True where a size has all that is needed, all the time. */
export function fits(type: string, facts: InstanceFacts, needs: FitNeeds): boolean {
  if (!meets(facts, needs)) return false;
  if (needs.eachGpuGiB !== undefined && facts.gpuMemoryGiB < needs.eachGpuGiB * facts.gpus) return false;
  const { network = 0, disk = 0 } = needs;
  if (!isBurstable(type)) return network <= NETWORK_EACH * facts.vcpu && disk <= DISK_EACH * facts.vcpu;
  const size = sizeOf(type);
  const burst = Object.hasOwn(BURSTABLE, size) ? BURSTABLE[size] : undefined;
  return (
    burst !== undefined &&
    familyOf(type) !== 't2' &&
    needs.steadyVcpu <= (facts.vcpu * burst.percent) / 100 &&
    network <= burst.network &&
    disk <= burst.disk
  );
}

const prefixOf = (type: string): string => /^(?:ml|db)\./.exec(type)?.[0] ?? '';

const isLess = (one: InstanceFacts, than: InstanceFacts): boolean =>
  one.vcpu <= than.vcpu && one.memoryGiB <= than.memoryGiB && one.gpus <= than.gpus;

/** Other sizes of the same family that fit and have less of something and more of nothing; named as `type` is. */
export function smallerSizes(type: string, needs: FitNeeds): readonly string[] {
  const current = instanceFacts(type);
  if (current === undefined) return [];
  const own = `${familyOf(type)}.${sizeOf(type)}`;
  return knownTypes()
    .filter((other) => other !== own && familyOf(other) === familyOf(type) && !other.includes('.metal'))
    .filter((other) => {
      const facts = instanceFacts(other);
      return facts !== undefined && isLess(facts, current) && fits(other, facts, needs);
    })
    .map((other) => `${prefixOf(type)}${other}`);
}

/**
 * The smallest sizes of other current families of the same architecture that fit. Without a GPU those of the lines C, M and
 * R of no older generation and of the same maker of processors, so that no vCPU does less; with a GPU whatever has one:
 * another model of it, which must be tried.
 */
export function otherFamilies(type: string, needs: FitNeeds): readonly string[] {
  const current = instanceFacts(type);
  if (current === undefined || isBurstable(type)) return [];
  const family = familyOf(type);
  const [, , generation = '5', processor = ''] = FAMILY.exec(family) ?? [];
  const isAmd = !hasAccelerator(type) && processor.startsWith('a');
  const least = hasAccelerator(type) ? 5 : Math.max(5, Number(generation));
  return smallestFitting(needs, { arch: current.architecture })
    .filter((other) => {
      const facts = instanceFacts(other);
      if (familyOf(other) === family || facts === undefined || !fits(other, facts, needs)) return false;
      if (facts.gpus > 0) return true;
      const [, line = '', own = '0', makers = ''] = FAMILY.exec(familyOf(other)) ?? [];
      return ['c', 'm', 'r'].includes(line) && Number(own) >= least && makers.startsWith('a') === isAmd;
    })
    .map((other) => `${prefixOf(type)}${other}`);
}

/** True of a type with disks of its own, whose content a stop loses. */
export const hasLocalDisks = (type: string): boolean =>
  /^(?:ml\.)?(?:g4dn|g5|g6e?|gr6|p3dn|p4de?|p5e?n?|i\d|d\d|trn1n?|[cmrx]\d+[a-z]*d[a-z]*)\./.test(type);
