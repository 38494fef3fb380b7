import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, dayName, numberOfDay } from '../../lib/meter/days.ts';
import { type Measured, measure } from '../../lib/meter/measure.ts';
import { projectSpends } from '../../lib/meter/spend.ts';
import type { ProjectSpend, SpendDay } from '../../lib/types/meter.ts';
import { microUsd, sumUsd, type Usd } from '../../lib/types/money.ts';
import { at, EC2, knownServices, on, recordWith, SAGEMAKER, scope, usd } from './fixtures.ts';

const NOW = at('2026-11-10T12:00');
const S3 = 'Amazon Simple Storage Service';

/** The tag is known since before this month. */
const knownOn = '2026-10-10';

type Amounts = Readonly<Record<string, Readonly<Record<string, string>>>>;
const byProject = (amounts: Amounts) =>
  new Map(
    Object.entries(amounts).map(([project, services]) => [
      project,
      new Map(Object.entries(services).map(([service, amount]) => [service, usd(amount)])),
    ]),
  );

const billedDay = (day: string, amounts: Amounts, change: Partial<SpendDay> = {}): SpendDay => ({
  day,
  billedAsOf: NOW,
  billed: byProject(amounts),
  metered: undefined,
  ...change,
});

const known = billedDay(knownOn, { recsys: { [S3]: '1' } });

const measuredOf = (days: Readonly<Record<string, Amounts>>, change: Partial<Measured> = {}): Measured => ({
  from: '2026-10-06',
  days: new Map(Object.entries(days).map(([day, amounts]) => [day, byProject(amounts)])),
  burn: new Map(),
  running: new Map(),
  unpriced: new Map(),
  models: { days: new Map(), now: new Map() },
  ...change,
});

function spendsOf(
  days: readonly SpendDay[],
  measured: Measured,
  {
    discount,
    now = NOW,
    watchedFrom = measured.from,
  }: { readonly discount?: number; readonly now?: Date; readonly watchedFrom?: string } = {},
) {
  return projectSpends({ measured, days, watchedFrom, discountOf: () => discount, knownServices, now });
}

function recsys(...args: Parameters<typeof spendsOf>): ProjectSpend {
  const spend = spendsOf(...args).spends.get('recsys');
  if (spend === undefined) throw new Error('no spend');
  return spend;
}

const total = ({ billed, estimated }: ProjectSpend): Usd => sumUsd([billed, estimated]);

