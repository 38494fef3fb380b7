import { Command } from 'commander';
import { EXIT, type Io, UsageError } from './io.ts';
import type { MakeCommand } from './run.ts';
import type { OtherPolicy, Simulated } from './simulate-run.ts';

interface Options {
  readonly policy?: string;
  readonly json?: boolean;
  readonly html?: string;
}

const HELP = `
A scenario is a fleet in a file: what it is, what it does, what people and AWS do
to it, its policy, and what must come of it. It is played in memory by the very
code that runs on AWS, on a clock that leaps. The folder scenarios has examples;
bursar schema --scenario prints what completes and checks them in editors.

Of several scenarios each has a line, and those that did not come out well are
told whole. With --policy they are played under that policy, and what they
expect, which is meant of their own, is not checked.

Examples:
  $ bursar simulate scenarios/01-weekend-endpoint.yaml
  $ bursar simulate scenarios/*.yaml
  $ bursar simulate scenarios/03-training.yaml --policy bursar.yaml --html run.html
  $ bursar simulate my.yaml --json | jq '.runs[].events[] | select(.event == "stopped")'

Exit codes:
  0  all is as expected, and nothing was stopped while it was in use
  1  an expectation is not met, or something was stopped while it was in use
  2  it could not be run: mistakes in a scenario or a policy`;

/** `bursar simulate <scenario...>`: plays scenarios, and says what Bursar would do and save in them. */
export const simulateCommand: MakeCommand = (io, done) =>
  new Command('simulate')
    .description('play a scenario: what Bursar would do in it, and what that saves; touches nothing')
    .argument('<file...>', 'the scenarios')
    .option('--policy <file>', 'play them under this policy in place of their own')
    .option('--json', 'print the result as JSON')
    .option('--html <file>', 'write a page with charts as well, of one scenario')
    .addHelpText('after', HELP)
    .action(async (files: readonly string[], options: Options) => {
      if (options.html !== undefined && files.length > 1) {
        throw new UsageError('--html writes the page of one scenario. Name one scenario.');
      }
      const all = await play(files, options, io);
      const { isWell } = await import('./simulate-run.ts');
      await writePage(all, options);
      if (options.json === true) await tellJson(all, isWell, io);
      else {
        const { simulatedLines } = await import('./simulate-lines.ts');
        const isOtherPolicy = options.policy !== undefined;
        for (const line of simulatedLines(all, io, { isOtherPolicy })) io.out(line);
        if (options.html !== undefined) io.out(io.outColours.dim(`The page: ${options.html}`));
      }
      done(all.every(isWell) ? EXIT.ok : EXIT.no);
    });

async function play(files: readonly string[], options: Options, io: Io): Promise<readonly Simulated[]> {
  const [{ parseScenario }, { simulate }, { checkExpectations }, { playScenario, readScenarios }] =
    await Promise.all([
      import('../simulate/scenario-file/parse.ts'),
      import('../simulate/engine.ts'),
      import('../simulate/expectations.ts'),
      import('./simulate-run.ts'),
    ]);
  const other = await otherPolicy(options.policy);
  const read = await readScenarios(files, { parse: parseScenario }, other);
  const all: Simulated[] = [];
  for (const one of read) {
    all.push(
      await playScenario(
        one,
        io,
        { simulate, check: (scenario, result) => checkExpectations(scenario.expect, result, scenario) },
        other,
      ),
    );
  }
  return all;
}

async function otherPolicy(file: string | undefined): Promise<OtherPolicy | undefined> {
  if (file === undefined) return undefined;
  const { loadPolicy } = await import('./load-policy.ts');
  return { policy: await loadPolicy(file), file };
}

async function writePage([only]: readonly Simulated[], { html }: Options): Promise<void> {
  if (html === undefined || only === undefined) return;
  const [{ runPage }, { writeHtml }] = await Promise.all([
    import('../page/run-page.ts'),
    import('./html-file.ts'),
  ]);
  await writeHtml(html, runPage(only.result, { what: 'simulation', checks: only.checks }));
}

async function tellJson(
  all: readonly Simulated[],
  isWell: (one: Simulated) => boolean,
  io: Io,
): Promise<void> {
  const { checkJson, runJson } = await import('./run-text/run-json.ts');
  const runs = all.map((one) =>
    runJson(one.result, { file: one.file, ok: isWell(one), checks: one.checks.map(checkJson) }),
  );
  io.out(JSON.stringify({ ok: all.every(isWell), runs }, null, 2));
}
