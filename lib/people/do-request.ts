import { assertNever } from '../types/assert-never.ts';
import { approve } from './approve.ts';
import { keep } from './keep.ts';
import { audit, outcomes, state } from './look-up.ts';
import { release } from './release.ts';
import type { Person, Request } from './request.ts';
import { restore } from './restore.ts';
import { stop } from './stop.ts';
import { toAnswered } from './summary.ts';
import { tags } from './tags.ts';
import { unfreeze } from './unfreeze.ts';
import type { Reply, Wish, WishDeps } from './wish.ts';

/**
 * Does what somebody asks by the command line, and answers in the forms of `answer.ts`. IAM let them in, and it alone:
 * what they say of themselves is written down, and believed for nothing else.
 * @throws where AWS or the ledger cannot be asked, or another worker is at the same wish; a repeat under the same id
 * is harmless.
 */
export async function doRequest(request: Request, deps: WishDeps): Promise<object> {
  switch (request.ask) {
    case 'keep':
      return answered(await keep(byArn(request.arns), request.term, wishOf(request, deps), deps));
    case 'stop':
      return answered(await stop(byArn(request.arns), wishOf(request, deps), deps));
    case 'restore':
      return answered(await restore(request.what, wishOf(request, deps), deps));
    case 'release':
      return answered(await release(new Date(request.heldAt), wishOf(request, deps), deps));
    case 'unfreeze':
      return answered(await unfreeze(request.project, wishOf(request, deps), deps));
    case 'approve':
      return answered(await approve(request, wishOf(request, deps), deps));
    case 'outcomes':
      return { outcomes: await outcomes(request.keys, deps) };
    case 'audit':
      return audit(request, deps);
    case 'state':
      return { state: await state(deps) };
    case 'tags':
      return { tags: await tags(deps) };
    default:
      return assertNever(request);
  }
}

const answered = (replies: readonly Reply[]) => ({ answered: replies.map(toAnswered) });

const byArn = (arns: readonly string[]) => [...new Set(arns)].map((arn) => ({ arn }));

/** Whoever invokes the function is an operator, whatever they call themselves: Slack’s people come by the queue. */
function wishOf(
  { id, by, reason }: { readonly id: string; readonly by: Person; readonly reason?: string | undefined },
  { now }: Pick<WishDeps, 'now'>,
): Wish {
  return { id, by: { ...by, via: 'cli' }, reason, at: now() };
}
