import type { RecommendedInShort } from '../ledger/ledger.ts';
import type { Recommendations } from '../types/recommendation.ts';

/** As many are named; the report has them all. */
const NAMED = 3;

/** What the weekly alert tells of recommendations; `undefined` where there are none. */
export function inShort(found: Recommendations | undefined): RecommendedInShort | undefined {
  if (found === undefined || found.open.length === 0) return undefined;
  const { open, monthly } = found;
  return {
    count: open.length,
    monthly,
    largest: open.slice(0, NAMED).map(({ title, monthly: own }) => ({ title, monthly: own })),
  };
}
