/** One mistake in the policy file, at the place where it is to be mended. Line and column count from 1. */
export interface Problem {
  readonly line: number;
  readonly col: number;
  /** What is wrong, then the mend: `"soon" is not a duration. Write …`. One line. */
  readonly message: string;
}

/** More than this many are not listed: by then the file is not a policy file. */
const MAX_PROBLEMS = 20;

/** Every mistake that was found in a policy file. The message has a line `file:line:col: what. mend` for each. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly file: string;
  /** In the order of the file, at most 20, at least one. */
  readonly problems: readonly Problem[];
  /** How many more there are than `problems` lists. */
  readonly hidden: number;

  constructor(file: string, found: readonly Problem[]) {
    const sorted = distinct(found).sort((a, b) => a.line - b.line || a.col - b.col);
    const problems = sorted.slice(0, MAX_PROBLEMS);
    const hidden = sorted.length - problems.length;
    const lines = problems.map(({ line, col, message }) => `${file}:${line}:${col}: ${message}`);
    super([...lines, ...(hidden > 0 ? [`and ${hidden} more`] : [])].join('\n'));
    this.file = file;
    this.problems = problems;
    this.hidden = hidden;
  }
}

/** A mistake inside an anchor is met once for each of its aliases, and told once. */
function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((p) => [`${p.line}:${p.col}:${p.message}`, p])).values()];
}
