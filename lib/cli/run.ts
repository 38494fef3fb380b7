import { Command, CommanderError } from 'commander';
import about from '../../package.json' with { type: 'json' };
import { allocateCommand } from './allocate.ts';
import { approveCommand } from './approve.ts';
import { auditCommand } from './audit.ts';
import { backtestCommand } from './backtest.ts';
import { completionCommand } from './completion.ts';
import { gateCommand } from './gate.ts';
import { EXIT, type ExitCode, type Io, UsageError } from './io.ts';
import { keepCommand } from './keep.ts';
import { planCommand } from './plan.ts';
import { recommendCommand } from './recommend.ts';
import { releaseCommand } from './release.ts';
import { reportCommand } from './report.ts';
import { restoreCommand } from './restore.ts';
import { savingsCommand } from './savings.ts';
import { scheduleCommand } from './schedule.ts';
import { schemaCommand } from './schema.ts';
import { simulateCommand } from './simulate.ts';
import { statusCommand } from './status.ts';
import { stopCommand } from './stop.ts';
import { tagCommand } from './tag.ts';
import { unfreezeCommand } from './unfreeze.ts';
import { validateCommand } from './validate.ts';

/**
 * Makes a command; its action hands its exit code to `done`. A new one is a file like `schema.ts` and a line here.
 * What an action needs beyond commander is imported by the action itself, so that help and completion come at once.
 */
export type MakeCommand = (io: Io, done: (code: ExitCode) => void) => Command;

const COMMANDS: readonly MakeCommand[] = [
  statusCommand,
  auditCommand,
  keepCommand,
  stopCommand,
  restoreCommand,
  releaseCommand,
  unfreezeCommand,
  tagCommand,
  planCommand,
  approveCommand,
  simulateCommand,
  backtestCommand,
  savingsCommand,
  scheduleCommand,
  allocateCommand,
  reportCommand,
  recommendCommand,
  gateCommand,
  validateCommand,
  schemaCommand,
  completionCommand,
];

const EXIT_CODES = `
Exit codes:
  0  fine: what was asked is done, or was so already
  1  the answer is no: mistakes in the policy; refused, failed, left alone, needs
     an owner's approval, not finished in time; not as a scenario expects;
     false stops in a backtest; something would be stopped and --fail-on-stop is
     given; or you said no
  2  it could not be run: wrong arguments, no credentials, no such stack, or
     Bursar did not answer; or Ctrl-C stopped it`;

/**
 * Runs the command line.
 * @param args what follows the program's name
 * @returns the exit code: 0 fine, 1 the command's answer is no, 2 it could not be run
 */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = new Command('bursar')
    .description('Keeps every project of an AWS account inside its budget.')
    .version(about.version)
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(bursar --help shows the commands)');
  for (const make of COMMANDS) {
    const command = make(io, (result) => {
      code = result;
    });
    program.addCommand(command.copyInheritedSettings(program));
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
    });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof UsageError)) throw error;
    io.err(io.errColours.red(error.message));
    return EXIT.usage;
  }
}
