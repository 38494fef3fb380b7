import { ascending } from '../../types/lists.ts';
import { formatUsd, sumUsd, type Usd, usdToDecimal, ZERO_USD } from '../../types/money.ts';
import { type Divided, hasAny, partsOfDays, type Share, type Shareable, weighing } from '../shareable.ts';
import { evenShare } from './even.ts';

/**
 * In proportion to what each project spends directly in the whole period, before anything shared; direct spend of zero
 * or less weighs nothing. Evenly where nobody spends anything.
 */
export function splitDirectly(shareable: Shareable): Divided {
  const { costs, from, to, among } = shareable;
  const spends = directSpends(shareable);
  const { weights, what } = directShare(shareable);
  const whose = among === undefined ? 'each project' : 'each of the projects that share it';
  return {
    explained: [
      `Split in proportion to what ${whose} spends directly from ${from} to ${to}, ${formatUsd(sumUsd(spends.values()))} in all, before anything shared.`,
    ],
    fallbacks:
      spends.size > 0 || costs.size === 0 ? [] : [`Nobody spends anything directly: all of it ${what}.`],
    parts: partsOfDays(costs, weights),
    basis:
      spends.size === 0
        ? undefined
        : {
            unit: 'USD spent directly',
            of: new Map([...spends].map(([project, spend]) => [project, Number(usdToDecimal(spend))])),
          },
  };
}

/** What another way does where it says `direct`. */
export function directShare(shareable: Shareable): Share {
  const weights = weighing(directSpends(shareable));
  return hasAny(weights) ? { weights, what: 'is split in proportion to direct spend' } : evenShare(shareable);
}

/** Above zero alone, in order of the projects. */
function directSpends({ among, direct }: Shareable): ReadonlyMap<string, Usd> {
  const sharers = among === undefined ? [...direct.keys()] : [...new Set(among)];
  return new Map(
    sharers
      .map((project) => [project, direct.get(project) ?? ZERO_USD] as const)
      .filter(([, spend]) => spend > 0n)
      .sort(([a], [b]) => ascending(a, b)),
  );
}
