import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePico, roundParts, roundPico, sumPico } from '../../lib/bill/line-items-round.ts';
import { microUsd } from '../../lib/types/money.ts';

const pico = (text: string) => {
  const read = parsePico(text);
  if (read === undefined) throw new Error(`${text} is no amount`);
  return read;
};

describe('sums of line items', () => {
  it('are read as engines write them, and nothing else is', () => {
    expect(pico('1.5')).toBe(1_500_000_000_000n);
    expect(pico('-0.000000000001')).toBe(-1n);
    expect(pico('12345678901234567890.123456789012')).toBe(12345678901234567890123456789012n);
    for (const text of ['', 'NaN', '1e3', '1,000', '0.0000000000001', ' 1']) {
      expect(parsePico(text)).toBeUndefined();
    }
  });

  it('are rounded half away from zero, as amounts of AWS are', () => {
    expect(roundPico(pico('0.0000005'))).toBe(1n);
    expect(roundPico(pico('-0.0000005'))).toBe(-1n);
    expect(roundPico(pico('0.000000499999'))).toBe(0n);
  });

  it('come to the rounded whole in parts that are less than a micro-dollar off', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), { minLength: 1 }),
        (counts) => {
          const parts = counts.map((count) => pico(decimal(count)));
          const whole = roundPico(sumPico(parts));
          const rounded = roundParts(parts, whole);
          expect(rounded.reduce((sum, part) => sum + part, 0n)).toBe(whole);
          rounded.forEach((part, index) => {
            const off = part * 1_000_000n - (counts[index] ?? 0n);
            expect(off < 1_000_000n && off > -1_000_000n).toBe(true);
          });
        },
      ),
    );
  });

  it('come to a whole that is farther away too', () => {
    expect(roundParts([pico('1'), pico('2')], microUsd(3_000_005n))).toEqual([1_000_003n, 2_000_002n]);
    expect(roundParts([pico('1'), pico('2')], microUsd(2_999_995n))).toEqual([999_998n, 1_999_997n]);
    expect(roundParts([], microUsd(0n))).toEqual([]);
  });
});

function decimal(count: bigint): string {
  const digits = (count < 0n ? -count : count).toString().padStart(13, '0');
  return `${count < 0n ? '-' : ''}${digits.slice(0, -12)}.${digits.slice(-12)}`;
}
