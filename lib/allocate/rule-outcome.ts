import type { SharedRule } from '../policy/allocation.ts';
import type { RuleOutcome } from '../types/allocation.ts';
import { sumUsd, type Usd } from '../types/money.ts';
import type { Divided } from './shareable.ts';
import { Sums } from './sums.ts';
import { percentOfWhole } from './words.ts';

/** What a rule split, over all days together. */
export function ruleOutcome(
  { name }: SharedRule,
  costs: ReadonlyMap<string, Usd>,
  { explained, fallbacks, parts, basis, estimated }: Divided,
): RuleOutcome {
  const shares = new Sums();
  for (const day of parts.values()) for (const [project, share] of day.shares) shares.add(project, share);
  const cost = sumUsd(costs.values());
  return {
    rule: name,
    explained,
    cost,
    idle: sumUsd([...parts.values()].map(({ idle }) => idle)),
    shares: shares.dearestFirst().map(([project, share]) => ({
      project,
      cost: share,
      percent: percentOfWhole(share, cost),
      basis: basis && (basis.get(project) ?? 0),
      interval: estimated?.intervals.get(project),
    })),
    fallbacks,
    samples: estimated?.samples,
  };
}
