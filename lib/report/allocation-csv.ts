import type { Allocation } from '../types/allocation.ts';
import { allocationRows } from './allocation-rows.ts';
import { centText } from './cents.ts';
import { csv, textCell } from './csv-text.ts';
import { shownAllocation } from './shown.ts';

const COLUMNS = ['from', 'to', 'part', 'project', 'team', 'rule', 'service', 'usd'] as const;

/**
 * Who pays what, as CSV for spreadsheets: a row an amount (`AllocationRow`), billed USD in whole cents, which sum to the
 * total on the page and in the JSON. `from` and `to` are the first and last UTC day of the bill. Texts are never
 * formulas: see `textCell`.
 * @param before columns that stand before these, and what each row has in them; the head alone where there is no
 * allocation
 */
export function allocationCsv(
  allocation: Allocation | undefined,
  before: readonly (readonly [column: string, value: string])[] = [],
): string {
  const rows = allocation === undefined ? [] : allocationRows(shownAllocation(allocation));
  return csv(
    [...before.map(([column]) => column), ...COLUMNS],
    rows.map(({ part, project, team, rule, service, cost }) => [
      ...before.map(([, value]) => textCell(value)),
      allocation?.from ?? '',
      allocation?.to ?? '',
      part,
      textCell(project ?? ''),
      textCell(team ?? ''),
      textCell(rule ?? ''),
      textCell(service ?? ''),
      centText(cost),
    ]),
  );
}
