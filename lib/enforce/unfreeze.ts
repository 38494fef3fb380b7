import { holderOfDecision, levelWord } from '../policy/levels.ts';
import type { UnfreezeDecision } from '../types/decision.ts';
import { type Outcome, ROLES_NOT_ALLOWED } from '../types/outcome.ts';
import type { EnforceDeps } from './deps.ts';
import { BROKE_OFF, earlierAttempt } from './earlier-attempt.ts';
import { alignRoles, failedSentences, isFrozen, rolesOf, rolesSentence } from './launch-roles.ts';

/**
 * Ends the freeze of a project, team or model, and lets its roles launch again unless another project that is frozen
 * names them. What was stopped stays stopped. Safe to repeat.
 * @throws `LedgerError`
 */
export async function unfreeze(
  decision: UnfreezeDecision,
  issuedAt: Date,
  deps: EnforceDeps,
): Promise<Outcome> {
  const { roles } = decision;
  const holder = holderOfDecision(decision);
  const it = holder === undefined ? 'project' : levelWord(holder);
  const wasFrozen = roles === undefined && holder !== undefined && (await endFreeze(holder, deps));
  const named = roles ?? (holder === undefined ? [] : rolesOf(deps.policy, holder));
  const { allowed, denied, failed } = await alignRoles(named, deps);
  const at = deps.now();
  const told = [
    roles === undefined ? `The ${it} is not frozen any more.` : '',
    rolesSentence(allowed, 'may launch again'),
    rolesSentence(denied, 'may launch nothing still: another project that names it is frozen'),
  ]
    .filter(Boolean)
    .join(' ');
  if (failed.length > 0) {
    const detail = `${told} ${failedSentences(failed, 'may launch nothing still')}`.trim();
    return {
      status: 'failed',
      at,
      code: ROLES_NOT_ALLOWED,
      detail,
      retry: failed.some(({ outcome }) => outcome.retry),
    };
  }
  if (allowed.length > 0 || wasFrozen) return { status: 'taken', at, detail: told };
  const earlier = await earlierAttempt(decision, issuedAt, deps);
  if (earlier !== undefined) {
    return { status: 'taken', at, detail: earlier.told ?? `It is unfrozen: ${BROKE_OFF}` };
  }
  return roles === undefined
    ? { status: 'skipped', at, code: 'AlreadyUnfrozen', detail: `The ${it} was not frozen.` }
    : { status: 'skipped', at, code: 'AlreadyAligned', detail: 'Its roles are as they should be.' };
}

/** @returns whether it was frozen. */
async function endFreeze(holder: string, { ledger, now }: EnforceDeps): Promise<boolean> {
  if (!isFrozen((await ledger.projectMarks(now())).get(holder), now())) return false;
  await ledger.unfreeze(holder, now());
  return true;
}
