import { Command } from 'commander';
import { UsageError } from './io.ts';
import { type RemoteOptions, withRemoteOptions } from './remote-options.ts';
import type { MakeCommand } from './run.ts';

interface Options extends RemoteOptions {
  readonly project?: string;
  readonly reason?: string;
  readonly wait: boolean;
}

const HELP = `
Restoring twice, or after somebody changed it by hand, is safe: what is there is
never replaced, and you are told what was found. bursar status lists what can be
restored.

Examples:
  $ bursar restore churn-endpoint
  $ bursar restore recsys               all that Bursar stopped of a project
  $ bursar restore --project recsys --reason "the new budget is in" --no-wait`;

/** `bursar restore <resource… | project>`: brings back what Bursar stopped. */
export const restoreCommand: MakeCommand = (io, done) =>
  withRemoteOptions(
    new Command('restore')
      .description('bring back what Bursar stopped; exit code 1 where something was not')
      .argument('[resource...]', 'ARNs or ids, or the name of a project')
      .option('--project <name>', 'all of this project')
      .option('--reason <text>', 'why, for the audit trail')
      .option('--no-wait', 'do not wait until it is done'),
  )
    .addHelpText('after', HELP)
    .action(async (words: readonly string[], options: Options) => {
      if (words.length > 0 === (options.project !== undefined)) {
        throw new UsageError('Name resources or a project, such as bursar restore churn-endpoint.');
      }
      const { connect, makeWish, signed } = await import('./speak.ts');
      const { restorableOf } = await import('./restorable.ts');
      const remote = await connect(options);
      const what =
        options.project === undefined ? await restorableOf(words, remote) : { project: options.project };
      const wish = { ask: 'restore' as const, what, ...(await signed(remote, options.reason)) };
      done(await makeWish(io, remote, wish, { json: options.json === true, wait: options.wait }));
    });
