import { describe, expect, it } from 'vitest';
import { type AllocationInput, allocate } from '../../lib/allocate/allocate.ts';
import type { SharedRule } from '../../lib/policy/allocation.ts';
import type { CostLine } from '../../lib/types/cost.ts';
import { microUsd, sumUsd } from '../../lib/types/money.ts';
import { bill, byUsage, line, projects, rule, sharesOf, usage, usd } from './fixtures.ts';

const of = (lines: readonly CostLine[], rules: readonly SharedRule[], more: Partial<AllocationInput> = {}) =>
  allocate({ bill: bill(lines), rules, usage: new Map(), projects: projects('a', 'b', 'c'), ...more });

const outcomeOf = (...given: Parameters<typeof of>) => {
  const [outcome] = of(...given).rules;
  if (outcome === undefined) throw new Error('no outcome');
  return { ...outcome, shares: sharesOf(outcome.shares), idle: Number(outcome.idle) / 1e6 };
};

describe('what is given back', () => {
  const lines = [line('', '2026-11-02', '30', 'gpu'), line('', '2026-11-03', '-90', 'gpu')];

  it('is split as the same charge would be, also where a rule comes to less than nothing', () => {
    const outcome = outcomeOf(lines, [rule({ by: 'even' })]);
    expect(outcome.cost).toBe(usd('-60'));
    expect(outcome.shares).toEqual({ a: -20, b: -20, c: -20 });
    const { shares } = of(lines, [rule({ by: 'weights', weights: { a: 3, b: 1 } })]).rules[0] ?? {
      shares: [],
    };
    // The dearest first: of what is given back, that is who gets least of it.
    expect(shares.map(({ project, percent }) => [project, percent])).toEqual([
      ['b', 25],
      ['a', 75],
    ]);
  });

  it('goes by the use of its own day', () => {
    const used = usage([
      ['2026-11-02T01:00:00Z', 'a', 1],
      ['2026-11-03T01:00:00Z', 'a', 2],
      ['2026-11-03T01:00:00Z', 'b', 1],
    ]);
    const outcome = outcomeOf(lines, [rule(byUsage())], { usage: used });
    expect(outcome.shares).toEqual({ a: -30, b: -30 });
  });

  it('of a project weighs nothing where others are split in proportion to direct spend', () => {
    const direct = [
      line('a', '2026-11-01', '-5'),
      line('b', '2026-11-01', '1'),
      line('c', '2026-11-01', '3'),
    ];
    const outcome = outcomeOf([...direct, line('', '2026-11-09', '8', 'gpu')], [rule({ by: 'direct' })]);
    expect(outcome.shares).toEqual({ b: 2, c: 6 });
  });
});

it('direct spend is what is left of a project once rules have taken theirs, before they give it anything', () => {
  const lines = [
    line('a', '2026-11-01', '30'),
    // Of a project, and taken by a rule: it weighs in no split.
    line('a', '2026-11-01', '600', 'gpu'),
    line('b', '2026-11-02', '10'),
    line('', '2026-11-03', '40', 'support'),
  ];
  const rules = [rule({ by: 'project', project: 'b' }), rule({ by: 'direct' }, { name: 'support' })];
  const { projects: owners } = of(lines, rules);
  expect(owners.map(({ project, direct, shared, total }) => ({ project, direct, shared, total }))).toEqual([
    {
      project: 'b',
      direct: usd('10'),
      shared: [
        { rule: 'gpu', cost: usd('600') },
        { rule: 'support', cost: usd('10') },
      ],
      total: usd('620'),
    },
    {
      project: 'a',
      direct: usd('30'),
      shared: [{ rule: 'support', cost: usd('30') }],
      total: usd('60'),
    },
  ]);
});

it('a rule without cost gives nothing and says so of nothing', () => {
  for (const split of [
    { by: 'even' },
    { by: 'direct' },
    { by: 'weights', weights: { a: 1 } },
    { by: 'project', project: 'a' },
    byUsage({ per: 'period' }),
  ] as const) {
    const lines = [line('', '2026-11-02', '1', 'gpu'), line('', '2026-11-02', '-1', 'gpu')];
    expect(outcomeOf(lines, [rule(split)])).toMatchObject({ cost: 0n, idle: 0, shares: {}, fallbacks: [] });
  }
});

