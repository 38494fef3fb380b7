import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAnomalies, isAbove } from '../../lib/decide/spend-anomaly.ts';
import type { DailySpend } from '../../lib/meter/day-series.ts';
import { dayName, numberOfDay, weekdayOf } from '../../lib/meter/days.ts';
import type { SpendAnomaly } from '../../lib/types/anomaly.ts';
import { formatUsd, microUsd, type Usd } from '../../lib/types/money.ts';
import { deployed, figuresOf, meanAndDeviations, precisionOf, recallOf } from '../support/anomaly-figures.ts';
import { HISTORY_KINDS, historyOf } from '../support/spend-histories.ts';

const EC2 = 'Amazon Elastic Compute Cloud - Compute';
const S3 = 'Amazon Simple Storage Service';
/** A Monday. */
const FIRST = numberOfDay('2026-08-03');

const money = (dollars: number): Usd => microUsd(BigInt(Math.round(dollars * 1e6)));

/** Days from the first Monday on; a number is what EC2 cost, `undefined` a day that is not known. */
const daysOf = (
  amounts: readonly (number | Readonly<Record<string, number>> | undefined)[],
  project = 'recsys',
): readonly DailySpend[] =>
  amounts.flatMap((amount, index) => {
    if (amount === undefined) return [];
    const services = typeof amount === 'number' ? { [EC2]: amount } : amount;
    const own = new Map(Object.entries(services).map(([service, usd]) => [service, money(usd)]));
    return [{ day: dayName(FIRST + index), projects: new Map([[project, own]]) }];
  });

/** Days on which something is told if each is judged when it is over. */
const told = (days: readonly DailySpend[]): readonly SpendAnomaly[] =>
  days.flatMap(({ day }, index) =>
    findAnomalies({ by: 'bill', days: days.slice(0, index + 1), candidates: [day] }),
  );
const toldDays = (amounts: Parameters<typeof daysOf>[0]): readonly string[] =>
  told(daysOf(amounts)).map(({ day, spent, high }) => `${isAbove({ spent, high }) ? '+' : '-'} ${day}`);

/** Differs a little from day to day, the same each time. */
const wobble = (index: number): number => 1 + 0.03 * Math.sin(index * 2.4);
const isWeekend = (index: number): boolean => [0, 6].includes(weekdayOf(FIRST + index));
const length = (count: number, of: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, index) => of(index));
const weekly = (count: number): number[] =>
  length(count, (index) => (isWeekend(index) ? 30 : 300) * wobble(index));
/** With some days in place of others. */
const changed = (amounts: readonly number[], changes: Readonly<Record<string, number>>): number[] =>
  amounts.map((amount, index) => changes[dayName(FIRST + index)] ?? amount);

