import type { ProjectCosts } from '../types/allocation.ts';
import { microUsd, sumUsd, type Usd } from '../types/money.ts';
import type { Places } from './places.ts';
import type { Parts } from './shareable.ts';
import { byCodeUnits } from './split.ts';
import { dearerFirst, Sums, sumsAt } from './sums.ts';

/** What one rule gave, by UTC day. */
export interface Given {
  readonly rule: string;
  readonly parts: ReadonlyMap<string, Parts>;
}

/**
 * What each project pays, directly and by rules.
 * @param given in the order of the rules
 * @param teams by project
 */
export function projectCosts(
  { days, services }: Pick<Places, 'days' | 'services'>,
  given: readonly Given[],
  teams: ReadonlyMap<string, string | undefined>,
): readonly ProjectCosts[] {
  const byDay = new Map<string, Sums>();
  for (const [project, direct] of days) addAll(sumsAt(byDay, project), direct.byName());
  const shared = given.map(({ rule, parts }) => {
    const sums = new Sums();
    for (const [day, { shares }] of parts) {
      for (const [project, share] of shares) {
        sums.add(project, share);
        sumsAt(byDay, project).add(day, share);
      }
    }
    return { rule, sums };
  });
  return [...byDay]
    .sort(([a], [b]) => byCodeUnits(a, b))
    .map(([project, total]): ProjectCosts => {
      const direct = days.get(project)?.total ?? microUsd(0n);
      const parts = shared
        .map(({ rule, sums }) => ({ rule, cost: sums.of(project) }))
        .filter(({ cost }) => cost !== 0n);
      return {
        project,
        team: teams.get(project),
        direct,
        shared: parts,
        total: sumUsd([direct, ...parts.map(({ cost }) => cost)]),
        byDay: total.byName(),
        byService: (services.get(project)?.dearestFirst() ?? []).map(([service, cost]) => ({
          service,
          cost,
        })),
      };
    })
    .filter(({ shared: parts, byDay: some, byService }) => parts.length + some.size + byService.length > 0)
    .sort((a, b) => dearerFirst(a.total, b.total));
}

function addAll(sums: Sums, amounts: ReadonlyMap<string, Usd>): void {
  for (const [name, amount] of amounts) sums.add(name, amount);
}