describe('by use', () => {
  const cost = line('', '2026-11-02', '12', 'gpu');

  it('who shares it and used nothing pays nothing', () => {
    const used = usage([['2026-11-02T01:00:00Z', 'a', 5]]);
    const outcome = outcomeOf([cost], [rule(byUsage(), { among: ['a', 'b'] })], { usage: used });
    expect(outcome.shares).toEqual({ a: 12 });
  });

  it('a tenant that is no project of the policy file pays as others do, and is told of', () => {
    const used = usage([
      ['2026-11-02T01:00:00Z', 'a', 1],
      ['2026-11-02T01:00:00Z', 'stranger', 2],
    ]);
    const allocation = of([cost], [rule(byUsage())], { usage: used });
    expect(sharesOf(allocation.rules[0]?.shares ?? [])).toEqual({ a: 4, stranger: 8 });
    expect(allocation.notes).toEqual([
      'The usage gpu names what is no project of the policy file: stranger.',
    ]);
  });

  it('hours that have not begun are no capacity', () => {
    const used = usage([['2026-11-02T01:00:00Z', 'a', 3]]);
    const until = (text: string, per: 'day' | 'period') =>
      outcomeOf([cost], [rule(byUsage({ capacityPerHour: 1, per }))], {
        bill: bill([cost], { to: '2026-11-02' }),
        usage: used,
        until: new Date(text),
      }).idle;
    // 3 of 6 hours, of which the last has begun.
    expect(until('2026-11-02T05:00:01Z', 'day')).toBe(6);
    expect(until('2026-11-02T06:00:00Z', 'day')).toBe(6);
    // 3 of 24, whatever is later.
    expect(until('2026-11-03T00:00:00Z', 'day')).toBe(10.5);
    expect(until('2026-12-09T00:00:00Z', 'day')).toBe(10.5);
    // 3 of 30 hours of two days.
    expect(until('2026-11-02T06:00:00Z', 'period')).toBe(10.8);
  });

  it('of one sample the shares may be anything', () => {
    const used = usage([['2026-11-02T01:00:00Z', 'a', 1]], { sampled: true });
    const { shares, samples } = of([cost], [rule(byUsage())], { usage: used }).rules[0] ?? {};
    expect(samples).toBe(1);
    expect(shares).toEqual([
      { project: 'a', cost: usd('12'), percent: 100, basis: 1, interval: { low: usd('0'), high: usd('12') } },
    ]);
  });
});

describe('any size', () => {
  it('more than 2^53 micro-dollars are split exactly, and intervals stay within them', () => {
    const whole = microUsd(9_007_199_254_740_995n);
    const used = usage(
      [1, 2, 3].map((hour) => [`2026-11-02T0${hour}:00:00Z`, 'a', 1] as const),
      { sampled: true },
    );
    const lines = [line('', '2026-11-02', whole, 'gpu')];
    const [even] = of(lines, [rule({ by: 'even' })]).rules;
    expect(even?.shares.map(({ cost }) => cost)).toEqual([
      3_002_399_751_580_332n,
      3_002_399_751_580_332n,
      3_002_399_751_580_331n,
    ]);
    const [sampled] = of(lines, [rule(byUsage())], { usage: used }).rules;
    expect(sampled?.shares[0]?.cost).toBe(whole);
    expect(sampled?.shares[0]?.interval?.high).toBe(whole);
  });

  it('20,000 projects take no more than moments', () => {
    const many = Array.from({ length: 20_000 }, (_, n) => `p${n}`);
    const lines = [
      line('', '2026-11-02', '1000', 'gpu'),
      ...many.map((project, n) => line(project, '2026-11-02', BigInt(n))),
    ];
    const used = usage(many.map((project, n) => ['2026-11-02T00:00:00Z', project, n] as const));
    const started = performance.now();
    const {
      total,
      projects: owners,
      idle,
      unowned,
    } = allocate({
      bill: bill(lines),
      rules: [rule(byUsage({ whenUnused: 'direct' }))],
      usage: used,
      projects: projects(...many),
    });
    expect(sumUsd([...owners.map((one) => one.total), idle, unowned.total])).toBe(total);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

it('names such as those of every object are names', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const lines = [
    ...names.map((name) => line(name, '2026-11-01', '10')),
    ...names.map((name) => line('', '2026-11-02', '4', name)),
  ];
  const weights = Object.fromEntries(names.map((name) => [name, 1]));
  const splits = [
    { by: 'even' },
    { by: 'direct' },
    { by: 'weights', weights },
    byUsage({ usage: '__proto__' }),
  ] as const;
  const used = usage(names.map((name) => ['2026-11-02T00:00:00Z', name, 1] as const));
  const allocation = allocate({
    bill: bill(lines, {
      dimensions: new Map([
        ['__proto__', lines.map(({ service: _, charge: __, ...one }) => ({ ...one, value: 'constructor' }))],
      ]),
    }),
    rules: names.map((name, place) => rule(splits[place] ?? { by: 'even' }, { name })),
    usage: new Map([...used.values()].map((one) => ['__proto__', { ...one, name: '__proto__' }])),
    projects: projects(...names),
  });
  expect(allocation.projects.map(({ project, total }) => [project, total])).toEqual(
    names.toSorted().map((name) => [name, usd('14')]),
  );
  expect(allocation.dimensions.get('__proto__')).toEqual([
    { value: 'constructor', direct: usd('40'), shared: usd('16'), total: usd('56') },
  ]);
});
