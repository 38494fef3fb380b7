import { marksOf } from '../decide/marks-of.ts';
import { atMinute } from '../decide/sentences.ts';
import type { ProjectMark, RestoreRecord } from '../ledger/ledger.ts';
import { levelTitle } from '../policy/levels.ts';
import type { Policy } from '../policy/policy.ts';
import type { RestoreDecision } from '../types/decision.ts';
import { mapLimited } from '../types/lists.ts';
import { restoreKey, wishId } from './keys.ts';
import type { Answered } from './request.ts';
import { nothingToDo, refused, sentence, standings, type Wish, type WishDeps, whoAsked } from './wish.ts';

/** What to bring back: these, or all that Bursar stopped of a project and nobody has brought back. */
export type RestoreWhat = { readonly arns: readonly string[] } | { readonly project: string };

/**
 * Asks the enforcer to bring back what Bursar stopped, from what the ledger saved then. Answers come in the order of
 * the ARNs.
 * @throws where the ledger or the queue cannot be asked; a repeat is harmless.
 */
export async function restore(what: RestoreWhat, wish: Wish, deps: WishDeps): Promise<readonly Answered[]> {
  const { ledger, now } = deps;
  const records = await recordsOf(what, deps);
  const projects = 'project' in what ? [what.project] : records.map(({ record }) => record?.project);
  const standing = await standings(wish, projects, deps);
  if ('project' in what) {
    const may = standing(what.project);
    if (may.role === 'none') return [refused(may.why)];
    if (records.length === 0) {
      return [nothingToDo(`Nothing of project ${what.project} waits to be restored.`)];
    }
  }
  const marks = await ledger.projectMarks(now());
  const decisions: RestoreDecision[] = [];
  const answers = records.map(({ arn, record }): Answered => {
    if (record === undefined)
      return nothingToDo('Bursar has not stopped it, or so long ago that nothing is remembered of it.', arn);
    const may = standing(record.project);
    if (may.role === 'none') return refused(may.why, arn);
    if (record.state === 'restored') return nothingToDo('It was restored before.', arn);
    if (record.state === 'restoring') return nothingToDo('It is being restored already.', arn);
    const key = restoreKey(arn, record.savedAt, wish.id);
    decisions.push({
      action: 'restore',
      key,
      project: record.project,
      reason: sentence('asked for it', wish),
      target: record.resource,
      by: whoAsked(wish),
    });
    return {
      arn,
      status: 'asked',
      text: `It is being restored.${frozenSentence(record, deps.policy, marks, now())}`,
      key,
    };
  });
  if (decisions.length > 0) await deps.send(decisions, `restore/${wishId(wish.id)}`, wish.at);
  return answers;
}

async function recordsOf(
  what: RestoreWhat,
  { ledger }: Pick<WishDeps, 'ledger'>,
): Promise<readonly { readonly arn: string; readonly record: RestoreRecord | undefined }[]> {
  if ('project' in what) {
    const records = await ledger.restoreRecords('stopped', what.project);
    return records.map((record) => ({ arn: record.arn, record }));
  }
  const unique = [...new Set(what.arns)];
  return mapLimited(unique, 10, async (arn) => ({ arn, record: await ledger.restoreRecord(arn) }));
}

/** What comes back into a project, team or model that is frozen is stopped again by the next sweep. */
function frozenSentence(
  { resource }: RestoreRecord,
  policy: Policy,
  marks: ReadonlyMap<string, ProjectMark>,
  now: Date,
): string {
  for (const { holder, frozenUntil } of marksOf(resource, policy, marks)) {
    if (frozenUntil === undefined || frozenUntil <= now) continue;
    return ` ${levelTitle(holder)} is frozen until ${atMinute(frozenUntil)}: keep it as well, or it is stopped again.`;
  }
  return '';
}
