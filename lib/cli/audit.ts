import { Command, Option } from 'commander';
import type { Trail } from './audit-lines.ts';
import { EXIT, type Io } from './io.ts';
import type { Remote } from './remote.ts';
import { type RemoteOptions, withRemoteOptions } from './remote-options.ts';
import type { MakeCommand } from './run.ts';
import type { Sight } from './sweep-answer.ts';

interface Options extends RemoteOptions {
  readonly project?: string;
  readonly since: string;
  readonly resource?: string;
}

const HELP = `
The trail is kept for 400 days, newest last. With --resource it ends with what a
sweep would do now, or why the resource is exempt or left alone.

Examples:
  $ bursar audit --since 24h
  $ bursar audit --project recsys --since 2026-11-01
  $ bursar audit --resource i-0a1b2c3d4e5f67890
  $ bursar audit --since 30d --json | jq '.audit[] | select(.action == "stop")'`;

/** `bursar audit`: what was meant and done, and by whom. */
export const auditCommand: MakeCommand = (io, done) =>
  withRemoteOptions(
    new Command('audit')
      .description('what Bursar meant and did, why, and who asked for it')
      .option('--project <name>', 'this project alone')
      .option('--since <time>', 'from then on: 24h, 7d, 2026-11-01, 2026-11-01T09:00Z', '7d')
      .addOption(new Option('--resource <arn>', 'this resource alone, by ARN or id').conflicts('project')),
  )
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const { sinceTime } = await import('./when.ts');
      const since = sinceTime(options.since, io.now());
      const { connect } = await import('./speak.ts');
      const { AuditAnswerSchema } = await import('../people/answer.ts');
      const remote = await connect(options);
      const seen = options.resource === undefined ? undefined : await lookUp(remote, options.resource);
      const project = options.project === undefined ? {} : { project: options.project };
      const { audit, left = 0 } = await remote.ask(
        { ask: 'audit', of: seen === undefined ? project : { arn: seen.arn }, since: since.toISOString() },
        AuditAnswerSchema,
      );
      if (options.json === true) {
        const now = seen === undefined ? {} : { resource: seen.arn, now: seen.sight?.findings ?? [] };
        io.out(JSON.stringify({ since: since.toISOString(), left, audit, ...now }, null, 2));
      } else {
        const only = seen !== undefined ? 'resource' : options.project !== undefined ? 'project' : undefined;
        await show(io, { audit, left, since, only }, seen);
      }
      done(EXIT.ok);
    });

interface Seen {
  readonly arn: string;
  readonly sight: Sight | undefined;
}

/** The resource, and what the dry run says of it. */
async function lookUp(remote: Remote, word: string): Promise<Seen> {
  const [{ isArn, resolveArns, withRestorable }, { sightsOf }, sweep] = await Promise.all([
    import('./targets.ts'),
    import('./sweep-answer.ts'),
    remote.dryRun(),
  ]);
  const sights = sightsOf(sweep);
  const [arn = word] = isArn(word)
    ? await resolveArns([word], async () => [])
    : await resolveArns([word], () => withRestorable(remote, sights));
  return { arn, sight: sights.find((one) => one.arn === arn) };
}

async function show(io: Io, trail: Trail, seen: Seen | undefined): Promise<void> {
  const { auditLines, nowLines } = await import('./audit-lines.ts');
  for (const line of auditLines(trail, io)) io.out(line);
  if (seen === undefined) return;
  for (const line of nowLines(seen.sight, io)) io.out(line);
}
