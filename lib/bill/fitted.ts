import type { CostLine, DimensionLine } from '../types/cost.ts';
import { microUsd, type Usd, ZERO_USD } from '../types/money.ts';

/**
 * Lines of a dimension of which each day, project and rule comes to what its lines of the bill come to. Amounts are
 * rounded to the micro-dollar one by one, so that their sums differ by some: the largest takes that. What differs by
 * more goes to what has no value.
 * @returns `moved`: how much in all was more than rounding, without its signs
 */
export function fitted(
  told: readonly DimensionLine[],
  lines: readonly CostLine[],
): { readonly lines: readonly DimensionLine[]; readonly moved: Usd } {
  const billed = Map.groupBy(lines, placeOf);
  const byValue = Map.groupBy(told, placeOf);
  const fit: DimensionLine[] = [];
  let moved = 0n;
  for (const place of new Set([...billed.keys(), ...byValue.keys()])) {
    const bills = billed.get(place) ?? [];
    const values = byValue.get(place) ?? [];
    const [first] = [...bills, ...values];
    if (first === undefined) continue;
    const difference = total(bills) - total(values);
    const rounding = BigInt(bills.length + values.length);
    const isRounding = difference <= rounding && -difference <= rounding && values.length > 0;
    if (!isRounding) moved += difference < 0n ? -difference : difference;
    fit.push(...withAdded(values, difference, isRounding ? largest(values) : '', first));
  }
  return { lines: fit, moved: microUsd(moved) };
}

/** The lines by the project tag itself, which they tell already. */
export const byProject = (lines: readonly CostLine[]): readonly DimensionLine[] =>
  [...Map.groupBy(lines, placeOf).values()].flatMap((some) =>
    some
      .slice(0, 1)
      .map(({ day, project, rule }) => ({ day, project, rule, value: project, cost: microUsd(total(some)) })),
  );

const placeOf = ({ day, project, rule }: CostLine | DimensionLine): string =>
  JSON.stringify([day, project, rule ?? null]);

const total = (lines: readonly { readonly cost: Usd }[]): bigint =>
  lines.reduce((sum, { cost }) => sum + cost, 0n);

const size = ({ cost }: DimensionLine): bigint => (cost < 0n ? -cost : cost);

const largest = (values: readonly DimensionLine[]): string =>
  values.reduce<DimensionLine | undefined>(
    (most, one) => (most === undefined || size(one) > size(most) ? one : most),
    undefined,
  )?.value ?? '';

function withAdded(
  values: readonly DimensionLine[],
  added: bigint,
  value: string,
  { day, project, rule }: CostLine | DimensionLine,
): readonly DimensionLine[] {
  if (added === 0n) return values;
  const before = values.find((one) => one.value === value)?.cost ?? ZERO_USD;
  const changed = { day, project, rule, value, cost: microUsd(before + added) };
  return [...values.filter((one) => one.value !== value), changed].filter(({ cost }) => cost !== 0n);
}
