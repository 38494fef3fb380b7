import type { Resource, ResourceKind } from '../types/resource.ts';
import type { FleetContext, Kind } from './kind.ts';
import { meteredKinds } from './metered-kinds.ts';
import type { PriceBook } from './prices.ts';
import { kinds } from './registry.ts';

/** A context for each region of the policy's scope. */
export type RegionContexts = ReadonlyMap<string, FleetContext>;

const NO_PRICES: PriceBook = {
  hourly: async () => undefined,
  unit: async () => undefined,
  spot: async () => undefined,
};

/** Each region has the same price book; without a region there is nothing to price. */
export const pricesOf = (regions: RegionContexts): PriceBook => [...regions.values()][0]?.prices ?? NO_PRICES;

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

/** What costs money beside the fleet, as far as it could be listed. */
export interface BesideFleet {
  readonly resources: readonly Resource[];
  /** Of these nothing is known: none of their resources is to be taken for gone. */
  readonly failed: readonly {
    readonly region: string;
    readonly kind: ResourceKind;
    readonly error: unknown;
  }[];
}

/** All resources of the metered kinds in all regions. Nothing is decided by them, so that one failure leaves the rest. */
export async function discoverMetered(regions: RegionContexts): Promise<BesideFleet> {
  const found = await Promise.all(
    [...regions.values()].flatMap((context) =>
      meteredKinds.map(async ({ kind, discover }): Promise<BesideFleet> => {
        try {
          return { resources: await discover(context), failed: [] };
        } catch (error) {
          return { resources: [], failed: [{ region: context.region, kind, error }] };
        }
      }),
    ),
  );
  return {
    resources: found.flatMap(({ resources }) => resources),
    failed: found.flatMap(({ failed }) => failed),
  };
}
