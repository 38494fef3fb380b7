import type { Outline, OutlineOption, Values } from './outline.ts';

/** A script for zsh: as a file `_bursar` of its `fpath`, or sourced. */
export function zshScript({ name, options, commands }: Outline): string {
  return [
    `#compdef ${name}`,
    `_${name}() {`,
    '  local curcontext="$curcontext" state line',
    '  local -a commands',
    '  commands=(',
    ...commands.map((command) => `    '${command.name}:${escaped(command.description)}'`),
    '  )',
    '  _arguments -C \\',
    ...options.map((option) => `    ${spec(option)} \\`),
    "    '1:command:->command' \\",
    "    '*::argument:->argument'",
    '  case $state in',
    '  command) _describe command commands ;;',
    '  argument)',
    '    case $words[1] in',
    ...commands.map((command) => {
      const specs = [
        ...command.options.map(spec),
        ...(command.values === undefined ? [] : [`'*:argument:${action(command.values)}'`]),
      ];
      return `    ${command.name}) _arguments ${specs.join(' ')} ;;`;
    }),
    '    esac ;;',
    '  esac',
    '}',
    // A file of fpath is called by its name; a sourced one registers itself.
    `if [[ $funcstack[1] == _${name} ]]; then`,
    `  _${name} "$@"`,
    'else',
    '  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }',
    `  compdef _${name} ${name}`,
    'fi',
    '',
  ].join('\n');
}

/** One option as `_arguments` has it. */
function spec({ long, short, description, values }: OutlineOption): string {
  const taking = values === undefined ? '' : `:value:${action(values)}`;
  const told = `[${escaped(description).replaceAll('[', '\\[').replaceAll(']', '\\]')}]${taking}`;
  if (short === undefined) return `'${long}${values === undefined ? '' : '='}${told}'`;
  return `'(${short} ${long})'{${short},${long}}'${told}'`;
}

const action = (values: Values): string =>
  values === 'files' ? '_files' : values.length === 0 ? ' ' : `(${values.join(' ')})`;

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
