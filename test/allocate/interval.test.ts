import { describe, expect, it } from 'vitest';
import { allocate } from '../../lib/allocate/allocate.ts';
import { studentT } from '../../lib/allocate/interval.ts';
import type { RuleOutcome } from '../../lib/types/allocation.ts';
import { bill, byUsage, line, projects, rule, sharesOf, usage } from './fixtures.ts';

const MINUTES = 1_440;
const NAMES = ['fraud', 'recsys', 'search'] as const;

/** The same numbers every time, from 0 to 1 (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    const more = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((more ^ (more >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Next = () => number;
/** What each project used in each minute of a day. */
type Day = readonly (readonly number[])[];

const normal = (next: Next): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

const DAYS: Readonly<Record<string, (next: Next) => Day>> = {
  'who uses it changes at random': (next) =>
    minutes(() => {
      const draw = next();
      return [draw < 0.7, draw >= 0.7 && draw < 0.95, draw >= 0.95].map(Number);
    }),
  'each minute is like the one before': (next) => {
    const state = NAMES.map(() => normal(next));
    return minutes(() =>
      [3, 2, 0.5].map((usual, n) => {
        state[n] = 0.98 * (state[n] ?? 0) + 0.2 * normal(next);
        return Math.max(0, usual + (state[n] ?? 0));
      }),
    );
  },
  'jobs take whole hours': (next) => {
    let now: readonly number[] = [];
    return minutes((minute) => {
      if (minute % 60 === 0) now = [0.6, 0.3, 0.1].map((share) => (next() < share ? next() * 8 : 0));
      return now;
    });
  },
  'some work by day and some by night': (next) =>
    minutes((minute) => {
      const wave = Math.sin((minute / MINUTES) * 2 * Math.PI);
      return [3 + 2 * wave + next(), 2 - wave + next(), 0.3 + 0.2 * next()];
    }),
};

const minutes = (use: (minute: number) => readonly number[]): Day =>
  Array.from({ length: MINUTES }, (_, minute) => use(minute));

const drawn = (next: Next, count: number, of: number): readonly number[] => {
  const found = new Set<number>();
  while (found.size < count) found.add(Math.floor(next() * of));
  return [...found];
};

const OFTEN = (next: Next): readonly number[] => {
  const first = Math.floor(next() * 5);
  return Array.from({ length: MINUTES / 5 }, (_, n) => first + 5 * n);
};

/** Which minutes are looked at. */
const PLANS: Readonly<Record<string, (next: Next) => readonly number[]>> = {
  'six samples': (next) => drawn(next, 6, MINUTES),
  'thirty samples': (next) => drawn(next, 30, MINUTES),
  'four samples in each of eight hours': (next) =>
    drawn(next, 8, 24).flatMap((hour) => drawn(next, 4, 60).map((minute) => 60 * hour + minute)),
  'a sample every five minutes': OFTEN,
};

const instant = (minute: number): string => new Date(Date.UTC(2026, 10, 2, 0, minute)).toISOString();

const outcomeOf = (day: Day, looked: readonly number[], cost = '100'): RuleOutcome | undefined =>
  allocate({
    bill: bill([line('', '2026-11-02', cost, 'gpu')]),
    rules: [rule(byUsage())],
    usage: usage(
      looked.flatMap((minute) =>
        NAMES.map((name, n) => [instant(minute), name, day[minute]?.[n] ?? 0] as const),
      ),
      { sampled: true },
    ),
    projects: projects(...NAMES),
  }).rules[0];

/** How many percent of intervals hold the true share, and how wide they are on average, in percent of the cost. */
function tried(make: (next: Next) => Day, plan: (next: Next) => readonly number[], runs: number) {
  const next = numbers(20_261_101);
  const found = Array.from({ length: runs }, () => {
    const day = make(next);
    const used = new Map<string, number>(
      NAMES.map((name, n) => [name, day.reduce((sum, amounts) => sum + (amounts[n] ?? 0), 0)]),
    );
    const all = [...used.values()].reduce((sum, amount) => sum + amount, 0);
    return (outcomeOf(day, plan(next))?.shares ?? []).map(({ project, interval }) => {
      const truth = (1e8 * (used.get(project) ?? 0)) / all;
      const [low, high] = [Number(interval?.low), Number(interval?.high)];
      return { holds: low <= truth && truth <= high, width: (high - low) / 1e6 };
    });
  }).flat();
  return {
    holds: (100 * found.filter(({ holds }) => holds).length) / found.length,
    width: found.reduce((sum, { width }) => sum + width, 0) / found.length,
  };
}

