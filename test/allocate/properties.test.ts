import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AllocationInput, allocate } from '../../lib/allocate/allocate.ts';
import type { SharedRule } from '../../lib/policy/allocation.ts';
import type { Allocation } from '../../lib/types/allocation.ts';
import { sumUsd } from '../../lib/types/money.ts';
import type { UsageEntry } from '../../lib/types/usage.ts';
import { input } from './arbitraries.ts';
import { line as lineOf } from './fixtures.ts';

const RUNS = { numRuns: 200 };

/** The same with other entries of usage. */
const withEntries = (
  given: AllocationInput,
  change: (entries: readonly UsageEntry[]) => readonly UsageEntry[],
): AllocationInput => ({
  ...given,
  usage: new Map(
    [...given.usage].map(([name, usage]) => [name, { ...usage, entries: change(usage.entries) }]),
  ),
});

const sharesOf = ({ rules }: Allocation) => rules.map(({ shares, idle }) => ({ shares, idle }));

const costsOf = (allocation: Allocation) =>
  sharesOf(allocation).map(({ shares, idle }) => ({
    shares: shares.map(({ project, cost }) => ({ project, cost })),
    idle,
  }));

describe('every split sums to the whole', () => {
  it('over projects, what nobody owns and what is idle', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { total, projects, unowned, idle, reconciliation } = allocate(given);
        expect(total).toBe(sumUsd(given.bill.lines.map(({ cost }) => cost)));
        expect(sumUsd([...projects.map((project) => project.total), unowned.total, idle])).toBe(total);
        expect(sumUsd(unowned.byService.map(({ cost }) => cost))).toBe(unowned.total);
        expect([reconciliation.allocated, reconciliation.lines]).toEqual([total, total]);
      }),
      RUNS,
    );
  });

  it('of each rule', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { rules, idle } = allocate(given);
        for (const rule of rules) {
          const lines = given.bill.lines.filter((line) => line.rule === rule.rule);
          expect(rule.cost).toBe(sumUsd(lines.map(({ cost }) => cost)));
          expect(sumUsd([...rule.shares.map(({ cost }) => cost), rule.idle])).toBe(rule.cost);
        }
        expect(sumUsd(rules.map((rule) => rule.idle))).toBe(idle);
      }),
      RUNS,
    );
  });

  it('of each project, by day, by rule and by service', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { projects, rules } = allocate(given);
        for (const { project, direct, shared, total, byDay, byService } of projects) {
          expect(sumUsd([direct, ...shared.map(({ cost }) => cost)])).toBe(total);
          expect(sumUsd(byDay.values())).toBe(total);
          expect(sumUsd(byService.map(({ cost }) => cost))).toBe(direct);
          for (const { rule, cost } of shared) {
            const { shares = [] } = rules.find((one) => one.rule === rule) ?? {};
            expect(shares.find((share) => share.project === project)?.cost).toBe(cost);
          }
        }
      }),
      RUNS,
    );
  });

  it('of each day: what projects pay is what was charged, less what is unowned and idle', () => {
    // Without idle lines and unowned costs, the days of projects are the days of the bill.
    fc.assert(
      fc.property(input, (given) => {
        const rules = given.rules.map((rule) => ({
          ...rule,
          split: { by: 'even' as const },
          among: ['a', 'b', 'c'],
        }));
        const lines = given.bill.lines.filter(({ project }) => project !== '');
        const { projects } = allocate({ ...given, rules, bill: { ...given.bill, lines } });
        for (const day of ['2026-11-01', '2026-11-02', '2026-11-03']) {
          const charged = sumUsd(lines.filter((line) => line.day === day).map(({ cost }) => cost));
          expect(sumUsd(projects.flatMap(({ byDay }) => byDay.get(day) ?? []))).toBe(charged);
        }
      }),
      RUNS,
    );
  });

  it('over the values of a dimension', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { dimensions, total, rules } = allocate(given);
        const values = dimensions.get('environment') ?? [];
        expect(sumUsd(values.map((value) => value.total))).toBe(total);
        expect(sumUsd(values.map(({ shared }) => shared))).toBe(sumUsd(rules.map(({ cost }) => cost)));
      }),
      RUNS,
    );
  });
});

