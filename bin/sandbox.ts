import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { Listr } from 'listr2';
import pc from 'picocolors';
import { ROOT } from '../lib/sandbox/local-aws.ts';
import { beginPlay, STEPS } from '../lib/sandbox/play.ts';
import { clock, type Play } from '../lib/sandbox/play-acts.ts';
import { showSlack, showTable } from '../lib/sandbox/show.ts';
import { buildStage, type Stage } from '../lib/sandbox/stage.ts';
import { type Line, verdicts } from '../lib/sandbox/verdict.ts';
import type { WrittenReport } from '../lib/sandbox/written-report.ts';
import { readPolicy } from '../lib/stacks/policy-asset.ts';

const program = new Command('sandbox')
  .description(
    'Runs Bursar on an AWS that lives on this machine: deploys it, plays a budget breach, an idle half hour, a project ' +
      'that spends too fast and what people answer in Slack, and checks what became of every resource, and that the ' +
      'report of the month agrees with the bill and tells what could cost less.',
  )
  .option('--keep', 'leave everything up afterwards and print the endpoints; Ctrl-C ends it')
  .parse();
const { keep = false } = program.opts<{ keep?: boolean }>();

const POLICY = join(ROOT, 'lib', 'sandbox', 'play.yaml');
/** Old enough for the untagged to be told of, which comes after 24 h. */
const AGE_HOURS = 26;
/** In the first week of a month it is the report of the month before that people are sent a link to. */
const FIRST_DAY = 8;
/** What this run leaves behind to look at. */
const KEPT = join(ROOT, '.sandbox');

const giveUp = new AbortController();
let building: Promise<Stage> | undefined;
let stage: Stage | undefined;
let stopping: Promise<void> | undefined;
/** Stops what was started, however far it came. */
const stop = (): Promise<void> => {
  giveUp.abort();
  stopping ??= Promise.resolve(building).then(
    (built) => built?.stop(),
    () => undefined,
  );
  return stopping;
};
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    if (stopping === undefined) console.error(`\n${signal}: stopping what was started …`);
    stop().finally(() => process.exit(code));
  });
}

interface Context {
  play?: Play;
  lines: readonly Line[];
}

try {
  const policy = readPolicy(POLICY);
  const tasks = new Listr<Context>(
    [
      {
        title: 'Local AWS, cdk bootstrap, cdk deploy, budgets',
        task: async (_, task) => {
          building = buildStage({
            policyFile: POLICY,
            ageHours: AGE_HOURS,
            firstDay: FIRST_DAY,
            onLine: (line) => {
              // On a terminal one line that changes; in a log it would be a hundred.
              if (process.stdout.isTTY) task.output = line;
            },
            signal: giveUp.signal,
          });
          stage = await building;
          task.title = `Deployed on a local AWS at ${stage.aws.endpoints.default}`;
        },
      },
      {
        title: 'A fleet of several projects, with its metrics',
        task: async (context, task) => {
          context.play = await beginPlay(theStage());
          task.title = `A fleet of ${context.play.actors.length} resources, with its metrics`;
        },
      },
      ...STEPS.map(({ title, run }) => ({
        title,
        task: async (context: Context, task: { title: string }) => {
          if (context.play === undefined) throw new Error('The play did not begin.');
          const before = theStage().slack.messages().length;
          await run(context.play, (text) => {
            task.title = `${title}: ${text}`;
          });
          const told = theStage().slack.messages().slice(before);
          for (const { channel, text } of told) task.title += `\n  Slack, ${channel}: ${text}`;
        },
      })),
      {
        title: 'Is everything as the policy says?',
        task: async (context, task) => {
          if (context.play === undefined) throw new Error('The play did not begin.');
          context.lines = await verdicts(context.play, policy, await theStage().sweep());
          const wrong = context.lines.filter((line) => line.wrong.length > 0).length;
          if (wrong > 0)
            throw new Error(`${wrong} of ${context.lines.length} resources are not as the policy says`);
          task.title = `All ${context.lines.length} resources are as the policy says`;
        },
      },
    ],
    {
      concurrent: false,
      exitOnError: false,
      registerSignalListeners: false,
      ctx: { lines: [] },
      rendererOptions: { collapseErrors: false },
    },
  );
  const { lines, play } = await tasks.run();
  const ok = tasks.errors.length === 0 && lines.length > 0;
  if (play?.status !== undefined) {
    const { at, lines: said } = play.status;
    console.log(
      `\nWhat bursar status said of the spend at ${clock(at)}, while demand-forecast was frozen:\n`,
    );
    for (const line of said) console.log(`  ${line}`);
    console.log(
      '\n  What has no project are support and tax, the volumes of the instances, which nobody tagged, and one instance.',
    );
  }
  if (play?.recommended !== undefined) {
    console.log('\nWhat bursar recommend --brief says:\n');
    for (const line of play.recommended) console.log(`  ${line}`);
  }
  if (lines.length > 0) console.log(`\n${showTable(lines, process.stdout.columns ?? 140)}`);
  keepSlack();
  if (play?.report !== undefined) keepReport(play.report);
  if (keep && stage !== undefined) await stayUp(stage);
  await stop();
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  await stop();
  console.error(`sandbox: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

function theStage(): Stage {
  if (stage === undefined) throw new Error('The local AWS is not up.');
  return stage;
}

/** Shows the messages that people answered, as they stand now, and writes down all that Slack would show. */
function keepSlack(): void {
  const messages = stage?.slack.messages() ?? [];
  if (messages.length === 0) return;
  mkdirSync(KEPT, { recursive: true });
  const file = join(KEPT, 'slack.json');
  writeFileSync(file, `${JSON.stringify(messages, null, 2)}\n`);
  const answered = messages.filter(({ updates }) => updates > 0);
  console.log(
    `\nWhat Slack shows in the end where people answered (all ${messages.length} messages: .sandbox/slack.json):`,
  );
  for (const message of answered) console.log(`\n${showSlack(message)}`);
}

/** Writes the report down as people would get it, and says where. */
function keepReport({ name, html, csv, days, json }: WrittenReport): void {
  mkdirSync(KEPT, { recursive: true });
  for (const [ending, text] of Object.entries({
    '.csv': csv,
    '-days.csv': days,
    '.json': json,
    '.html': html,
  })) {
    writeFileSync(join(KEPT, `${name}${ending}`), text);
  }
  console.log(`\nThe report of the month: .sandbox/${name}.html`);
}

/** Leaves everything up until Ctrl-C, and says how to reach it. */
async function stayUp({ aws, outputs, now }: Stage): Promise<void> {
  console.log(`\n${pc.bold('Left up. Ctrl-C ends it. In another shell:')}\n`);
  for (const [name, value] of Object.entries(aws.env)) {
    if (name.startsWith('AWS_')) console.log(`  export ${name}=${value}`);
  }
  const ahead = Math.round((now().getTime() - Date.now()) / 1000);
  console.log(`  export SANDBOX_CLOCK_AHEAD=${ahead}`);
  console.log();
  for (const [name, value] of Object.entries(outputs)) console.log(`  ${name}: ${value}`);
  console.log('\n  npm run bursar -- status');
  await new Promise(() => setInterval(() => {}, 60_000));
}
