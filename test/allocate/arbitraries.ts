import fc from 'fast-check';
import type { AllocationInput } from '../../lib/allocate/allocate.ts';
import type { SharedRule, Split } from '../../lib/policy/allocation.ts';
import type { CostLine, DimensionLine } from '../../lib/types/cost.ts';
import { microUsd } from '../../lib/types/money.ts';
import type { Usage } from '../../lib/types/usage.ts';

/** `constructor` is a name like any other. */
const NAMES = ['fraud', 'recsys', 'search', 'ml-platform', 'constructor'] as const;
const RULES = ['gpu', 'support', 'network'] as const;
const DAYS = ['2026-11-01', '2026-11-02', '2026-11-03'] as const;

const name = fc.constantFrom(...NAMES);
const day = fc.constantFrom(...DAYS);
/** Micro-dollars, refunds too. */
const cost = fc.bigInt({ min: -1_000n, max: 10_000_000_000n }).map(microUsd);
const place = {
  day,
  project: fc.constantFrom('', ...NAMES),
  rule: fc.constantFrom(undefined, undefined, 'gone', ...RULES),
};

const lineOf: fc.Arbitrary<CostLine> = fc.record({
  ...place,
  service: fc.constantFrom('Amazon EC2', 'Amazon SageMaker'),
  charge: fc.constant('usage' as const),
  cost,
});

/** The lines by a dimension: each line's whole cost under one value. */
const dimensioned = (lines: readonly CostLine[]): readonly DimensionLine[] =>
  lines.map(({ day, project, rule, cost }, n) => ({
    day,
    project,
    rule,
    value: ['', 'dev', 'prod'][n % 3] ?? '',
    cost,
  }));

const splitBy: fc.Arbitrary<Split> = fc.oneof(
  fc.record({ by: fc.constant('project' as const), project: name }),
  fc.constant({ by: 'even' as const }),
  fc.constant({ by: 'direct' as const }),
  fc.record({
    by: fc.constant('weights' as const),
    weights: fc.dictionary(name, fc.constantFrom(0.1, 0.25, 1, 3, 1e-9), { minKeys: 1 }),
  }),
  fc.record(
    {
      by: fc.constant('usage' as const),
      usage: fc.constantFrom('gpu', 'samples', 'unread'),
      per: fc.constantFrom('day' as const, 'period' as const),
      capacityPerHour: fc.constantFrom(0.5, 7, 1e6),
      idle: fc.oneof(
        fc.constantFrom('line' as const, 'spread' as const),
        name.map((project) => ({ project })),
      ),
      whenUnused: fc.constantFrom('idle' as const, 'even' as const, 'direct' as const),
    },
    { requiredKeys: ['by', 'usage', 'per', 'idle', 'whenUnused'] },
  ),
);

const ruleNamed = (ruleName: string): fc.Arbitrary<SharedRule> =>
  fc.record(
    {
      name: fc.constant(ruleName),
      match: fc.constant({ service: ['*'] }),
      split: splitBy,
      among: fc.uniqueArray(name, { minLength: 1 }),
    },
    { requiredKeys: ['name', 'match', 'split'] },
  );

const entry = fc.record({
  at: fc
    .tuple(day, fc.nat({ max: 23 }), fc.nat({ max: 3 }))
    .map(([at, hour, quarter]) => new Date(Date.parse(at) + hour * 3_600_000 + quarter * 900_000)),
  tenant: fc.constantFrom('idle', ...NAMES),
  amount: fc.oneof(fc.constant(0), fc.nat({ max: 100_000 }), fc.double({ min: 0, max: 1e6, noNaN: true })),
});

const usageNamed = (usageName: string, sampled: boolean): fc.Arbitrary<readonly [string, Usage]> =>
  fc
    .array(entry, { maxLength: 30 })
    .map((entries) => [usageName, { name: usageName, unit: 'GPU-seconds', entries, sampled, notes: [] }]);

/** Anything that can be allocated: three days, five projects, three rules. */
export const input: fc.Arbitrary<AllocationInput> = fc
  .record({
    lines: fc.array(lineOf, { maxLength: 40 }),
    rules: fc.tuple(...RULES.map(ruleNamed)),
    usage: fc.tuple(usageNamed('gpu', false), usageNamed('samples', true)),
    projects: fc.uniqueArray(name),
  })
  .map(({ lines, rules, usage, projects }) => ({
    bill: {
      source: 'cost-explorer',
      from: '2026-11-01',
      to: '2026-11-03',
      lines,
      dimensions: new Map([['environment', dimensioned(lines)]]),
      charges: [],
      notes: [],
    },
    rules,
    usage: new Map(usage),
    projects: projects.map((project) => ({ name: project })),
  }));
