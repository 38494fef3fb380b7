import type { LaunchDenial } from '../fleet/launch-denial.ts';
import type { Ledger, ProjectMark } from '../ledger/ledger.ts';
import { allHolders, parseHolder, projectsOfTeam } from '../policy/levels.ts';
import { type Policy, projectNamed } from '../policy/policy.ts';
import { assertNever } from '../types/assert-never.ts';
import type { Clock } from '../types/clock.ts';
import type { Outcome } from '../types/outcome.ts';

/**
 * The roles that a freeze of a project, or of a team's projects, denies launches to. None of a model: what a role
 * launches is of any model.
 */
export function rolesOf(policy: Pick<Policy, 'projects'>, holder: string): readonly string[] {
  const level = parseHolder(holder);
  const rolesOfProject = (project: string): readonly string[] =>
    projectNamed(policy, project)?.freezeRoles ?? [];
  switch (level.level) {
    case 'team':
      return [...new Set(projectsOfTeam(policy, level.team).flatMap(rolesOfProject))];
    case 'project':
      return [...new Set(rolesOfProject(level.project))];
    case 'model':
      return [];
    default:
      return assertNever(level);
  }
}

export const isFrozen = (mark: ProjectMark | undefined, now: Date): boolean =>
  mark?.frozenUntil !== undefined && mark.frozenUntil > now;

/** The roles of all projects that are frozen, by themselves or with their team: several projects may share one. */
export const rolesOfFrozen = (
  policy: Pick<Policy, 'teams' | 'projects'>,
  marks: ReadonlyMap<string, ProjectMark>,
  now: Date,
): ReadonlySet<string> =>
  new Set(
    allHolders(policy).flatMap((holder) => (isFrozen(marks.get(holder), now) ? rolesOf(policy, holder) : [])),
  );

export interface RolesDeps {
  readonly ledger: Pick<Ledger, 'projectMarks'>;
  readonly policy: Pick<Policy, 'teams' | 'projects'>;
  readonly now: Clock;
  readonly denial?: LaunchDenial;
}

/** What became of roles. */
export interface AlignedRoles {
  /** Those that may launch nothing now. */
  readonly denied: readonly string[];
  /** Those that were denied launches and may launch again. */
  readonly allowed: readonly string[];
  readonly failed: readonly { readonly role: string; readonly outcome: FailedOutcome }[];
}
type FailedOutcome = Extract<Outcome, { status: 'failed' }>;

/** More freezes and unfreezes than ever cross each other; a sweep would settle what is left. */
const LOOKS = 10;

/**
 * Brings roles to what the ledger says: one is denied launches as long as some project that is frozen names it, and else may
 * launch. Whoever freezes or unfreezes writes that in the ledger first. It looks once more when it is done, so that of
 * two that work at the same time the one that ends last has seen what the other wrote.
 * @throws `LedgerError`
 */
export async function alignRoles(roles: readonly string[], deps: RolesDeps): Promise<AlignedRoles> {
  const { denial, policy, ledger, now } = deps;
  const done = new Map<string, { readonly deny: boolean; readonly outcome: Outcome }>();
  for (let look = 0; denial !== undefined && roles.length > 0 && look < LOOKS; look++) {
    const frozen = rolesOfFrozen(policy, await ledger.projectMarks(now()), now());
    const left = roles.filter((role) => done.get(role)?.deny !== frozen.has(role));
    if (left.length === 0) break;
    for (const role of left) {
      const deny = frozen.has(role);
      done.set(role, { deny, outcome: await (deny ? denial.deny(role) : denial.allow(role)) });
    }
  }
  const all = [...done].map(([role, { deny, outcome }]) => ({ role, deny, outcome }));
  const taken = all.filter(({ outcome }) => outcome.status === 'taken');
  return {
    denied: taken.flatMap(({ role, deny }) => (deny ? [role] : [])),
    allowed: taken.flatMap(({ role, deny }) => (deny ? [] : [role])),
    failed: all.flatMap(({ role, outcome }) => (outcome.status === 'failed' ? [{ role, outcome }] : [])),
  };
}

/** `Role a may launch nothing.`, `Roles a and b may launch nothing.`; empty for none. */
export function rolesSentence(roles: readonly string[], may: string): string {
  const last = roles.at(-1);
  if (last === undefined) return '';
  const named = roles.length === 1 ? last : `${roles.slice(0, -1).join(', ')} and ${last}`;
  return `Role${roles.length === 1 ? '' : 's'} ${named} ${may}.`;
}

/** What could not be done to which roles, and why. */
export const failedSentences = (failed: AlignedRoles['failed'], all: string): string =>
  failed.map(({ role, outcome }) => `Role ${role} ${all}: ${outcome.code}: ${outcome.detail}`).join(' ');
