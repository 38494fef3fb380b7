import { Command, Option } from 'commander';
import { type Io, UsageError } from './io.ts';
import { type RemoteOptions, withRemoteOptions } from './remote-options.ts';
import type { MakeCommand } from './run.ts';

interface Options extends RemoteOptions {
  readonly for?: string;
  readonly until?: string;
  readonly reason?: string;
}

const HELP = `
For 30 days at most; for longer, set the keep tag of the resource. A time
without its zone is in the time zone of this computer. "tomorrow" is 9:00 of the
next day in the time zone that the policy names. A resource is named by its ARN,
or by its id where that is unambiguous.

Examples:
  $ bursar keep i-0a1b2c3d4e5f67890 --for 2h
  $ bursar keep churn-endpoint --until tomorrow --reason "demo at 8"
  $ bursar keep i-0a1b2c3d4e5f67890 churn-endpoint --until 2026-12-01T09:00
  $ bursar keep arn:aws:sagemaker:us-east-1:123456789012:endpoint/churn --for 3d`;

/** `bursar keep <resource…>`: not now, please. */
export const keepCommand: MakeCommand = (io, done) =>
  withRemoteOptions(
    new Command('keep')
      .description('let Bursar stop nothing of these until a time')
      .argument('<resource...>', 'ARNs or ids')
      .addOption(new Option('--for <time>', 'for how long: 90m, 2h, 3d').conflicts('until'))
      .option('--until <time>', 'until when: tomorrow, 2026-12-01T09:00')
      .option('--reason <text>', 'why, for the audit trail'),
  )
    .addHelpText('after', HELP)
    .action(async (words: readonly string[], options: Options) => {
      const term = await termOf(options, io);
      const { connect, knownResources, makeWish, resolveArns, signed } = await import('./speak.ts');
      const remote = await connect(options);
      const arns = await resolveArns(words, () => knownResources(remote));
      const wish = { ask: 'keep' as const, arns: [...arns], term, ...(await signed(remote, options.reason)) };
      done(await makeWish(io, remote, wish, { json: options.json === true, wait: false }));
    });

async function termOf(options: Options, io: Io) {
  const { termOfLength, termOfTime } = await import('./when.ts');
  if (options.for !== undefined) return termOfLength(options.for);
  if (options.until !== undefined) return termOfTime(options.until, io.now());
  throw new UsageError('Say how long: --for 2h, --until tomorrow or --until 2026-12-01T09:00.');
}
