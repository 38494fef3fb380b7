import type { Split } from '../policy/allocation.ts';
import type { Divided, Shareable } from './shareable.ts';
import { splitDirectly } from './ways/direct.ts';
import { splitEvenly } from './ways/even.ts';
import { giveToProject } from './ways/project.ts';
import { splitByUsage } from './ways/usage.ts';
import { splitByWeights } from './ways/weights.ts';

/** Splits a rule's cost in its way. A new way is one file in `ways` and one line here. */
export function divide(split: Split, shareable: Shareable): Divided {
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
