import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levelSpends } from '../../lib/meter/level-spends.ts';
import { measure } from '../../lib/meter/measure.ts';
import { billedOfModel, byModel, NO_MODEL } from '../../lib/meter/model-spend.ts';
import { closeBefore, noteFleet } from '../../lib/meter/record.ts';
import { projectSpends } from '../../lib/meter/spend.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import type { MeterPoint, MeterRecord, SpendDay } from '../../lib/types/meter.ts';
import { microUsd, sumUsd, type Usd } from '../../lib/types/money.ts';
import {
  at,
  billedAs,
  EC2,
  found,
  knownServices,
  on,
  recordWith,
  SAGEMAKER,
  scope,
  usd,
} from './fixtures.ts';

const policy = parsePolicy(
  `
version: 1
teams: { alpha: { budget: 900 USD } }
projects:
  recsys: { budget: 500 USD, team: alpha, models: { scorer: { budget: 50 USD }, ranker: { budget: 60 USD } } }
  fraud: { team: alpha }
  alone: { budget: 5 USD }
policies: [{ name: all, match: {}, idle: off }]
`,
  'levels.yaml',
);

const anyUsd = fc.bigInt({ min: 0n, max: 10n ** 10n }).map(microUsd);
const anyServices = <T>(of: fc.Arbitrary<T>) =>
  fc
    .array(fc.tuple(fc.constantFrom(EC2, SAGEMAKER, 'Amazon S3'), of), { maxLength: 3 })
    .map((all) => new Map(all));

describe('what models spend of a project', () => {
  const anyDay = fc.record({
    spent: anyServices(fc.record({ billed: anyUsd, estimated: anyUsd })),
    models: fc
      .array(fc.tuple(fc.constantFrom('scorer', 'ranker', '__proto__'), anyServices(anyUsd)), {
        maxLength: 3,
      })
      .map((all) => new Map(all)),
    rest: anyServices(anyUsd),
  });

  it('is the whole together with what has no model, billed and estimated, to the micro-dollar', () => {
    fc.assert(
      fc.property(anyDay, ({ spent, models, rest }) => {
        const services = new Set([...rest.keys(), ...[...models.values()].flatMap((own) => [...own.keys()])]);
        const listed = new Map(
          [...services].map((service) => [
            service,
            sumUsd([
              rest.get(service) ?? microUsd(0n),
              ...[...models.values()].map((own) => own.get(service) ?? microUsd(0n)),
            ]),
          ]),
        );
        const parts = byModel(spent, listed, models);
        for (const what of ['billed', 'estimated'] as const) {
          expect(sumUsd([...parts.values()].map((one) => one[what]))).toBe(
            sumUsd([...spent.values()].map((one) => one[what])),
          );
          for (const part of parts.values()) expect(part[what]).toBeGreaterThanOrEqual(0n);
        }
        // A service that nothing metered explains is nobody's.
        const alone = new Map([['Amazon Bedrock', { billed: usd('7'), estimated: usd('0') }]]);
        expect(byModel(alone, listed, models).get(NO_MODEL)).toEqual({
          billed: usd('7'),
          estimated: usd('0'),
        });
      }),
    );
  });

  it('is by the share of the list price, service by service', () => {
    const parts = byModel(
      new Map([
        [EC2, { billed: usd('10'), estimated: usd('2') }],
        [SAGEMAKER, { billed: usd('6'), estimated: usd('0') }],
      ]),
      new Map([
        [EC2, usd('16')],
        [SAGEMAKER, usd('8')],
      ]),
      new Map([
        ['scorer', new Map([[EC2, usd('4')]])],
        [
          'ranker',
          new Map([
            [EC2, usd('8')],
            [SAGEMAKER, usd('8')],
          ]),
        ],
      ]),
    );
    expect(parts.get('scorer')).toEqual({ billed: usd('2.5'), estimated: usd('0.5') });
    expect(parts.get('ranker')).toEqual({ billed: usd('11'), estimated: usd('1') });
    expect(parts.get(NO_MODEL)).toEqual({ billed: usd('2.5'), estimated: usd('0.5') });
  });

  it('of a day that is settled is what was billed of it; nothing of before it was told apart', () => {
    const day = (change: Partial<SpendDay>): SpendDay => ({
      day: '2026-10-01',
      billedAsOf: at('2026-10-05T00:00'),
      billed: new Map([['recsys', new Map([[EC2, usd('12')]])]]),
      metered: new Map([['recsys', new Map([[EC2, usd('16')]])]]),
      ...change,
    });
    const models = new Map([['recsys', new Map([['scorer', new Map([[EC2, usd('4')]])]])]]);
    expect(billedOfModel([day({ models }), day({})], 'recsys', 'scorer')).toBe(usd('3'));
    expect(billedOfModel([day({ models })], 'recsys', 'ranker')).toBe(usd('0'));
  });
});

