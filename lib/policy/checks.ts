import * as z from 'zod';
import { guesser } from './nearest.ts';
import {
  type BudgetRule,
  budgetThresholds,
  MAX_BUDGET_NOTIFICATIONS,
  type Match,
  matchTagKey,
  type NamedPolicy,
  policiesFor,
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
  /** Those of them with a budget for the month, for the day and for all time. */
  readonly budgeted: Readonly<Record<BudgetRule['per'], readonly string[]>>;
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
  ];
}

const RootSchema = z.object({
  tags: z.unknown().optional(),
  projects: z.record(z.string(), z.unknown()).optional().catch(undefined),
  policies: z.array(z.unknown()).catch([]),
});
const NameSchema = z.object({ name: z.string() });
/** True of a project of a file that has a limit for a period, right or wrong. */
const LIMITED = {
  month: z.object({ budget: z.union([z.string(), z.object({ monthly: z.string() })]) }),
  day: z.object({ budget: z.object({ daily: z.unknown() }) }),
  total: z.object({ budget: z.object({ total: z.unknown() }) }),
} as const;

function partsOf(file: unknown): Parts | undefined {
  const root = RootSchema.safeParse(file, PARSE).data;
  const tags = TagKeysSchema.prefault({}).safeParse(root?.tags, PARSE).data;
  if (root === undefined || tags === undefined) return undefined;
  const projects = root.projects === undefined ? undefined : Object.entries(root.projects);
  const limited = (per: BudgetRule['per']): readonly string[] =>
    (projects ?? []).flatMap(([name, value]) => (LIMITED[per].safeParse(value, PARSE).success ? [name] : []));
  return {
    tags,
    policies: root.policies.flatMap((item, index) => {
      const policy = NamedPolicySchema.safeParse(item, PARSE).data;
      return policy === undefined ? [] : [{ index, policy }];
    }),
    projects: projects && new Set(projects.map(([name]) => name)),
    guess: guesser((projects ?? []).map(([name]) => name)),
    budgeted: { month: limited('month'), day: limited('day'), total: limited('total') },
  };
}

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

/** Told once for projects that share their thresholds: the mend is the same. */
function tooManyThresholds({ tags, policies, budgeted }: Parts): readonly Finding[] {
  const told = new Set<string>();
  return budgeted.month.flatMap((project): readonly Finding[] => {
    const thresholds = budgetThresholds({ tags, policies: policies.map(({ policy }) => policy) }, project);
    const needed = thresholds.map(({ at, of }) => `${at}% ${of}`).join(', ');
    if (thresholds.length <= MAX_BUDGET_NOTIFICATIONS || told.has(needed)) return [];
    told.add(needed);
    const message = `Project ${show(project)} needs ${thresholds.length} budget alerts (${needed}), and AWS allows ${MAX_BUDGET_NOTIFICATIONS} a budget. Use the same thresholds in more of its policies.`;
    return [{ path: ['projects', project], at: 'key', message }];
  });
}

const LIMIT_MENDS = {
  day: ['daily', 'budget: { monthly: 4000 USD, daily: 300 USD }'],
  total: ['total', 'budget: { total: 50000 USD, since: 2026-01-01 }'],
} as const;

/** A rule of a day or of all time is nobody's where no project of its policy has such a limit. */
function withoutLimit({ tags, policies, projects, budgeted }: Parts): readonly Finding[] {
  if (projects === undefined) return [];
  return policies.flatMap(({ index, policy }) =>
    policy.budget.flatMap(({ per }, position): readonly Finding[] => {
      if (per === 'month') return [];
      if (budgeted[per].some((project) => policiesFor({ tags, policies: [policy] }, project).length > 0))
        return [];
      const [limit, mend] = LIMIT_MENDS[per];
      const message = `No project that this policy concerns has a \`${limit}\` limit. Add one, such as ${mend}, or remove the rule.`;
      return [{ path: ['policies', index, 'budget', position, 'per'], at: 'value', message }];
    }),
  );
}
