import { Command, Option } from 'commander';
import { NeedsSchema } from '../gate/needs-schema.ts';
import { FORMS, toPercent } from '../policy/forms.ts';
import { show } from '../policy/words.ts';
import type { InstanceNeeds } from '../types/gate.ts';
import { parseUsd, type Usd } from '../types/money.ts';
import type { GateParts } from './gate-run.ts';
import { EXIT, type ExitCode, type Io, UsageError } from './io.ts';
import { DEFAULT_POLICY_FILE } from './read-policy.ts';
import type { MakeCommand } from './run.ts';

interface Options {
  readonly base: readonly string[];
  readonly policy: string;
  readonly project?: string;
  readonly model?: string;
  readonly region?: string;
  readonly parameter: readonly string[];
  readonly usage?: string;
  readonly needs?: string;
  readonly or?: string;
  readonly warnAt?: string;
  readonly committed?: string;
  readonly limit?: string;
  readonly prices?: string;
  readonly savePrices?: string;
  readonly save?: string;
  readonly json?: boolean;
  readonly markdown?: string;
  readonly commentKey: string;
  readonly sarif?: string;
  readonly annotations?: boolean;
  readonly pick?: boolean;
  readonly failOnUnpriced?: boolean;
  readonly stack: string;
  readonly stackRegion?: string;
  readonly profile?: string;
}

const HELP = `
Paths are CloudFormation templates, cdk.out, SageMaker requests, pipeline
definitions, state machines, and what infracost breakdown --format json writes;
each is known by what is in it.

What a project's month comes to without the change is asked of the deployed
Bursar: billed, estimated, and what runs on to the end of the month. A change
counts a whole month of 730 hours, a job what it costs at most, once. Prices are
list prices of AWS, or of a file. What has no price is named, and in no figure.

Where a project goes over its limit, the cheapest instance type that meets the
stated needs and passes is named. Nothing is picked for what states no needs.

Examples:
  $ bursar gate cdk.out --base base/cdk.out
  $ bursar gate template.yaml --project nlp --needs memory=16GiB,gpu=1 --pick
  $ bursar gate job.json --project nlp --committed 3900 --limit 5000 --prices bursar-prices.yaml
  $ bursar gate cdk.out --save estimate.json               later: --base estimate.json
  $ bursar gate infracost.json --project nlp --markdown comment.md --sarif gate.sarif

Exit codes:
  0  it passes, also with a warning
  1  it is over a limit, or has no price and --fail-on-unpriced is given
  2  it could not be judged: mistakes, no access, no limit that is known`;

