import { isFrozen } from '../enforce/launch-roles.ts';
import { nearest } from '../policy/nearest.ts';
import type { UnfreezeDecision } from '../types/decision.ts';
import { unfreezeKey, wishId } from './keys.ts';
import { mayUnfreeze, unfreezeRefusal } from './may.ts';
import type { Answered } from './request.ts';
import { nothingToDo, refused, sentence, standings, type Wish, type WishDeps, whoAsked } from './wish.ts';

/**
 * Asks the enforcer to end the freeze of a project. Its owners and the operators may. What was stopped stays stopped,
 * and what froze it does not do so again before its period ends.
 * @throws where the ledger or the queue cannot be asked; a repeat is harmless.
 */
export async function unfreeze(project: string, wish: Wish, deps: WishDeps): Promise<readonly Answered[]> {
  const may = (await standings(wish, [project], deps))(project);
  if (!mayUnfreeze(may)) return [refused(unfreezeRefusal(may, project))];
  const mark = (await deps.ledger.projectMarks(deps.now())).get(project);
  if (!isFrozen(mark, deps.now())) {
    const projects = Object.keys(deps.policy.projects);
    if (mark !== undefined || projects.includes(project)) {
      return [nothingToDo(`Project ${project} is not frozen.`)];
    }
    const meant = nearest(project, projects);
    const mend = meant === undefined ? 'bursar status names those that are.' : `Did you mean ${meant}?`;
    return [refused(`No project ${project} is frozen. ${mend}`)];
  }
  const key = unfreezeKey(project, wish.id);
  const decision: UnfreezeDecision = {
    action: 'unfreeze',
    key,
    project,
    reason: sentence('unfreezes the project', wish),
    by: whoAsked(wish),
  };
  await deps.send([decision], `unfreeze/${wishId(wish.id)}`, wish.at);
  const text = 'It is being unfrozen. What was stopped stays stopped until it is restored.';
  return [{ status: 'asked', text, key }];
}
