import { editDistance, nearest } from '../policy/nearest.ts';
import type { TagKeys, Tags } from '../policy/policy.ts';
import { show } from '../policy/words.ts';
import { allowedValues, problemOf, type RequiredTag, type TagProblem } from './required.ts';
import { type Confidence, isReservedKey, isTagValue, loose, type Meant, meantBy } from './values.ts';

/** What a required tag should be. */
export interface Suggestion {
  readonly value: string;
  readonly confidence: Confidence;
  /** One sentence, for people. */
  readonly why: string;
}

/** Tells what is meant by a value of a required tag; `undefined` where nobody can tell. */
export type ValueReader = (value: string) => Meant | undefined;

/** Each value is thought about once, however many resources have it. */
export function readerOf(tag: RequiredTag): ValueReader {
  const allowed = allowedValues(tag);
  const known = new Map<string, Meant | undefined>();
  const read = (value: string): Meant | undefined => {
    if (allowed === undefined) {
      return value.trim() === '' ? undefined : { value: value.trim(), confidence: 'sure', how: 'same' };
    }
    // Names of projects begin alike too often: `vision` is no short form of `vision-eu`.
    return meantBy(value, allowed, { abbreviations: tag.projects === undefined });
  };
  return (value) => {
    if (!known.has(value)) known.set(value, read(value));
    return known.get(value);
  };
}

/** By the tag's own value, which is wrong: what it means. */
export function fromValue({ key, value }: TagProblem, read: ValueReader): Suggestion | undefined {
  const meant = value === undefined ? undefined : read(value);
  if (value === undefined || meant === undefined) return undefined;
  return {
    value: meant.value,
    confidence: meant.confidence,
    why: `Its tag ${show(key)} says ${show(value)}, which ${howText(meant)}.`,
  };
}

/** By other tags of the resource whose keys seem to mean the same. `required`: all of them, which speak for themselves. */
export function fromOtherKeys(
  tag: RequiredTag,
  problem: TagProblem,
  tags: Tags,
  read: ValueReader,
  { required, keys }: { readonly required: readonly RequiredTag[]; readonly keys: TagKeys },
): Suggestion | undefined {
  const own = new Set([...required.map(({ key }) => key), ...Object.values(keys)]);
  const found = Object.entries(tags).flatMap(([key, value]) => {
    if (own.has(key) || isReservedKey(key)) return [];
    const like = likeness(key, tag, keys);
    const meant = like === undefined ? undefined : read(value);
    if (like === undefined || meant === undefined || !isTagValue(meant.value)) return [];
    // A key that is a guess with a value that is one is no evidence.
    if (like === 'guess' && meant.confidence === 'likely') return [];
    const confidence: Confidence = like === 'same' && meant.confidence === 'sure' ? 'sure' : 'likely';
    return [{ key, value, meant, confidence }];
  });
  const sure = found.filter(({ confidence }) => confidence === 'sure');
  const [first, ...others] = sure.length > 0 ? sure : found;
  if (first === undefined || others.some(({ meant }) => meant.value !== first.meant.value)) return undefined;
  const disagrees = found.some(({ meant }) => meant.value !== first.meant.value);
  const how = first.meant.how === 'same' ? '' : `, which ${howText(first.meant)}`;
  return {
    value: first.meant.value,
    // What stands there, though not allowed, was meant by somebody.
    confidence: disagrees || problem.problem !== 'missing' ? 'likely' : first.confidence,
    why: `Its tag ${show(first.key)} says ${show(first.value)}${how}.`,
  };
}

/** Of the word `environment`, whichever key it has. */
const ENVIRONMENT_WORDS: ReadonlySet<string> = new Set(['env', 'environment', 'environmentname']);

/**
 * `same`: the keys differ in case and punctuation (AWS takes them for two tags). `guess`: `project-name` for
 * `project`, `env` for `environment`, or a misspelling.
 */
function likeness(key: string, tag: RequiredTag, keys: TagKeys): 'same' | 'guess' | undefined {
  const [mine, wanted] = [loose(key), loose(tag.key)];
  if (wanted === '' || mine === '') return undefined;
  if (mine === wanted) return 'same';
  if (mine === `${wanted}name`) return 'guess';
  if (tag.key === keys.environment && ENVIRONMENT_WORDS.has(mine)) return 'guess';
  const isMisspelt =
    allowedValues(tag) === undefined
      ? // Any value will do, so that only the key can tell: `power` is no `owner`.
        wanted.length > 4 && editDistance(mine, wanted) === 1
      : nearest(mine, [wanted]) !== undefined;
  return isMisspelt ? 'guess' : undefined;
}

/**
 * The owner that the policy file gives the project, where the owner tag may say so.
 * @param because how the project is known, the beginning of a sentence
 */
export function fromOwner(
  tag: RequiredTag,
  problem: TagProblem,
  owner: string | undefined,
  because: string,
): Suggestion | undefined {
  if (owner === undefined || !isTagValue(owner)) return undefined;
  if (problemOf(tag, { [tag.key]: owner }) !== undefined) return undefined;
  return {
    value: owner,
    confidence: problem.problem === 'missing' ? 'sure' : 'likely',
    why: `${because} ${show(owner)} in the policy file.`,
  };
}

function howText({ value, how }: Meant): string {
  switch (how) {
    case 'same':
      return `is ${show(value)}`;
    case 'case':
      return `differs from ${show(value)} in upper case or spaces alone`;
    case 'punctuation':
      return `has the letters of ${show(value)}`;
    case 'abbreviation':
      return `seems to be another form of ${show(value)}`;
    case 'spelling':
      return `may be a misspelling of ${show(value)}`;
  }
}
