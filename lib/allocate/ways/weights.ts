import { ascending } from '../../types/lists.ts';
import { decimalOf, inProportion } from '../exact.ts';
import { type Divided, hasAny, NOBODY, partsOfDays, type Shareable, weighing } from '../shareable.ts';
import { andList, countText } from '../words.ts';

/** By fixed weights. */
export function splitByWeights(fixed: Readonly<Record<string, number>>, { costs }: Shareable): Divided {
  const entries = Object.entries(fixed).sort(([a], [b]) => ascending(a, b));
  const exact = inProportion(entries.map(([, weight]) => decimalOf(weight)));
  const weights = weighing(entries.map(([project], place) => [project, exact[place] ?? 0n]));
  const texts = entries.map(([project, weight]) => `${project} ${countText(weight)}`);
  return {
    explained: [`Split by fixed weights: ${andList(texts)}.`],
    fallbacks: hasAny(weights) || costs.size === 0 ? [] : [`All of it ${NOBODY.what}.`],
    parts: partsOfDays(costs, weights),
    basis: { unit: 'parts', of: new Map(entries) },
  };
}
