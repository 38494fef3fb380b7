import * as z from 'zod';
import { type CostMatch, IDLE_TENANT, type SharedRule, type UsageSource } from './allocation.ts';
import { SharedRuleSchema, UsageSchema } from './allocation-schema.ts';
import type { Finding } from './checks.ts';
import { guesser } from './nearest.ts';
import { PARSE } from './schema.ts';
import type { Path } from './source.ts';
import { show } from './words.ts';

/** The projects of the file; `undefined` where there is no mapping of them. */
export interface KnownProjects {
  readonly projects: ReadonlySet<string> | undefined;
  /** The project that was probably meant. */
  readonly guess: (name: string) => string | undefined;
}

/** What no rule or usage of `allocation` can show alone. */
export function checkAllocation(file: unknown, known: KnownProjects): readonly Finding[] {
  const parts = partsOf(file);
  const twice = repeatedNames(parts);
  const named = new Set(twice.map(({ path }) => path[2]));
  return [
    ...twice,
    ...parts.rules.flatMap((indexed) => [...checkProjects(indexed, known), ...checkUsage(indexed, parts)]),
    ...parts.usages.flatMap(({ name, usage }) => checkTenants(name, usage, known)),
    ...unreachable(parts.rules).filter(({ path }) => !named.has(path[2])),
    ...unused(parts),
  ];
}

interface IndexedRule {
  readonly index: number;
  readonly rule: SharedRule;
}

interface Parts {
  readonly items: readonly unknown[];
  /** Those that are right in themselves. */
  readonly rules: readonly IndexedRule[];
  /** All names of usages; `undefined` where `usage` is no mapping. */
  readonly names: readonly string[] | undefined;
  /** Those that are right in themselves. */
  readonly usages: readonly { readonly name: string; readonly usage: UsageSource }[];
}

const PartsSchema = z.object({
  allocation: z.object({
    shared: z.array(z.unknown()).catch([]),
    usage: z.record(z.string(), z.unknown()).prefault({}).optional().catch(undefined),
  }),
});
const NameSchema = z.object({ name: z.string() });

/** The file has no more rules; what stands beyond is a mistake of its own. */
const MAX_RULES = 100;

function partsOf(file: unknown): Parts {
  const { shared = [], usage } = PartsSchema.safeParse(file, PARSE).data?.allocation ?? {};
  const items = shared.slice(0, MAX_RULES);
  return {
    items,
    rules: items.flatMap((item, index) => {
      const rule = SharedRuleSchema.safeParse(item, PARSE).data;
      return rule === undefined ? [] : [{ index, rule }];
    }),
    names: usage && Object.keys(usage),
    usages: Object.entries(usage ?? {}).flatMap(([name, item]) => {
      const source = UsageSchema.safeParse(item, PARSE).data;
      return source === undefined ? [] : [{ name, usage: source }];
    }),
  };
}

const pathOf = (index: number, ...rest: Path): Path => ['allocation', 'shared', index, ...rest];

function repeatedNames({ items }: Parts): readonly Finding[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const name = NameSchema.safeParse(item, PARSE).data?.name;
    if (name === undefined) return [];
    const message = `Another rule is named ${show(name)} already. Give each a name of its own.`;
    if (seen.has(name)) return [{ path: pathOf(index, 'name'), at: 'value', message }];
    seen.add(name);
    return [];
  });
}

/** Where a rule names projects. */
function namedProjects({
  split,
  among = [],
}: SharedRule): readonly (readonly [string, Path, Finding['at']])[] {
  const sharing = among.map((project, place) => [project, ['among', place], 'value'] as const);
  switch (split.by) {
    case 'project':
      return [[split.project, ['to'], 'value']];
    case 'weights':
      return Object.keys(split.weights).map(
        (project) => [project, ['split', 'weights', project], 'key'] as const,
      );
    case 'usage':
      return typeof split.idle === 'object'
        ? [...sharing, [split.idle.project, ['split', 'idle', 'to'], 'value']]
        : sharing;
    case 'even':
    case 'direct':
      return sharing;
  }
}

const checkProjects = ({ index, rule }: IndexedRule, known: KnownProjects): readonly Finding[] =>
  namedProjects(rule).flatMap(([project, path, at]) =>
    unknownProject(project, pathOf(index, ...path), at, known),
  );

