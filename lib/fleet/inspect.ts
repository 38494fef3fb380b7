import type { Protection, Resource } from '../types/resource.ts';
import { errorMessage } from './aws-errors.ts';
import type { RegionContexts } from './discover.ts';
import { kinds } from './registry.ts';

/**
 * What only a close look shows of those that are about to be warned of or stopped, by ARN. One that cannot be looked
 * at is left alone: not knowing what protects it is no leave to stop it.
 */
export async function inspect(
  resources: readonly Resource[],
  regions: RegionContexts,
): Promise<ReadonlyMap<string, Protection>> {
  const found = await Promise.all(
    kinds.flatMap(({ kind, inspect: look }) =>
      look === undefined
        ? []
        : [...Map.groupBy(ofKind(resources, kind), ({ region }) => region)].map(async ([region, some]) => {
            const context = regions.get(region);
            if (context === undefined) return [];
            try {
              return [...(await look(some, context))];
            } catch (error) {
              const detail = `AWS could not be asked what protects it: ${errorMessage(error)}`;
              return some.map(({ arn }) => [arn, { code: 'not-known' as const, detail }] as const);
            }
          }),
    ),
  );
  return new Map(found.flat());
}

const ofKind = (resources: readonly Resource[], kind: string): readonly Resource[] =>
  resources.filter((resource) => resource.kind === kind);
