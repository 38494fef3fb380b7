import type { z } from 'zod';
import type { Problem } from './policy-error.ts';
import type { Path, Source } from './source.ts';

type Issue = z.core.$ZodIssue;

/** What the schema found, each where it stands in the text: unknown keys and bad names at the key. */
export const problemsOf = (issues: readonly Issue[], source: Source, base: Path = []): readonly Problem[] =>
  issues.flatMap((issue) => problemsOfOne(issue, source, [...base, ...issue.path]));

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