const PARTS = async (): Promise<GateParts> => {
  const [{ connect }, { gatePrices }] = await Promise.all([
    import('./remote.ts'),
    import('./gate-prices.ts'),
  ]);
  return { connect, prices: gatePrices };
};

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** The command over these parts, which are asked for once it runs. */
export const gateBy =
  (parts: () => Promise<GateParts>): MakeCommand =>
  (io, done) => {
    const command = new Command('gate')
      .description(
        'whether a project can afford a change: what it costs, held against what is left of the limit',
      )
      .argument('<path...>', 'templates, cdk.out, definitions of jobs, Infracost JSON')
      .option(
        '--base <path>',
        'the same without the change, or a saved estimate; may be given several times',
        collected,
        [],
      )
      .option('--policy <file>', 'the policy file', DEFAULT_POLICY_FILE)
      .option('--project <name>', 'whose it is that carries no project tag')
      .option('--model <name>', 'the model of that project whose limit counts as well')
      .option('--region <region>', 'of templates and jobs (default: the first region of the policy)')
      .option(
        '--parameter <name=value>',
        'a parameter of the templates; may be given several times',
        collected,
        [],
      )
      .option('--usage <file>', 'stated usage (default: bursar-usage.yaml, where it is there)')
      .option('--needs <needs>', 'of what states none: vcpu=4,memory=16GiB,gpu=1,gpuMemory=24GiB')
      .option('--or <types>', 'the instance types that would do instead: ml.g5.2xlarge,ml.g5.xlarge')
      .option('--warn-at <percent>', 'warn from this share of a limit on: 80%')
      .option(
        '--committed <dollars>',
        'what the month comes to without the change, in place of asking Bursar',
      )
      .option('--limit <dollars>', 'the limit of the month, in place of that of the policy')
      .option('--prices <file>', 'prices of a file, in place of asking AWS')
      .option(
        '--save-prices <file>',
        'write down the prices that were asked; what --prices lacks is then asked of AWS',
      )
      .option('--save <file>', 'save the estimate, for a later --base')
      .option('--json', 'print the result as JSON')
      .option('--markdown <file>', 'write a comment for a pull request; - prints it instead of the table')
      .addOption(
        new Option('--comment-key <text>', 'tells comments of several gates apart').default('default'),
      )
      .option('--sarif <file>', 'write SARIF 2.1.0 for code scanning')
      .option('--annotations', 'print workflow commands of GitHub Actions as well')
      .option('--pick', 'write the instance types that pass into the files')
      .option('--fail-on-unpriced', 'what has no price does not pass')
      .addOption(
        new Option('--stack <name>', 'the CloudFormation stack of Bursar')
          .env('BURSAR_STACK')
          .default('Bursar'),
      )
      .option('--stack-region <region>', 'the region of that stack (default: as the AWS SDKs find it)')
      .option('--profile <name>', 'the AWS profile (default: as the AWS SDKs find it)')
      .addHelpText('after', HELP);
    return command.action(async (paths: readonly string[], options: Options) => {
      const isNamed = command.getOptionValueSource('policy') !== 'default';
      done(await gate(paths, options, isNamed, io, parts));
    });
  };

/** `bursar gate`: whether a project can afford a change. */
export const gateCommand: MakeCommand = gateBy(PARTS);

async function gate(
  paths: readonly string[],
  options: Options,
  isPolicyNamed: boolean,
  io: Io,
  parts: () => Promise<GateParts>,
): Promise<ExitCode> {
  const given = givenOf(options);
  if (options.json === true && options.markdown === '-') {
    throw new UsageError('--json and --markdown - both print. Give --markdown a file.');
  }
  const [{ loadPolicy }, { runGate }, { readIfThere }] = await Promise.all([
    import('./load-policy.ts'),
    import('./gate-run.ts'),
    import('./read-if-there.ts'),
  ]);
  // With both figures stated there need be no policy.
  const isThere = isPolicyNamed || (await readIfThere('--policy', options.policy)) !== undefined;
  const needsPolicy = given.committed === undefined || given.limit === undefined;
  const policy = isThere || needsPolicy ? await loadPolicy(options.policy) : undefined;
  const result = await runGate(
    {
      ...given,
      paths,
      base: options.base,
      policy,
      policyFile: options.policy,
      region: options.region ?? policy?.scope.regions[0] ?? 'us-east-1',
      parameters: parametersOf(options.parameter),
      stack: options.stack,
      pick: options.pick === true,
      failOnUnpriced: options.failOnUnpriced === true,
    },
    io,
    await parts(),
  );
  await tell(result, options, io);
  switch (result.judgement.verdict) {
    case 'pass':
    case 'warn':
      return EXIT.ok;
    case 'over':
      return EXIT.no;
    case 'unjudged':
      io.err(
        io.errColours.red(
          'Something that costs more could not be held against a limit. Say by --project whose it is, and give that a budget in the policy file or by --limit.',
        ),
      );
      return EXIT.usage;
  }
}

