import { Command } from 'commander';
import { EXIT } from './io.ts';
import { type RemoteOptions, withRemoteOptions } from './remote-options.ts';
import type { MakeCommand } from './run.ts';

interface Options extends RemoteOptions {
  readonly project?: string;
}

const HELP = `
It asks for a dry run of the sweep, which changes nothing. What is billed is
what AWS has billed so far; what is estimated since is price × running time.
On a terminal long reasons are cut; in a pipe and in bursar audit --resource
they are whole.

Examples:
  $ bursar status
  $ bursar status --project recsys
  $ bursar status --json | jq '.resources[] | select(.keptUntil)'
  $ bursar status --json | jq '.spend[] | {project, billed, estimated, burn}'
  $ BURSAR_STACK=BursarTest bursar status --region eu-central-1`;

/** `bursar status`: what the projects spend, what a sweep would do now, what is kept, held back and restorable. */
export const statusCommand: MakeCommand = (io, done) =>
  withRemoteOptions(
    new Command('status')
      .description('what the projects spend, what exists, what would happen to it now and why')
      .option('--project <name>', 'this project alone'),
  )
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const [{ connect }, { StateAnswerSchema }, { sceneOf, sceneJson }, { sceneLines }] = await Promise.all([
        import('./remote.ts'),
        import('../people/answer.ts'),
        import('./scene.ts'),
        import('./scene-lines.ts'),
      ]);
      const remote = await connect(options);
      const [sweep, { state }] = await Promise.all([
        remote.dryRun(),
        remote.ask({ ask: 'state' }, StateAnswerSchema),
      ]);
      const scene = sceneOf(remote, sweep, state, options.project);
      if (options.json === true) io.out(JSON.stringify(sceneJson(scene), null, 2));
      else for (const line of sceneLines(scene, io)) io.out(line);
      done(EXIT.ok);
    });
