import { Command } from 'commander';
import { type RemoteOptions, withRemoteOptions } from './remote-options.ts';
import type { MakeCommand } from './run.ts';

interface Options extends RemoteOptions {
  readonly reason?: string;
  readonly wait: boolean;
}

const HELP = `
What starts in it from then on is left running, though it is over its
budget, and its roles may launch again. The rule that froze it does not do so
again before its period ends; another rule may. What was stopped stays stopped:
bursar restore brings it back. bursar status shows what is frozen.

Examples:
  $ bursar unfreeze recsys --reason "the new budget is in"
  $ bursar unfreeze team:alpha
  $ bursar unfreeze model:fraud:scorer
  $ bursar unfreeze recsys --json`;

/** `bursar unfreeze <project>`, or of a team or model: ends a freeze before its period does. */
export const unfreezeCommand: MakeCommand = (io, done) =>
  withRemoteOptions(
    new Command('unfreeze')
      .description('end the freeze of a project, team or model; exit code 1 where it was not ended')
      .argument('<project>', 'the name of the project, or team:NAME, or model:PROJECT:NAME')
      .option('--reason <text>', 'why, for the audit trail')
      .option('--no-wait', 'do not wait until it is done'),
  )
    .addHelpText('after', HELP)
    .action(async (project: string, options: Options) => {
      const { connect, makeWish, signed } = await import('./speak.ts');
      const remote = await connect(options);
      const wish = { ask: 'unfreeze' as const, project, ...(await signed(remote, options.reason)) };
      done(await makeWish(io, remote, wish, { json: options.json === true, wait: options.wait }));
    });
