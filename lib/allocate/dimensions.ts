import type { DimensionCosts, ProjectCosts } from '../types/allocation.ts';
import type { DimensionLine } from '../types/cost.ts';
import { microUsd, sumUsd, type Usd } from '../types/money.ts';
import { splitUsd } from './split.ts';
import { dearerFirst, Sums, sumsAt } from './sums.ts';

/** What the values of a dimension are reckoned from besides its own lines. */
export interface Allocated {
  readonly projects: readonly Pick<ProjectCosts, 'project' | 'direct' | 'shared'>[];
  readonly unowned: Usd;
  readonly idle: Usd;
}

/**
 * Costs by the values of a dimension; their sum is the bill's total.
 *
 * `direct` is what no rule takes, of projects and of what is unowned: both may carry the tag. `shared` is what rules gave
 * projects, spread over the values by what each project spends directly on each; where that is nothing, it has no value. Nor
 * have the idle lines of rules one. What the dimension's lines do not tell of a project has no value either.
 * @param isPlaced whether a rule of that name takes a line
 * @returns the dearest first, equals by value
 */
export function dimensionCosts(
  lines: readonly DimensionLine[],
  { projects, unowned, idle }: Allocated,
  isPlaced: (rule: string | undefined) => boolean,
): readonly DimensionCosts[] {
  const byProject = new Map<string, Sums>();
  for (const { project, rule, value, cost } of lines) {
    if (!isPlaced(rule)) sumsAt(byProject, project).add(value, cost);
  }
  const direct = new Sums();
  const shared = new Sums();
  for (const { project, direct: whole, shared: given } of [
    ...projects,
    { project: '', direct: unowned, shared: [] },
  ]) {
    const own = sumsAt(byProject, project);
    own.add('', microUsd(whole - own.total));
    for (const [value, cost] of own.byName()) direct.add(value, cost);
    const gift = sumUsd(given.map(({ cost }) => cost));
    const spread = splitUsd(gift, own.byName()) ?? new Map([['', gift]]);
    for (const [value, cost] of spread) shared.add(value, cost);
  }
  shared.add('', idle);
  const values = new Set([...direct.byName().keys(), ...shared.byName().keys()]);
  return [...values]
    .sort()
    .map((value) => costsOf(value, direct.of(value), shared.of(value)))
    .sort((a, b) => dearerFirst(a.total, b.total));
}

const costsOf = (value: string, direct: Usd, shared: Usd): DimensionCosts => ({
  value,
  direct,
  shared,
  total: microUsd(direct + shared),
});
