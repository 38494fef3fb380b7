import type { Allocation, Reconciliation } from '../types/allocation.ts';
import type { Bill, ChargeTotal } from '../types/cost.ts';
import { microUsd, sumUsd, type Usd } from '../types/money.ts';

/**
 * Holds what was allocated against what the bill says of itself.
 * @param ledger what the ledger says was billed for the same days
 */
export function reconcile(
  { projects, unowned, idle }: Pick<Allocation, 'projects' | 'unowned' | 'idle'>,
  { lines, charges }: Bill,
  ledger: Usd | undefined,
): Reconciliation {
  const allocated = sumUsd([...projects.map(({ total }) => total), unowned.total, idle]);
  const spend = charges.length === 0 ? undefined : amortized(charges.filter(({ isSpend }) => isSpend));
  return {
    allocated,
    lines: sumUsd(lines.map(({ cost }) => cost)),
    charges,
    spend,
    difference: spend === undefined ? undefined : microUsd(spend - allocated),
    notSpend: amortized(charges.filter(({ isSpend }) => !isSpend)),
    invoiced: charges.length === 0 ? undefined : sumUsd(charges.map(({ unblended }) => unblended)),
    ledger,
  };
}

const amortized = (charges: readonly ChargeTotal[]): Usd => sumUsd(charges.map((charge) => charge.amortized));