describe('what is told of a history', () => {
  it.each<{ what: string; amounts: Parameters<typeof daysOf>[0]; days: readonly string[] }>([
    { what: 'a weekly pattern', amounts: weekly(90), days: [] },
    {
      what: 'a weekday twice as dear',
      amounts: changed(weekly(60), { '2026-09-16': 600 }),
      days: ['+ 2026-09-16'],
    },
    {
      what: 'a weekend as dear as weekdays, once for both days',
      amounts: changed(weekly(60), { '2026-09-12': 300, '2026-09-13': 300 }),
      days: ['+ 2026-09-12'],
    },
    {
      what: 'an endpoint that is forgotten late in the day, once',
      amounts: length(70, (index) => 200 * wobble(index) + (index < 40 ? 0 : index === 40 ? 110 : 800)),
      days: ['+ 2026-09-12'],
    },
    {
      what: 'an endpoint beside a weekly pattern, not again at the weekend',
      amounts: weekly(70).map((amount, index) => amount + (index < 42 ? 0 : 400)),
      days: ['+ 2026-09-14'],
    },
    {
      what: 'one that becomes far dearer still, again',
      amounts: length(60, (index) => 200 * wobble(index) + (index < 40 ? 0 : index < 42 ? 150 : 900)),
      days: ['+ 2026-09-12', '+ 2026-09-14'],
    },
    {
      what: 'another odd day after more than a week',
      amounts: changed(weekly(60), { '2026-09-02': 900, '2026-09-15': 2500 }),
      days: ['+ 2026-09-02', '+ 2026-09-15'],
    },
    {
      what: 'growth of two percent a day',
      amounts: length(90, (index) => 50 * 1.02 ** index * wobble(index)),
      days: [],
    },
    { what: 'thirteen days and a dear one', amounts: [...length(13, () => 100), 900], days: [] },
    {
      what: 'fourteen days and a dear one',
      amounts: [...length(14, () => 100), 900],
      days: ['+ 2026-08-17'],
    },
    {
      what: 'a first day of spend after a long time without',
      amounts: [...length(60, () => 0), 900],
      days: [],
    },
    {
      what: 'training now and then',
      amounts: length(90, (index) => (index % 6 === 2 || index % 11 === 5 ? 500 * wobble(index) : 0)),
      days: [],
    },
    {
      what: 'training now and then, and once for four times as much',
      amounts: length(90, (index) =>
        index === 67 ? 2000 : index % 6 === 2 || index % 11 === 5 ? 500 * wobble(index) : 0,
      ),
      days: ['+ 2026-10-09'],
    },
    {
      what: 'a charge on each first of a month',
      amounts: length(
        90,
        (index) => 100 * wobble(index) + (dayName(FIRST + index).endsWith('-01') ? 400 : 0),
      ),
      days: [],
    },
    {
      what: 'a dear first of a month where those before were not',
      amounts: changed(
        length(90, (index) => 100 * wobble(index)),
        { '2026-10-01': 500 },
      ),
      days: ['+ 2026-10-01'],
    },
    {
      what: 'what is large for it and small for anybody',
      amounts: changed(
        length(60, (index) => 4 * wobble(index)),
        { '2026-09-16': 28 },
      ),
      days: [],
    },
    {
      what: 'what is large for anybody and small for it',
      amounts: changed(
        length(60, (index) => 9000 * wobble(index)),
        { '2026-09-16': 11_000 },
      ),
      days: [],
    },
    {
      what: 'a holiday, as far below',
      amounts: changed(weekly(60), { '2026-09-16': 20 }),
      days: ['- 2026-09-16'],
    },
    {
      what: 'days that are not known, which are not taken for days without spend',
      amounts: weekly(70).map((amount, index) =>
        index % 9 === 4 || (index > 30 && index < 36) ? undefined : amount,
      ),
      days: [],
    },
    { what: 'nothing but refunds', amounts: length(60, () => -5), days: [] },
  ])('$what', ({ amounts, days }) => {
    expect(toldDays(amounts)).toEqual(days);
  });

  it('tells what was expected, what is usual, and which services make the difference', () => {
    const usual = length(42, (index) => wobble(index));
    const days = daysOf([
      ...usual.map((factor) => ({ [EC2]: 200 * factor, [S3]: 50 * factor, AWSLambda: 1 })),
      { [EC2]: 180, [S3]: 340, AWSLambda: 1, 'Amazon SageMaker': 900 },
    ]);
    const [anomaly, ...others] = findAnomalies({ by: 'meter', days, candidates: ['2026-09-14'] });
    expect(others).toEqual([]);
    expect(anomaly).toMatchObject({ project: 'recsys', day: '2026-09-14', by: 'meter', spent: money(1421) });
    expect(anomaly?.services.map(({ service, spent }) => `${service} ${formatUsd(spent)}`)).toEqual([
      'Amazon SageMaker $900.00',
      `${S3} $340.00`,
    ]);
    const dollars = (amount: Usd | undefined): number => Number(amount) / 1e6;
    expect(dollars(anomaly?.expected)).toBeGreaterThan(240);
    expect(dollars(anomaly?.expected)).toBeLessThan(262);
    expect(dollars(anomaly?.low)).toBeGreaterThan(150);
    expect(dollars(anomaly?.high)).toBeLessThan(400);
  });

  it('of several days the newest comes first, and what has no project is a project too', () => {
    const one = daysOf(changed(weekly(60), { '2026-09-16': 900, '2026-09-28': 2900 }), '');
    const found = findAnomalies({ by: 'bill', days: one, candidates: ['2026-09-16', '2026-09-28'] });
    expect(found.map(({ day, project }) => [day, project])).toEqual([
      ['2026-09-28', undefined],
      ['2026-09-16', undefined],
    ]);
  });
});

/** All of some histories together, in an account that began with the first of them. */
const account = (seeds: readonly (readonly [number, number])[]): readonly DailySpend[] => {
  const histories = seeds.map(([kind, seed]) => historyOf(HISTORY_KINDS[kind] ?? 'steady', seed));
  return Array.from({ length: 90 }, (_, index) => ({
    day: dayName(FIRST + index),
    projects: new Map(
      histories.flatMap(({ project, days }, n) =>
        [...(days[index]?.projects.values() ?? [])].map((services) => [`${project}-${n}`, services] as const),
      ),
    ),
  }));
};
const candidates = Array.from({ length: 30 }, (_, index) => dayName(FIRST + 60 + index));
const someHistories = fc.array(fc.tuple(fc.nat(HISTORY_KINDS.length - 1), fc.nat(500)), {
  minLength: 1,
  maxLength: 4,
});
const mapped = (
  days: readonly DailySpend[],
  change: (projects: DailySpend['projects']) => DailySpend['projects'],
): readonly DailySpend[] => days.map(({ day, projects }) => ({ day, projects: change(projects) }));

