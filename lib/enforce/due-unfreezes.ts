import { ofHolder } from '../decide/budget.ts';
import { atMinute, utcDay } from '../decide/sentences.ts';
import type { LaunchDenial } from '../fleet/launch-denial.ts';
import type { ProjectMark } from '../ledger/ledger.ts';
import { allHolders, levelTitle, projectHolder } from '../policy/levels.ts';
import type { Policy } from '../policy/policy.ts';
import type { FreezeDecision, UnfreezeDecision } from '../types/decision.ts';
import { isFrozen, rolesOf, rolesOfFrozen, rolesSentence } from './launch-roles.ts';

/**
 * Compares the roles that are denied launches with the freezes in force: a freeze runs out with its period, a role is
 * named anew in the policy file or no more, a policy is detached by hand. Asks IAM once, and only where some project
 * has `freezeRoles`.
 * @returns decisions of the roles that are not as the ledger says. They bear one key a day: what failed for good is
 * told once a day, what failed for now is tried again by the next sweep, and what was done may be done again an hour
 * later.
 * @throws where IAM cannot be asked: a sweep can well go on without
 */
export async function dueUnfreezes({
  policy,
  marks,
  denial,
  mayFreeze,
  now,
}: {
  readonly policy: Pick<Policy, 'teams' | 'projects'>;
  readonly marks: ReadonlyMap<string, ProjectMark>;
  /** `undefined` = the stack denies launches to no role. */
  readonly denial: Pick<LaunchDenial, 'deniedRoles'> | undefined;
  /** False where nobody has approved the policy, and that is required: no role is then denied launches. */
  readonly mayFreeze: boolean;
  readonly now: Date;
}): Promise<readonly (FreezeDecision | UnfreezeDecision)[]> {
  const projects = Object.keys(policy.projects).filter(
    (project) => rolesOf(policy, projectHolder(project)).length > 0,
  );
  if (denial === undefined || projects.length === 0) return [];
  const denied = await denial.deniedRoles();
  const frozen = rolesOfFrozen(policy, marks, now);
  const named = new Set<string>();
  const released = projects.flatMap((project) => {
    // A role that several projects name is the business of the first of them.
    const own = rolesOf(policy, projectHolder(project)).filter((role) => !named.has(role));
    for (const role of own) named.add(role);
    return unfreezesOf(
      project,
      own.filter((role) => denied.has(role) && !frozen.has(role)),
      now,
    );
  });
  const strays = [...denied].filter((role) => !named.has(role));
  const refused = new Set<string>();
  const denials = allHolders(policy).flatMap((holder) => {
    const until = marks.get(holder)?.frozenUntil;
    if (until === undefined || !isFrozen(marks.get(holder), now)) return [];
    const open = rolesOf(policy, holder).filter((role) => !denied.has(role) && !refused.has(role));
    for (const role of open) refused.add(role);
    return open.length === 0 ? [] : [freezeOf(holder, open, until, now)];
  });
  return [...released, ...unfreezesOf(undefined, strays, now), ...(mayFreeze ? denials : [])];
}

const keyOf = (what: string, project: string | undefined, roles: readonly string[], now: Date): string =>
  [what, project ?? '', ...roles.toSorted(), utcDay(now)].join('/');

function unfreezesOf(
  project: string | undefined,
  roles: readonly string[],
  now: Date,
): readonly UnfreezeDecision[] {
  if (roles.length === 0) return [];
  const them = roles.length === 1 ? 'it' : 'them';
  const why = project === undefined ? 'No project' : 'No frozen project';
  return [
    {
      action: 'unfreeze',
      key: keyOf('unfreeze-roles', project, roles, now),
      project,
      roles,
      reason: `${rolesSentence(roles, 'may launch nothing')} ${why} names ${them} any more.`,
      by: 'the new period',
    },
  ];
}

const freezeOf = (holder: string, roles: readonly string[], until: Date, now: Date): FreezeDecision => ({
  action: 'freeze',
  key: keyOf('freeze-roles', holder, roles, now),
  ...ofHolder(holder),
  roles,
  rule: { policy: 'projects', rule: `${holder}: freezeRoles` },
  until,
  reason: `${levelTitle(holder)} is frozen until ${atMinute(until)}. ${rolesSentence(roles, 'may launch all the same')}`,
});
