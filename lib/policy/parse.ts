import type { AllocationRules, SharedRule, UsageSource } from './allocation.ts';
import { checkTogether } from './checks.ts';
import { problemsOf } from './issues.ts';
import type { Budgets, NamedPolicy, Policy, Project, Team } from './policy.ts';
import { PolicyError, type Problem } from './policy-error.ts';
import type { Schedule } from './schedule.ts';
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
export function toPolicy({ schedules, ...file }: PolicyFile): Policy {
  return {
    ...file,
    teams: dictionary(Object.entries(file.teams).map(([name, team]) => [name, toTeam(name, team)])),
    projects: dictionary(
      Object.entries(file.projects).map(([name, project]) => [name, toProject(name, project)]),
    ),
    requiredTags: dictionary(Object.entries(file.requiredTags)),
    policies: file.policies.map(
      ({ hours, ...policy }): NamedPolicy => ({
        ...policy,
        match: dictionary(Object.entries(policy.match)),
        ...(hours === undefined ? {} : { hours: hoursOf(hours, schedules, file.timezone) }),
      }),
    ),
    allocation: toAllocation(file.allocation),
  };
}

type ScheduleFile = PolicyFile['schedules'][string];

/** The schedules that a policy means; what a name stands for is put in its place. */
const hoursOf = (
  hours: readonly (string | ScheduleFile)[],
  schedules: PolicyFile['schedules'],
  timezone: string,
): readonly Schedule[] =>
  hours.flatMap((one): readonly Schedule[] => {
    if (typeof one !== 'string') return [{ timezone, ...one }];
    const named = Object.hasOwn(schedules, one) ? schedules[one] : undefined;
    return named === undefined ? [] : [{ name: one, timezone, ...named }];
  });

const toAllocation = ({ bill, shared, usage }: PolicyFile['allocation']): AllocationRules => ({
  ...(bill === undefined ? {} : { bill }),
  shared: shared.map(
    (rule): SharedRule => ({
      ...rule,
      match: {
        ...rule.match,
        ...(rule.match.tags === undefined ? {} : { tags: dictionary(Object.entries(rule.match.tags)) }),
      },
      split:
        rule.split.by === 'weights'
          ? { ...rule.split, weights: dictionary(Object.entries(rule.split.weights)) }
          : rule.split,
    }),
  ),
  usage: dictionary(Object.entries(usage).map(([name, source]) => [name, toUsage(source)])),
});

const toUsage = (usage: UsageSource): UsageSource => {
  const tenants = dictionary(Object.entries(usage.tenants));
  return usage.from === 'metric'
    ? { ...usage, tenants, where: dictionary(Object.entries(usage.where)) }
    : { ...usage, tenants };
};

const toTeam = (name: string, { owner, budget, slack, owners }: PolicyFile['teams'][string]): Team => ({
  name,
  ...(owner === undefined ? {} : { owner }),
  ...limitsOf(budget ?? {}),
  ...(slack === undefined ? {} : { slack }),
  owners,
});

const toProject = (name: string, project: PolicyFile['projects'][string]): Project => ({
  name,
  ...(project.owner === undefined ? {} : { owner: project.owner }),
  ...(project.team === undefined ? {} : { team: project.team }),
  ...limitsOf(project.budget ?? {}),
  ...(project.models === undefined ? {} : { models: modelsOf(project.models) }),
  ...(project.slack === undefined ? {} : { slack: project.slack }),
  owners: project.owners,
  members: project.members,
  ...(project.discount === undefined ? {} : { discount: project.discount }),
  ...(project.types === undefined ? {} : { types: project.types }),
  ...(project.maxHourly === undefined ? {} : { maxHourly: project.maxHourly }),
  freezeRoles: project.freezeRoles,
});

const modelsOf = (
  models: NonNullable<PolicyFile['projects'][string]['models']>,
): NonNullable<Project['models']> =>
  dictionary(
    Object.entries(models).map(([name, { budget }]) => [name, { name, ...limitsOf(budget) }] as const),
  );

type BudgetsFile = NonNullable<PolicyFile['projects'][string]['budget']>;

const limitsOf = ({
  monthly,
  daily,
  total,
  since,
}: Partial<Extract<BudgetsFile, { since?: unknown }>>): Budgets => ({
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
