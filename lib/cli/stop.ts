import { Command } from 'commander';
import { confirmer, EXIT } from './io.ts';
import { type RemoteOptions, withRemoteOptions } from './remote-options.ts';
import type { MakeCommand } from './run.ts';
import type { Known } from './targets.ts';

interface Options extends RemoteOptions {
  readonly reason?: string;
  readonly yes?: boolean;
  readonly wait: boolean;
}

const HELP = `
Bursar saves what a restore needs before it stops anything: bursar restore
brings it back. What is protected is not stopped. You are asked first; where
nobody can be asked, give --yes.

Examples:
  $ bursar stop i-0a1b2c3d4e5f67890 --reason "forgotten"
  $ bursar stop churn-endpoint demand-endpoint --yes --json`;

/** `bursar stop <resource…>`: stops them now, in each kind's own way. */
export const stopCommand: MakeCommand = (io, done) =>
  withRemoteOptions(
    new Command('stop')
      .description('stop these now; exit code 1 where one was not stopped')
      .argument('<resource...>', 'ARNs or ids')
      .option('--reason <text>', 'why, for the audit trail')
      .option('-y, --yes', 'do not ask first')
      .option('--no-wait', 'do not wait until it is done'),
  )
    .addHelpText('after', HELP)
    .action(async (words: readonly string[], options: Options) => {
      const confirm = options.yes === true ? undefined : confirmer(io);
      const { connect, knownResources, makeWish, resolveArns, signed } = await import('./speak.ts');
      const remote = await connect(options);
      let seen: readonly Known[] | undefined;
      const known = async (): Promise<readonly Known[]> => {
        seen ??= await knownResources(remote);
        return seen;
      };
      const arns = await resolveArns(words, known);
      if (confirm !== undefined) {
        const { stopLines } = await import('./stop-lines.ts');
        for (const line of stopLines(arns, await known())) io.err(line);
        if (!(await confirm('Stop now?'))) {
          io.err('Nothing was stopped.');
          done(EXIT.no);
          return;
        }
      }
      const wish = { ask: 'stop' as const, arns: [...arns], ...(await signed(remote, options.reason)) };
      done(await makeWish(io, remote, wish, { json: options.json === true, wait: options.wait }));
    });
