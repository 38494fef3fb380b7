import { expect, it } from 'vitest';
import { dayName, numberOfDay } from '../../lib/meter/days.ts';
import { anomaliesOf } from '../../lib/report/anomalies-of.ts';
import type { ByProject, SpendDay } from '../../lib/types/meter.ts';
import { microUsd } from '../../lib/types/money.ts';

const S3 = 'Amazon Simple Storage Service';
const FIRST = numberOfDay('2026-10-01');
const of = (dollars: number): ByProject =>
  new Map([['recsys', new Map([[S3, microUsd(BigInt(dollars) * 1_000_000n)]])]]);

/** From October on, all billed at noon of 25 November. */
const daysOf = (odd: Readonly<Record<string, number>>): readonly SpendDay[] =>
  Array.from({ length: 56 }, (_, index) => dayName(FIRST + index)).map((day) => ({
    day,
    billedAsOf: new Date('2026-11-25T12:00:00.000Z'),
    billed: of(odd[day] ?? 100),
    metered: undefined,
  }));
const told = (anomalies: ReturnType<typeof anomaliesOf>) => anomalies.map(({ day, by }) => `${day} by ${by}`);

it('the unusual days of a month, the newest first, above and below', () => {
  const days = daysOf({ '2026-10-20': 700, '2026-11-04': 10, '2026-11-18': 800 });
  expect(told(anomaliesOf(days, '2026-11'))).toEqual(['2026-11-18 by bill', '2026-11-04 by bill']);
  expect(told(anomaliesOf(days, '2026-10'))).toEqual(['2026-10-20 by bill']);
  expect(anomaliesOf(days, '2026-12')).toEqual([]);
  expect(anomaliesOf([], '2026-11')).toEqual([]);
});

it('days whose bill is not whole are told by the meter alone', () => {
  const days = daysOf({ '2026-11-18': 800, '2026-11-24': 900 });
  const meter = {
    from: '2026-10-01',
    days: new Map(days.map(({ day }) => [day, day === '2026-11-24' ? of(600) : of(80)])),
    watchedFrom: '2026-10-01',
    until: '2026-11-25',
    discountOf: () => 0,
  };
  expect(told(anomaliesOf(days, '2026-11'))).toEqual(['2026-11-18 by bill']);
  expect(told(anomaliesOf(days, '2026-11', meter))).toEqual(['2026-11-24 by meter', '2026-11-18 by bill']);
  expect(anomaliesOf(days, '2026-12', meter)).toEqual([]);
});

it('a day that has not ended is judged by nobody, whatever it cost so far', () => {
  const days = daysOf({});
  const meter = {
    from: '2026-10-01',
    // The 26th is today: one hour of it, and what a whole evening would cost.
    days: new Map([...days.map(({ day }) => [day, of(80)] as const), ['2026-11-26', of(900)] as const]),
    watchedFrom: '2026-10-01',
    discountOf: () => 0,
  };
  expect(told(anomaliesOf(days, '2026-11', { ...meter, until: '2026-11-25' }))).toEqual([]);
  expect(told(anomaliesOf(days, '2026-11', { ...meter, until: '2026-11-26' }))).toEqual([
    '2026-11-26 by meter',
  ]);
});

it('a day on which nothing ran any more is told by the meter too', () => {
  const days = daysOf({}).map((day) => ({ ...day, billed: of(0), billedAsOf: undefined }));
  const meter = {
    from: '2026-10-01',
    days: new Map(days.flatMap(({ day }) => (day < '2026-11-24' ? [[day, of(80)] as const] : []))),
    watchedFrom: '2026-10-01',
    until: '2026-11-25',
    discountOf: () => 0,
  };
  expect(told(anomaliesOf([], '2026-11', meter))).toEqual(['2026-11-24 by meter']);
});
