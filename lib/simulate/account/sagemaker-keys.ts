import type { ResourceKind } from '../../types/resource.ts';
import { type AccountState, REGION } from './state.ts';

/*
 * The maps are by name, and a name is free in each region: where two regions have the same one, the second is kept
 * under `region/name`. No name holds a slash.
 */

interface Placed {
  readonly region?: string;
}

export const regionOf = ({ region }: Placed): string => region ?? REGION;

/** The key under which that name is kept, or would be. */
export function keyIn(map: ReadonlyMap<string, Placed>, region: string, name: string): string {
  const plain = map.get(name);
  if (plain !== undefined && regionOf(plain) === region) return name;
  const second = `${region}/${name}`;
  return plain !== undefined || map.has(second) ? second : name;
}

/** What has that name in the region. */
export const findIn = <V extends Placed>(
  map: ReadonlyMap<string, V>,
  region: string,
  name: string,
): V | undefined => map.get(keyIn(map, region, name));

/** Puts it under its name, and tells of it by its name whatever its key. */
export function putIn<V extends Placed & { readonly name: string }>(
  state: AccountState,
  map: Map<string, V>,
  kind: ResourceKind,
  one: V,
): void {
  const region = regionOf(one);
  const key = keyIn(map, region, one.name);
  map.set(key, one);
  if (key !== one.name) state.touch({ kind, region, id: one.name });
}
