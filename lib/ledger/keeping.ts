import type { Keep, Ledger } from './ledger.ts';
import { expiredBy, expiryOf } from './lifetimes.ts';

type Wish = Parameters<Ledger['keep']>[0];

/** A keep with the ids of the wishes that were heard last, newest first. */
export interface HeldKeep {
  readonly keep: Keep;
  readonly ids: readonly string[];
}

/** A wish is told from new ones until so many others came after it. */
const REMEMBERED_IDS = 20;

/** Is `wish` the newest? Of two of one moment the longer one is, so that their order does not matter. */
const isNewer = (wish: Wish, { at, until }: Keep): boolean =>
  wish.at > at || (wish.at.getTime() === at.getTime() && wish.until > until);

/**
 * What holds after a wish; `held` itself where the wish was heard before, or comes too often. The newest wish by its own time says until
 * when, in whatever order wishes arrive. A later spell begins the count anew; a wish of an earlier spell, such as a
 * press on an old alert, counts in the present one.
 */
export function afterWish<Held extends HeldKeep>(held: Held | undefined, wish: Wish): Held | HeldKeep {
  const { arn, since, until, by, at, id, most } = wish;
  if (held === undefined || expiryOf('keep', held.keep.until) <= expiredBy(at)) {
    return { keep: { arn, since, until, by, at, count: 1 }, ids: [id] };
  }
  if (held.ids.includes(id)) return held;
  const { keep } = held;
  const isNewSpell = since > keep.since;
  if (most !== undefined && !isNewSpell && keep.count >= most) return held;
  return {
    keep: {
      ...(isNewer(wish, keep) ? { arn, until, by, at } : keep),
      since: isNewSpell ? since : keep.since,
      count: isNewSpell ? 1 : keep.count + 1,
    },
    ids: [id, ...held.ids].slice(0, REMEMBERED_IDS),
  };
}
