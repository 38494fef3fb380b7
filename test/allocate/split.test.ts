import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitUsd } from '../../lib/allocate/split.ts';
import { microUsd, sumUsd } from '../../lib/types/money.ts';

const micros = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }).map(microUsd);
const name = fc.string({ minLength: 1, maxLength: 3 });
const weights = fc
  .dictionary(name, fc.bigInt({ min: 0n, max: 10n ** 30n }), { minKeys: 1, maxKeys: 12 })
  .map((all) => new Map(Object.entries(all)))
  .filter((all) => [...all.values()].some((weight) => weight > 0n));

const split = (whole: bigint, all: Readonly<Record<string, bigint>>): unknown => {
  const parts = splitUsd(microUsd(whole), new Map(Object.entries(all)));
  return parts && Object.fromEntries(parts);
};

describe('splitUsd', () => {
  it('gives what is left to those whose share lost most, of equals to the first by name', () => {
    expect(split(10n, { c: 1n, b: 1n, a: 1n })).toEqual({ a: 4n, b: 3n, c: 3n });
    expect(split(11n, { c: 1n, b: 1n, a: 1n })).toEqual({ a: 4n, b: 4n, c: 3n });
    // 2.5, 6.25, 1.25
    expect(split(10n, { a: 2n, b: 5n, c: 1n })).toEqual({ a: 3n, b: 6n, c: 1n });
  });

  it('splits a refund as it splits the same charge', () => {
    expect(split(-10n, { a: 1n, b: 1n, c: 1n })).toEqual({ a: -4n, b: -3n, c: -3n });
  });

  it('gives nothing to who weighs nothing, or less', () => {
    expect(split(7n, { a: 0n, b: 1n, c: -5n })).toEqual({ a: 0n, b: 7n, c: 0n });
  });

  it('cannot split by weights that add up to nothing', () => {
    expect(split(7n, { a: 0n, b: -1n })).toBeUndefined();
    expect(split(7n, {})).toBeUndefined();
    expect(split(0n, { a: 1n, b: 2n })).toEqual({ a: 0n, b: 0n });
  });

  it('always sums to the whole, and is within a micro-dollar of the exact share', () => {
    fc.assert(
      fc.property(micros, weights, (whole, all) => {
        const parts = splitUsd(whole, all) ?? new Map();
        expect(sumUsd(parts.values())).toBe(whole);
        const total = [...all.values()].reduce((sum, weight) => sum + weight, 0n);
        for (const [key, part] of parts) {
          const off = part * total - whole * (all.get(key) ?? 0n);
          expect(off < 0n ? -off : off).toBeLessThan(total);
        }
      }),
    );
  });

  it('is the same whatever the order and the unit of the weights', () => {
    fc.assert(
      fc.property(micros, weights, fc.bigInt({ min: 1n, max: 10n ** 9n }), (whole, all, unit) => {
        const turned = new Map([...all].reverse().map(([key, weight]) => [key, weight * unit]));
        expect(splitUsd(whole, turned)).toEqual(splitUsd(whole, all));
      }),
    );
  });
});
