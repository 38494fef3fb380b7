import { levelText, parseHolder, projectHolder, teamOf } from '../policy/levels.ts';
import { type Policy, projectNamed } from '../policy/policy.ts';
import type { Person } from './request.ts';

/** The users of Slack's user groups, by the group's id. A group that could not be read is absent. */
export type Groups = ReadonlyMap<string, ReadonlySet<string>>;

/** What somebody is to a project. Each may do what those after it may. */
export type Role = 'operator' | 'owner' | 'member';

export type Standing =
  | { readonly role: Role }
  /** `why`: one sentence that says how to mend it. */
  | { readonly role: 'none'; readonly why: string };

/** Slack ids of user groups begin with an S, those of users with a U or a W. */
export const isGroup = (id: string): boolean => id.startsWith('S');

/** Slack ids that the policy names. */
export interface NamedPeople {
  readonly operators: readonly string[];
  readonly owners: readonly string[];
  readonly members: readonly string[];
}

/** The Slack ids that the policy names for a project, its team's owners among them; `undefined` where no tag names one. */
export const namedFor = (policy: Policy, project: string | undefined): NamedPeople =>
  project === undefined
    ? { operators: policy.operators, owners: [], members: [] }
    : namedForHolder(policy, projectHolder(project));

/**
 * The Slack ids that the policy names for a team, a project or a model. Owners of a team may act on all that its projects
 * have; those of a project may not speak for its whole team.
 */
export function namedForHolder(policy: Policy, holder: string): NamedPeople {
  const { operators, teams } = policy;
  const ownersOf = (team: string | undefined): readonly string[] =>
    team !== undefined && Object.hasOwn(teams, team) ? (teams[team]?.owners ?? []) : [];
  const level = parseHolder(holder);
  if (level.level === 'team') return { operators, owners: ownersOf(level.team), members: [] };
  const found = projectNamed(policy, level.project);
  return {
    operators,
    owners: [...new Set([...(found?.owners ?? []), ...ownersOf(teamOf(policy, level.project))])],
    members: found?.members ?? [],
  };
}

/**
 * What a person is to a project. Who asks by the command line was let in by IAM and is an operator. From Slack, only
 * who is named is anything: a group that cannot be read lets nobody in.
 */
export const standingOf = (
  person: Pick<Person, 'via' | 'id'>,
  project: string | undefined,
  policy: Policy,
  groups: Groups,
): Standing =>
  standing(person, namedFor(policy, project), groups, (named) => strangerSentence(project, named, groups));

/** The same of a team or a model. */
export const standingOfHolder = (
  person: Pick<Person, 'via' | 'id'>,
  holder: string,
  policy: Policy,
  groups: Groups,
): Standing =>
  standing(
    person,
    namedForHolder(policy, holder),
    groups,
    (named) =>
      unreadSentence(named, groups) ??
      `Only the people of ${levelText(holder)} may do this: the policy file names its owners, and operators.`,
  );

function standing(
  person: Pick<Person, 'via' | 'id'>,
  named: NamedPeople,
  groups: Groups,
  why: (named: NamedPeople) => string,
): Standing {
  if (person.via === 'cli') return { role: 'operator' };
  const isOneOf = (ids: readonly string[]): boolean =>
    ids.some((id) => (isGroup(id) ? (groups.get(id)?.has(person.id) ?? false) : id === person.id));
  if (isOneOf(named.operators)) return { role: 'operator' };
  if (isOneOf(named.owners)) return { role: 'owner' };
  if (isOneOf(named.members)) return { role: 'member' };
  return { role: 'none', why: why(named) };
}

function strangerSentence(project: string | undefined, named: NamedPeople, groups: Groups): string {
  const { operators, owners, members } = named;
  const all = [...operators, ...owners, ...members];
  if (all.length === 0) {
    return project === undefined
      ? 'Nobody may act on this from Slack yet: name operators in the policy file.'
      : `Nobody may act on project ${project} from Slack yet: name its owners and members, or operators, in the policy file.`;
  }
  return (
    unreadSentence(named, groups) ??
    (project === undefined
      ? 'Only the operators that the policy file names may act on what belongs to no project of it.'
      : `Only the people of project ${project} may do this: the policy file names its owners, members and operators.`)
  );
}

/** Why it is not known whether somebody may; `undefined` where every group could be read. */
function unreadSentence({ operators, owners, members }: NamedPeople, groups: Groups): string | undefined {
  const unread = [...operators, ...owners, ...members].find((id) => isGroup(id) && !groups.has(id));
  return unread === undefined
    ? undefined
    : `Whether you may is not known, because Slack’s user group ${unread} could not be read: the app needs a bot token with the scope usergroups:read, or name users by their own ids in the policy file.`;
}

/** True where they may approve what others may only ask for. */
export const mayApprove = ({ role }: Standing): boolean => role === 'operator' || role === 'owner';

/** One sentence, to somebody who may not let launches in a project, team or model go again. */
export function unfreezeRefusal(standing: Standing, holder: string): string {
  return standing.role === 'none'
    ? standing.why
    : `Only the owners of ${levelText(holder)} and the operators that the policy file names may unfreeze it: it is over its budget.`;
}

/** True where they may let launches in a frozen project go again, beyond its budget. */
export const mayUnfreeze = mayApprove;

/** One sentence, to somebody who may not approve plans. */
export const planRefusal = (standing: Standing): string =>
  standing.role === 'none'
    ? standing.why
    : 'Only the operators that the policy file names may approve a plan: it concerns every project.';

/** True where they may approve a plan, which concerns every project. */
export const mayApprovePlan = ({ role }: Standing): boolean => role === 'operator';

/** One sentence, to somebody who is no operator. */
export function releaseRefusal(standing: Standing): string {
  return standing.role === 'none'
    ? standing.why
    : 'Only the operators that the policy file names may release what the limits hold back: it concerns every project.';
}

/** True where they may release what the limits hold back, which concerns every project. */
export const mayRelease = ({ role }: Standing): boolean => role === 'operator';