describe('the meter', () => {
  const seen = (record: MeterRecord, tags: Readonly<Record<string, string>>, now: Date) =>
    noteFleet({
      records: new Map([[record.arn, record]]),
      resources: [found({ tags })],
      projectOf: ({ tags: { project } }) => project,
      modelOf: ({ tags: { model } }) => model,
      meteredAt: new Date(now.getTime() - 300_000),
      now,
    })[0];
  const NOW = at('2026-11-25T15:00');
  const spentOf = (record: MeterRecord | undefined) => {
    const { days, models } = measure(record === undefined ? [] : [record], scope(NOW));
    const own = models.days.get('2026-11-25')?.get('recsys');
    return {
      all: days.get('2026-11-25')?.get('recsys')?.get(EC2),
      scorer: own?.get('scorer')?.get(EC2),
      ranker: own?.get('ranker')?.get(EC2),
    };
  };

  it('has a retag of the model cost the new one from its instant, and nothing more in all', () => {
    const started = recordWith([on('2026-11-25T09:00', { model: 'scorer' })]);
    const same = seen(started, { project: 'recsys', model: 'scorer' }, at('2026-11-25T11:00'));
    expect(same).toBeUndefined();
    const changed = seen(
      recordWith([on('2026-11-25T09:00', { model: 'scorer', hourly: usd('1.006') })]),
      { project: 'recsys', model: 'ranker' },
      at('2026-11-25T11:00'),
    );
    expect(spentOf(changed)).toEqual({ all: usd('6.036'), scorer: usd('2.012'), ranker: usd('4.024') });
    expect(spentOf(changed && closeBefore(changed, at('2026-11-25T14:00'), '2026-11-01'))).toEqual(
      spentOf(changed),
    );
  });

  it('knows nothing of models that were not told apart', () => {
    expect(spentOf(recordWith([on('2026-11-25T09:00', { hourly: usd('1') })]))).toEqual({
      all: usd('6'),
      scorer: undefined,
      ranker: undefined,
    });
  });

  it('closed, at whatever time, measures the same of every model', () => {
    const anyPoints = fc
      .array(
        fc.tuple(
          fc.integer({ min: 0, max: 20 * 24 }),
          fc.constantFrom(undefined, 'scorer', 'ranker'),
          fc.integer({ min: 1, max: 40 }),
        ),
        { minLength: 1, maxLength: 40 },
      )
      .map((some): readonly MeterPoint[] =>
        [...new Map(some.map((one) => [one[0], one])).values()]
          .sort((a, b) => a[0] - b[0])
          .map(([hour, model, price]) => ({
            at: new Date(at('2026-11-01T00:00').getTime() + hour * 3_600_000),
            on: true,
            project: 'recsys',
            ...(model === undefined ? {} : { model }),
            hourly: microUsd(BigInt(price) * 100_003n),
            by: 'event',
          })),
      );
    fc.assert(
      fc.property(anyPoints, fc.integer({ min: 1, max: 24 * 24 }), (points, hours) => {
        const record = recordWith(points);
        const cut = closeBefore(
          record,
          new Date(at('2026-11-01T00:00').getTime() + hours * 3_600_000),
          '2026-10-20',
        );
        expect(measure([cut], scope(NOW))).toEqual(measure([record], scope(NOW)));
      }),
    );
  });
});

