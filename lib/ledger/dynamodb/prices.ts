import { usdToDecimal } from '../../types/money.ts';
import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiryOf } from '../lifetimes.ts';
import type { Entities } from './entities.ts';
import { readPrice } from './rows.ts';

/** Prices that were read; their age is the reader's to judge. */
export const pricesPart = (entities: Entities): Pick<Ledger, 'price' | 'savePrice'> => ({
  price: (key) =>
    naming('reading a price', async () => {
      const { data } = await entities.price.get({ key }).go();
      return data === null ? undefined : readPrice(data);
    }),

  savePrice: (key, hourly, asOf) =>
    naming('saving a price', async () => {
      await entities.price
        .put({
          key,
          ...(hourly === undefined ? {} : { hourly: usdToDecimal(hourly) }),
          asOf: asOf.toISOString(),
          expiresAt: expiryOf('price', asOf),
        })
        .go();
    }),
});
