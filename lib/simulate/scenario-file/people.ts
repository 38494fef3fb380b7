import { isGroup } from '../../people/may.ts';
import type { Policy } from '../../policy/policy.ts';

/**
 * The Slack id of somebody who may act on a project: an operator, an owner or a member of it, in this order.
 * `undefined` = the policy names nobody; of groups it is not known who is in them.
 * @param project `undefined` = of no project, or of all
 */
export function somebodyOf(policy: Policy, project: string | undefined): string | undefined {
  const named = Object.values(policy.projects).filter(
    ({ name }) => project === undefined || name === project,
  );
  return [
    ...policy.operators,
    ...named.flatMap(({ owners }) => owners),
    ...named.flatMap(({ members }) => members),
  ].find((id) => !isGroup(id));
}
