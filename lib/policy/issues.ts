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
export const problemsOf = (issues: readonly Issue[], source: Source, base: Path = []): readonly Problem[] =>
  issues
    .filter((issue) => !isEcho(issue, issues))
    .flatMap((issue) => problemsOfOne(issue, source, [...base, ...issue.path]));

/** True of what only follows from an unknown key: the key that was meant is missing, or has half an amount. */
function isEcho({ path, input }: Issue, issues: readonly Issue[]): boolean {
  const key = path.at(-1);
  if (typeof key !== 'string') return false;
  return issues.some(
    (other) =>
      other.code === 'unrecognized_keys' &&
      isSamePath(other.path, path.slice(0, -1)) &&
      other.keys.some((unknown) =>
        isCutAmount(unknown) ? AMOUNTS.has(key) : input === undefined && nearest(unknown, [key]) === key,
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
      const meant = issue.errors.filter((branch) => !branch.some(isOfAnotherKind));
      const [branch] = meant;
      return meant.length === 1 && branch !== undefined
        ? problemsOf(branch, source, path)
        : [source.problemAt(path, issue.message)];
    }
    default:
      return [source.problemAt(path, issue.message)];
  }
}

/** True where a member of a union was not what the author was writing. */
const isOfAnotherKind = ({ code, path }: Issue): boolean =>
  path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
