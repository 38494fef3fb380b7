import { describe, expect, it } from 'vitest';
import { runsOutAt } from '../../lib/decide/runs-out.ts';
import { DETECTION_SECONDS, readingsOf, worstCase } from '../../lib/meter/limits.ts';
import { measure } from '../../lib/meter/measure.ts';
import { projectSpends } from '../../lib/meter/spend.ts';
import type { ProjectSpend } from '../../lib/types/meter.ts';
import { sumUsd } from '../../lib/types/money.ts';
import { at, knownServices, on, recordWith, scope, usd } from './fixtures.ts';

const NOW = at('2026-11-25T12:00');

const spend: ProjectSpend = {
  project: 'recsys',
  asOf: NOW,
  billed: usd('600'),
  estimated: usd('100'),
  low: usd('680'),
  high: usd('730'),
  band: 'learned',
  billedThrough: undefined,
  today: usd('50'),
  todayBilled: usd('10'),
  burn: usd('4'),
  usualBurn: undefined,
  discount: 0,
  running: 1,
  unpriced: [],
  forecast: { amount: usd('0'), low: usd('0'), high: usd('0'), basis: 'burn' },
};

describe('readingsOf', () => {
  it('is one for each limit, of its own spend and period', () => {
    const limits = {
      budget: usd('1000'),
      daily: usd('60'),
      total: { limit: usd('5000'), since: '2026-08-01' },
    };
    const base = { holder: 'recsys', actual: undefined, forecasted: undefined, asOf: NOW };
    expect(readingsOf(spend, 'recsys', limits, { billed: usd('2000'), estimated: usd('10') })).toEqual([
      {
        ...base,
        source: 'meter',
        budgetName: 'meter of recsys',
        limit: usd('1000'),
        period: '2026-11-01',
        meter: {
          billed: usd('600'),
          estimated: usd('100'),
          low: usd('680'),
          high: usd('730'),
          burn: usd('4'),
        },
      },
      {
        ...base,
        source: 'meter-day',
        budgetName: 'meter of recsys by day',
        limit: usd('60'),
        period: '2026-11-25',
        meter: { billed: usd('10'), estimated: usd('40'), low: usd('42'), high: usd('62'), burn: usd('4') },
      },
      {
        ...base,
        source: 'meter-total',
        budgetName: 'meter of recsys in all',
        limit: usd('5000'),
        period: '2026-11-01',
        meter: {
          billed: usd('2600'),
          estimated: usd('110'),
          low: usd('2688'),
          high: usd('2743'),
          burn: usd('4'),
        },
      },
    ]);
  });

  it('is none without a limit, and says nothing of all time where earlier months are not known', () => {
    expect(readingsOf(spend, 'recsys', {}, { billed: usd('0'), estimated: usd('0') })).toEqual([]);
    const total = { limit: usd('5000'), since: '2026-08-01' };
    expect(readingsOf(spend, 'recsys', { total }, undefined)).toEqual([]);
  });

  it('has no band for a day of which all is billed', () => {
    const billed = {
      ...spend,
      estimated: usd('0'),
      low: usd('600'),
      high: usd('600'),
      todayBilled: usd('50'),
    };
    expect(readingsOf(billed, 'recsys', { daily: usd('60') }, undefined)[0]?.meter).toMatchObject({
      billed: usd('50'),
      estimated: usd('0'),
      low: usd('50'),
      high: usd('50'),
    });
  });
});

describe('four p3.8xlarge in an empty month', () => {
  const start = at('2026-11-24T00:00').getTime();
  const records = [1, 2, 3, 4].map((n) =>
    recordWith([on('2026-11-24T00:00', { hourly: usd('12.24') })], { arn: `arn-${n}` }),
  );
  const spendAt = (now: Date) =>
    projectSpends({
      measured: measure(records, scope(now)),
      days: [],
      watchedFrom: '2026-11-24',
      discountOf: () => undefined,
      knownServices,
      now,
    }).spends.get('recsys');
  const total = (now: Date) => {
    const one = spendAt(now);
    return sumUsd(one === undefined ? [] : [one.billed, one.estimated]);
  };

  it('cost $48.96 an hour and cross $1,000 at 20 h 25 min', () => {
    const first = spendAt(new Date(start + 3_600_000));
    expect(first?.burn).toBe(usd('48.96'));
    const out = runsOutAt(
      { spent: total(new Date(start + 3_600_000)), limit: usd('1000'), burn: usd('48.96') },
      new Date(start + 3_600_000),
      at('2026-12-01T00:00'),
    );
    expect(out?.toISOString().slice(0, 16)).toBe('2026-11-24T20:25');
    expect(total(at('2026-11-24T20:25'))).toBe(usd('999.6'));
    expect(total(at('2026-11-24T20:26'))).toBe(usd('1000.416'));
  });

  it('go beyond it by $4.08 at most before the next sweep sees it', () => {
    expect(worstCase(usd('48.96'), DETECTION_SECONDS)).toBe(usd('4.08'));
    for (let phase = 0; phase < 300; phase += 7) {
      let now = start + phase * 1_000;
      while (total(new Date(now)) < usd('1000')) now += DETECTION_SECONDS * 1_000;
      expect(total(new Date(now)) <= usd('1004.08')).toBe(true);
    }
  });
});
