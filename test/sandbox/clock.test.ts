import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clockAheadAt } from '../../lib/sandbox/clock.ts';

const HOUR_MS = 3_600_000;

it('keeps a day of play away from the turn of the month, whatever the day', () => {
  const anyTime = fc.date({
    min: new Date('2026-01-01T00:00:00Z'),
    max: new Date('2040-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(
      anyTime,
      fc.integer({ min: 1, max: 72 }),
      fc.integer({ min: 4, max: 8 }),
      (now, ageHours, first) => {
        const ahead = clockAheadAt(now, ageHours, first);
        expect(ahead).toBeGreaterThanOrEqual(ageHours * 3_600);
        for (const hours of [0, 12, 24]) {
          const at = new Date(now.getTime() + ahead * 1000 + hours * HOUR_MS);
          expect(at.getUTCDate()).toBeGreaterThanOrEqual(first);
        }
      },
    ),
  );
});

it('is no more than asked for in the middle of a month', () => {
  expect(clockAheadAt(new Date('2026-11-15T10:00:00Z'), 26)).toBe(26 * 3_600);
  expect(clockAheadAt(new Date('2026-11-05T10:00:00Z'), 26)).toBe(26 * 3_600);
});
