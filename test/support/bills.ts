import type { MemoryBill } from '../../lib/simulate/account/state.ts';
import type { InstanceChange } from '../../lib/simulate/account/truth.ts';
import { microUsd, type Usd } from '../../lib/types/money.ts';
import { costBetween, spellsOf } from './spells.ts';

const DAY_MS = 86_400_000;

export interface Billing {
  /** Before this all is billed. */
  readonly through: Date;
  /** List price, USD an hour. */
  readonly hourlyOf: (change: InstanceChange) => Usd;
  /** Percent of list prices that is paid. */
  readonly paid: number;
}

/** What is billed of the instances: what they truly cost, up to a time, at what is paid of list prices. */
export function trueBills(
  changes: readonly InstanceChange[],
  { through, hourlyOf, paid }: Billing,
): readonly MemoryBill[] {
  const spells = spellsOf(changes, through, hourlyOf);
  return [...Map.groupBy(spells, ({ project }) => project)].flatMap(([project, own]) => {
    const first = Math.min(...own.map(({ from }) => Math.floor(from.getTime() / DAY_MS)));
    const days = Math.ceil(through.getTime() / DAY_MS) - first;
    return Array.from({ length: Math.max(0, days) }, (_, n): MemoryBill => {
      const start = new Date((first + n) * DAY_MS);
      const list = costBetween(own, start, new Date(start.getTime() + DAY_MS));
      return {
        day: start.toISOString().slice(0, 10),
        project,
        service: 'Amazon Elastic Compute Cloud - Compute',
        usd: Number(microUsd((list * BigInt(paid)) / 100n)) / 1e6,
      };
    });
  });
}
