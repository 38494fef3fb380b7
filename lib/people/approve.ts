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
  const arns = new Set([...lists.values()].flat());
  const stranger = [...arns].map(accountOf).find((one) => one !== deps.account);
  if (stranger !== undefined) {
    return [
      refused(
        `It is a plan of account ${stranger || 'unknown'}, and this Bursar watches ${deps.account}: plan with the credentials of that account.`,
      ),
    ];
  }
  const resources = arns.size;
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
  return [{ status: 'done', text: doneText(resources, deps), key }];
}

/** Of an ARN, 12 digits. */
const accountOf = (arn: string): string => arn.split(':')[4] ?? '';

function doneText(resources: number, { policy }: Pick<WishDeps, 'policy'>): string {
  if (policy.approval === 'off') {
    return 'It is approved. The deployed policy says approval: off, so it makes no difference until that is set to required.';
  }
  if (resources === 0) {
    return 'It is approved. It lists no resource, so nothing is stopped; projects may be frozen as its policy says.';
  }
  return `It is approved: ${resources === 1 ? 'the resource' : `the ${resources} resources`} that it lists may be acted on from the next sweep on.`;
}
