import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandOf, type Compared, learnedDiscount, lessDiscount } from '../../lib/meter/learned.ts';
import { microUsd } from '../../lib/types/money.ts';
import { usd } from './fixtures.ts';

const day = (billed: string, metered: string): Compared => ({ billed: usd(billed), metered: usd(metered) });
const days = (count: number, billed: string, metered: string): readonly Compared[] =>
  new Array<Compared>(count).fill(day(billed, metered));

describe('the learned discount', () => {
  it('is what bills are below list prices, in all', () => {
    expect(learnedDiscount([day('70', '100'), day('7', '10'), day('0.7', '1')])).toBe(30);
    expect(learnedDiscount([day('100', '100'), day('0', '100'), day('50', '100')])).toBe(50);
    expect(learnedDiscount(days(3, '71.29', '100'))).toBe(28.8);
  });

  it('takes three days that say something', () => {
    expect(learnedDiscount(days(2, '70', '100'))).toBeUndefined();
    expect(learnedDiscount([...days(2, '70', '100'), day('0', '0.009'), day('5', '0')])).toBeUndefined();
  });

  it('is none where bills are higher, and never all', () => {
    expect(learnedDiscount(days(3, '130', '100'))).toBe(0);
    expect(learnedDiscount(days(3, '1', '100'))).toBe(80);
  });
});

describe('the band', () => {
  it('is assumed to be 20 % before a week of days is known', () => {
    expect(bandOf(days(6, '50', '100'), 0)).toEqual({ low: 0.8, high: 1.2, basis: 'assumed' });
  });

  it('is how far single days were from their estimate, discount taken off', () => {
    const week = [...days(5, '70', '100'), day('63', '100'), day('84', '100')];
    expect(bandOf(week, 30)).toEqual({ low: 0.9, high: 1.2, basis: 'learned' });
    expect(bandOf(week, 0)).toEqual({ low: 0.63, high: 1, basis: 'learned' });
  });

  it('leaves the odd tenth out on either side', () => {
    const odd = [...days(8, '100', '100'), day('1', '100'), day('400', '100')];
    expect(bandOf(odd, 0)).toEqual({ low: 1, high: 1, basis: 'learned' });
    expect(bandOf(days(7, '5000', '100'), 0).high).toBe(3);
  });

  it('holds the estimate itself', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            billed: fc.bigInt(0n, 10n ** 12n).map(microUsd),
            metered: fc.bigInt(0n, 10n ** 12n).map(microUsd),
          }),
        ),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (all, discount) => {
          const { low, high } = bandOf(all, discount);
          expect(low >= 0 && low <= 1 && high >= 1).toBe(true);
        },
      ),
    );
  });
});

describe('a discount', () => {
  it.each<[string, number, string]>([
    ['100', 30, '70'],
    ['100', 0, '100'],
    ['100', 100, '0'],
    ['0.000001', 50, '0.000001'],
    ['0.000001', 51, '0'],
    ['12.24', 28.8, '8.71488'],
  ])('of %s by %d %% leaves %s', (amount, percent, left) => {
    expect(lessDiscount(usd(amount), percent)).toBe(usd(left));
  });
});