describe('permuting', () => {
  it('lines, projects and entries of usage changes nothing', () => {
    const permuted = input.chain((given) =>
      fc.record({
        given: fc.constant(given),
        lines: shuffled(given.bill.lines),
        environment: shuffled(given.bill.dimensions.get('environment') ?? []),
        projects: shuffled(given.projects),
        usage: fc.tuple(...[...given.usage.values()].map((usage) => shuffled(usage.entries))),
      }),
    );
    fc.assert(
      fc.property(permuted, ({ given, lines, environment, projects, usage }) => {
        const before = allocate(given);
        const after = allocate({
          ...given,
          projects,
          bill: { ...given.bill, lines, dimensions: new Map([['environment', environment]]) },
          usage: new Map(
            [...given.usage].map(([name, one], place) => [name, { ...one, entries: usage[place] ?? [] }]),
          ),
        });
        expect(after).toEqual(before);
        expect(ordersOf(after)).toEqual(ordersOf(before));
      }),
      RUNS,
    );
  });

  it('tenants of weights and of `among` changes nothing', () => {
    fc.assert(
      fc.property(input, (given) => {
        const turned = given.rules.map(
          (rule): SharedRule => ({
            ...rule,
            ...(rule.among === undefined ? {} : { among: rule.among.toReversed() }),
            split:
              rule.split.by === 'weights'
                ? {
                    by: 'weights',
                    weights: Object.fromEntries(Object.entries(rule.split.weights).toReversed()),
                  }
                : rule.split,
          }),
        );
        expect(allocate({ ...given, rules: turned })).toEqual(allocate(given));
      }),
      RUNS,
    );
  });
});

const shuffled = <Item>(items: readonly Item[]): fc.Arbitrary<readonly Item[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });

/** Orders of maps, which equality does not tell apart. */
const ordersOf = ({ projects }: Allocation): readonly (readonly string[])[] =>
  projects.map(({ byDay }) => [...byDay.keys()]);

describe('adding a tenant with no use', () => {
  /** By the same rules, but none that splits evenly: that says to count heads. */
  const notEven = input.map(
    (given): AllocationInput => ({
      ...given,
      rules: given.rules.map(({ among: _, ...rule }): SharedRule => {
        const { split } = rule;
        if (split.by === 'even') return { ...rule, split: { by: 'direct' } };
        return split.by === 'usage'
          ? {
              ...rule,
              split: {
                ...split,
                usage: split.usage === 'unread' ? 'gpu' : split.usage,
                whenUnused: split.whenUnused === 'even' ? 'direct' : split.whenUnused,
              },
            }
          : rule;
      }),
      // Somebody spends and somebody uses, so that nothing falls back to counting heads.
      bill: {
        ...given.bill,
        lines: [...given.bill.lines, lineOf('payer', '2026-11-01', 1_000_000_000n)],
      },
    }),
  );

  it('to the policy file changes nobody’s share', () => {
    fc.assert(
      fc.property(notEven, (given) => {
        const used = withEntries(given, (entries) => [...entries, { at: FIRST, tenant: 'user', amount: 1 }]);
        const more = { ...used, projects: [...used.projects, { name: 'newcomer' }] };
        expect(sharesOf(allocate(more))).toEqual(sharesOf(allocate(used)));
      }),
      RUNS,
    );
  });

  it('to the usage, the direct spend or a list of names changes nobody’s share', () => {
    fc.assert(
      fc.property(notEven, (given) => {
        const more = withEntries(given, (entries) => [
          ...entries,
          ...entries.map(({ at }) => ({ at, tenant: 'newcomer', amount: 0 })),
        ]);
        const nothing = lineOf('newcomer', '2026-11-01', 0n);
        const bill = { ...given.bill, lines: [...given.bill.lines, nothing] };
        expect(sharesOf(allocate({ ...more, bill }))).toEqual(sharesOf(allocate(given)));
      }),
      RUNS,
    );
  });

  it('to those who share by what they spend or use changes nobody’s share', () => {
    fc.assert(
      fc.property(notEven, (given) => {
        const withNames = (names: readonly string[]) =>
          given.rules
            .filter(({ split }) => split.by === 'direct' || split.by === 'usage')
            .map((rule) => ({ ...rule, among: names }));
        const before = allocate({ ...given, rules: withNames(['payer', 'fraud', 'recsys']) });
        const after = allocate({ ...given, rules: withNames(['payer', 'fraud', 'newcomer', 'recsys']) });
        for (const [place, { shares, fallbacks }] of before.rules.entries()) {
          // Where none of them used anything, an idle part that is spread is split evenly: that counts heads.
          if (fallbacks.some((text) => text.includes('evenly'))) continue;
          expect(after.rules[place]?.shares).toEqual(shares);
        }
      }),
      RUNS,
    );
  });
});

