import type { InstanceChange } from '../../lib/simulate/account/truth.ts';
import { costOver, microUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';

/** What one instance truly cost for one project, without a break. */
export interface Spell {
  readonly id: string;
  /** `''` = without the tag. */
  readonly project: string;
  readonly from: Date;
  readonly to: Date;
  readonly hourly: Usd;
}

/** What ran up to `until`, from the changes in their order. */
export function spellsOf(
  changes: readonly InstanceChange[],
  until: Date,
  hourlyOf: (change: InstanceChange) => Usd,
): readonly Spell[] {
  return [...Map.groupBy(changes, ({ id }) => id).values()].flatMap((own) =>
    own.flatMap((change, index): Spell[] => {
      const to = own[index + 1]?.at ?? until;
      if (!change.on || to <= change.at) return [];
      const { id, project = '', at } = change;
      return [{ id, project, from: at, to, hourly: hourlyOf(change) }];
    }),
  );
}

/** What the spells cost between two instants. */
export const costBetween = (spells: readonly Spell[], from: Date, to: Date): Usd =>
  spells.reduce<Usd>((sum, spell) => {
    const start = Math.max(spell.from.getTime(), from.getTime());
    const end = Math.min(spell.to.getTime(), to.getTime());
    return end <= start ? sum : microUsd(sum + costOver(spell.hourly, end - start));
  }, ZERO_USD);
