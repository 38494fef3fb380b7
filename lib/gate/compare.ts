import type { EstimatedItem } from '../estimate/estimate.ts';
import { largerUsd, microUsd, type Usd, ZERO_USD } from '../types/money.ts';

/** What of a priced item is compared, and kept of a baseline (`saved.ts`). */
export type Comparable = Pick<
  EstimatedItem,
  'id' | 'type' | 'project' | 'place' | 'frequency' | 'cost' | 'costs' | 'unpriced'
>;

/** One thing of a change beside what it was before. */
export interface ComparedItem {
  readonly id: string;
  readonly type: string;
  /** By its tag, or else as stated for all that carry none; `undefined` = nobody says. */
  readonly project: string | undefined;
  readonly place: EstimatedItem['place'];
  /** Of what it is now; of what is gone as it was. */
  readonly frequency: EstimatedItem['frequency'];
  readonly change: 'added' | 'removed' | 'changed' | 'same';
  /** USD a month, or once; `undefined` = there was, or is, no such thing. */
  readonly before: Usd | undefined;
  readonly after: Usd | undefined;
  /** USD more, or less (`changeOf`). */
  readonly delta: Usd;
  /** What of it has no price now, a sentence each; empty of what is gone or the same. */
  readonly unpriced: readonly string[];
}

/** A change beside its baseline. */
export interface Comparison<Item extends Comparable = Comparable> {
  /** In the order of the change; what is gone comes last. */
  readonly items: readonly (ComparedItem & { readonly item: Item | undefined })[];
  /** False where there was none: all is then added. */
  readonly hasBase: boolean;
}

/**
 * Compares by id; where several have one id, in their order. What was of another project before, or a job that now runs
 * each month, is gone there, and added where it is now. A job counts what more it costs, once: one that is gone or cheaper
 * makes room for nothing, as what the month comes to does not hold it.
 * @param base what is there without the change; `undefined` = nothing to compare with, all of it is new
 * @param project whose all is that carries no project tag
 */
export function compareItems<Item extends Comparable>(
  base: readonly Comparable[] | undefined,
  change: readonly Item[],
  project?: string,
): Comparison<Item> {
  const ofProject = (item: Comparable): string | undefined => item.project ?? project;
  const keyed = <One extends Comparable>(items: readonly One[]): readonly (readonly [string, One])[] => {
    const seen = new Map<string, number>();
    return items.map((item) => {
      const key = JSON.stringify([ofProject(item) ?? null, item.frequency, item.id]);
      const count = seen.get(key) ?? 0;
      seen.set(key, count + 1);
      return [`${key}#${count}`, item];
    });
  };
  const before = new Map(keyed(base ?? []));
  const now = keyed(change);
  const kept = new Set(now.map(([key]) => key));
  return {
    hasBase: base !== undefined,
    items: [
      ...now.map(([key, item]) => {
        const old = before.get(key);
        const isSame = old !== undefined && sameness(old) === sameness(item);
        return {
          ...named(item, ofProject(item)),
          change: old === undefined ? ('added' as const) : isSame ? ('same' as const) : ('changed' as const),
          before: old?.cost,
          after: item.cost,
          delta: changeOf(item.frequency, old?.cost, item.cost),
          unpriced: isSame ? [] : item.unpriced,
          item,
        };
      }),
      ...[...before]
        .filter(([key]) => !kept.has(key))
        .map(([, old]) => ({
          ...named(old, ofProject(old)),
          change: 'removed' as const,
          before: old.cost,
          after: undefined,
          delta: changeOf(old.frequency, old.cost, undefined),
          unpriced: [],
          item: undefined,
        })),
    ],
  };
}

/** What a change adds to what the month comes to without it. USD; of a month below zero where it costs less. */
export function changeOf(
  frequency: ComparedItem['frequency'],
  before: Usd | undefined,
  after: Usd | undefined,
): Usd {
  const difference = microUsd((after ?? ZERO_USD) - (before ?? ZERO_USD));
  return frequency === 'once' ? largerUsd(ZERO_USD, difference) : difference;
}

const named = ({ id, type, place, frequency }: Comparable, project: string | undefined) => ({
  id,
  type,
  project,
  place,
  frequency,
});

/** Two items with the same text cost the same for the same things. */
const sameness = ({ type, frequency, cost, costs, unpriced }: Comparable): string =>
  JSON.stringify([
    type,
    frequency,
    cost.toString(),
    costs.map((one) => [one.what, one.cost?.toString() ?? null]),
    unpriced,
  ]);
