import { describe, expect, it } from 'vitest';
import { forecast } from '../../lib/meter/forecast.ts';
import type { Usd } from '../../lib/types/money.ts';
import { at, usd } from './fixtures.ts';

/** Wednesday noon; 5 days to come. */
const NOW = at('2026-11-25T12:00');
const input = (pastDays: readonly Usd[]) => ({
  spent: usd('1000'),
  low: usd('900'),
  high: usd('1100'),
  burn: usd('10'),
  band: { low: 0.8, high: 1.2 },
  pastDays,
  now: NOW,
});
const days = (...amounts: readonly number[]): readonly Usd[] => amounts.map((amount) => usd(`${amount}`));

describe('forecast', () => {
  it('goes on as now where little is known, its band widened by that of the estimate', () => {
    // 5.5 days of $240.
    expect(forecast(input(days(...new Array(13).fill(24))))).toEqual({
      amount: usd('2320'),
      low: usd('1956'),
      high: usd('2684'),
      basis: 'burn',
    });
  });

  it('takes each day to come for what its weekday was, the rest of today as now', () => {
    // Two weeks up to yesterday, Tuesday: Wednesday … Tuesday. The weekends cost nothing.
    const week = [100, 100, 100, 0, 0, 100, 100];
    // Thursday, Friday, Saturday, Sunday, Monday: 300, and 12 hours of today.
    expect(forecast(input(days(...week, ...week)))).toEqual({
      amount: usd('1420'),
      low: usd('1296'),
      high: usd('1544'),
      basis: 'weekdays',
    });
  });

  it('takes its band from how the weeks differ, and the mean of up to five of them', () => {
    const week = (amount: number) => new Array<number>(7).fill(amount);
    const weeks = days(...week(900), ...week(10), ...week(20), ...week(30), ...week(40), ...week(50));
    const { amount, low, high } = forecast(input(weeks));
    expect(amount).toBe(usd(`${1000 + 120 + 5 * 30}`));
    expect(low).toBe(usd(`${900 + 96 + 5 * 10}`));
    expect(high).toBe(usd(`${1100 + 144 + 5 * 50}`));
  });

  it('looks back to the same weekday over more than a week to come', () => {
    // Sunday the first: the rest of the month has four more Sundays, and each other weekday four times or five.
    const now = at('2026-11-01T00:00');
    const week = [1, 0, 0, 0, 0, 0, 0];
    const { amount } = forecast({ ...input(days(...week, ...week)), now, spent: usd('0'), burn: usd('0') });
    expect(amount).toBe(usd('4'));
    const sundays = [50, 40, 30, 20, 10].flatMap((sunday) => [sunday, 0, 0, 0, 0, 0, 0]);
    expect(forecast({ ...input(days(...sundays)), now, spent: usd('0'), burn: usd('0') }).amount).toBe(
      usd('120'),
    );
  });

  it('has nothing to add in the last moment of a month', () => {
    const now = at('2026-11-30T23:59:59.999');
    expect(forecast({ ...input([]), now, burn: usd('0') }).amount).toBe(usd('1000'));
    expect(forecast({ ...input(days(...new Array(20).fill(100))), now, burn: usd('0') })).toEqual({
      amount: usd('1000'),
      low: usd('900'),
      high: usd('1100'),
      basis: 'weekdays',
    });
  });
});
