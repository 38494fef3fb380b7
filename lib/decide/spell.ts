import type { Watch } from '../ledger/ledger.ts';
import type { Resource } from '../types/resource.ts';

/** What is remembered of a running spell of which nothing is known but what is given. */
export const newWatch = (
  { arn, since }: Resource,
  known: Partial<Omit<Watch, 'arn' | 'since'>> = {},
): Watch => ({
  arn,
  since,
  busyAt: undefined,
  stopAt: undefined,
  heldAt: undefined,
  heldDue: undefined,
  toldAt: undefined,
  orderedAt: undefined,
  ...known,
});

/** The watch of this running spell; one of an earlier spell says nothing. */
export function spellOf(resource: Resource, watches: ReadonlyMap<string, Watch>): Watch | undefined {
  const watch = watches.get(resource.arn);
  return watch?.since.getTime() === resource.since.getTime() ? watch : undefined;
}
