import type { z } from 'zod';
import { nearest } from './nearest.ts';
import type { Problem } from './policy-error.ts';
import type { Path, Source } from './source.ts';
import { isCutAmount } from './words.ts';

type Issue = z.core.$ZodIssue;

/**
 * What the schema found, each where it stands in the text: unknown keys and bad names at the key. The issues
 * must report their input.
 */
export function problemsOf(issues: readonly Issue[], source: Source, base: Path = []): readonly Problem[] {
  const unknown = unknownKeys(issues);
  return issues
    .filter((issue) => !isEcho(issue, unknown))
    .flatMap((issue) => problemsOfOne(issue, source, [...base, ...issue.path]));
}

type UnknownKeys = Extract<Issue, { readonly code: 'unrecognized_keys' }>;

const unknownKeys = (issues: readonly Issue[]): readonly UnknownKeys[] =>
  issues.filter((issue) => issue.code === 'unrecognized_keys');

/** True of what only follows from an unknown key: the key that was meant is missing, or has half an amount. */
function isEcho({ path, input }: Issue, unknown: readonly UnknownKeys[]): boolean {
  const key = path.at(-1);
  if (typeof key !== 'string') return false;
  return unknown.some(
    (other) =>
      isSamePath(other.path, path.slice(0, -1)) &&
      other.keys.some((word) =>
        isCutAmount(word) ? AMOUNTS.has(key) : input === undefined && nearest(word, [key]) === key,
      ),
  );
}

/** Keys whose value is an amount. */
const AMOUNTS: ReadonlySet<string> = new Set(['budget', 'monthly', 'daily', 'total', 'maxHourly']);

const isSamePath = (a: Path, b: Path): boolean =>
  a.length === b.length && a.every((step, index) => step === b[index]);

function problemsOfOne(issue: Issue, source: Source, path: Path): readonly Problem[] {
  switch (issue.code) {
    case 'unrecognized_keys': {
      // The schema words these one line a key.
      const messages = issue.message.split('\n');
      return issue.keys.map((key, index) =>
        source.problemAt([...path, key], messages[index] ?? issue.message, 'key'),
      );
    }
    case 'invalid_key':
      return [source.problemAt(path, issue.issues[0]?.message ?? issue.message, 'key')];
    case 'invalid_union': {
      const branch = meantBranch(issue.errors);
      return branch === undefined
        ? [source.problemAt(path, issue.message)]
        : problemsOf(branch, source, path);
    }
    default:
      return [source.problemAt(path, issue.message)];
  }
}

/**
 * What is wrong by the member of a union that the author was writing: of those of the same kind of value the one whose
 * keys fit best; `undefined` where none is nearer than another.
 */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const meant = branches
    .filter((branch) => !branch.some(isOfAnotherKind))
    .map((branch) => ({ branch, misfits: misfitsOf(branch) }))
    .sort((a, b) => a.misfits - b.misfits);
  const [first, second] = meant;
  return first?.misfits === second?.misfits ? undefined : first?.branch;
}

/** True where a member of a union was not what the author was writing. */
const isOfAnotherKind = ({ code, path }: Issue): boolean =>
  path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');

/** How many keys of the mapping itself are unknown or missing; a misspelt one counts once. */
function misfitsOf(branch: readonly Issue[]): number {
  const own = branch.filter(({ path }) => path.length < 2);
  const unknown = unknownKeys(own);
  return own
    .filter((issue) => !isEcho(issue, unknown))
    .reduce((sum, issue) => {
      if (issue.code === 'unrecognized_keys') return issue.path.length === 0 ? sum + issue.keys.length : sum;
      return issue.path.length === 1 && issue.input === undefined ? sum + 1 : sum;
    }, 0);
}
