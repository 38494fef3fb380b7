import { Command } from 'commander';
import { confirmer, EXIT } from './io.ts';
import { type RemoteOptions, withRemoteOptions } from './remote-options.ts';
import type { MakeCommand } from './run.ts';

interface Options extends RemoteOptions {
  readonly reason?: string;
  readonly yes?: boolean;
}

const HELP = `
Over the limits of the policy Bursar holds stops back and asks. Once released,
those that are still due come with the next sweep, in a minute or so. The alert
and bursar status name the time.

Example:
  $ bursar release 2026-11-25T10:30:00.000Z --reason "the old cluster can go"`;

/** `bursar release <heldAt>`: releases the stops that the limits held back. */
export const releaseCommand: MakeCommand = (io, done) =>
  withRemoteOptions(
    new Command('release')
      .description('release the stops that were held back at a time')
      .argument('<time>', 'when they were held back')
      .option('--reason <text>', 'why, for the audit trail')
      .option('-y, --yes', 'do not ask first'),
  )
    .addHelpText('after', HELP)
    .action(async (time: string, options: Options) => {
      const { heldTime } = await import('./when.ts');
      const heldAt = heldTime(time);
      const confirm = options.yes === true ? undefined : confirmer(io);
      const { connect, makeWish, signed } = await import('./speak.ts');
      const remote = await connect(options);
      if (confirm !== undefined && !(await confirm(`Release all stops that were held back at ${heldAt}?`))) {
        io.err('Nothing was released.');
        done(EXIT.no);
        return;
      }
      const wish = { ask: 'release' as const, heldAt, ...(await signed(remote, options.reason)) };
      done(await makeWish(io, remote, wish, { json: options.json === true, wait: false }));
    });
