import { isPolicyApproved, POLICY_UNAPPROVED } from '../decide/approval.ts';
import { holderOfDecision, levelWord } from '../policy/levels.ts';
import type { FreezeDecision } from '../types/decision.ts';
import { type Outcome, ROLES_NOT_DENIED } from '../types/outcome.ts';
import type { EnforceDeps } from './deps.ts';
import { alignRoles, failedSentences, isFrozen, rolesOf, rolesSentence } from './launch-roles.ts';

/** The code of a freeze that waits for the policy file to be approved. */
export const UNAPPROVED = 'Unapproved';

/**
 * Freezes a project, a team's projects or a model: what starts there is stopped from now on, and its roles may launch
 * nothing. Where a role cannot be denied the freeze stands all the same, and the outcome says so. Safe to repeat.
 * @throws `LedgerError`
 */
export async function freeze(decision: FreezeDecision, deps: EnforceDeps): Promise<Outcome> {
  const { until } = decision;
  const skipped = (code: string, detail: string): Outcome => ({
    status: 'skipped',
    at: deps.now(),
    code,
    detail,
  });
  const holder = holderOfDecision(decision);
  if (holder === undefined) return skipped('NoHolder', 'It names nobody who could be frozen.');
  const it = levelWord(holder);
  if (until <= deps.now()) return skipped('Expired', 'The period is over that it was to last for.');
  const { policy, ledger } = deps;
  const approval = policy.approval === 'required' ? await ledger.approval() : undefined;
  if (!isPolicyApproved({ policy, approval })) return skipped(UNAPPROVED, POLICY_UNAPPROVED);
  if (decision.roles === undefined) {
    if (await isUnfrozenSince(decision, deps)) {
      return skipped('Unfrozen', `Somebody has unfrozen the ${it} since this freeze was ordered.`);
    }
    await deps.ledger.freeze(holder, until);
  } else if (!isFrozen((await deps.ledger.projectMarks(deps.now())).get(holder), deps.now())) {
    return skipped('Unfrozen', `The ${it} is not frozen any more, so its roles are left as they are.`);
  }
  const { denied, failed } = await alignRoles(decision.roles ?? rolesOf(deps.policy, holder), deps);
  const told = [`The ${it} is frozen.`, rolesSentence(denied, 'may launch nothing')].filter(Boolean);
  if (failed.length === 0) return { status: 'taken', at: deps.now(), detail: told.join(' ') };
  return {
    status: 'failed',
    at: deps.now(),
    code: ROLES_NOT_DENIED,
    detail: [...told, failedSentences(failed, 'may launch still')].join(' '),
    retry: failed.some(({ outcome }) => outcome.retry),
  };
}

/** Longer than any period that a freeze is ordered in. Milliseconds. */
const PERIOD_MS = 32 * 86_400_000;

/**
 * Has somebody unfrozen the same holder since this very freeze was first attempted? A retry must not freeze it again:
 * what people said then counts for this rule until the period ends.
 */
async function isUnfrozenSince(
  freezing: FreezeDecision,
  { ledger, now }: Pick<EnforceDeps, 'ledger' | 'now'>,
): Promise<boolean> {
  const { key, project } = freezing;
  const trail = await ledger.audit({ project }, new Date(now().getTime() - PERIOD_MS));
  const first = trail.find(({ decision }) => decision.key === key);
  return (
    first !== undefined &&
    trail.some(
      ({ at, decision, event }) =>
        at > first.at &&
        decision.action === 'unfreeze' &&
        holderOfDecision(decision) === holderOfDecision(freezing) &&
        decision.roles === undefined &&
        // One that failed could not let the roles go; the project it had unfrozen before.
        (event === 'taken' || event === 'failed'),
    )
  );
}
