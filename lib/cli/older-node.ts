/*
 * What Node 20 lacks of the language that the code is written in (ES2024); the Lambdas run on a newer one. It must be
 * loaded before anything else.
 */

/** Adds `groupBy` to a `Map` that has none: items by a key, in the order in which the keys come. */
export function addGroupBy(map: object): void {
  if ('groupBy' in map) return;
  Object.defineProperty(map, 'groupBy', { configurable: true, writable: true, value: groupBy });
}

function groupBy<Key, Item>(
  items: Iterable<Item>,
  keyOf: (item: Item, index: number) => Key,
): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index);
    index += 1;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

addGroupBy(Map);
