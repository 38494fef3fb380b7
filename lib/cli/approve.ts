import { Command } from 'commander';
import { type RemoteOptions, withRemoteOptions } from './remote-options.ts';
import type { MakeCommand } from './run.ts';

interface Options extends RemoteOptions {
  readonly plan: string;
  readonly reason?: string;
}

const HELP = `
Where the policy file says approval: required, Bursar stops and freezes only
what the plan lists that was approved last, and only by the policy that it was
made of. The plan lists what each policy could ever stop; what is not in it, or
comes later, is left alone until another plan is approved. A stop that somebody
asks for by name needs no approval. The hash is what you have reviewed: a plan
file that does not come to it is refused.

Example:
  $ bursar plan --json > plan.json
  $ bursar approve sha256:3f5a… --plan plan.json --reason "reviewed in #421"`;

/** `bursar approve <hash>`: lets what a plan lists be acted on. */
export const approveCommand: MakeCommand = (io, done) =>
  withRemoteOptions(
    new Command('approve')
      .description('approve a plan, so that what it lists may be acted on; exit code 1 where it was refused')
      .argument('<hash>', 'the hash of the plan, as bursar plan prints it')
      .requiredOption('--plan <file>', 'the plan, as bursar plan --json wrote it')
      .option('--reason <text>', 'why, for the audit trail'),
  )
    .addHelpText('after', HELP)
    .action(async (hash: string, options: Options) => {
      const { readPlanFile } = await import('./plan-file.ts');
      // Before anything is asked of AWS.
      const plan = await readPlanFile(options.plan, hash);
      const { connect, makeWish, signed } = await import('./speak.ts');
      const remote = await connect(options);
      const wish = { ask: 'approve' as const, ...plan, ...(await signed(remote, options.reason)) };
      done(await makeWish(io, remote, wish, { json: options.json === true, wait: false }));
    });
