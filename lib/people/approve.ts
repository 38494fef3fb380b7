import { listsFromJson, planHashOf } from '../plan/hash.ts';
import { policyHash } from '../policy/policy-hash.ts';
import type { ApproveDecision } from '../types/decision.ts';
import { approveKey, wishId } from './keys.ts';
import { mayApprovePlan, planRefusal } from './may.ts';
import type { Answered, ApprovedPlan } from './request.ts';
import { refused, sentence, standings, type Wish, type WishDeps, whoAsked } from './wish.ts';

/**
 * Approves a plan, in place of the one before it: what it lists may be acted on by the policy that it was made of. What
 * it lists is not looked up. Operators alone may.
 * @throws where the ledger cannot be asked, or another worker is at it: a repeat finishes it.
 */
export async function approve(
  { hash, policyHash: planned, lists: json }: ApprovedPlan,
  wish: Wish,
  deps: WishDeps,
): Promise<readonly Answered[]> {
  const may = (await standings(wish, [undefined], deps))(undefined);
  if (!mayApprovePlan(may)) return [refused(planRefusal(may))];
  const lists = listsFromJson(json);
  if (planHashOf(planned, lists) !== hash) {
    return [
      refused(`The plan is not what its hash ${hash} says: it was changed since it was made. Plan again.`),
    ];
  }
  if (planned !== policyHash(deps.policy)) {
    return [
      refused('It was planned with another policy than the deployed one: deploy it first, or plan again.'),
    ];
  }
  const resources = new Set([...lists.values()].flat()).size;
  const key = approveKey(hash, wish.id);
  const what = `approves the plan ${hash}, which lists ${resources} ${resources === 1 ? 'resource' : 'resources'}`;
  const decision: ApproveDecision = {
    action: 'approve',
    key,
    project: undefined,
    hash,
    policyHash: planned,
    resources,
    reason: sentence(what, wish),
    by: whoAsked(wish),
  };
  const batch = { id: `approve/${wishId(wish.id)}`, issuedAt: wish.at, decisions: [decision] };
  const { results, again } = await deps.carryOut(batch, { lists });
  const [result] = results;
  if (again || result === undefined) throw new Error(`The approval of ${hash} must be tried again.`);
  const { outcome } = result;
  if (outcome.status !== 'taken') return [{ ...refused(outcome.detail), key }];
  const text =
    deps.policy.approval === 'required'
      ? `It is approved: ${resources === 1 ? 'the resource' : `the ${resources} resources`} that it lists may be acted on from the next sweep on.`
      : 'It is approved. The deployed policy says approval: off, so it makes no difference until that is set to required.';
  return [{ status: 'done', text, key }];
}
