import type { Outline, OutlineOption, Values } from './outline.ts';

/** A script for fish. */
export function fishScript({ name, options, commands }: Outline): string {
  const none = '__fish_use_subcommand';
  const seen = (command: string): string => `__fish_seen_subcommand_from ${command}`;
  return [
    `# fish completion for ${name}`,
    `complete -c ${name} -f`,
    ...options.map((option) => `complete -c ${name} -n ${none} ${flags(option)}`),
    ...commands.flatMap((command) => [
      `complete -c ${name} -n ${none} -a ${command.name} -d ${quote(command.description)}`,
      ...command.options.map((option) => `complete -c ${name} -n '${seen(command.name)}' ${flags(option)}`),
      ...(command.values === undefined || command.values.length === 0
        ? []
        : [`complete -c ${name} -n '${seen(command.name)}' ${wanted(command.values)}`]),
    ]),
    '',
  ].join('\n');
}

function flags({ long, short, description, values }: OutlineOption): string {
  return [
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    `-l ${long.slice(2)}`,
    ...(values === undefined ? [] : values === 'files' ? ['-r', wanted(values)] : taking(values)),
    `-d ${quote(description)}`,
  ].join(' ');
}

/** `-x` offers no files. */
const taking = (values: Values): readonly string[] => [
  '-x',
  ...(values.length === 0 ? [] : [wanted(values)]),
];

const wanted = (values: Values): string => (values === 'files' ? '-F' : `-a '${values.join(' ')}'`);

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\')}'`;
