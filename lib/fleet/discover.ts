import { type Policy, projectOf } from '../policy/policy.ts';
import type { Resource } from '../types/resource.ts';
import type { FleetContext, Kind } from './kind.ts';
import { kinds } from './registry.ts';

/** A context for each region of the policy's scope. */
export type RegionContexts = ReadonlyMap<string, FleetContext>;

/**
 * All resources of all kinds in all regions. All or nothing: a region that cannot be read fails the whole,
 * since limits on a share of the fleet mean nothing for a part of it.
 */
export async function discoverFleet(regions: RegionContexts): Promise<readonly Resource[]> {
  const found = await Promise.all(
    [...regions.values()].flatMap((context) => kinds.map((kind: Kind) => kind.discover(context))),
  );
  return found.flat();
}

/** Those whose project tag names the project. */
export const ofProject = (fleet: readonly Resource[], project: string, policy: Policy): readonly Resource[] =>
  fleet.filter(({ tags }) => projectOf(policy, tags) === project);
