import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalOf, ExactSum, inProportion, toNumber } from '../../lib/allocate/exact.ts';

describe('decimals', () => {
  it('take a number as it is written', () => {
    expect(decimalOf(0.1)).toEqual({ digits: 1n, exponent: -1 });
    expect(decimalOf(12.5)).toEqual({ digits: 125n, exponent: -1 });
    expect(decimalOf(-1.5e-9)).toEqual({ digits: -15n, exponent: -10 });
    expect(decimalOf(1.5e22)).toEqual({ digits: 15n, exponent: 21 });
    expect(inProportion([0.1, 0.3, 2].map(decimalOf))).toEqual([1n, 3n, 20n]);
  });

  it('lose nothing of any number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(toNumber(decimalOf(value)) + 0).toBe(value + 0);
      }),
    );
  });

  it('add up to the same in any order', () => {
    const amount = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e300, noNaN: true }), fc.maxSafeNat());
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 20 }), (amounts) => {
        const [there, back] = [new ExactSum(), new ExactSum()];
        for (const one of amounts) there.add(one);
        for (const one of amounts.toReversed()) back.add(one);
        const [a, b] = inProportion([there.value, back.value]);
        expect(a).toBe(b);
      }),
    );
  });

  it('are as exact as they were written', () => {
    const sum = new ExactSum();
    for (let n = 0; n < 10; n += 1) sum.add(0.1);
    expect(toNumber(sum.value)).toBe(1);
    sum.add(1e18);
    sum.add(1e-18);
    expect(sum.value).toEqual({ digits: 10n ** 36n + 10n ** 18n + 1n, exponent: -18 });
  });

  it('leave out what is no amount', () => {
    const sum = new ExactSum();
    for (const value of [0.1, 0.2, Number.NaN, -4, Number.POSITIVE_INFINITY, 2 ** 53, 1]) sum.add(value);
    expect(sum.value).toEqual({ digits: 90071992547409933n, exponent: -1 });
  });
});
