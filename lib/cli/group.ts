/** Items by a key, in the order in which the keys come. */
export function group<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const some = groups.get(key);
    if (some === undefined) groups.set(key, [item]);
    else some.push(item);
  }
  return groups;
}
