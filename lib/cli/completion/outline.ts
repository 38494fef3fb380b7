import type { Argument, Command } from 'commander';

/** What completes a value: some words, the files of the folder, or nothing that is known. */
export type Values = readonly string[] | 'files';

export interface OutlineOption {
  /** `--json`. */
  readonly long: string;
  /** `-y`. */
  readonly short: string | undefined;
  readonly description: string;
  /** Absent where it takes no value. */
  readonly values?: Values;
}

export interface OutlineCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OutlineOption[];
  /** What completes its arguments; absent where it takes none. */
  readonly values?: Values;
}

/** The program as a completion script sees it. */
export interface Outline {
  readonly name: string;
  readonly options: readonly OutlineOption[];
  readonly commands: readonly OutlineCommand[];
}

/** Values that people often want of options that take others too. */
const OFTEN: Readonly<Record<string, readonly string[]>> = {
  '--for': ['2h', '8h', '1d'],
  '--until': ['tomorrow'],
  '--since': ['1h', '24h', '7d', '30d'],
  '--ahead': ['6h', '24h', '7d'],
};

/** Reads the outline off the commands themselves, so that it cannot lag behind them. */
export function outlineOf(program: Command): Outline {
  const commands = program.createHelp().visibleCommands(program);
  const names = commands.map((command) => command.name()).filter((name) => name !== 'help');
  return {
    name: program.name(),
    options: optionsOf(program),
    commands: commands.map((command) => {
      const [argument] = command.registeredArguments;
      return {
        name: command.name(),
        description: oneLine(command.description()),
        options: optionsOf(command),
        ...(argument === undefined ? {} : { values: valuesOf(argument, names) }),
      };
    }),
  };
}

function valuesOf(argument: Argument, commands: readonly string[]): Values {
  switch (argument.name()) {
    case 'file':
      return 'files';
    // Of `bursar help`, which commander adds itself.
    case 'command':
      return commands;
    default:
      return argument.argChoices ?? [];
  }
}

function optionsOf(command: Command): readonly OutlineOption[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, short, flags, description, required, optional, argChoices }) =>
      long === undefined || long === null
        ? []
        : [
            {
              long,
              short: short ?? undefined,
              description: oneLine(description),
              ...(required || optional ? { values: argChoices ?? OFTEN[long] ?? filesOf(flags) } : {}),
            },
          ],
    );
}

/** `--html <file>` takes a file. */
const filesOf = (flags: string): Values => (flags.endsWith('<file>') ? 'files' : []);

/** Scripts are made of lines, and quote by apostrophes. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').replaceAll("'", '’');

/** `-y` and `--yes` of an option. */
export const flagsOf = ({ short, long }: OutlineOption): readonly string[] =>
  short === undefined ? [long] : [short, long];