/** So many days in a row, from the one on. */
const inARow = <T>(first: string, count: number, make: (day: string, index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(dayName(numberOfDay(first) + index), index));

describe('the spend of a project', () => {
  it('is as billed for settled days, and else the larger of billed and metered, by service', () => {
    const days = [
      known,
      billedDay('2026-11-06', { recsys: { [EC2]: '90', [S3]: '5' } }),
      billedDay('2026-11-09', { recsys: { [EC2]: '40', [SAGEMAKER]: '30' } }),
    ];
    const measured = measuredOf({
      '2026-11-06': { recsys: { [EC2]: '100' } },
      '2026-11-09': { recsys: { [EC2]: '100', [SAGEMAKER]: '20' } },
      '2026-11-10': { recsys: { [EC2]: '50', Unheard: '1000' } },
    });
    expect(recsys(days, measured)).toMatchObject({
      billed: usd('165'),
      estimated: usd('110'),
      today: usd('50'),
      todayBilled: usd('0'),
      low: usd('253'),
      high: usd('297'),
      band: 'assumed',
    });
  });

  it('starts anew each month, UTC', () => {
    const measured = measuredOf({
      '2026-10-31': { recsys: { [EC2]: '100' } },
      '2026-11-01': { recsys: { [EC2]: '1' } },
    });
    expect(total(recsys([billedDay('2026-10-31', { recsys: { [EC2]: '700' } })], measured))).toBe(usd('1'));
  });

  const later = billedDay('2026-11-08', { recsys: { [EC2]: '1' } });
  const short = { recsys: { [EC2]: '60' } };
  const meteredOnSixth = measuredOf({ '2026-11-06': { recsys: { [EC2]: '100' } } });
  it.each<[string, readonly SpendDay[], string]>([
    ['it ended 48 hours before it was asked for', [billedDay('2026-11-06', short), later], '61'],
    [
      'one millisecond less',
      [billedDay('2026-11-06', short, { billedAsOf: new Date(at('2026-11-09T00:00').getTime() - 1) }), later],
      '101',
    ],
    ['exactly that', [billedDay('2026-11-06', short, { billedAsOf: at('2026-11-09T00:00') }), later], '61'],
    ['it was never asked for', [billedDay('2026-11-06', short, { billedAsOf: undefined }), later], '101'],
    ['no later day is billed yet', [billedDay('2026-11-06', short)], '100'],
    [
      'a later day is there with nothing on it',
      [billedDay('2026-11-06', short), billedDay('2026-11-08', { recsys: { [EC2]: '0' } })],
      '100',
    ],
    [
      'a later day is billed for another project',
      [billedDay('2026-11-06', short), billedDay('2026-11-08', { fraud: { [EC2]: '1' } })],
      '60',
    ],
    [
      'its tag was known before and nothing is billed for the day',
      [billedDay('2026-11-05', short), billedDay('2026-11-06', { '': { [EC2]: '60' } }), later],
      '61',
    ],
  ])('counts a day where %s', (_, days, amount) => {
    expect(total(recsys([known, ...days], meteredOnSixth))).toBe(usd(amount));
  });

  const sinceSeventh = [
    billedDay('2026-11-06', { '': { [EC2]: '60' } }),
    billedDay('2026-11-07', short),
    later,
    billedDay('2026-11-09', { recsys: { [EC2]: '1' } }),
  ];

  it('counts as metered what was before its tag is known', () => {
    expect(total(recsys(sinceSeventh, meteredOnSixth))).toBe(usd('162'));
  });

  it('counts the first day that its tag is known of by the larger of both: it may have been activated late in it', () => {
    const metered = measuredOf({
      '2026-11-07': { recsys: { [EC2]: '100' } },
      '2026-11-08': { recsys: { [EC2]: '100' } },
    });
    const spend = recsys(sinceSeventh, metered);
    // The eighth has not settled: a day later it is as billed, and the seventh stays.
    expect([spend.billed, spend.estimated]).toEqual([usd('62'), usd('139')]);
    const next = recsys(
      sinceSeventh.map((day) => ({ ...day, billedAsOf: at('2026-11-11T12:00') })),
      metered,
      {
        now: at('2026-11-11T12:00'),
      },
    );
    expect([next.billed, next.estimated]).toEqual([usd('62'), usd('40')]);
  });

  it('tells through when all is billed: from the first of the month without a gap', () => {
    const days = inARow('2026-11-01', 9, (day) => billedDay(day, { recsys: { [EC2]: '1' } }));
    expect(recsys(days, measuredOf({})).billedThrough).toEqual(at('2026-11-08T00:00'));
    const gap = days.map((day, index) => (index === 2 ? { ...day, billedAsOf: undefined } : day));
    expect(recsys(gap, measuredOf({})).billedThrough).toEqual(at('2026-11-03T00:00'));
    expect(recsys(days.slice(1), measuredOf({})).billedThrough).toBeUndefined();
  });

  it('tells it of a project that was begun within the month too', () => {
    const begun = (day: string) => billedDay(day, day < '2026-11-03' ? {} : { recsys: { [EC2]: '1' } });
    const days = inARow('2026-11-01', 9, begun);
    expect(recsys(days, measuredOf({})).billedThrough).toEqual(at('2026-11-08T00:00'));
    const ran = measuredOf({ '2026-11-02': { recsys: { [EC2]: '1' } } });
    expect(recsys(days, ran).billedThrough).toEqual(at('2026-11-02T00:00'));
  });

  it('takes a refund that slipped into the bill for no spend, and for none that is taken back', () => {
    const refund = { recsys: { [EC2]: '-500', [S3]: '-3' } };
    const days = [billedDay('2026-11-04', refund), later, billedDay('2026-11-09', refund)];
    const spend = recsys(days, measuredOf({ '2026-11-09': { recsys: { [EC2]: '100' } } }));
    expect([spend.billed, spend.estimated]).toEqual([usd('1'), usd('100')]);
  });

  it('is told of all that have a bill this month or anything metered, and of what has no project', () => {
    const { spends } = spendsOf(
      [
        billedDay('2026-10-31', { old: { [EC2]: '1' } }),
        billedDay('2026-11-02', { billed: { [S3]: '1' }, nothing: { [S3]: '0' }, '': { [S3]: '2' } }),
      ],
      measuredOf(
        { '2026-11-03': { metered: { [EC2]: '1' } } },
        {
          running: new Map([['running', 1]]),
          unpriced: new Map([['unpriced', [{ arn: 'a', id: 'i', kind: 'ec2-instance', size: 'p9' }]]]),
        },
      ),
    );
    expect([...spends.keys()].sort()).toEqual(['', 'billed', 'metered', 'running', 'unpriced']);
    expect(spends.get('')).toMatchObject({ project: undefined, billed: usd('2') });
    expect(spends.get('unpriced')?.unpriced).toHaveLength(1);
    expect(spends.get('running')?.running).toBe(1);
  });
});

describe('what the meter said of a day when it was settled', () => {
  it('counts where the bill does not know the tag, though no record of it is left', () => {
    const metered = byProject({ recsys: { [EC2]: '100' } });
    const days = [
      billedDay('2026-10-31', { '': { [EC2]: '100' } }, { metered }),
      billedDay('2026-11-03', { '': { [EC2]: '100' } }, { metered }),
      billedDay('2026-11-06', { '': { [EC2]: '100' } }),
    ];
    expect(recsys(days, measuredOf({}))).toMatchObject({ billed: usd('0'), estimated: usd('100') });
  });

  it('is what its records say now, not both', () => {
    const metered = byProject({ recsys: { [EC2]: '100' } });
    const days = [billedDay('2026-11-03', {}, { metered }), billedDay('2026-11-06', { '': { [EC2]: '1' } })];
    const measured = measuredOf({ '2026-11-03': { recsys: { [EC2]: '60' } } });
    expect(recsys(days, measured)).toMatchObject({ billed: usd('0'), estimated: usd('100') });
  });
});

describe('what earlier days teach', () => {
  /** Ten settled days of $100 at list price, billed at so much; then one that is not billed. */
  const taught = (billed: (index: number) => string) => [
    known,
    ...inARow('2026-10-20', 10, (day, index) =>
      billedDay(
        day,
        { recsys: { [EC2]: billed(index), [SAGEMAKER]: '1000', [S3]: '1000' } },
        { metered: byProject({ recsys: { [EC2]: '100' } }) },
      ),
    ),
    billedDay('2026-10-30', { recsys: { [EC2]: '1' } }),
  ];
  const measured = measuredOf(
    { '2026-11-09': { recsys: { [EC2]: '200' } } },
    { burn: new Map([['recsys', usd('10')]]) },
  );

  it('is the discount and the band, from services that the meter saw at work', () => {
    expect(
      recsys(
        taught(() => '70'),
        measured,
      ),
    ).toMatchObject({
      discount: 30,
      estimated: usd('140'),
      burn: usd('7'),
      low: usd('140'),
      high: usd('140'),
      band: 'learned',
    });
    expect(
      recsys(
        taught((index) => (index < 5 ? '60' : '80')),
        measured,
      ),
    ).toMatchObject({
      discount: 30,
      low: usd('119.994'),
      high: usd('159.992'),
    });
  });

  it('is nothing of days that the meter did not see all of; they are kept, and count, as the others', () => {
    const spend = (watchedFrom: string) =>
      recsys(
        taught((index) => (index < 5 ? '10' : '70')),
        measured,
        { watchedFrom },
      );
    expect(spend('2026-10-25')).toMatchObject({ discount: 30, band: 'assumed', usualBurn: usd('2.916666') });
    expect(spend('2026-10-20')).toMatchObject({ discount: 60, band: 'learned' });
    expect(spend('2026-11-11')).toMatchObject({ discount: 0, band: 'assumed', usualBurn: undefined });
    const open = taught(() => '70').map((day) => ({ ...day, metered: undefined }));
    const { settled } = spendsOf(open, measured, { watchedFrom: '2026-11-10' });
    expect(settled).toHaveLength(11);
  });

  it('is nothing of the first day that the bill knows the tag of: it may have been activated late in it', () => {
    const began = taught(() => '100').map((day, index) =>
      index === 0 ? { ...day, billed: byProject({ recsys: { [EC2]: '1' } }) } : day,
    );
    expect(recsys(began, measured)).toMatchObject({ discount: 0, low: usd('200'), high: usd('200') });
  });

  it('yields to the discount of the policy', () => {
    expect(
      recsys(
        taught(() => '70'),
        measured,
        { discount: 20 },
      ),
    ).toMatchObject({
      discount: 20,
      estimated: usd('160'),
      burn: usd('8'),
      low: usd('140'),
      high: usd('160'),
    });
    expect(
      recsys(
        taught(() => '70'),
        measured,
        { discount: 0 },
      ).discount,
    ).toBe(0);
  });

  it('is nothing where Cost Explorer does not know the tag yet', () => {
    const unknown = taught(() => '70').map((day) => ({ ...day, billed: byProject({ '': { [EC2]: '70' } }) }));
    expect(recsys(unknown, measured)).toMatchObject({ discount: 0, band: 'assumed' });
  });

  it('is the usual burn: the median of the days on which it ran', () => {
    const ran = (amounts: readonly string[]) =>
      measuredOf(
        Object.fromEntries([
          ...inARow('2026-11-01', amounts.length, (day, index) => [
            day,
            { recsys: { [EC2]: amounts[index] ?? '0' } },
          ]),
          ['2026-11-10', { recsys: { [EC2]: '99999' } }],
        ]),
      );
    expect(recsys([], ran(['24', '48', '72', '2400'])).usualBurn).toBeUndefined();
    expect(recsys([], ran(['24', '48', '72', '96', '2400'])).usualBurn).toBe(usd('3'));
    expect(recsys([], ran(['24', '48', '72', '96', '0', '0', '120', '2400'])).usualBurn).toBe(usd('3.5'));
    expect(recsys([], ran(['24', '48', '72', '96', '2400']), { discount: 50 }).usualBurn).toBe(usd('1.5'));
  });

  it('is kept for good of each day once it has settled', () => {
    const metered = byProject({ recsys: { [EC2]: '100' } });
    const days = [
      billedDay('2026-10-01', { recsys: { [EC2]: '1' } }),
      billedDay('2026-11-04', { recsys: { [EC2]: '1' } }, { metered }),
      billedDay('2026-11-05', {}),
      billedDay('2026-11-06', { recsys: { [EC2]: '1' } }),
      billedDay('2026-11-08', { recsys: { [EC2]: '1' } }),
    ];
    const { settled } = spendsOf(
      days,
      measuredOf({ '2026-11-06': { recsys: { [EC2]: '100' } }, '2026-11-08': { recsys: { [EC2]: '100' } } }),
    );
    // The first is older than what is measured, the last has not settled.
    expect(settled).toEqual([
      { day: '2026-11-05', metered: new Map() },
      { day: '2026-11-06', metered },
    ]);
  });

  it('is the forecast by weekdays, from two weeks of spend on', () => {
    const days = inARow('2026-10-27', 14, (day) => billedDay(day, { recsys: { [S3]: '10' } }));
    const spend = recsys(days, measuredOf({}, { burn: new Map([['recsys', usd('1')]]) }));
    // Nine days of this month, 12 hours of today, 20 days to come.
    expect(spend.forecast).toMatchObject({ basis: 'weekdays', amount: usd(`${90 + 12 + 200}`) });
    const few = recsys(days.slice(1), measuredOf({}, { burn: new Map([['recsys', usd('1')]]) }));
    expect(few.forecast).toMatchObject({ basis: 'burn', amount: usd(`${90 + 12 + 20 * 24}`) });
  });
});

describe('billed and estimated', () => {
  const micros = (max: bigint) => fc.bigInt(0n, max).map(microUsd);
  const amounts = fc.record({
    m: micros(10n ** 10n),
    b: micros(10n ** 10n),
    discount: fc.constantFrom(0, 28.8, 50),
  });
  const around = (billed: Usd) => [
    { ...billedDay('2026-11-01', { recsys: { [EC2]: '1' } }) },
    { ...billedDay('2026-11-07', {}), billed: new Map([['recsys', new Map([[EC2, billed]])]]) },
    { ...billedDay('2026-11-08', { recsys: { [EC2]: '1' } }) },
  ];
  const metered = (m: Usd): Measured => ({
    ...measuredOf({}),
    days: new Map([['2026-11-07', new Map([['recsys', new Map([[EC2, m]])]])]]),
  });
  /** The seventh settles at the end of the ninth. */
  const asOf = (when: string, days: readonly SpendDay[]) =>
    days.map((day) => ({ ...day, billedAsOf: at(when) }));
  const open = (days: readonly SpendDay[]) => asOf('2026-11-09T12:00', days);

  it('stay one sum while the bill of a day catches up with the meter', () => {
    fc.assert(
      fc.property(
        amounts,
        fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 2, maxLength: 6 }),
        ({ m, discount }, steps) => {
          const full = total(recsys(open(around(microUsd(0n))), metered(m), { discount }));
          const estimate = microUsd(full - 2_000_000n);
          for (const step of [...steps].sort((a, b) => a - b)) {
            const billed = microUsd((estimate * BigInt(step)) / 1_000n);
            const spend = recsys(open(around(billed)), metered(m), { discount });
            expect(total(spend)).toBe(full);
            expect(spend.billed).toBe(billed + 2_000_000n);
          }
          // And then it settles.
          expect(total(recsys(asOf('2026-11-10T00:00', around(estimate)), metered(m), { discount }))).toBe(
            full,
          );
        },
      ),
    );
  });

  it('jump by what bill and meter differ, no more, when a day settles', () => {
    fc.assert(
      fc.property(amounts, ({ m, b, discount }) => {
        const estimate = total(recsys(open(around(microUsd(0n))), metered(m), { discount })) - 2_000_000n;
        const before = total(recsys(open(around(b)), metered(m), { discount }));
        const after = total(recsys(asOf('2026-11-10T00:00', around(b)), metered(m), { discount }));
        expect(after).toBe(b + 2_000_000n);
        const jump = before - after;
        expect(jump >= 0n && jump <= (b > estimate ? 0n : estimate - b)).toBe(true);
      }),
    );
  });

  it('never overlap, and lie within their band', () => {
    const anyDay = fc.record({
      b: fc.option(fc.bigInt(-(10n ** 8n), 10n ** 10n).map(microUsd), { nil: undefined }),
      s3: micros(10n ** 9n),
      m: micros(10n ** 10n),
      asked: fc.constantFrom(undefined, 0, 1, 2, 5),
    });
    fc.assert(
      fc.property(
        fc.array(anyDay, { minLength: 1, maxLength: 35 }),
        fc.option(fc.constantFrom(0, 30), { nil: undefined }),
        (all, discount) => {
          const first = dayName(numberOfDay('2026-11-10') - all.length + 1);
          const days = all.flatMap(({ b, s3, asked }, index): SpendDay[] => {
            const number = numberOfDay(first) + index;
            const billedAsOf = asked === undefined ? undefined : new Date((number + asked) * DAY_MS);
            if (b === undefined) return [];
            const services = new Map([
              [EC2, b],
              [S3, s3],
            ]);
            return [
              {
                day: dayName(number),
                billedAsOf,
                billed: new Map([['recsys', services]]),
                metered: undefined,
              },
            ];
          });
          const measured: Measured = {
            ...measuredOf({}, { running: new Map([['recsys', 1]]), burn: new Map([['recsys', usd('3')]]) }),
            days: new Map(
              all.map(({ m }, index) => [
                dayName(numberOfDay(first) + index),
                new Map([['recsys', new Map([[EC2, m]])]]),
              ]),
            ),
          };
          const spend = recsys(days, measured, discount === undefined ? {} : { discount });
          const { low, high, billed, estimated, today, todayBilled, forecast } = spend;
          expect(estimated >= 0n && billed >= 0n && todayBilled >= 0n && todayBilled <= today).toBe(true);
          expect(billed <= low && low <= total(spend) && total(spend) <= high).toBe(true);
          expect(today <= total(spend)).toBe(true);
          expect(forecast.low <= forecast.amount && forecast.amount <= forecast.high).toBe(true);
          expect(forecast.amount >= total(spend)).toBe(true);
          const ofMonth = all
            .map((one, index) => ({ ...one, day: dayName(numberOfDay(first) + index) }))
            .filter(({ day }) => day >= '2026-11-01');
          const most = ofMonth.reduce((sum, { b = microUsd(0n), s3, m }) => sum + s3 + (b > m ? b : m), 0n);
          expect(total(spend) <= most).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('follow the meter where nothing was ever billed', () => {
    const record = recordWith([on('2026-11-09T00:00', { hourly: usd('12.24') })]);
    const spend = recsys([], measure([record], scope(NOW)));
    expect(spend).toMatchObject({
      billed: usd('0'),
      estimated: usd('440.64'),
      burn: usd('12.24'),
      running: 1,
    });
    expect(spend.billedThrough).toBeUndefined();
  });
});
