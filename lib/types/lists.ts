/** One map of several; of one, that one itself. */
export function mergedMaps<V>(maps: readonly ReadonlyMap<string, V>[]): ReadonlyMap<string, V> {
  const [only] = maps;
  return only !== undefined && maps.length === 1 ? only : new Map(maps.flatMap((some) => [...some]));
}

/** Splits a list into pieces of at most `size`. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  const pieces: T[][] = [];
  for (let i = 0; i < items.length; i += size) pieces.push(items.slice(i, i + size));
  return pieces;
}

/**
 * Maps with at most `limit` calls under way; results come in the order of the items. After a failure no more
 * are begun, and it is thrown once those under way have ended: nothing goes on behind the caller's back.
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const [first] = items;
  if (first === undefined && items.length === 0) return [];
  if (first !== undefined && items.length === 1) return [await map(first)];
  const results: R[] = [];
  const failures: unknown[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failures.length > 0) return;
      try {
        results[index] = await map(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}

/** The order of texts by their code units, and of amounts: below 0 where `a` comes first. The same on every machine. */
export const ascending = <T extends string | bigint>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