describe('whatever the history', () => {
  it('amounts that are all so many times as large make the same days unusual', () => {
    fc.assert(
      fc.property(someHistories, fc.constantFrom(7n, 1000n), (seeds, times) => {
        // Large enough for the smallest amount that is told not to matter.
        const scaled = (factor: bigint) =>
          mapped(
            account(seeds),
            (projects) =>
              new Map(
                [...projects].map(([project, services]) => [
                  project,
                  new Map([...services].map(([service, amount]) => [service, microUsd(amount * factor)])),
                ]),
              ),
          );
        const names = (days: readonly DailySpend[]) =>
          findAnomalies({ by: 'bill', days, candidates })
            .map(({ project, day }) => `${day} ${project}`)
            .sort();
        expect(names(scaled(10_000n * times))).toEqual(names(scaled(10_000n)));
      }),
      { numRuns: 25 },
    );
  });

  it('the order of projects and services changes nothing, and no project changes another', () => {
    fc.assert(
      fc.property(someHistories, (seeds) => {
        const days = account(seeds);
        const found = findAnomalies({ by: 'bill', days, candidates });
        const reversed = mapped(
          days,
          (projects) =>
            new Map(
              [...projects]
                .reverse()
                .map(([project, services]) => [project, new Map([...services].reverse())]),
            ),
        );
        expect(findAnomalies({ by: 'bill', days: reversed, candidates })).toEqual(found);
        const more = account([...seeds, [1, 77]]);
        const added = `weekdays-77-${seeds.length}`;
        expect(
          findAnomalies({ by: 'bill', days: more, candidates }).filter(({ project }) => project !== added),
        ).toEqual(found);
      }),
      { numRuns: 25 },
    );
  });

  it('a day lies outside of what is usual, by $25 and three tenths of what was expected at least', () => {
    fc.assert(
      fc.property(someHistories, (seeds) => {
        for (const one of findAnomalies({ by: 'bill', days: account(seeds), candidates })) {
          const extra = one.spent > one.expected ? one.spent - one.expected : one.expected - one.spent;
          expect(one.spent > one.high || one.spent < one.low).toBe(true);
          expect(one.low <= one.expected && one.expected <= one.high).toBe(true);
          expect(extra + 2n >= 25_000_000n && extra * 10n + 20n >= one.expected * 3n).toBe(true);
          expect(one.services.length).toBeLessThanOrEqual(3);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('what is judged goes by the days before it alone', () => {
    fc.assert(
      fc.property(someHistories, (seeds) => {
        const days = account(seeds);
        const of = (some: readonly DailySpend[]) =>
          findAnomalies({ by: 'bill', days: some, candidates: candidates.slice(0, 5) });
        expect(of(days.slice(0, 65))).toEqual(of(days));
      }),
      { numRuns: 15 },
    );
  });
});

/*
 * `bin/measure-anomalies.ts` measures ten times as many. Of noisy projects, which cost three times as much on any day,
 * a day of three times as much is rightly not told.
 */
describe('on made-up histories with planted anomalies', () => {
  const histories = HISTORY_KINDS.flatMap((kind) =>
    Array.from({ length: 7 }, (_, index) => historyOf(kind, 20_001 + index)),
  );
  const figures = figuresOf(histories, deployed);
  const isTwice = (name: string): boolean => !name.endsWith('under 2 times');

  it('few alerts are wrong', () => {
    expect(precisionOf(figures)).toBeGreaterThanOrEqual(0.85);
    expect(figures.wrong / figures.projectMonths).toBeLessThanOrEqual(0.04);
  });

  it('nine of ten that are at least twice the usual are found, those of noisy projects apart', () => {
    const calm = figuresOf(
      histories.filter(({ kind }) => kind !== 'noisy'),
      deployed,
    );
    expect(recallOf(calm, isTwice)).toBeGreaterThanOrEqual(0.9);
    expect(recallOf(figures, isTwice)).toBeGreaterThanOrEqual(0.8);
  });

  it('a mean and three standard deviations are wrong many times as often', () => {
    const plain = figuresOf(histories, meanAndDeviations);
    expect(plain.wrong).toBeGreaterThan(8 * figures.wrong);
    expect(recallOf(figures)).toBeGreaterThan(recallOf(plain));
  });
});
