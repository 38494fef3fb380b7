import type { PriceBook, PriceKey } from '../fleet/prices.ts';
import type { Usd } from '../types/money.ts';

export interface PricedType {
  readonly type: string;
  /** USD an hour. */
  readonly hourly: Usd;
}

/** Of some types the one that costs least, where that is less than now; the first of those that cost the same. */
export async function cheapestBelow(
  types: readonly string[],
  now: Usd,
  keyOf: (type: string) => PriceKey,
  prices: PriceBook,
): Promise<PricedType | undefined> {
  let best: PricedType | undefined;
  for (const type of types) {
    const hourly = await prices.hourly(keyOf(type));
    if (hourly !== undefined && hourly > 0n && hourly < (best?.hourly ?? now)) best = { type, hourly };
  }
  return best;
}
