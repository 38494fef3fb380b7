import { assertNever } from '../types/assert-never.ts';
import type { Resource } from '../types/resource.ts';
import type { SpendSource } from '../types/spend.ts';
import {
  type Budgets,
  type BudgetThreshold,
  budgetName,
  distinctThresholds,
  matchTagKey,
  type NamedPolicy,
  type Policy,
  policiesFor,
  projectNamed,
  projectOf,
  type Tags,
  tagOf,
  teamBudgetName,
} from './policy.ts';

/**
 * Who holds a limit. A team's counts for all that its projects spend, a project's for all that it spends, a model's for
 * what of its project carries its tag.
 */
export type Level =
  | { readonly level: 'team'; readonly team: string }
  | { readonly level: 'project'; readonly project: string }
  | { readonly level: 'model'; readonly project: string; readonly model: string };

/**
 * A level as one text, by which readings, breaches and freezes are kept: `recsys`, `team:alpha`, `model:fraud:scorer`.
 * Names of the policy file hold no `:`; a tag may say anything, so that a project whose name would read as another level
 * is written `project:team:alpha`.
 */
export function holderOf(level: Level): string {
  switch (level.level) {
    case 'team':
      return `team:${level.team}`;
    case 'project':
      return level.project.includes(':') && /^(?:team|model|project):/.test(level.project)
        ? `project:${level.project}`
        : level.project;
    case 'model':
      return `model:${level.project}:${level.model}`;
    default:
      return assertNever(level);
  }
}

/** The holder's text of a project, by the value of its tag. */
export const projectHolder = (project: string): string => holderOf({ level: 'project', project });

/** The reverse of `holderOf`. */
export function parseHolder(holder: string): Level {
  // Most are projects, and sweeps ask for each many times.
  if (!holder.includes(':')) return { level: 'project', project: holder };
  const [, kind, rest = ''] = /^(team|project|model):(.*)$/s.exec(holder) ?? [];
  switch (kind) {
    case 'team':
      return { level: 'team', team: rest };
    case 'project':
      return { level: 'project', project: rest };
    case 'model': {
      const [project = '', ...model] = rest.split(':');
      return { level: 'model', project, model: model.join(':') };
    }
    default:
      return { level: 'project', project: holder };
  }
}

/** A level for people, within a sentence: `team alpha`, `project recsys`, `model scorer of project fraud`. */
export function levelText(holder: string): string {
  const level = parseHolder(holder);
  switch (level.level) {
    case 'team':
      return `team ${level.team}`;
    case 'project':
      return `project ${level.project}`;
    case 'model':
      return `model ${level.model} of project ${level.project}`;
    default:
      return assertNever(level);
  }
}

/** The same as the first words of a sentence. */
export const levelTitle = (holder: string): string => {
  const text = levelText(holder);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
};

/** Whose limit a decision is for; `undefined` = it is of no project, and for nobody's limit. */
export const holderOfDecision = ({
  project,
  holder,
}: {
  readonly project: string | undefined;
  readonly holder?: string;
}): string | undefined => holder ?? (project === undefined ? undefined : projectHolder(project));

/** What a level is called in general: `team`, `project`, `model`. */
export const levelWord = (holder: string): Level['level'] => parseHolder(holder).level;

/** The project of a project or a model; `undefined` of a team. */
export function projectOfHolder(holder: string): string | undefined {
  const level = parseHolder(holder);
  return level.level === 'team' ? undefined : level.project;
}

/**
 * The value of the model tag, where the policy file gives that model of that project limits; `undefined` elsewhere, so
 * that nobody keeps apart what no limit asks for.
 */
export function modelOf(policy: Pick<Policy, 'tags' | 'projects'>, tags: Tags): string | undefined {
  const models = projectNamed(policy, tagOf(tags, policy.tags.project))?.models;
  if (models === undefined) return undefined;
  const value = tagOf(tags, policy.tags.model);
  return value !== undefined && Object.hasOwn(models, value) ? value : undefined;
}

/** The team that a project belongs to, if `teams` has it. */
export function teamOf(
  policy: Pick<Policy, 'teams' | 'projects'>,
  project: string | undefined,
): string | undefined {
  const team = projectNamed(policy, project)?.team;
  return team !== undefined && Object.hasOwn(policy.teams, team) ? team : undefined;
}

/** Names of the projects of a team, in the order of the policy file. */
export const projectsOfTeam = ({ projects }: Pick<Policy, 'projects'>, team: string): readonly string[] =>
  Object.values(projects).flatMap((project) => (project.team === team ? [project.name] : []));

/**
 * The levels that what carries these tags counts for, the narrowest first: its model, its project, its team; none where
 * no tag names a project.
 */
