import { ascending } from '../types/lists.ts';
import { microUsd, type Usd } from '../types/money.ts';

/**
 * Splits an amount by largest remainder: each part is its exact share in micro-dollars, cut off towards zero, and the
 * micro-dollars that are left go to those whose share lost most; of equals, to the first. A refund is split as the same
 * charge would be.
 * @param weights 0 or more; in any unit
 * @returns parts in the order of the weights, their sum the whole; `undefined` where the weights add up to nothing
 */
export function largestRemainder(whole: Usd, weights: readonly bigint[]): readonly Usd[] | undefined {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (total === 0n) return undefined;
  const amount = whole < 0n ? -whole : whole;
  const parts = weights.map((weight) => (amount * weight) / total);
  const left = Number(amount - parts.reduce((sum, part) => sum + part, 0n));
  const lost = weights.map((weight) => (amount * weight) % total);
  const winners = new Set(
    [...lost.keys()].sort((a, b) => ascending(lost[b] ?? 0n, lost[a] ?? 0n) || a - b).slice(0, left),
  );
  return parts.map((part, place) => {
    const size = winners.has(place) ? part + 1n : part;
    return microUsd(whole < 0n ? -size : size);
  });
}

/**
 * Splits an amount among names by largest remainder; of equal remainders the name that comes first gets more, so that
 * the order of the weights changes nothing.
 * @param weights by name, in any unit; 0 and less weigh nothing
 * @returns by name, in order of the names, their sum the whole; `undefined` where the weights add up to nothing
 */
export function splitUsd(
  whole: Usd,
  weights: ReadonlyMap<string, bigint>,
): ReadonlyMap<string, Usd> | undefined {
  const names = [...weights.keys()].sort(ascending);
  const parts = largestRemainder(
    whole,
    names.map((name) => weighing(weights.get(name) ?? 0n)),
  );
  return parts && new Map(names.map((name, place) => [name, parts[place] ?? microUsd(0n)]));
}

const weighing = (weight: bigint): bigint => (weight > 0n ? weight : 0n);