const checkTenants = (name: string, { tenants }: UsageSource, known: KnownProjects): readonly Finding[] =>
  Object.entries(tenants).flatMap(([tenant, project]) =>
    project === IDLE_TENANT
      ? []
      : unknownProject(project, ['allocation', 'usage', name, 'tenants', tenant], 'value', known),
  );

function unknownProject(
  name: string,
  path: Path,
  at: Finding['at'],
  { projects, guess }: KnownProjects,
): readonly Finding[] {
  if (projects === undefined || projects.has(name)) return [];
  const meant = guess(name);
  const mend =
    meant === undefined ? 'Add it to `projects`, or remove it here.' : `Did you mean ${show(meant)}?`;
  return [{ path, at, message: `No project is named ${show(name)}. ${mend}` }];
}

function checkUsage({ index, rule: { split } }: IndexedRule, { names, usages }: Parts): readonly Finding[] {
  if (split.by !== 'usage' || names === undefined) return [];
  if (!names.includes(split.usage)) {
    const meant = guesser(names)(split.usage);
    const mend =
      meant === undefined
        ? 'Add it to `usage`, such as { file: usage.csv }.'
        : `Did you mean ${show(meant)}?`;
    const message = `No usage is named ${show(split.usage)}. ${mend}`;
    return [{ path: pathOf(index, 'split', 'usage'), at: 'value', message }];
  }
  const usage = usages.find(({ name }) => name === split.usage)?.usage;
  if (split.capacityPerHour === undefined || usage?.from !== 'file' || !usage.sampled) return [];
  const message = `The usage ${show(split.usage)} is sampled, and of samples a capacity says nothing. Remove it, and let the samples name what is idle as the tenant ${IDLE_TENANT}.`;
  return [{ path: pathOf(index, 'split', 'capacityPerHour'), at: 'key', message }];
}

/** Told of usages that are right in themselves, where every rule is: a rule with a mistake may mean any of them. */
function unused({ items, rules, names = [], usages }: Parts): readonly Finding[] {
  const used = new Set(rules.flatMap(({ rule: { split } }) => (split.by === 'usage' ? [split.usage] : [])));
  if (rules.length < items.length || [...used].some((name) => !names.includes(name))) return [];
  return usages
    .filter(({ name }) => !used.has(name))
    .map(({ name }) => ({
      path: ['allocation', 'usage', name],
      at: 'key',
      message: `No rule of \`shared\` splits by the usage ${show(name)}. Add one, or remove it.`,
    }));
}

function unreachable(rules: readonly IndexedRule[]): readonly Finding[] {
  return rules.flatMap(({ index, rule }, position): readonly Finding[] => {
    const taker = rules.slice(0, position).find((earlier) => takesAll(earlier.rule.match, rule.match));
    if (taker === undefined) return [];
    const message = `Rule ${show(rule.name)} can never match: ${show(taker.rule.name)} before it takes all that it names. Move it up, or remove it.`;
    return [{ path: pathOf(index, 'match'), at: 'value', message }];
  });
}

const KEYS = ['project', 'service', 'charge', 'account', 'region', 'usageType', 'resource'] as const;

/** Whether an earlier match takes all that a later one names, as far as that can be told from the two alone. */
function takesAll(earlier: CostMatch, later: CostMatch): boolean {
  // Without `project` and `tags`, a match means only what carries no project.
  if (isUnowned(earlier) && !isUnowned(later)) return false;
  return (
    KEYS.every((key) => coversAll(earlier[key], later[key])) &&
    Object.entries(earlier.tags ?? {}).every(([key, texts]) =>
      coversAll(texts, Object.hasOwn(later.tags ?? {}, key) ? later.tags?.[key] : undefined),
    )
  );
}

const isUnowned = ({ project, tags }: CostMatch): boolean => project === undefined && tags === undefined;

/** Longer lists are not compared, which bounds the work. */
const MAX_COMPARED = 1_000;

function coversAll(earlier: readonly string[] | undefined, later: readonly string[] | undefined): boolean {
  if (earlier === undefined) return true;
  if (later === undefined || earlier.length * later.length > MAX_COMPARED) return false;
  return later.every((text) => earlier.some((pattern) => covers(pattern, text)));
}

/**
 * Whether a pattern takes all that another does. A `*` of the other can only stand where one of the pattern stands, which
 * takes what it stands for as well.
 */
function covers(pattern: string, other: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return pattern === other;
  if (!other.startsWith(head)) return false;
  let from = head.length;
  for (const part of rest) {
    const found = other.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return other.length - tail.length >= from && other.endsWith(tail);
}
