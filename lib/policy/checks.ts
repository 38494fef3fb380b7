import * as z from 'zod';
import { checkAllocation } from './allocation-checks.ts';
import { guesser } from './nearest.ts';
import {
  type BudgetRule,
  type BudgetThreshold,
  budgetThresholds,
  MAX_BUDGET_NOTIFICATIONS,
  type Match,
  matchTagKey,
  type NamedPolicy,
  policiesFor,
  ruleId,
  type TagKeys,
} from './policy.ts';
import { NamedPolicySchema, PARSE, TagKeysSchema } from './schema.ts';
import type { Path } from './source.ts';
import { show } from './words.ts';

/** A mistake that lies between the parts of the file, and where to point at. */
export interface Finding {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly message: string;
}

/** The parts of a file that are right in themselves: a mistake in one part must not hide one in another. */
interface Parts {
  readonly tags: TagKeys;
  readonly policies: readonly { readonly index: number; readonly policy: NamedPolicy }[];
  /** The projects' names; `undefined` where there is no mapping of projects. */
  readonly projects: ReadonlySet<string> | undefined;
  /** The project that was probably meant. */
  readonly guess: (name: string) => string | undefined;
  /** Those of them with a limit for the day and for all time, or whose team or a model has one. */
  readonly limited: Readonly<Record<'day' | 'total', readonly string[]>>;
  /** Projects with a budget for the month, each with an AWS Budget. */
  readonly budgeted: readonly string[];
  /** Teams with a budget for the month, each with an AWS Budget, and their projects. */
  readonly budgetedTeams: ReadonlyMap<string, readonly string[]>;
}

/** What no part of the file can show alone. Empty where the tag keys themselves are wrong. */
export function checkTogether(file: unknown): readonly Finding[] {
  const parts = partsOf(file);
  if (parts === undefined) return [];
  const twice = repeatedNames(file);
  const named = new Set(twice.map(({ path }) => path[1]));
  return [
    ...twice,
    ...parts.policies.flatMap(({ index, policy }) => checkMatch(parts, index, policy)),
    ...unreachable(parts).filter(({ path }) => !named.has(path[1])),
    ...tooManyThresholds(parts),
    ...withoutLimit(parts),
    ...unknownTeams(file),
    ...unknownSchedules(file),
    ...checkAllocation(file, parts),
  ];
}