const FIRST = new Date('2026-11-01T00:00:00Z');

describe('usage', () => {
  it('in another unit changes nothing, where no capacity is given', () => {
    fc.assert(
      fc.property(input, fc.constantFrom(0.5, 2, 1024), (given, factor) => {
        const rules = given.rules.map(
          (rule): SharedRule =>
            rule.split.by === 'usage' ? { ...rule, split: withoutCapacity(rule.split) } : rule,
        );
        const scaled = withEntries({ ...given, rules }, (entries) =>
          entries.map((entry) => ({ ...entry, amount: Math.floor(entry.amount) * factor })),
        );
        const plain = withEntries({ ...given, rules }, (entries) =>
          entries.map((entry) => ({ ...entry, amount: Math.floor(entry.amount) })),
        );
        expect(costsOf(allocate(scaled))).toEqual(costsOf(allocate(plain)));
      }),
      RUNS,
    );
  });

  it('of nobody falls back as the rule says', () => {
    fc.assert(
      fc.property(input, (given) => {
        const none = withEntries(given, () => []);
        for (const [place, rule] of given.rules.entries()) {
          if (rule.split.by !== 'usage') continue;
          const asRule =
            rule.split.whenUnused === 'direct' ? ({ by: 'direct' } as const) : ({ by: 'even' } as const);
          const instead =
            rule.split.whenUnused !== 'idle' || rule.split.idle === 'spread'
              ? asRule
              : rule.split.idle === 'line'
                ? undefined
                : ({ by: 'project', project: rule.split.idle.project } as const);
          const outcome = allocate(none).rules[place];
          if (instead === undefined) {
            expect(outcome).toMatchObject({ shares: [], idle: outcome?.cost });
          } else {
            const rules = given.rules.with(place, { ...rule, split: instead });
            expect(outcome?.shares.map(({ project, cost }) => [project, cost])).toEqual(
              allocate({ ...none, rules }).rules[place]?.shares.map(({ project, cost }) => [project, cost]),
            );
          }
          if (outcome?.cost !== 0n) {
            expect(outcome?.fallbacks[0]).toMatch(
              /nobody used it|none of those who share it used it|nothing is known/,
            );
          }
        }
      }),
      RUNS,
    );
  });

  it('that is sampled has intervals around the shares, within 0 and the whole', () => {
    fc.assert(
      fc.property(input, (given) => {
        for (const { shares, samples } of allocate(given).rules) {
          for (const { cost, interval } of shares) {
            expect(interval === undefined).toBe(samples === undefined);
            if (interval === undefined) continue;
            expect(interval.low).toBeLessThanOrEqual(cost);
            expect(interval.high).toBeGreaterThanOrEqual(cost);
          }
        }
      }),
      RUNS,
    );
  });
});

function withoutCapacity(split: Extract<SharedRule['split'], { by: 'usage' }>): SharedRule['split'] {
  const { capacityPerHour: _, ...rest } = split;
  return rest;
}
