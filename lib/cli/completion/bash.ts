import { flagsOf, type Outline, type OutlineOption, type Values } from './outline.ts';

/**
 * A script for bash 3.2 (macOS) and newer that needs no package beside it. bash breaks words at `=` (and `:`), so
 * that `--for=2h` comes as three.
 */
export function bashScript({ name, options, commands }: Outline): string {
  const words = (some: readonly string[]): string => `words='${some.join(' ')}'`;
  const values = (of: Values): string => (of === 'files' ? 'files=yes' : words(of));
  const takes = (some: readonly OutlineOption[]): readonly string[] =>
    some.flatMap((option) =>
      option.values === undefined
        ? []
        : [`      ${flagsOf(option).join('|')}) ${values(option.values)}; value=yes ;;`],
    );
  const all = (some: readonly OutlineOption[]): string => words(some.flatMap(flagsOf));
  return [
    `# bash completion for ${name}`,
    `_${name}() {`,
    `  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}`,
    "  local command='' words='' files='' value='' i",
    '  if [[ $cur == = ]]; then',
    "    cur=''",
    '  elif [[ $prev == = ]]; then',
    `    prev=\${COMP_WORDS[COMP_CWORD-2]}`,
    '  fi',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    `    case \${COMP_WORDS[i]} in`,
    `      ${commands.map((command) => command.name).join('|')}) command=\${COMP_WORDS[i]}; break ;;`,
    '    esac',
    '  done',
    '  case $command in',
    ...commands.flatMap((command) => {
      const taking = takes(command.options);
      return [
        `  ${command.name})`,
        ...(taking.length === 0 ? [] : ['    case $prev in', ...taking, '    esac']),
        '    if [[ -z $value ]]; then',
        `      if [[ $cur == -* ]]; then ${all(command.options)}; else ${values(command.values ?? [])}; fi`,
        '    fi ;;',
      ];
    }),
    '  *)',
    `    if [[ $cur == -* ]]; then ${all(options)}; else ${words(commands.map((command) => command.name))}; fi ;;`,
    '  esac',
    "  local IFS=$' \\t\\n'",
    '  if [[ -n $files ]]; then',
    '    compopt -o filenames 2>/dev/null',
    "    IFS=$'\\n'",
    '    COMPREPLY=($(compgen -f -- "$cur"))',
    '  else',
    '    COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    '  fi',
    '}',
    `complete -F _${name} ${name}`,
    '',
  ].join('\n');
}
