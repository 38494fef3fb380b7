import { listOf } from '../decide/approval.ts';
import type { Policy } from '../policy/policy.ts';
import { canonicalJson, policyHash, sha256 } from '../policy/policy-hash.ts';
import type { Resource } from '../types/resource.ts';

export { UNTAGGED_LIST } from '../decide/approval.ts';
export { policyHash } from '../policy/policy-hash.ts';

/**
 * By the name of a policy, or `UNTAGGED_LIST`: the ARNs, each once and in order, of the resources that its rules could
 * ever stop. A policy that stops nothing, or names nothing that there is, has no list.
 */
export type PlanLists = ReadonlyMap<string, readonly string[]>;

/** The lists of a plan. Whether resources run or are protected now does not matter, and neither does their order. */
export function planLists(policy: Policy, resources: readonly Resource[]): PlanLists {
  const lists = new Map<string, Set<string>>();
  for (const resource of resources) {
    const name = listOf(resource, policy);
    if (name === undefined) continue;
    const list = lists.get(name) ?? new Set<string>();
    lists.set(name, list.add(resource.arn));
  }
  return new Map(
    [...lists].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, arns]) => [name, [...arns].sort()] as const),
  );
}

/** What is reviewed and approved: `sha256:…` of the policy as it is meant and of what it may act on. */
export const planHash = (policy: Policy, lists: PlanLists): string => planHashOf(policyHash(policy), lists);

/** The same of a policy that only its hash is known of. Lists that are empty, and repeats within one, say nothing. */
export const planHashOf = (policy: string, lists: ReadonlyMap<string, Iterable<string>>): string =>
  sha256(
    canonicalJson({
      policy,
      lists: [...lists]
        .map(([name, arns]) => ({ name, arns: [...new Set(arns)] }))
        .filter(({ arns }) => arns.length > 0)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    }),
  );

/** As JSON has lists, in `bursar plan --json` and in the request to approve. */
export const listsToJson = (lists: PlanLists): Record<string, string[]> =>
  Object.fromEntries([...lists].map(([name, arns]) => [name, [...arns]]));

/** The reverse of `listsToJson`. */
export const listsFromJson = (json: Readonly<Record<string, readonly string[]>>): PlanLists =>
  new Map(Object.entries(json));
