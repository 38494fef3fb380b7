import type { SharedRule, Split } from '../policy/allocation.ts';
import type { RuleOutcome } from '../types/allocation.ts';
import { sumUsd } from '../types/money.ts';
import type { Divided, Shareable } from './shareable.ts';
import { Sums } from './sums.ts';
import { splitDirectly } from './ways/direct.ts';
import { splitEvenly } from './ways/even.ts';
import { giveToProject } from './ways/project.ts';
import { splitByUsage } from './ways/usage.ts';
import { splitByWeights } from './ways/weights.ts';
import { percentOfWhole } from './words.ts';

/** Splits a rule's cost in its way, and tells what became of it over all days together. */
export function ruleOutcome({ name, split }: SharedRule, shareable: Shareable): RuleOutcome {
  const { explained, fallbacks, parts, basis, estimated } = divide(split, shareable);
  const shares = new Sums();
  for (const day of parts.values()) for (const [project, share] of day.shares) shares.add(project, share);
  const cost = sumUsd(shareable.costs.values());
  return {
    rule: name,
    explained,
    cost,
    idle: sumUsd([...parts.values()].map(({ idle }) => idle)),
    shares: shares.dearestFirst().map(([project, share]) => ({
      project,
      cost: share,
      percent: percentOfWhole(share, cost),
      basis: basis && (basis.of.get(project) ?? 0),
      interval: estimated?.intervals.get(project),
    })),
    fallbacks,
    byDay: parts,
    basisUnit: basis?.unit,
    samples: estimated?.samples,
  };
}

/** A new way is one file in `ways` and one line here. */
function divide(split: Split, shareable: Shareable): Divided {
  switch (split.by) {
    case 'project':
      return giveToProject(split.project, shareable);
    case 'even':
      return splitEvenly(shareable);
    case 'weights':
      return splitByWeights(split.weights, shareable);
    case 'direct':
      return splitDirectly(shareable);
    case 'usage':
      return splitByUsage(split, shareable);
  }
}
