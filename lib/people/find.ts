import type { RegionContexts } from '../fleet/discover.ts';
import type { FleetContext, Kind } from '../fleet/kind.ts';
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
  for (const { arn } of named) {
    const why = outOfScope(arn, regions);
    if (why !== undefined) found.set(arn, { state: 'out-of-scope', why });
  }
  const inScope = named.filter(({ arn }) => !found.has(arn));
  for (const [region, some] of Map.groupBy(inScope, ({ arn }) => regionOf(arn))) {
    const context = regions.get(region);
    if (context === undefined) continue;
    for (const resource of await inRegion(some, context)) {
      found.set(resource.arn, { state: 'found', resource });
    }
  }
  return new Map(named.map(({ arn }) => [arn, found.get(arn) ?? { state: 'gone' }]));
}

/** Why Bursar looks after no such resource; `undefined` where it may. */
function outOfScope(arn: string, regions: RegionContexts): string | undefined {
  const region = regionOf(arn);
  if (region === '') return 'It is no ARN of a resource that runs in a region.';
  const context = regions.get(region);
  if (context === undefined) return `Region ${region} is not in the scope of the policy file.`;
  const account = accountOf(arn);
  if (account !== context.account)
    return `It is of account ${account}, and Bursar watches ${context.account}.`;
  const service = serviceOf(arn);
  return kinds.some((kind) => worksOn(kind, service))
    ? undefined
    : `Bursar looks after nothing of ${service}.`;
}

async function inRegion(named: readonly Named[], context: FleetContext): Promise<readonly Resource[]> {
  const wanted = new Set(named.map(({ arn }) => arn));
  const found = new Map<string, Resource>();
  const keep = (resources: readonly Resource[]): void => {
    for (const resource of resources) if (wanted.has(resource.arn)) found.set(resource.arn, resource);
  };
  const told = named.flatMap(({ kind: name, id }) => {
    const kind = name === undefined ? undefined : kindOf(name);
    return kind === undefined || id === undefined ? [] : [{ kind, id }];
  });
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
  return [...found.values()];
}

const regionOf = (arn: string): string => arn.split(':')[3] ?? '';
const accountOf = (arn: string): string => arn.split(':')[4] ?? '';
const serviceOf = (arn: string): string => arn.split(':')[2] ?? '';

/** A kind's permissions name the ARNs that it acts on, such as `ec2:*:*:instance/*`. */
const worksOn = (kind: Kind, service: string): boolean =>
  kind.permissions.act.some(({ resources }) =>
    resources.some((pattern) => pattern.startsWith(`${service}:`)),
  );
