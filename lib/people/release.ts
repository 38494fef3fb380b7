import { atMinute } from '../decide/sentences.ts';
import { isReleased } from '../enforce/releases.ts';
import type { ReleaseDecision } from '../types/decision.ts';
import { allWatches, heldTimes } from './held.ts';
import { releaseKey, wishId } from './keys.ts';
import { mayRelease, releaseRefusal } from './may.ts';
import type { Answered } from './request.ts';
import { nothingToDo, refused, sentence, standings, type Wish, type WishDeps, whoAsked } from './wish.ts';

/**
 * Releases the stops that the limits held back at `heldAt`; a sweep looks soon. Operators alone may.
 * @throws where the ledger cannot be asked, or another worker is at it: a repeat finishes it.
 */
export async function release(heldAt: Date, wish: Wish, deps: WishDeps): Promise<readonly Answered[]> {
  const may = (await standings(wish, [undefined], deps))(undefined);
  if (!mayRelease(may)) return [refused(releaseRefusal(may))];
  const known =
    heldTimes(await allWatches(deps, wish.at)).has(heldAt.toISOString()) ||
    (await isReleased(heldAt, deps.ledger, wish.at));
  if (!known) {
    return [
      nothingToDo(`Nothing is held back since ${heldAt.toISOString()}: \`bursar status\` names what is.`),
    ];
  }
  const key = releaseKey(heldAt);
  const decision: ReleaseDecision = {
    action: 'release',
    key,
    project: undefined,
    reason: sentence('releases the held stops', wish),
    heldAt,
    by: whoAsked(wish),
  };
  const batch = { id: `release/${wishId(wish.id)}`, issuedAt: wish.at, decisions: [decision] };
  const { results, again } = await deps.carryOut(batch);
  if (again) throw new Error(`The release of ${heldAt.toISOString()} must be tried again.`);
  if (results.length === 0) return [{ ...nothingToDo('They were released before.'), key }];
  const text = `What was held back at ${atMinute(heldAt)} is released: what is still due is stopped by the next sweep, in a minute or so.`;
  return [{ status: 'done', text, key }];
}