export function holdersOf(policy: Policy, tags: Tags): readonly string[] {
  const project = projectOf(policy, tags);
  if (project === undefined) return [];
  const own = projectHolder(project);
  const found = projectNamed(policy, project);
  if (found === undefined || (found.models === undefined && found.team === undefined)) return [own];
  const model = modelOf(policy, tags);
  const team = teamOf(policy, project);
  return [
    ...(model === undefined ? [] : [holderOf({ level: 'model', project, model })]),
    own,
    ...(team === undefined ? [] : [holderOf({ level: 'team', team })]),
  ];
}

/** What counts for a level. */
export const resourcesOf = (
  fleet: readonly Resource[],
  holder: string,
  policy: Policy,
): readonly Resource[] => fleet.filter(({ tags }) => holdersOf(policy, tags).includes(holder));

/** The same of many levels: the fleet is looked through once. */
export function resourcesByHolder(
  fleet: readonly Resource[],
  policy: Policy,
): (holder: string) => readonly Resource[] {
  const byProject = Map.groupBy(fleet, ({ tags }) => projectOf(policy, tags));
  return (holder) => {
    const level = parseHolder(holder);
    switch (level.level) {
      case 'team':
        return projectsOfTeam(policy, level.team).flatMap((project) => byProject.get(project) ?? []);
      case 'project':
        return byProject.get(level.project) ?? [];
      case 'model':
        return (byProject.get(level.project) ?? []).filter(
          ({ tags }) => modelOf(policy, tags) === level.model,
        );
      default:
        return assertNever(level);
    }
  };
}

/** Every level that the policy file knows, those within others first: models, projects, teams. */
export const allHolders = ({ teams, projects }: Pick<Policy, 'teams' | 'projects'>): readonly string[] => [
  ...Object.values(projects).flatMap(({ name, models = {} }) => [
    ...Object.keys(models).map((model) => holderOf({ level: 'model', project: name, model })),
    projectHolder(name),
  ]),
  ...Object.keys(teams).map((team) => holderOf({ level: 'team', team })),
];

/** The limits of a level; `undefined` where the policy file does not know it. */
export function budgetsOf(policy: Pick<Policy, 'teams' | 'projects'>, holder: string): Budgets | undefined {
  const level = parseHolder(holder);
  switch (level.level) {
    case 'team':
      return Object.hasOwn(policy.teams, level.team) ? policy.teams[level.team] : undefined;
    case 'project':
      return projectNamed(policy, level.project);
    case 'model': {
      const models = projectNamed(policy, level.project)?.models;
      return models !== undefined && Object.hasOwn(models, level.model) ? models[level.model] : undefined;
    }
    default:
      return assertNever(level);
  }
}

type Policies = Pick<Policy, 'tags' | 'policies' | 'projects'>;

/** The policies that something of a level could match: those whose `match` names others alone are left out. */
export function policiesOf(policy: Policies, holder: string): readonly NamedPolicy[] {
  const level = parseHolder(holder);
  switch (level.level) {
    case 'team': {
      const projects = projectsOfTeam(policy, level.team);
      const some = new Set(projects.flatMap((project) => policiesFor(policy, project)));
      return policy.policies.filter((one) => some.has(one));
    }
    case 'project':
      return policiesFor(policy, level.project);
    case 'model':
      return policiesFor(policy, level.project).filter(({ match }) =>
        Object.entries(match).every(
          ([key, values]) =>
            matchTagKey(policy.tags, key) !== policy.tags.model || values.includes(level.model),
        ),
      );
    default:
      return assertNever(level);
  }
}

/** The distinct thresholds of all policies that concern a level, by source, ascending, actual before forecasted. */
export const thresholdsOf = (
  policy: Policies,
  holder: string,
  source: SpendSource = 'budgets',
): readonly BudgetThreshold[] => distinctThresholds(policiesOf(policy, holder), source);

/** The name of the AWS Budget of a project or team; `undefined` of a model, which goes by the meter alone. */
export function awsBudgetName(policy: Policies, holder: string): string | undefined {
  const level = parseHolder(holder);
  switch (level.level) {
    case 'team':
      return teamBudgetName(level.team, thresholdsOf(policy, holder));
    case 'project':
      return budgetName(policy, level.project);
    case 'model':
      return undefined;
    default:
      return assertNever(level);
  }
}

/** The teams by the names of their AWS Budgets, which see several projects. */
export const teamsByBudget = (policy: Policies & Pick<Policy, 'teams'>): ReadonlyMap<string, string> =>
  new Map(
    Object.keys(policy.teams).map((team) => {
      const holder = holderOf({ level: 'team', team });
      return [teamBudgetName(team, thresholdsOf(policy, holder)), holder] as const;
    }),
  );
