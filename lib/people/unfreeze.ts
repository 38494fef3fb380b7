import { ofHolder } from '../decide/budget.ts';
import { isFrozen } from '../enforce/launch-roles.ts';
import { allHolders, levelText, levelTitle, levelWord, parseHolder } from '../policy/levels.ts';
import { nearest } from '../policy/nearest.ts';
import type { UnfreezeDecision } from '../types/decision.ts';
import { unfreezeKey, wishId } from './keys.ts';
import { mayUnfreeze, type Standing, unfreezeRefusal } from './may.ts';
import type { Answered } from './request.ts';
import {
  nothingToDo,
  refused,
  sentence,
  standingFor,
  standings,
  type Wish,
  type WishDeps,
  whoAsked,
} from './wish.ts';

/**
 * Asks the enforcer to end the freeze of a project, team or model. Its owners and the operators may. What was stopped
 * stays stopped, and what froze it does not do so again before its period ends.
 * @param holder whose freeze it is, as `holderOf` writes it: `recsys`, `team:alpha`, `model:fraud:scorer`
 * @throws where the ledger or the queue cannot be asked; a repeat is harmless.
 */
export async function unfreeze(holder: string, wish: Wish, deps: WishDeps): Promise<readonly Answered[]> {
  const may = await mayOf(holder, wish, deps);
  if (!mayUnfreeze(may)) return [refused(unfreezeRefusal(may, holder))];
  const mark = (await deps.ledger.projectMarks(deps.now())).get(holder);
  if (!isFrozen(mark, deps.now())) {
    const known = allHolders(deps.policy);
    if (mark !== undefined || known.includes(holder)) {
      return [nothingToDo(`${levelTitle(holder)} is not frozen.`)];
    }
    const meant = nearest(holder, known);
    const mend = meant === undefined ? 'bursar status names those that are.' : `Did you mean ${meant}?`;
    return [refused(`No ${levelText(holder)} is frozen. ${mend}`)];
  }
  const key = unfreezeKey(holder, wish.id);
  const decision: UnfreezeDecision = {
    action: 'unfreeze',
    key,
    ...ofHolder(holder),
    reason: sentence(`unfreezes the ${levelWord(holder)}`, wish),
    by: whoAsked(wish),
  };
  await deps.send([decision], `unfreeze/${wishId(wish.id)}`, wish.at);
  const text = 'It is being unfrozen. What was stopped stays stopped until it is restored.';
  return [{ status: 'asked', text, key }];
}

/** Strangers of a project are told who its people are. */
async function mayOf(holder: string, wish: Wish, deps: WishDeps): Promise<Standing> {
  const level = parseHolder(holder);
  return level.level === 'project'
    ? (await standings(wish, [level.project], deps))(level.project)
    : standingFor(wish, holder, deps);
}
