import { isGroup, namedForHolder } from '../../people/may.ts';
import { allHolders } from '../../policy/levels.ts';
import type { Policy } from '../../policy/policy.ts';

/**
 * The Slack id of somebody who may act on a project, team or model: an operator, an owner or a member of it, in this order.
 * `undefined` = the policy names nobody; of groups it is not known who is in them.
 * @param holder `holderOf`: of a project its name; `undefined` = of no project, or of all
 */
export function somebodyOf(policy: Policy, holder: string | undefined): string | undefined {
  const holders = holder === undefined ? allHolders(policy) : [holder];
  const named = holders.map((one) => namedForHolder(policy, one));
  return [
    ...policy.operators,
    ...named.flatMap(({ owners }) => owners),
    ...named.flatMap(({ members }) => members),
  ].find((id) => !isGroup(id));
}
