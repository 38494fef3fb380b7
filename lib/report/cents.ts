import { ascending } from '../types/lists.ts';
import { microUsd, sumUsd, type Usd, usdToDecimal } from '../types/money.ts';

/*
 * Amounts as people see them: whole cents that add up. Rounding each part by itself would not: three parts of $0.333334
 * would read $0.33 three times beneath a whole of $1.00.
 */

const CENT = 10_000n;

/** An amount to the cent, halves away from zero: what `formatUsd` shows. */
export function toCent(amount: Usd): Usd {
  const cents = ((amount < 0n ? -amount : amount) + CENT / 2n) / CENT;
  return microUsd((amount < 0n ? -cents : cents) * CENT);
}

/**
 * Parts as whole cents whose sum is the sum of the parts to the cent, by the largest remainder. Each is less than a cent
 * off, and what is whole cents stays so; of equal remainders the larger part is rounded up, then the earlier one.
 */
export const inCents = (parts: readonly Usd[]): readonly Usd[] => centsOf(parts, toCent(sumUsd(parts)));

/**
 * Parts as whole cents whose sum is `whole`, which is itself what is shown of their sum: whole cents, less than a cent
 * off. Where it is not (the parts are no parts of it), they are rounded as their own sum is.
 */
export function centsOf(parts: readonly Usd[], whole: Usd): readonly Usd[] {
  const rows = parts.map((part, index) => {
    const rest = ((part % CENT) + CENT) % CENT;
    return { part, index, rest, floor: part - rest };
  });
  const sum = sumUsd(parts);
  const off = whole - sum;
  const fits = off > -CENT && off < CENT && whole % CENT === 0n;
  const up = ((fits ? whole : toCent(sum)) - rows.reduce((total, { floor }) => total + floor, 0n)) / CENT;
  const raised = new Set(
    rows
      .toSorted((a, b) => ascending(b.rest, a.rest) || ascending<bigint>(b.part, a.part) || a.index - b.index)
      .slice(0, Number(up))
      .map(({ index }) => index),
  );
  return rows.map(({ index, floor }) => microUsd(raised.has(index) ? floor + CENT : floor));
}

/** A table as it is shown, in whole cents. */
export interface CentTable {
  /** By row and column. */
  readonly cells: readonly (readonly Usd[])[];
  /** The sum of each row's cells; less than a cent off. */
  readonly rows: readonly Usd[];
  /** The sum of each column's shown cells: with many rows it may be more than a cent off. */
  readonly columns: readonly Usd[];
  /** The sum of the rows, and of the columns: that of all cells to the cent. */
  readonly total: Usd;
}

/** Rows of the same length: cells that sum to their row's shown total, and rows that sum to the shown whole. */
export function tableInCents(table: readonly (readonly Usd[])[]): CentTable {
  const rows = inCents(table.map(sumUsd));
  const cells = table.map((row, index) => centsOf(row, rows[index] ?? microUsd(0n)));
  const width = table[0]?.length ?? 0;
  return {
    cells,
    rows,
    columns: Array.from({ length: width }, (_, column) =>
      sumUsd(cells.map((row) => row[column] ?? microUsd(0n))),
    ),
    total: sumUsd(rows),
  };
}

/** Whole cents as decimal text, always with two decimals: `1234.50`. */
export function centText(amount: Usd): string {
  const [whole = '0', fraction = ''] = usdToDecimal(amount).split('.');
  return `${whole}.${fraction.padEnd(2, '0')}`;
}
