import type { SharedRule, Split } from '../../lib/policy/allocation.ts';
import type { Bill, CostLine } from '../../lib/types/cost.ts';
import { microUsd, parseUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';
import type { Usage } from '../../lib/types/usage.ts';

/** `12.50` as money. */
export const usd = (text: string): Usd => parseUsd(text) ?? ZERO_USD;

/** What project, on what day, for how much; of a rule where one is named. */
export const line = (project: string, day: string, cost: string | bigint, rule?: string): CostLine => ({
  day,
  project,
  rule,
  service: rule === undefined ? 'Amazon EC2' : 'Amazon SageMaker',
  charge: 'usage',
  cost: typeof cost === 'bigint' ? microUsd(cost) : usd(cost),
});

/** November 2026 by Cost Explorer. */
export const bill = (lines: readonly CostLine[], rest: Partial<Bill> = {}): Bill => ({
  source: 'cost-explorer',
  from: '2026-11-01',
  to: '2026-11-30',
  lines,
  dimensions: new Map(),
  charges: [],
  notes: [],
  ...rest,
});

export const rule = (split: Split, rest: Partial<SharedRule> = {}): SharedRule => ({
  name: 'gpu',
  match: { tags: { shared: ['gpu'] } },
  split,
  ...rest,
});

/** A split by the usage `gpu`, each day by itself, idle as a line, unless something else is said. */
export const byUsage = (rest: Partial<Extract<Split, { by: 'usage' }>> = {}): Split => ({
  by: 'usage',
  usage: 'gpu',
  per: 'day',
  idle: 'line',
  whenUnused: 'idle',
  ...rest,
});

/** Entries as `[time, tenant, amount]`. */
export const usage = (
  entries: readonly (readonly [string, string, number])[],
  rest: Partial<Usage> = {},
): ReadonlyMap<string, Usage> =>
  new Map([
    [
      'gpu',
      {
        name: 'gpu',
        unit: 'GPU-seconds',
        entries: entries.map(([at, tenant, amount]) => ({ at: new Date(at), tenant, amount })),
        sampled: false,
        notes: [],
        ...rest,
      },
    ],
  ]);

export const projects = (...names: readonly string[]): readonly { readonly name: string }[] =>
  names.map((name) => ({ name }));

/** Amounts as decimal text is read, by project. */
export const sharesOf = (
  shares: readonly { readonly project: string; readonly cost: Usd }[],
): Readonly<Record<string, number>> =>
  Object.fromEntries(shares.map(({ project, cost }) => [project, Number(cost) / 1e6]));