async function tell(
  result: Awaited<ReturnType<typeof import('./gate-run.ts').runGate>>,
  options: Options,
  io: Io,
): Promise<void> {
  const { markdown, sarif, annotations, json, commentKey } = options;
  const { writeText } = await import('./html-file.ts');
  const comment =
    markdown === undefined
      ? undefined
      : (await import('../gate/markdown.ts')).gateMarkdown(result, commentKey);
  if (comment !== undefined && markdown !== undefined && markdown !== '-') {
    await writeText('--markdown', markdown, comment);
  }
  if (sarif !== undefined) {
    const [{ gateSarif }, { default: about }] = await Promise.all([
      import('../gate/sarif.ts'),
      import('../../package.json', { with: { type: 'json' } }),
    ]);
    await writeText('--sarif', sarif, `${JSON.stringify(gateSarif(result, about.version), null, 2)}\n`);
  }
  const { gateAnnotations, withoutCommands } = await import('../gate/annotations.ts');
  // JSON stays whole on its stream; the runner reads commands from both.
  const say = json === true || markdown === '-' ? io.err : io.out;
  const { begin, end } = withoutCommands(crypto.randomUUID());
  if (annotations === true) say(begin);
  if (json === true) {
    const { gateJson } = await import('../gate/json.ts');
    io.out(JSON.stringify(gateJson(result), null, 2));
  } else if (comment !== undefined && markdown === '-') io.out(comment.trimEnd());
  else {
    const { gateLines } = await import('./gate-lines.ts');
    for (const line of gateLines(result, io)) io.out(line);
  }
  if (annotations === true) {
    say(end);
    for (const line of gateAnnotations(result)) say(line);
  }
}

/** What the options mean. @throws UsageError one line */
function givenOf(options: Options) {
  const { project, model, usage, needs, or, warnAt, committed, limit, prices, savePrices, save } = options;
  const { stackRegion, profile } = options;
  return {
    ...(project === undefined ? {} : { project }),
    ...(model === undefined ? {} : { model }),
    ...(usage === undefined ? {} : { usageFile: usage }),
    ...(needs === undefined ? {} : { needs: needsOption(needs) }),
    ...(or === undefined ? {} : { or: typesOf(or) }),
    ...(warnAt === undefined ? {} : { warnAt: percentOf(warnAt) }),
    ...(committed === undefined ? {} : { committed: dollarsOf('--committed', committed) }),
    ...(limit === undefined ? {} : { limit: dollarsOf('--limit', limit) }),
    ...(prices === undefined ? {} : { prices }),
    ...(savePrices === undefined ? {} : { savePrices }),
    ...(save === undefined ? {} : { save }),
    ...(stackRegion === undefined ? {} : { stackRegion }),
    ...(profile === undefined ? {} : { profile }),
  };
}

/** `3900`, `3,900.50`, `3900 USD`, `$3900`. @throws UsageError */
function dollarsOf(option: string, text: string): Usd {
  const amount = parseUsd(text.trim().replace(/^\$|\s*USD$/g, ''));
  if (amount !== undefined && amount >= 0n) return amount;
  throw new UsageError(`${option}: ${show(text)} is no amount. Write US dollars, such as 3900 or 3900.50.`);
}

function percentOf(text: string): number {
  const percent = FORMS.percent.test(text) ? toPercent(text) : 0;
  if (percent > 0 && percent <= 100) return percent;
  throw new UsageError(`--warn-at: ${show(text)} is no share of a limit. Write a percentage, such as 80%.`);
}

function typesOf(text: string): readonly string[] {
  const types = text.split(',').map((one) => one.trim());
  const wrong = types.find((one) => !/^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+){1,2}$/.test(one));
  if (wrong === undefined) return types;
  throw new UsageError(
    `--or: ${show(wrong)} is no instance type. Write types with commas between, such as ml.g5.2xlarge,ml.g5.xlarge.`,
  );
}

function parametersOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)] as const;
      throw new UsageError(`--parameter: ${show(text)} states nothing. Write name=value.`);
    }),
  );
}

/** `vcpu=4,memory=16GiB,gpu=1,gpuMemory=24GiB`. @throws UsageError */
export function needsOption(text: string): InstanceNeeds {
  const stated = text.split(',').map((one) => {
    const [key = '', value = ''] = one.split('=').map((part) => part.trim());
    return [key, /^\d+$/.test(value) ? Number(value) : value] as const;
  });
  const read = NeedsSchema.safeParse(Object.fromEntries(stated), { reportInput: true });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const why = issue?.message.split('\n')[0] ?? '';
  throw new UsageError(`--needs: ${why} Such as vcpu=4,memory=16GiB,gpu=1,gpuMemory=24GiB.`);
}
