import { type Usd, ZERO_USD } from '../types/money.ts';
import type { ShownAllocation } from './shown.ts';

/** One amount of an allocation: the smallest of which it is known who pays it, and what for. */
export interface AllocationRow {
  /**
   * `direct`: carries the project's tag. `shared`: a rule gave it to the project. `idle`: what nobody used of what a rule
   * splits. `unowned`: no project, and no rule.
   */
  readonly part: 'direct' | 'shared' | 'idle' | 'unowned';
  readonly project: string | undefined;
  readonly team: string | undefined;
  readonly rule: string | undefined;
  /** Known of `direct` and `unowned`. */
  readonly service: string | undefined;
  /** Whole cents. */
  readonly cost: Usd;
}

/** An allocation as rows of whole cents that sum to its total; what is nothing to the cent has no row. */
export function allocationRows(shown: ShownAllocation): readonly AllocationRow[] {
  const none = { project: undefined, team: undefined, rule: undefined, service: undefined };
  const byRule = (costs: readonly Usd[]) =>
    shown.rules.map((rule, index) => ({ rule, cost: costs[index] ?? ZERO_USD }));
  const rows: readonly AllocationRow[] = [
    ...shown.projects.flatMap(({ project, team, byService, shared }): readonly AllocationRow[] => [
      ...byService.map(({ service, cost }) => ({
        ...none,
        part: 'direct' as const,
        project,
        team,
        service,
        cost,
      })),
      ...byRule(shared).map((one) => ({ ...none, ...one, part: 'shared' as const, project, team })),
    ]),
    ...byRule(shown.idle.shared).map((one) => ({ ...none, ...one, part: 'idle' as const })),
    ...shown.unownedByService.map(({ service, cost }) => ({
      ...none,
      part: 'unowned' as const,
      service,
      cost,
    })),
  ];
  return rows.filter(({ cost }) => cost !== 0n);
}
