import { Argument, Command } from 'commander';
import { EXIT } from './io.ts';
import type { MakeCommand } from './run.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const HELP = `
Examples:
  $ source <(bursar completion bash)    for this shell alone
  $ bursar completion bash > ~/.local/share/bash-completion/completions/bursar
  $ bursar completion zsh > "\${fpath[1]}/_bursar"
  $ bursar completion fish > ~/.config/fish/completions/bursar.fish`;

/** `bursar completion <shell>`: a script that completes the commands and options of this program. */
export const completionCommand: MakeCommand = (io, done) => {
  const command = new Command('completion');
  return command
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', HELP)
    .action(async (shell: Shell) => {
      const [{ outlineOf }, { bashScript }, { zshScript }, { fishScript }] = await Promise.all([
        import('./completion/outline.ts'),
        import('./completion/bash.ts'),
        import('./completion/zsh.ts'),
        import('./completion/fish.ts'),
      ]);
      const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;
      io.out(scripts[shell](outlineOf(command.parent ?? command)).trimEnd());
      done(EXIT.ok);
    });
};