describe('the levels', () => {
  const NOW = at('2026-11-25T12:00');
  const days: readonly SpendDay[] = ['2026-11-22', '2026-11-23'].map((day) => ({
    day,
    billedAsOf: at('2026-11-24T12:00'),
    billed: new Map([
      [
        'recsys',
        new Map<string, Usd>([
          [EC2, usd('20')],
          ['Amazon S3', usd('3')],
        ]),
      ],
      ['fraud', new Map([[EC2, usd('7')]])],
    ]),
    metered: undefined,
  }));
  const record = (arn: string, project: string, model: string | undefined, hourly: string): MeterRecord =>
    recordWith(
      [on('2026-11-20T00:00', { project, hourly: usd(hourly), ...(model === undefined ? {} : { model }) })],
      { arn },
    );
  const records = [
    record('a', 'recsys', 'scorer', '0.5'),
    record('b', 'recsys', undefined, '1'),
    record('c', 'fraud', undefined, '0.3'),
    record('d', 'alone', undefined, '0.1'),
  ];
  const input = {
    measured: measure(records, { now: NOW, from: '2026-10-21', billedAs }),
    days,
    watchedFrom: '2026-11-20',
    discountOf: () => undefined,
    knownServices,
    modelsOf: new Map([['recsys', ['scorer', 'ranker']]]),
    now: NOW,
  };
  const found = projectSpends(input);
  const levels = levelSpends({ ...found, earlier: new Map() }, policy);
  const spendOf = (holder: string) => {
    const level = levels.find((one) => one.holder === holder);
    if (level === undefined) throw new Error(`no ${holder}`);
    return level;
  };

  it('are the teams, then each project with its models after it', () => {
    expect(levels.map(({ holder, within }) => [holder, within])).toEqual([
      ['team:alpha', undefined],
      ['recsys', 'alpha'],
      ['model:recsys:scorer', 'recsys'],
      ['model:recsys:ranker', 'recsys'],
      ['fraud', 'alpha'],
      ['alone', undefined],
    ]);
    expect(spendOf('team:alpha').budgets.budget).toBe(usd('900'));
  });

  it('of a team sum up its projects, in each figure', () => {
    const [team, ...projects] = ['team:alpha', 'recsys', 'fraud'].map(spendOf);
    const sum = (of: (one: (typeof levels)[number]) => Usd) => sumUsd(projects.map(of));
    for (const figure of ['billed', 'estimated', 'low', 'high', 'burn', 'today', 'todayBilled'] as const) {
      expect(team?.spend[figure], figure).toBe(sum(({ spend }) => spend[figure]));
    }
    expect(team?.spend.forecast.amount).toBe(sum(({ spend }) => spend.forecast.amount));
    expect(team?.spend.running).toBe(3);
  });

  it('of a model are a part of its project: its share of what was billed and is estimated', () => {
    const { spend } = spendOf('model:recsys:scorer');
    const own = found.models.get('recsys')?.get('scorer')?.days ?? [];
    // A third of the list price of EC2; nothing of S3.
    expect(own.find(({ day }) => day === '2026-11-23')).toMatchObject({ billed: usd('6.666667') });
    expect(spend.burn).toBe(usd('0.5'));
    expect(spend.running).toBe(1);
    expect(spend.today).toBe(usd('6'));
    const whole = spendOf('recsys').spend;
    expect(spend.high - spend.billed).toBeLessThan(whole.high - whole.billed);
    expect(spendOf('model:recsys:ranker').spend).toMatchObject({ billed: 0n, estimated: 0n, running: 0 });
  });

  it('go on from what was saved once the records are forgotten', () => {
    const later = at('2026-11-28T12:00');
    const bills = [
      ...days,
      {
        ...days[0],
        day: '2026-11-27',
        billedAsOf: later,
        billed: new Map([['recsys', new Map([[EC2, usd('1')]])]]),
        metered: undefined,
      },
    ].map((day) => ({ ...day, billedAsOf: later }));
    const whole = projectSpends({
      ...input,
      now: later,
      days: bills,
      measured: measure(records, { now: later, from: '2026-10-24', billedAs }),
    });
    const saved = new Map(whole.settled.map((day) => [day.day, day]));
    expect(saved.get('2026-11-23')?.models?.get('recsys')?.get('scorer')?.get(EC2)).toBe(usd('12'));
    const kept = bills.map((day) => ({ ...day, ...saved.get(day.day) }));
    const forgotten = projectSpends({
      ...input,
      now: later,
      days: kept,
      measured: {
        ...measure([], { now: later, from: '2026-10-24', billedAs }),
        running: new Map([['recsys', 0]]),
      },
    });
    const of = (spends: typeof whole, day: string) =>
      spends.models
        .get('recsys')
        ?.get('scorer')
        ?.days.find((one) => one.day === day);
    for (const day of ['2026-11-22', '2026-11-23']) expect(of(forgotten, day)).toEqual(of(whole, day));
    expect(of(whole, '2026-11-23')?.billed).toBe(usd('6.666667'));
  });
});
