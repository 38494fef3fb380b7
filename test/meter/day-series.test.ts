import { describe, expect, it } from 'vitest';
import { billedDays, meteredDays } from '../../lib/meter/day-series.ts';
import type { ByProject, SpendDay } from '../../lib/types/meter.ts';
import { at, EC2, usd } from './fixtures.ts';

const of = (amount: string, project = 'recsys'): ByProject =>
  new Map([[project, new Map([[EC2, usd(amount)]])]]);
const day = (name: string, change: Partial<SpendDay> = {}): SpendDay => ({
  day: name,
  billedAsOf: at('2026-11-25T06:00'),
  billed: of('10'),
  metered: undefined,
  ...change,
});

describe('days that are billed', () => {
  it('are those whose bill is whole, in order', () => {
    const days = [
      day('2026-11-21'),
      day('2026-11-20', { billedAsOf: at('2026-11-22T06:00') }),
      day('2026-11-19', { billedAsOf: undefined }),
      day('2026-11-18', { billed: new Map() }),
      day('2026-11-24'),
    ];
    expect(billedDays(days)).toEqual([
      { day: '2026-11-18', projects: new Map() },
      { day: '2026-11-21', projects: of('10') },
    ]);
  });
});

describe('days by the meter', () => {
  const says = {
    from: '2026-11-20',
    days: new Map([
      ['2026-11-21', of('4')],
      ['2026-11-25', of('9')],
    ]),
    watchedFrom: '2026-11-01',
    discountOf: () => 25,
  };

  it('are as saved, else as measured, less discount; without either nothing was spent', () => {
    expect(meteredDays([day('2026-11-21', { metered: of('40') })], says, '2026-11-22')).toEqual([
      { day: '2026-11-20', projects: new Map() },
      { day: '2026-11-21', projects: of('30') },
      { day: '2026-11-22', projects: new Map() },
    ]);
    expect(meteredDays([], says, '2026-11-21').at(-1)).toEqual({ day: '2026-11-21', projects: of('3') });
  });

  it('are not known before the meter saw a whole day, and where nothing was saved of what it no longer measures', () => {
    const days = [day('2026-11-17', { metered: of('4') }), day('2026-11-18')];
    const names = (watchedFrom: string) =>
      meteredDays(days, { ...says, watchedFrom }, '2026-11-21').map((one) => one.day);
    expect(names('2026-11-01')).toEqual(['2026-11-17', '2026-11-20', '2026-11-21']);
    expect(names('2026-11-21')).toEqual(['2026-11-21']);
    expect(names('2026-11-22')).toEqual([]);
  });
});
