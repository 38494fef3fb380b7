import type { Ledger, Watch } from '../ledger.ts';
import { expiredBy, expiryOf } from '../lifetimes.ts';

interface Expiring<T> {
  readonly value: T;
  readonly expiresAt: number;
}

/** What the sweep remembers. */
export function watchesIn(): Pick<Ledger, 'watches' | 'saveWatches'> {
  const regions = new Map<string, Map<string, Expiring<Watch>>>();
  const regionOf = (account: string, region: string) =>
    regions.get(`${account}#${region}`) ?? new Map<string, Expiring<Watch>>();
  return {
    watches: async (account, region, now) =>
      new Map(
        [...regionOf(account, region)]
          .filter(([, { expiresAt }]) => expiresAt > expiredBy(now))
          .map(([arn, { value }]) => [arn, value]),
      ),
    saveWatches: async (account, region, watches, now) => {
      const kept = regionOf(account, region);
      for (const value of watches) kept.set(value.arn, { value, expiresAt: expiryOf('watch', now) });
      regions.set(`${account}#${region}`, kept);
    },
  };
}
