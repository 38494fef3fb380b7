import type { RegionContexts } from '../fleet/discover.ts';
import type { Kind } from '../fleet/kind.ts';
import { kindOf, kinds } from '../fleet/registry.ts';
import type { Resource } from '../types/resource.ts';

/** A resource as people name it; what an alert knows of it saves a search. */
export interface Named {
  readonly arn: string;
  readonly kind?: string;
  readonly id?: string;
}

export type Found =
  | { readonly state: 'found'; readonly resource: Resource }
  | { readonly state: 'gone' }
  /** `why`: one sentence. */
  | { readonly state: 'out-of-scope'; readonly why: string };

/**
 * Looks resources up as they are now, by ARN. Only those that are named are asked for, in the way of their kind; where
 * an ARN alone does not lead there, the region is searched for it.
 * @throws what AWS answers.
 */
export async function findResources(
  named: readonly Named[],
  regions: RegionContexts,
): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>();
  for (const [region, some] of Map.groupBy(named, ({ arn }) => regionOf(arn))) {
    const context = regions.get(region);
    if (context === undefined) {
      const why =
        region === ''
          ? 'It is no ARN of a resource that runs in a region.'
          : `Region ${region} is not in the scope of the policy file.`;
      for (const { arn } of some) found.set(arn, { state: 'out-of-scope', why });
      continue;
    }
    for (const resource of await inRegion(some, new Map([[region, context]]))) {
      found.set(resource.arn, { state: 'found', resource });
    }
  }
  return new Map(named.map(({ arn }) => [arn, found.get(arn) ?? { state: 'gone' }]));
}

async function inRegion(named: readonly Named[], region: RegionContexts): Promise<readonly Resource[]> {
  const wanted = new Set(named.map(({ arn }) => arn));
  const found = new Map<string, Resource>();
  const keep = (resources: readonly Resource[]): void => {
    for (const resource of resources) if (wanted.has(resource.arn)) found.set(resource.arn, resource);
  };
  const told = named.flatMap(({ kind: name, id }) => {
    const kind = name === undefined ? undefined : kindOf(name);
    return kind === undefined || id === undefined ? [] : [{ kind, id }];
  });
  for (const context of region.values()) {
    for (const [kind, some] of Map.groupBy(told, ({ kind }) => kind)) {
      keep(
        await kind.describe(
          some.map(({ id }) => id),
          context,
        ),
      );
    }
    // An id within an ARN is shaped as each kind likes, so what nobody told the kind of is looked for among them all.
    const untold = named.filter(
      ({ arn, kind, id }) => !found.has(arn) && (kind === undefined || id === undefined),
    );
    const services = new Set(untold.map(({ arn }) => serviceOf(arn)));
    for (const kind of kinds.filter((kind) => [...services].some((service) => worksOn(kind, service)))) {
      keep(await kind.discover(context));
    }
  }
  return [...found.values()];
}

const regionOf = (arn: string): string => arn.split(':')[3] ?? '';
const serviceOf = (arn: string): string => arn.split(':')[2] ?? '';

/** A kind's permissions name the ARNs that it acts on, such as `ec2:*:*:instance/*`. */
const worksOn = (kind: Kind, service: string): boolean =>
  kind.permissions.act.some(({ resources }) =>
    resources.some((pattern) => pattern.startsWith(`${service}:`)),
  );