describe('the interval of a share', () => {
  describe.each(Object.entries(DAYS))('where %s', (_title, day) => {
    // 150 days of three projects, 60 where a day has many samples: chance alone moves 95 % by 2 % and more. Where hours are known wholly, or samples of
    // an hour are alike, intervals hold more than they must.
    it.each(Object.entries(PLANS))('holds what is true in about 95 of 100 cases: %s', (_plan, plan) => {
      const { holds } = tried(day, plan, plan === OFTEN ? 60 : 150);
      expect(holds).toBeGreaterThan(92.5);
    });
  });

  it('holds not much more where samples are independent', () => {
    const random = tried(DAYS['who uses it changes at random'] ?? (() => []), OFTEN, 100);
    expect(random.holds).toBeLessThan(98);
    expect(random.width).toBeLessThan(10);
  });

  it('is the shorter the more samples there are', () => {
    const widths = [6, 24, 96].map(
      (count) =>
        tried(DAYS['who uses it changes at random'] ?? (() => []), (next) => drawn(next, count, MINUTES), 60)
          .width,
    );
    expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    expect(widths[0]).toBeGreaterThan(60);
    expect(widths[2]).toBeLessThan(20);
  });

  const even: Day = minutes(() => [3, 1, 0]);

  it('is the whole cost where there is one sample, or samples of one hour alone', () => {
    for (const looked of [[600], [600, 610, 650]]) {
      const outcome = outcomeOf(even, looked);
      expect(outcome?.samples).toBe(looked.length);
      expect(sharesOf(outcome?.shares ?? [])).toEqual({ fraud: 75, recsys: 25 });
      for (const { interval } of outcome?.shares ?? [])
        expect(interval).toEqual({ low: 0n, high: 100_000_000n });
    }
  });

  it('is the share alone where all samples agree on it', () => {
    const [fraud] = outcomeOf(even, [0, 100, 200, 300])?.shares ?? [];
    expect(fraud?.interval).toEqual({ low: 75_000_000n, high: 75_000_000n });
  });

  it('does not take one user in a few samples for the only one', () => {
    const low = (looked: readonly number[]) => {
      const [only] =
        outcomeOf(
          minutes(() => [1, 0, 0]),
          looked,
        )?.shares ?? [];
      expect(only?.interval?.high).toBe(100_000_000n);
      return Number(only?.interval?.low) / 1e6;
    };
    expect(low([0, 100])).toBeCloseTo(22.4, 1);
    expect(low(Array.from({ length: 24 }, (_, hour) => 60 * hour))).toBeCloseTo(88.3, 1);
  });

  it('lies between a refund and nothing, of a refund', () => {
    const next = numbers(7);
    const day = minutes(() => [next(), next(), next()]);
    for (const { cost, interval } of outcomeOf(day, [0, 100, 200, 300], '-100')?.shares ?? []) {
      expect(interval?.low).toBeGreaterThanOrEqual(-100_000_000n);
      expect(interval?.low).toBeLessThan(Number(cost));
      expect(interval?.high).toBeGreaterThan(Number(cost));
      expect(interval?.high).toBeLessThanOrEqual(0n);
    }
  });

  it('moves by what is no estimate, and by no more', () => {
    const { rules } = allocate({
      bill: bill([line('', '2026-11-02', '100', 'gpu'), line('', '2026-11-03', '10', 'gpu')]),
      rules: [rule(byUsage({ idle: { project: 'recsys' } }))],
      usage: usage([['2026-11-02T01:00:00Z', 'fraud', 1]], { sampled: true }),
      projects: projects('fraud'),
    });
    expect(rules[0]?.shares.map(({ project, interval }) => [project, interval])).toEqual([
      ['fraud', { low: 0n, high: 100_000_000n }],
      ['recsys', { low: 10_000_000n, high: 10_000_000n }],
    ]);
  });

  it('counts an idle part that goes to one of those who use it', () => {
    const samples = [0, 1, 2, 3, 4, 5].flatMap((hour) => [
      [`2026-11-02T0${hour}:00:00Z`, 'fraud', hour % 3 === 0 ? 4 : 1] as const,
      [`2026-11-02T0${hour}:00:00Z`, 'recsys', 2] as const,
      [`2026-11-02T0${hour}:00:00Z`, 'idle', hour % 2 === 0 ? 1 : 3] as const,
    ]);
    const outcome = (idle: 'line' | { project: string }) =>
      allocate({
        bill: bill([line('', '2026-11-02', '36', 'gpu')]),
        rules: [rule(byUsage({ idle, capacityPerHour: 100 }))],
        usage: usage(samples, { sampled: true }),
        projects: projects('fraud', 'recsys'),
      }).rules[0];
    // 12, 12 and 12: fraud’s share is as sure as recsys and idle together are.
    const apart = outcome('line');
    expect([apart?.idle, apart?.shares.map(({ cost }) => cost)]).toEqual([
      12_000_000n,
      [12_000_000n, 12_000_000n],
    ]);
    expect(apart?.fallbacks).toEqual([
      'Of samples a capacity says nothing: only what they call idle is idle.',
    ]);
    const [recsys, fraud] = outcome({ project: 'recsys' })?.shares ?? [];
    expect(recsys?.cost).toBe(24_000_000n);
    const [low, high] = [Number(fraud?.interval?.low), Number(fraud?.interval?.high)];
    expect(36_000_000 - Number(recsys?.interval?.high)).toBeCloseTo(low, -1);
    expect(36_000_000 - Number(recsys?.interval?.low)).toBeCloseTo(high, -1);
  });
});

describe('Student’s t', () => {
  it.each([
    [1, 12.706],
    [1.9, 12.706],
    [10, 2.228],
    [11, 2.201],
    [20, 2.086],
    [30, 2.042],
    [120, 1.98],
    [100_000, 1.96],
  ])('of %d degrees of freedom', (freedom, quantile) => {
    expect(studentT(freedom)).toBeCloseTo(quantile, 3);
  });
});
