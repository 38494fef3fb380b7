import { Command, CommanderError } from 'commander';
import { EXIT, type ExitCode, type Io, UsageError } from './io.ts';
import { schemaCommand } from './schema.ts';
import { validateCommand } from './validate.ts';

/** Makes a command; its action hands its exit code to `done`. A new one is a file like `schema.ts` and a line here. */
export type MakeCommand = (io: Io, done: (code: ExitCode) => void) => Command;

const COMMANDS: readonly MakeCommand[] = [validateCommand, schemaCommand];

/**
 * Runs the command line.
 * @param args what follows the program's name
 * @returns the exit code: 0 fine, 1 the command's answer is no, 2 it could not be run
 */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = new Command('bursar')
    .description('Keeps every project of an AWS account inside its budget.')
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
