import type { ProjectCosts, RuleOutcome } from '../types/allocation.ts';
import { ascending } from '../types/lists.ts';
import { microUsd, sumUsd, type Usd } from '../types/money.ts';
import type { Places } from './places.ts';
import { dearerFirst, Sums, sumsAt } from './sums.ts';

/**
 * What each project pays, directly and by rules.
 * @param rules what they gave, in their order
 * @param teams by project
 */
export function projectCosts(
  { days, services }: Pick<Places, 'days' | 'services'>,
  rules: readonly Pick<RuleOutcome, 'rule' | 'byDay'>[],
  teams: ReadonlyMap<string, string | undefined>,
): readonly ProjectCosts[] {
  const byDay = new Map<string, Sums>();
  for (const [project, direct] of days) addAll(sumsAt(byDay, project), direct.byName());
  const shared = rules.map(({ rule, byDay: given }) => {
    const sums = new Sums();
    for (const [day, { shares }] of given) {
      for (const [project, share] of shares) {
        sums.add(project, share);
        sumsAt(byDay, project).add(day, share);
      }
    }
    return { rule, sums };
  });
  return [...byDay]
    .sort(([a], [b]) => ascending(a, b))
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