const RootSchema = z.object({
  tags: z.unknown().optional(),
  teams: z.record(z.string(), z.unknown()).prefault({}).optional().catch(undefined),
  projects: z.record(z.string(), z.unknown()).optional().catch(undefined),
  policies: z.array(z.unknown()).catch([]),
  schedules: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
const HoursOfSchema = z.object({ hours: z.union([z.string(), z.array(z.unknown())]) });
const NameSchema = z.object({ name: z.string() });
const ProjectPartsSchema = z.object({
  team: z.string().optional().catch(undefined),
  models: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
/** True of a project, team or model of a file that has a limit for a period, right or wrong. */
const LIMITED = {
  month: z.object({ budget: z.union([z.string(), z.object({ monthly: z.string() })]) }),
  day: z.object({ budget: z.object({ daily: z.unknown() }) }),
  total: z.object({ budget: z.object({ total: z.unknown() }) }),
} as const;

function partsOf(file: unknown): Parts | undefined {
  const root = RootSchema.safeParse(file, PARSE).data;
  const tags = TagKeysSchema.prefault({}).safeParse(root?.tags, PARSE).data;
  if (root === undefined || tags === undefined) return undefined;
  const projects = root.projects && projectsOf(root.projects);
  const teams = Object.entries(root.teams ?? {});
  const has = (per: BudgetRule['per'], value: unknown): boolean =>
    LIMITED[per].safeParse(value, PARSE).success;
  const teamsWith = (per: BudgetRule['per']): ReadonlySet<string> =>
    new Set(teams.flatMap(([name, team]) => (has(per, team) ? [name] : [])));
  const limited = (per: BudgetRule['per']): readonly string[] => {
    const ofTeams = teamsWith(per);
    return (projects ?? []).flatMap(({ name, value, team, models }) =>
      ofTeams.has(team ?? '') || [value, ...models].some((one) => has(per, one)) ? [name] : [],
    );
  };
  const members = Map.groupBy(projects ?? [], ({ team }) => team);
  return {
    tags,
    policies: root.policies.flatMap((item, index) => {
      const found = NamedPolicySchema.safeParse(item, PARSE).data;
      if (found === undefined) return [];
      // They name schedules still, which say nothing of what is checked here.
      const { hours: _, ...policy } = found;
      return [{ index, policy }];
    }),
    projects: projects && new Set(projects.map(({ name }) => name)),
    guess: guesser((projects ?? []).map(({ name }) => name)),
    limited: { day: limited('day'), total: limited('total') },
    budgeted: (projects ?? []).flatMap(({ name, value }) => (has('month', value) ? [name] : [])),
    budgetedTeams: new Map(
      [...teamsWith('month')].map((team) => [team, (members.get(team) ?? []).map(({ name }) => name)]),
    ),
  };
}

interface NamedProject {
  readonly name: string;
  /** As the file has it, right or wrong. */
  readonly value: unknown;
  /** The team that it names; `undefined` = none. */
  readonly team: string | undefined;
  readonly models: readonly unknown[];
}

const projectsOf = (projects: Readonly<Record<string, unknown>>): readonly NamedProject[] =>
  Object.entries(projects).map(([name, value]) => {
    const { team, models = {} } = ProjectPartsSchema.safeParse(value, PARSE).data ?? {};
    return { name, value, team, models: Object.values(models) };
  });

function unknownTeams(file: unknown): readonly Finding[] {
  const { teams, projects = {} } = RootSchema.safeParse(file, PARSE).data ?? {};
  if (teams === undefined) return [];
  const guess = guesser(Object.keys(teams));
  return projectsOf(projects).flatMap(({ name, team }): readonly Finding[] => {
    if (team === undefined || Object.hasOwn(teams, team)) return [];
    const meant = guess(team);
    const mend =
      meant === undefined ? 'Add it to `teams`, or remove it here.' : `Did you mean ${show(meant)}?`;
    return [
      {
        path: ['projects', name, 'team'],
        at: 'value',
        message: `No team is named ${show(team)}. ${mend}`,
      },
    ];
  });
}

function unknownSchedules(file: unknown): readonly Finding[] {
  const { policies, schedules = {} } = RootSchema.safeParse(file, PARSE).data ?? {};
  const guess = guesser(Object.keys(schedules));
  return (policies ?? []).flatMap((item, index) => {
    const hours = HoursOfSchema.safeParse(item, PARSE).data?.hours;
    if (hours === undefined) return [];
    const path = ['policies', index, 'hours'];
    const named = typeof hours === 'string' ? [{ path, name: hours }] : namesIn(hours, path);
    return named.flatMap(({ path: at, name }): readonly Finding[] => {
      if (Object.hasOwn(schedules, name)) return [];
      const meant = guess(name);
      const mend =
        meant === undefined
          ? 'Add it to `schedules`, or write hours such as { weekdays: "08:00-19:00" }.'
          : `Did you mean ${show(meant)}?`;
      return [{ path: at, at: 'value', message: `No schedule is named ${show(name)}. ${mend}` }];
    });
  });
}

const namesIn = (hours: readonly unknown[], path: Path) =>
  hours.flatMap((one, position) =>
    typeof one === 'string' ? [{ path: [...path, position], name: one }] : [],
  );

function repeatedNames(file: unknown): readonly Finding[] {
  const items = RootSchema.safeParse(file, PARSE).data?.policies ?? [];
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const name = NameSchema.safeParse(item, PARSE).data?.name;
    if (name === undefined) return [];
    const message = `Another policy is named ${show(name)} already. Give each a name of its own.`;
    if (seen.has(name)) return [{ path: ['policies', index, 'name'], at: 'value', message }];
    seen.add(name);
    return [];
  });
}

function checkMatch(parts: Parts, index: number, { match }: NamedPolicy): readonly Finding[] {
  const seen = new Map<string, string>();
  return Object.entries(match).flatMap(([key, values]): readonly Finding[] => {
    const path = ['policies', index, 'match', key];
    const tag = matchTagKey(parts.tags, key);
    const earlier = seen.get(tag);
    if (earlier !== undefined) {
      const message = `\`${earlier}\` and ${show(key)} are the same tag, ${show(tag)}. Keep one.`;
      return [{ path, at: 'key', message }];
    }
    seen.set(tag, key);
    return tag === parts.tags.project ? unknownProjects(parts, path, values) : [];
  });
}

function unknownProjects(
  { projects, guess }: Parts,
  path: Path,
  values: readonly string[],
): readonly Finding[] {
  if (projects === undefined) return [];
  return values.flatMap((value, position): readonly Finding[] => {
    if (projects.has(value)) return [];
    const meant = guess(value);
    const mend =
      meant === undefined ? 'Add it to `projects`, or remove it here.' : `Did you mean ${show(meant)}?`;
    const message = `No project is named ${show(value)}. ${mend}`;
    return [{ path: [...path, position], at: 'value', message }];
  });
}

/** A policy with more combinations of tag values than this is taken to be reachable. */
const MAX_COMBINATIONS = 1_000;

function unreachable({ tags, policies }: Parts): readonly Finding[] {
  const matches = policies.map(({ policy }) => sets(tags, policy.match));
  return policies.flatMap(({ index, policy }, position): readonly Finding[] => {
    const takers = takersOf(policyTags(tags, policy.match), matches.slice(0, position));
    if (takers === undefined) return [];
    const names = takers.map((taker) => show(policies[taker]?.policy.name));
    const verb = names.length === 1 ? 'before it takes' : 'before it take';
    const message = `Policy ${show(policy.name)} can never match: ${names.join(' and ')} ${verb} every resource that it names. Move it up, or remove it.`;
    return [{ path: ['policies', index, 'match'], at: 'value', message }];
  });
}

type MatchSets = ReadonlyMap<string, ReadonlySet<string>>;

const policyTags = (tags: TagKeys, match: Match): readonly (readonly [string, readonly string[]])[] =>
  Object.entries(match).map(([key, values]) => [matchTagKey(tags, key), values]);

const sets = (tags: TagKeys, match: Match): MatchSets =>
  new Map(policyTags(tags, match).map(([key, values]) => [key, new Set(values)]));

/**
 * The earlier matches that together take every resource which `match` names; `undefined` where one is left.
 * A tag that `match` does not name may have any value, so an earlier match that names it is sure of nothing.
 */
function takersOf(
  match: readonly (readonly [string, readonly string[]])[],
  earlier: readonly MatchSets[],
): readonly number[] | undefined {
  const combinations = match.reduce((product, [, values]) => product * values.length, 1);
  if (combinations > MAX_COMBINATIONS) return undefined;
  const takers = new Set<number>();
  for (const tags of combine(match)) {
    const taker = earlier.findIndex((other) =>
      [...other].every(([key, values]) => values.has(tags.get(key) ?? '') && tags.has(key)),
    );
    if (taker < 0) return undefined;
    takers.add(taker);
  }
  return [...takers].sort((a, b) => a - b);
}

/** Every way to carry one value of each key. */
function* combine(
  match: readonly (readonly [string, readonly string[]])[],
): Generator<ReadonlyMap<string, string>> {
  const [first, ...rest] = match;
  if (first === undefined) {
    yield new Map();
    return;
  }
  const [key, values] = first;
  for (const value of values) {
    for (const tags of combine(rest)) yield new Map([...tags, [key, value]]);
  }
}

/** Told once for projects and teams that share their thresholds: the mend is the same. */
function tooManyThresholds({ tags, policies, budgeted, budgetedTeams }: Parts): readonly Finding[] {
  const told = new Set<string>();
  const named = { tags, policies: policies.map(({ policy }) => policy) };
  const tooMany = (
    what: string,
    path: Path,
    thresholds: readonly BudgetThreshold[],
    whose: string,
  ): readonly Finding[] => {
    const needed = thresholds.map(({ at, of }) => `${at}% ${of}`).join(', ');
    if (thresholds.length <= MAX_BUDGET_NOTIFICATIONS || told.has(needed)) return [];
    told.add(needed);
    const message = `${what} needs ${thresholds.length} budget alerts (${needed}), and AWS allows ${MAX_BUDGET_NOTIFICATIONS} a budget. Use the same thresholds in more of ${whose} policies.`;
    return [{ path, at: 'key', message }];
  };
  return [
    ...budgeted.flatMap((project) =>
      tooMany(`Project ${show(project)}`, ['projects', project], budgetThresholds(named, project), 'its'),
    ),
    ...[...budgetedTeams].flatMap(([team, projects]) =>
      tooMany(`Team ${show(team)}`, ['teams', team], thresholdsOfAll(named, projects), 'its projects’'),
    ),
  ];
}

/** The distinct thresholds of all policies that concern some of the projects, as of one project. */
function thresholdsOfAll(
  named: Parameters<typeof budgetThresholds>[0],
  projects: readonly string[],
): readonly BudgetThreshold[] {
  const all = projects.flatMap((project) => budgetThresholds(named, project));
  return [...new Map(all.map((threshold) => [ruleId(threshold), threshold])).values()].sort(
    (a, b) => a.of.localeCompare(b.of) || a.at - b.at,
  );
}

const LIMIT_MENDS = {
  day: ['daily', 'budget: { monthly: 4000 USD, daily: 300 USD }'],
  total: ['total', 'budget: { total: 50000 USD, since: 2026-01-01 }'],
} as const;

/** A rule of a day or of all time is nobody's where no project of its policy has such a limit, nor its team or a model. */
function withoutLimit({ tags, policies, projects, limited }: Parts): readonly Finding[] {
  if (projects === undefined) return [];
  return policies.flatMap(({ index, policy }) =>
    policy.budget.flatMap(({ per }, position): readonly Finding[] => {
      if (per === 'month') return [];
      if (limited[per].some((project) => policiesFor({ tags, policies: [policy] }, project).length > 0))
        return [];
      const [limit, mend] = LIMIT_MENDS[per];
      const message = `No project that this policy concerns has a \`${limit}\` limit. Add one, such as ${mend}, or remove the rule.`;
      return [{ path: ['policies', index, 'budget', position, 'per'], at: 'value', message }];
    }),
  );
}
