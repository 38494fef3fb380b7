import type { Ledger } from '../ledger.ts';

/** Prices that were read. */
export function pricesIn(): Pick<Ledger, 'price' | 'savePrice'> {
  const prices = new Map<string, NonNullable<Awaited<ReturnType<Ledger['price']>>>>();
  return {
    price: async (key) => prices.get(key),
    savePrice: async (key, hourly, asOf) => {
      prices.set(key, { hourly, asOf });
    },
  };
}
