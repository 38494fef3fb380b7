import type { Watch } from '../ledger/ledger.ts';
import type { Resource } from '../types/resource.ts';

/** The watch of this running spell; one of an earlier spell says nothing. */
export function spellOf(resource: Resource, watches: ReadonlyMap<string, Watch>): Watch | undefined {
  const watch = watches.get(resource.arn);
  return watch?.since.getTime() === resource.since.getTime() ? watch : undefined;
}
