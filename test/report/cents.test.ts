import fc from 'fast-check';
import { expect, test } from 'vitest';
import { centsOf, inCents, tableInCents, toCent } from '../../lib/report/cents.ts';
import { formatUsd, microUsd, parseUsd, sumUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';

const usd = (text: string): Usd => parseUsd(text) ?? ZERO_USD;
const anyUsd = fc.oneof(
  fc.bigInt({ min: -(10n ** 9n), max: 10n ** 12n }).map(microUsd),
  fc.bigInt({ min: -30_000n, max: 30_000n }).map(microUsd),
  fc.constantFrom(0n, 5_000n, -5_000n, 10_000n, 183_965_812_157_540_000n).map(microUsd),
);
const CENT = 10_000n;
const isWhole = (amount: Usd): boolean => amount % CENT === 0n;
const isNear = (a: Usd, b: Usd): boolean => a - b < CENT && b - a < CENT;

test('parts of a dollar that does not divide add up', () => {
  expect(inCents([usd('0.333334'), usd('0.333333'), usd('0.333333')]).map(formatUsd)).toEqual([
    '$0.34',
    '$0.33',
    '$0.33',
  ]);
  expect(inCents([usd('0.004'), usd('0.004')]).map(formatUsd)).toEqual(['$0.01', '$0.00']);
  expect(inCents([usd('-0.004')]).map(formatUsd)).toEqual(['$0.00']);
  expect(inCents([])).toEqual([]);
});

test('an amount to the cent reads as it is shown', () => {
  fc.assert(
    fc.property(anyUsd, (amount) => {
      expect(formatUsd(toCent(amount)).replace('-', '')).toBe(formatUsd(amount).replace('-', ''));
    }),
  );
});

test('shown parts sum to the shown whole; each is whole cents, less than a cent off, and exact where it can be', () => {
  fc.assert(
    fc.property(fc.array(anyUsd, { maxLength: 40 }), (parts) => {
      const shown = inCents(parts);
      expect(shown).toHaveLength(parts.length);
      expect(sumUsd(shown)).toBe(toCent(sumUsd(parts)));
      for (const [index, part] of parts.entries()) {
        const one = shown[index] ?? ZERO_USD;
        expect(isWhole(one) && isNear(one, part)).toBe(true);
        if (isWhole(part)) expect(one).toBe(part);
      }
    }),
  );
});

test('the order of parts changes what each is shown as only among equals', () => {
  const shuffled = fc
    .array(anyUsd, { maxLength: 20 })
    .chain((parts) =>
      fc.tuple(
        fc.constant(parts),
        fc.shuffledSubarray([...parts.keys()], { minLength: parts.length, maxLength: parts.length }),
      ),
    );
  fc.assert(
    fc.property(shuffled, ([parts, order]) => {
      const pairs = (of: readonly Usd[]) => {
        const shown = inCents(of);
        return of.map((part, index) => `${part} ${shown[index]}`).sort();
      };
      expect(pairs(order.flatMap((index) => parts[index] ?? []))).toEqual(pairs(parts));
    }),
  );
});

test('parts are shown as parts of a whole that was itself rounded up or down', () => {
  fc.assert(
    fc.property(fc.array(anyUsd, { minLength: 1, maxLength: 20 }), fc.boolean(), (parts, isUp) => {
      const sum = sumUsd(parts);
      const rest = ((sum % CENT) + CENT) % CENT;
      const whole = microUsd(sum - rest + (isUp && rest > 0n ? CENT : 0n));
      const shown = centsOf(parts, whole);
      expect(sumUsd(shown)).toBe(whole);
      for (const [index, part] of parts.entries()) expect(isNear(shown[index] ?? ZERO_USD, part)).toBe(true);
    }),
  );
  expect(centsOf([usd('1.005'), usd('2')], usd('9')).map(formatUsd)).toEqual(['$1.01', '$2.00']);
});

test('cells sum to their rows, rows to the whole, and columns are the sums of what they show', () => {
  const tables = fc
    .nat({ max: 6 })
    .chain((width) => fc.array(fc.array(anyUsd, { minLength: width, maxLength: width }), { maxLength: 12 }));
  fc.assert(
    fc.property(tables, (table) => {
      const { cells, rows, columns, total } = tableInCents(table);
      expect(total).toBe(toCent(sumUsd(table.flat())));
      expect(sumUsd(rows)).toBe(total);
      expect(sumUsd(columns)).toBe(total);
      for (const [index, row] of cells.entries()) {
        expect(sumUsd(row)).toBe(rows[index]);
        expect(isNear(rows[index] ?? ZERO_USD, sumUsd(table[index] ?? []))).toBe(true);
        for (const [column, cell] of row.entries())
          expect(isNear(cell, table[index]?.[column] ?? ZERO_USD)).toBe(true);
      }
      for (const [column, sum] of columns.entries())
        expect(sum).toBe(sumUsd(cells.map((row) => row[column] ?? ZERO_USD)));
    }),
  );
});
