import { mayStop } from '../decide/may-stop.ts';
import { matchPolicy, projectOf } from '../policy/policy.ts';
import type { StopDecision } from '../types/decision.ts';
import { findResources, type Named } from './find.ts';
import { stopKey, wishId } from './keys.ts';
import type { Answered } from './request.ts';
import { nothingToDo, refused, sentence, standings, type Wish, type WishDeps, whoAsked } from './wish.ts';

/**
 * Asks the enforcer to stop resources now. It looks again before it does, at stop protection and the like, and tells
 * people what came of it. Answers come in the order of `named`.
 * @throws where AWS or the queue cannot be asked; a repeat is harmless.
 */
export async function stop(
  named: readonly Named[],
  wish: Wish,
  deps: WishDeps,
): Promise<readonly Answered[]> {
  const { policy } = deps;
  const found = await findResources(named, deps.regions);
  const projects = [...found.values()].flatMap((one) =>
    one.state === 'found' ? [projectOf(policy, one.resource.tags)] : [],
  );
  const standing = await standings(wish, projects, deps);
  const decisions: StopDecision[] = [];
  const answers = named.map(({ arn }): Answered => {
    const one = found.get(arn) ?? { state: 'gone' };
    if (one.state === 'gone') return nothingToDo('It does not exist (any more).', arn);
    if (one.state === 'out-of-scope') return refused(one.why, arn);
    const { resource: target } = one;
    const project = projectOf(policy, target.tags);
    const may = standing(project);
    if (may.role === 'none') return refused(may.why, arn);
    if (target.state === 'stopped') return nothingToDo('It is stopped already.', arn);
    if (project === undefined) {
      return refused(`It has no tag ${policy.tags.project}, so Bursar stops it for nobody.`, arn);
    }
    const matched = matchPolicy(policy, target.tags);
    if (matched === undefined) return refused('No policy names it, so Bursar stops it for nobody.', arn);
    if (!mayStop(matched)) {
      return refused(`Policy ${matched.name} stops nothing, so Bursar stops it for nobody.`, arn);
    }
    const key = stopKey(arn, wish.id);
    const by = whoAsked(wish);
    decisions.push({
      action: 'stop',
      trigger: 'person',
      key,
      project,
      reason: sentence('asked for it', wish),
      rule: { policy: matched.name, rule: `asked by ${by}` },
      target,
      by,
    });
    return { arn, status: 'asked', text: 'It is being stopped.', key };
  });
  if (decisions.length > 0) await deps.send(decisions, `stop/${wishId(wish.id)}`, wish.at);
  return answers;
}
