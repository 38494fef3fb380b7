import type { Approval } from '../ledger/ledger.ts';
import { matchPolicy, type NamedPolicy, type Policy, projectOf } from '../policy/policy.ts';
import { policyHash } from '../policy/policy-hash.ts';
import type { HoldDecision } from '../types/decision.ts';
import type { Resource } from '../types/resource.ts';
import { HOLD_SHOWS } from './limits.ts';
import { managerOf } from './managed.ts';
import { mayStop, sparedUntagged } from './may-stop.ts';
import { utcDay } from './sentences.ts';

/** What a plan names the list of what has no project. No policy can have a name that begins with a space (`FORMS.name`). */
export const UNTAGGED_LIST = ' untagged';

/**
 * The list of a plan that a resource stands in: the name of the policy that matches it, or `UNTAGGED_LIST`; `undefined`
 * where no rule could ever stop it. What protects it is left out of account, and whether it runs, since these change.
 */
export function listOf(resource: Resource, policy: Policy): string | undefined {
  // Whatever makes it comes and goes by itself, and is looked at instead.
  if (managerOf(resource) !== undefined) return undefined;
  if (projectOf(policy, resource.tags) === undefined) {
    return policy.untagged.do === 'stop' && sparedUntagged(resource, policy) === undefined
      ? UNTAGGED_LIST
      : undefined;
  }
  const matched = matchPolicy(policy, resource.tags);
  return matched !== undefined && couldStop(resource, matched) ? matched.name : undefined;
}

function couldStop({ consent, neverIdle }: Resource, matched: NamedPolicy): boolean {
  if (consent !== undefined && !matched.allow.includes(consent)) return false;
  return mayStop(neverIdle === undefined ? matched : { ...matched, idle: 'off' });
}

/** What a resource or a freeze is held against. `approval` absent = nothing was ever approved. */
export interface Approving {
  readonly policy: Policy;
  readonly approval?: Approval | undefined;
}

/** True where the plan that was approved last is one of this very policy, or none need be. */
export const isPolicyApproved = ({ policy, approval }: Approving): boolean =>
  policy.approval === 'off' || approval?.policyHash === policyHash(policy);

/**
 * Why nothing may be done to a resource for want of an approval, one sentence; `undefined` where the approved plan is one
 * of this very policy and lists it under the policy that matches it now, or where no approval is required.
 */
export function unapproved(resource: Resource, approving: Approving): string | undefined {
  const { policy, approval } = approving;
  if (policy.approval === 'off') return undefined;
  if (approval !== undefined && !isPolicyApproved(approving)) return POLICY_CHANGED;
  const list = listOf(resource, policy);
  return list !== undefined && approval?.lists.get(list)?.has(resource.arn) === true ? undefined : NOT_LISTED;
}

const MEND = 'run bursar plan, then bursar approve <hash>.';
export const POLICY_UNAPPROVED = `No plan of this policy file is approved: ${MEND}`;
export const NOT_LISTED = `No approved plan lists it: ${MEND}`;
export const POLICY_CHANGED = `The policy file has changed since its plan was approved: ${MEND}`;

/** A hold, once a day, that tells how much waits for a plan to be approved; `undefined` where nothing does. */
export function approvalHold(
  fleet: readonly Resource[],
  approving: Approving,
  now: Date,
): HoldDecision | undefined {
  const { policy, approval } = approving;
  if (policy.approval === 'off') return undefined;
  const waiting = fleet.filter(
    (resource) => listOf(resource, policy) !== undefined && unapproved(resource, approving) !== undefined,
  );
  if (waiting.length === 0) return undefined;
  const [are, they] =
    waiting.length === 1
      ? ['resource that the policy may stop is', 'It is']
      : ['resources that the policy may stop are', 'They are'];
  const changed =
    approval !== undefined && !isPolicyApproved(approving)
      ? ' The policy file has changed since its plan was approved, so nothing at all is stopped or frozen.'
      : '';
  return {
    action: 'hold',
    cause: 'unapproved',
    key: `hold/unapproved/${utcDay(now)}`,
    project: undefined,
    targets: waiting.slice(0, HOLD_SHOWS),
    reason: `${waiting.length} ${are} in no approved plan. ${they} left alone.${changed}`,
  };
}
