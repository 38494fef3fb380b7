import type { Ledger, Watch } from '../ledger.ts';
import { expiredBy, expiryOf } from '../lifetimes.ts';
import type { Form } from './copied.ts';

interface Expiring<T> {
  readonly value: T;
  readonly expiresAt: number;
}

/** What the sweep remembers. */
export function watchesIn(form: Form): Pick<Ledger, 'watches' | 'saveWatches'> {
  if (form === 'objects') return liveWatches();
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

/** The same maps that are written to, and nothing is forgotten: what is too old is of a spell that is over. */
function liveWatches(): Pick<Ledger, 'watches' | 'saveWatches'> {
  const regions = new Map<string, Map<string, Watch>>();
  const regionOf = (account: string, region: string): Map<string, Watch> => {
    const key = `${account}#${region}`;
    const own = regions.get(key) ?? new Map<string, Watch>();
    regions.set(key, own);
    return own;
  };
  return {
    watches: async (account, region) => regionOf(account, region),
    saveWatches: async (account, region, watches) => {
      const kept = regionOf(account, region);
      for (const watch of watches) kept.set(watch.arn, watch);
    },
  };
}
