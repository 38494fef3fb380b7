import type { InstanceNeeds } from '../types/gate.ts';
import { hasAccelerator } from './accelerators.ts';
import { LISTED, PLAIN } from './instance-table.ts';
import type { Architecture } from './prices.ts';

/** What a job may need to know of an instance type. */
export interface InstanceFacts {
  readonly vcpu: number;
  readonly memoryGiB: number;
  /** Whole GPUs; 0 of a type without. Trainium and Inferentia devices are none. */
  readonly gpus: number;
  /** GiB of all GPUs together, as they are sold. */
  readonly gpuMemoryGiB: number;
  readonly architecture: Architecture;
}

/** By EC2 name. In the order of the tables, the sizes of a family from the smallest. */
const FACTS: ReadonlyMap<string, InstanceFacts> = new Map([
  ...Object.entries(PLAIN).flatMap(([family, { architecture, gibPerVcpu, sizes }]) =>
    Object.entries(sizes).map(
      ([size, vcpu]) =>
        [
          `${family}.${size}`,
          { vcpu, memoryGiB: vcpu * gibPerVcpu, gpus: 0, gpuMemoryGiB: 0, architecture },
        ] as const,
    ),
  ),
  ...Object.entries(LISTED).flatMap(([family, { architecture, rows }]) =>
    Object.entries(rows).map(
      ([size, [vcpu, memoryGiB, gpus, gpuMemoryGiB]]) =>
        [`${family}.${size}`, { vcpu, memoryGiB, gpus, gpuMemoryGiB, architecture }] as const,
    ),
  ),
]);

/** The EC2 name of a type of SageMaker (`ml.`) or RDS (`db.`): those are the same machines. */
const machineOf = (type: string): string => type.replace(/^(?:ml|db)\./, '');

/**
 * What is known of an instance type, of EC2, SageMaker (`ml.`) or RDS (`db.`); `undefined` of a type that is not in the
 * table, never a guess: `describeTypes` asks AWS of those.
 */
export const instanceFacts = (type: string): InstanceFacts | undefined => FACTS.get(machineOf(type));

/** EC2 names of all types in the table. */
export const knownTypes = (): readonly string[] => [...FACTS.keys()];

/** `g5` of `g5.xlarge` and of `ml.g5.xlarge`. */
export const familyOf = (type: string): string => machineOf(type).split('.')[0] ?? '';

/** Whether a machine meets what was stated; what is not stated, any will do. */
export const meets = (facts: InstanceFacts, needs: InstanceNeeds): boolean =>
  facts.vcpu >= (needs.vcpu ?? 0) &&
  facts.memoryGiB >= (needs.memoryGiB ?? 0) &&
  facts.gpus >= (needs.gpus ?? 0) &&
  facts.gpuMemoryGiB >= (needs.gpuMemoryGiB ?? 0);

/** What AWS calls previous generations: newer ones do the same for less. */
const OLD = new Set(['t2', 'm4', 'c4', 'p2']);

const isBurstable = (family: string): boolean => /^t\d/.test(family);

export interface FittingOptions {
  /** Software is built for one; only that is offered. */
  readonly arch: Architecture;
  /**
   * Only these; absent = all of the table that a job may be moved to unasked: no burstable ones, whose vCPUs are not
   * theirs all the time, none of a previous generation, and accelerated ones only where a GPU is needed.
   */
  readonly families?: readonly string[];
  /** `ml` = the names of SageMaker. */
  readonly prefix?: 'ml';
}

/**
 * Of each family the smallest sizes that meet the needs: whatever else meets them there has more of something and less
 * of nothing, so it costs no less, and only these need be priced. Mostly one a family; two where neither has less of
 * everything (`g5.12xlarge` has fewer vCPUs than `g5.16xlarge`, but more GPUs). No bare metal.
 */
export function smallestFitting(
  needs: InstanceNeeds,
  { arch, families, prefix }: FittingOptions,
): readonly string[] {
  const wantsGpu = (needs.gpus ?? 0) > 0 || (needs.gpuMemoryGiB ?? 0) > 0;
  const fits = new Map<string, [string, InstanceFacts][]>();
  for (const [type, facts] of FACTS) {
    const family = familyOf(type);
    const offered =
      families?.includes(family) ??
      (!OLD.has(family) && !isBurstable(family) && hasAccelerator(type) === wantsGpu);
    if (!offered || facts.architecture !== arch || type.includes('.metal') || !meets(facts, needs)) continue;
    const others = fits.get(family);
    if (others === undefined) fits.set(family, [[type, facts]]);
    else others.push([type, facts]);
  }
  return [...fits.values()].flatMap((family) =>
    family
      .filter(([type, facts]) => !family.some(([other, less]) => other !== type && meets(facts, less)))
      .map(([type]) => (prefix === undefined ? type : `${prefix}.${type}`)),
  );
}
