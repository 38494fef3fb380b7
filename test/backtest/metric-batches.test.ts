import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysOf } from '../../lib/backtest/days.ts';
import { asksFor, batchesOf, estimateCost, pointsOf } from '../../lib/backtest/metric-batches.ts';
import { keptPeriod } from '../../lib/backtest/retention.ts';
import { usdToDecimal } from '../../lib/types/money.ts';
import { at, DAY, NOW } from './fixtures.ts';

const series = (n: number, periodSeconds = 300) => ({
  region: n % 5 === 0 ? 'eu-west-1' : 'us-east-1',
  namespace: 'AWS/EC2',
  metricName: 'CPUUtilization',
  dimensions: { InstanceId: `i-${n}` },
  statistic: 'Maximum' as const,
  periodSeconds,
});

const day = { periodSeconds: 300, seconds: [], values: [] };

describe('batchesOf', () => {
  it('asks every missing day once, and nothing else, in calls within the limits of AWS', () => {
    const shape = fc.record({
      back: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constant(454)),
      count: fc.integer({ min: 1, max: 15 }),
      period: fc.constantFrom(60, 300, 3_600),
      cached: fc.array(fc.integer({ min: 0, max: 460 }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(shape, ({ back, count, period, cached }) => {
        const from = new Date(at('2026-11-25').getTime() - back * DAY);
        const days = daysOf(from, NOW);
        const known = new Map(
          cached.flatMap((n) => (days[n] === undefined ? [] : [[days[n].name, day] as const])),
        );
        const asks = Array.from({ length: count }, (_, n) =>
          asksFor(series(n, period), n % 2 === 0 ? known : new Map(), days, NOW.getTime(), NOW),
        );
        const batches = batchesOf(asks.flat());
        for (const [first, ...rest] of batches) {
          expect(rest.length + 1).toBeLessThanOrEqual(500);
          expect((rest.length + 1) * pointsOf(first)).toBeLessThanOrEqual(100_800);
          for (const one of rest) {
            expect([one.from, one.to, one.periodSeconds, one.series.region]).toEqual([
              first.from,
              first.to,
              first.periodSeconds,
              first.series.region,
            ]);
          }
          expect(first.periodSeconds).toBe(keptPeriod(period, new Date(first.from), NOW));
        }
        const asked = batches
          .flat()
          .flatMap((ask) =>
            daysOf(new Date(ask.from), new Date(ask.to)).map(({ name }) => [ask.series, name]),
          );
        const missing = Array.from({ length: count }, (_, n) =>
          days.filter(({ name }) => n % 2 !== 0 || !known.has(name)),
        ).flat();
        expect(asked).toHaveLength(missing.length);
        expect(new Set(asked.map((one) => JSON.stringify(one))).size).toBe(missing.length);
        expect(estimateCost(batches, 0).missingDays).toBe(missing.length);
      }),
      { numRuns: 30 },
    );
  });

  it('reads 4,000 metrics of 30 days for four cents', () => {
    const days = daysOf(at('2026-10-26'), at('2026-11-25'));
    const asks = Array.from({ length: 4_000 }, (_, n) =>
      asksFor(series(n), new Map(), days, at('2026-11-25').getTime(), NOW),
    );
    const cost = estimateCost(batchesOf(asks.flat()), 0);
    expect({ ...cost, usd: usdToDecimal(cost.usd) }).toEqual({
      metrics: 4_000,
      calls: 364,
      usd: '0.04',
      cachedDays: 0,
      missingDays: 120_000,
    });
  });
});
