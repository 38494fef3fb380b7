import { titleOf } from '../fleet/metered-kinds.ts';
import { type Policy, projectOf, tagOf } from '../policy/policy.ts';
import type { Recommended } from '../types/recommendation.ts';
import type { Resource } from '../types/resource.ts';

/** A resource of the fleet as a recommendation names it. */
export const aboutResource = (
  { arn, id, kind, region, tags }: Pick<Resource, 'arn' | 'id' | 'kind' | 'region' | 'tags'>,
  policy: Policy,
): Recommended => ({ arn, id, kind: titleOf(kind), region, ...whose(tags, policy) });

/** Whose it is, by its tags; the owner of its project where it names none itself. */
export function whose(
  tags: Readonly<Record<string, string>>,
  policy: Policy,
): Pick<Recommended, 'project' | 'owner'> {
  const project = projectOf(policy, tags);
  const known =
    project !== undefined && Object.hasOwn(policy.projects, project) ? policy.projects[project] : undefined;
  return { project, owner: tagOf(tags, policy.tags.owner) ?? known?.owner };
}
