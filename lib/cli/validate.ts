import { Command } from 'commander';
import type { Policy } from '../policy/policy.ts';
import { PolicyError } from '../policy/policy-error.ts';
import { EXIT, type Io } from './io.ts';
import { DEFAULT_POLICY_FILE, readPolicyText } from './read-policy.ts';
import type { MakeCommand } from './run.ts';

interface Options {
  readonly json?: boolean;
}

const HELP = `
Examples:
  $ bursar validate
  $ bursar validate policies/bursar.yaml --json`;

/** `bursar validate [file]`: says what the policy file means, or every mistake in it. */
export const validateCommand: MakeCommand = (io, done) =>
  new Command('validate')
    .description('check the policy file; exit code 1 where it has mistakes')
    .argument('[file]', 'the policy file', DEFAULT_POLICY_FILE)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action(async (file: string, options: Options) => {
      const result = await check(await readPolicyText(file), file);
      const json = options.json === true;
      if (result instanceof PolicyError) tellProblems(io, result, json);
      else await tellSummary(io, result, file, json);
      done(result instanceof PolicyError ? EXIT.no : EXIT.ok);
    });

async function check(text: string, file: string): Promise<Policy | PolicyError> {
  const { parsePolicy } = await import('../policy/parse.ts');
  try {
    return parsePolicy(text, file);
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
}

function tellProblems(io: Io, error: PolicyError, json: boolean): void {
  const { file, problems, hidden } = error;
  if (json) {
    io.out(JSON.stringify({ ok: false, file, problems, hidden }, null, 2));
    return;
  }
  const { red, bold } = io.errColours;
  for (const { line, col, message } of problems) io.err(`${bold(`${file}:${line}:${col}:`)} ${message}`);
  if (hidden > 0) io.err(`and ${hidden} more`);
  const count = problems.length + hidden;
  io.err(red(`${file}: ${count} ${count === 1 ? 'mistake' : 'mistakes'}`));
}

async function tellSummary(io: Io, policy: Policy, file: string, json: boolean): Promise<void> {
  const { summaryJson, summaryLines } = await import('./policy-summary.ts');
  if (json) io.out(JSON.stringify({ ok: true, file, ...summaryJson(policy) }, null, 2));
  else for (const line of summaryLines(policy, file, io.outColours)) io.out(line);
}
