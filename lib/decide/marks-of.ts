import type { ProjectMark } from '../ledger/ledger.ts';
import { holdersOf } from '../policy/levels.ts';
import type { Policy } from '../policy/policy.ts';
import type { Resource } from '../types/resource.ts';

/** The marks that a resource falls under: of its model, its project and its team, as far as there are any. */
export const marksOf = (
  { tags }: Pick<Resource, 'tags'>,
  policy: Policy,
  marks: ReadonlyMap<string, ProjectMark>,
): readonly ProjectMark[] =>
  marks.size === 0 ? [] : holdersOf(policy, tags).flatMap((holder) => marks.get(holder) ?? []);
