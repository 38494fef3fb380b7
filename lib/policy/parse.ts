import { checkTogether } from './checks.ts';
import { problemsOf } from './issues.ts';
import type { NamedPolicy, Policy, Project } from './policy.ts';
import { PolicyError, type Problem } from './policy-error.ts';
import { PARSE, type PolicyFile, PolicyFileSchema } from './schema.ts';
import { readYaml } from './source.ts';

/** A larger file is refused unread, so that no input takes long. */
const MAX_KIB = 256;

/**
 * Reads and checks a policy file.
 * @param file the file's name, for messages alone
 * @throws {PolicyError} with every mistake and its place; never anything else
 */
export function parsePolicy(text: string, file: string): Policy {
  const refuse = (message: string): PolicyError => new PolicyError(file, [{ line: 1, col: 1, message }]);
  if (text.length > MAX_KIB * 1024 || Buffer.byteLength(text) > MAX_KIB * 1024) {
    throw refuse(`The file is larger than ${MAX_KIB} KiB. Is it the policy file? Name the right one.`);
  }
  const source = readYaml(text);
  if (!source.complete) throw new PolicyError(file, source.problems);
  if (source.value === undefined || source.value === null) {
    throw refuse('The file is empty. Start it with version: 1, then add `projects` and `policies`.');
  }
  const result = PolicyFileSchema.safeParse(source.value, PARSE);
  const problems: readonly Problem[] = [
    ...source.problems,
    ...problemsOf(result.error?.issues ?? [], source),
    ...checkTogether(source.value).map(({ path, message, at }) => source.problemAt(path, message, at)),
  ];
  if (result.data === undefined || problems.length > 0) throw new PolicyError(file, problems);
  return toPolicy(result.data);
}

/** The policy that a file’s checked values make. */
export function toPolicy(file: PolicyFile): Policy {
  return {
    ...file,
    projects: dictionary(
      Object.entries(file.projects).map(([name, project]) => [name, toProject(name, project)]),
    ),
    requiredTags: dictionary(Object.entries(file.requiredTags)),
    policies: file.policies.map(
      (policy): NamedPolicy => ({ ...policy, match: dictionary(Object.entries(policy.match)) }),
    ),
  };
}

const toProject = (name: string, project: PolicyFile['projects'][string]): Project => ({
  name,
  ...(project.owner === undefined ? {} : { owner: project.owner }),
  ...limitsOf(project.budget ?? {}),
  ...(project.slack === undefined ? {} : { slack: project.slack }),
  owners: project.owners,
  members: project.members,
  ...(project.discount === undefined ? {} : { discount: project.discount }),
  ...(project.types === undefined ? {} : { types: project.types }),
  ...(project.maxHourly === undefined ? {} : { maxHourly: project.maxHourly }),
  freezeRoles: project.freezeRoles,
});

type Budgets = NonNullable<PolicyFile['projects'][string]['budget']>;

const limitsOf = ({
  monthly,
  daily,
  total,
  since,
}: Partial<Extract<Budgets, { since?: unknown }>>): Pick<Project, 'budget' | 'daily' | 'total'> => ({
  ...(monthly === undefined ? {} : { budget: monthly }),
  ...(daily === undefined ? {} : { daily }),
  ...(total === undefined || since === undefined ? {} : { total: { limit: total, since } }),
});

/** An object without a prototype: a tag that says `constructor` finds nothing that no one wrote. */
function dictionary<Value>(entries: readonly (readonly [string, Value])[]): Readonly<Record<string, Value>> {
  const found: Record<string, Value> = Object.create(null);
  for (const [key, value] of entries) found[key] = value;
  return found;
}
