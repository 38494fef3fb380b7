import { afterWish, type HeldKeep } from '../keeping.ts';
import type { KeepTag, Ledger } from '../ledger.ts';
import { expiredBy, expiryOf } from '../lifetimes.ts';

/** What people want kept, by a press or by a tag. */
export function keepsIn(): Pick<Ledger, 'keeps' | 'keep' | 'keepTags' | 'saveKeepTags'> {
  const regions = new Map<string, Map<string, HeldKeep>>();
  const tagged = new Map<string, Map<string, KeepTag>>();
  const keyOf = (account: string, region: string) => `${account}#${region}`;
  return {
    keeps: async (account, region, now) =>
      new Map(
        [...(regions.get(keyOf(account, region)) ?? [])]
          .filter(([, { keep }]) => expiryOf('keep', keep.until) > expiredBy(now))
          .map(([arn, { keep }]) => [arn, keep]),
      ),
    keep: async (wish) => {
      const key = keyOf(wish.account, wish.region);
      const held = regions.get(key) ?? new Map<string, HeldKeep>();
      const next = afterWish(held.get(wish.arn), wish);
      regions.set(key, held.set(wish.arn, next));
      return next.keep;
    },
    keepTags: async (account, region) => new Map(tagged.get(keyOf(account, region))),
    saveKeepTags: async (account, region, tags) => {
      const kept = tagged.get(keyOf(account, region)) ?? new Map<string, KeepTag>();
      for (const tag of tags) kept.set(tag.arn, tag);
      tagged.set(keyOf(account, region), kept);
    },
  };
}
