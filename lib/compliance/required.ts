import { matchTagKey, type Policy, type Tags, tagOf } from '../policy/policy.ts';

/** A tag that every resource must carry. */
export interface RequiredTag {
  /** As AWS has it: `project` and the like of the policy file stand for the keys under its `tags`. */
  readonly key: string;
  /** The values that it may have; `any` = every one that is not blank. */
  readonly values: 'any' | readonly string[];
  /** Of the project tag: the projects of the policy, of which it must name one. Absent where the policy has none. */
  readonly projects?: readonly string[];
}

/** What is wrong with one required tag of one resource. */
export interface TagProblem {
  /** As AWS has it. */
  readonly key: string;
  /** `missing`: absent or blank. `unknown-project`: it names a project that the policy does not. */
  readonly problem: 'missing' | 'not-allowed' | 'unknown-project';
  /** As it stands; absent where the tag is absent. */
  readonly value?: string;
}

/** The required tags of the policy, each once; where two lines mean the same tag, both must be met. */
export function requiredTagsOf({
  tags,
  projects,
  requiredTags,
}: Pick<Policy, 'tags' | 'projects' | 'requiredTags'>): readonly RequiredTag[] {
  const names = Object.keys(projects);
  const byKey = new Map<string, RequiredTag>();
  for (const [name, values] of Object.entries(requiredTags)) {
    const key = matchTagKey(tags, name);
    byKey.set(key, {
      key,
      values: both(byKey.get(key)?.values ?? 'any', values),
      ...(key === tags.project && names.length > 0 ? { projects: names } : {}),
    });
  }
  return [...byKey.values()];
}

function both(a: RequiredTag['values'], b: RequiredTag['values']): RequiredTag['values'] {
  if (a === 'any') return b;
  return b === 'any' ? a : a.filter((value) => b.includes(value));
}

/** The values of which it must have one; `undefined` where every one will do. */
export function allowedValues({ values, projects }: RequiredTag): readonly string[] | undefined {
  if (values === 'any') return projects;
  return projects === undefined ? values : values.filter((value) => projects.includes(value));
}

/** What is wrong with the tag; `undefined` where nothing is. AWS tells upper from lower case, and so does this. */
export function problemOf(tag: RequiredTag, tags: Tags): TagProblem | undefined {
  const { key, values, projects } = tag;
  const value = tagOf(tags, key);
  if (value === undefined) return { key, problem: 'missing' };
  const allowed = allowedValues(tag);
  if (allowed === undefined ? value.trim() !== '' : allowed.includes(value)) return undefined;
  if (value.trim() === '') return { key, problem: 'missing', value };
  if (projects !== undefined && !projects.includes(value)) return { key, problem: 'unknown-project', value };
  return values === 'any' ? undefined : { key, problem: 'not-allowed', value };
}
