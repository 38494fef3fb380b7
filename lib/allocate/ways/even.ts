import {
  type Divided,
  evenly,
  hasAny,
  NOBODY,
  partsOfDays,
  type Share,
  type Shareable,
} from '../shareable.ts';
import { andList, counted } from '../words.ts';

/** The same to each of the projects that the rule names; where it names none, to each of the policy file. */
export function splitEvenly(shareable: Shareable): Divided {
  const names = sharers(shareable);
  const { weights, what } = evenShare(shareable);
  return {
    explained: [
      names.length === 0
        ? 'Each project gets the same.'
        : `Each of ${counted(names.length, 'project')} gets the same: ${andList(names)}.`,
    ],
    fallbacks: hasAny(weights) || shareable.costs.size === 0 ? [] : [`All of it ${what}.`],
    parts: partsOfDays(shareable.costs, weights),
  };
}

/** What another way does where it says `even`. */
export function evenShare(shareable: Shareable): Share {
  const names = sharers(shareable);
  if (names.length === 0) return NOBODY;
  return {
    weights: evenly(names),
    what: names.length === 1 ? `goes to ${names[0]}` : `is split evenly among ${andList(names)}`,
  };
}

/** In order of their names. */
const sharers = ({ among, projects }: Shareable): readonly string[] => [...new Set(among ?? projects)].sort();
