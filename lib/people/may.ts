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

/** The Slack ids that the policy names for a project; `undefined` where no tag names one. */
export function namedFor(policy: Policy, project: string | undefined) {
  const found = projectNamed(policy, project);
  return {
    operators: policy.operators,
    owners: found?.owners ?? [],
    members: found?.members ?? [],
  };
}

/**
 * What a person is to a project. Who asks by the command line was let in by IAM and is an operator. From Slack, only
 * who is named is anything: a group that cannot be read lets nobody in.
 */
export function standingOf(
  person: Pick<Person, 'via' | 'id'>,
  project: string | undefined,
  policy: Policy,
  groups: Groups,
): Standing {
  if (person.via === 'cli') return { role: 'operator' };
  const named = namedFor(policy, project);
  const isOneOf = (ids: readonly string[]): boolean =>
    ids.some((id) => (isGroup(id) ? (groups.get(id)?.has(person.id) ?? false) : id === person.id));
  if (isOneOf(named.operators)) return { role: 'operator' };
  if (isOneOf(named.owners)) return { role: 'owner' };
  if (isOneOf(named.members)) return { role: 'member' };
  return { role: 'none', why: strangerSentence(project, named, groups) };
}

function strangerSentence(
  project: string | undefined,
  { operators, owners, members }: ReturnType<typeof namedFor>,
  groups: Groups,
): string {
  const all = [...operators, ...owners, ...members];
  if (all.length === 0) {
    return project === undefined
      ? 'Nobody may act on this from Slack yet: name operators in the policy file.'
      : `Nobody may act on project ${project} from Slack yet: name its owners and members, or operators, in the policy file.`;
  }
  const unread = all.find((id) => isGroup(id) && !groups.has(id));
  if (unread !== undefined) {
    return `Whether you may is not known, because Slack’s user group ${unread} could not be read: the app needs a bot token with the scope usergroups:read, or name users by their own ids in the policy file.`;
  }
  return project === undefined
    ? 'Only the operators that the policy file names may act on what belongs to no project of it.'
    : `Only the people of project ${project} may do this: the policy file names its owners, members and operators.`;
}

/** True where they may approve what others may only ask for. */
export const mayApprove = ({ role }: Standing): boolean => role === 'operator' || role === 'owner';

/** One sentence, to somebody who may not let launches in the project go again. */
export function unfreezeRefusal(standing: Standing, project: string): string {
  return standing.role === 'none'
    ? standing.why
    : `Only the owners of project ${project} and the operators that the policy file names may unfreeze it: it is over its budget.`;
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
