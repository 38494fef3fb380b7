import { Command, Option } from 'commander';
import { FORMS, toSeconds } from '../policy/forms.ts';
import { show } from '../policy/words.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import type { Planned, PlanParts } from './plan-run.ts';
import { DEFAULT_POLICY_FILE } from './read-policy.ts';
import { type RemoteOptions, withRemoteOptions } from './remote-options.ts';
import type { MakeCommand } from './run.ts';

interface Options extends RemoteOptions {
  readonly policy: string;
  readonly new?: boolean;
  readonly ahead: string;
  readonly html?: string;
  readonly iamPolicy?: boolean;
  readonly failOnStop?: boolean;
}

const HELP = `
It reads the account by your own AWS credentials and changes nothing. Where
Bursar is deployed, it reads what Bursar knows too: what is kept, warned of and
held back. What is said of the time ahead holds if all goes on as now.

Where the policy file says approval: required, nothing is stopped before a plan
that lists it was approved: see bursar approve --help.

Examples:
  $ bursar plan
  $ bursar plan --policy next.yaml --ahead 7d --html plan.html
  $ bursar plan --json | jq '.lines[] | select(.stopAt) | {id, stopAt, hourly}'
  $ bursar plan --iam-policy > plan-policy.json    what it needs, read-only
  $ bursar plan --new --fail-on-stop               for a pipeline

Exit codes:
  0  planned, also where something would be stopped
  1  with --fail-on-stop: something would be stopped within the look ahead
  2  it could not be run: mistakes in the policy, no credentials, no access`;

const PARTS = async (): Promise<PlanParts> => {
  const [{ awsContexts }, { findLedger }, { makePlan }] = await Promise.all([
    import('./aws-contexts.ts'),
    import('./find-ledger.ts'),
    import('../plan/look-ahead.ts'),
  ]);
  return { awsContexts, findLedger, makePlan };
};

/** The command over these parts, which are asked for once it runs. */
export const planBy =
  (parts: () => Promise<PlanParts>): MakeCommand =>
  (io, done) => {
    const command = withRemoteOptions(
      new Command('plan')
        .description('what Bursar would do to the account now and next, when and why; touches nothing')
        .option('--policy <file>', 'the policy file', DEFAULT_POLICY_FILE)
        .option('--ahead <time>', 'how far to look ahead, from 5m to 31d: 6h, 24h, 7d', '24h')
        .option('--new', 'plan as if Bursar were new here, whatever is deployed')
        .option('--html <file>', 'write a page with charts as well')
        .option('--fail-on-stop', 'exit code 1 where something would be stopped within the look ahead')
        .addOption(
          new Option('--iam-policy', 'print the IAM policy that this command needs, and do nothing else'),
        ),
    ).addHelpText('after', HELP);
    return command.action(async (options: Options) => {
      if (options.iamPolicy === true) {
        const { planIamPolicy } = await import('../plan/iam-policy.ts');
        io.out(JSON.stringify(planIamPolicy(partitionOf(options.region)), null, 2));
        return done(EXIT.ok);
      }
      const planned = await plan(options, command.getOptionValueSource('stack') !== 'default', io, parts);
      if (options.html !== undefined) {
        const [{ planPage }, { writeHtml }] = await Promise.all([
          import('../page/plan-page.ts'),
          import('./html-file.ts'),
        ]);
        await writeHtml(options.html, planPage(planned.plan));
      }
      await tell(planned, options, io);
      const { planFigures } = await import('./plan-figures.ts');
      const stops = planFigures(planned.plan).stopping.count;
      done(options.failOnStop === true && stops > 0 ? EXIT.no : EXIT.ok);
    });
  };

/** The partition of a region, as ARNs name it. */
const partitionOf = (region = ''): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';

/** `bursar plan`: what Bursar would do to the account as it stands. */
export const planCommand: MakeCommand = planBy(PARTS);

async function plan(
  options: Options,
  isStackNamed: boolean,
  io: Io,
  parts: () => Promise<PlanParts>,
): Promise<Planned> {
  const { policy: policyFile, stack, region, profile } = options;
  const aheadSeconds = aheadOf(options.ahead);
  const [{ loadPolicy }, { runPlan }] = await Promise.all([
    import('./load-policy.ts'),
    import('./plan-run.ts'),
  ]);
  const policy = await loadPolicy(policyFile);
  return runPlan(
    {
      policy,
      policyFile,
      stack,
      isStackNamed,
      asNew: options.new === true,
      aheadSeconds,
      ...(region === undefined ? {} : { region }),
      ...(profile === undefined ? {} : { profile }),
    },
    io,
    await parts(),
  );
}

async function tell({ plan: made, policy, notes }: Planned, { json, html }: Options, io: Io): Promise<void> {
  if (json === true) {
    const [{ planJson }, { policyHash }] = await Promise.all([
      import('./plan-json.ts'),
      import('../plan/hash.ts'),
    ]);
    io.out(JSON.stringify(planJson(made, { policyHash: policyHash(policy), notes }), null, 2));
    return;
  }
  const { planLines } = await import('./plan-lines.ts');
  for (const line of planLines(made, io, notes)) io.out(line);
  if (html !== undefined) io.out(io.outColours.dim(`The page: ${html}`));
}

const LEAST = 300;
const MOST = 31 * 86_400;

/** Seconds of `--ahead 24h`. @throws UsageError */
export function aheadOf(text: string): number {
  if (!FORMS.duration.test(text)) {
    throw new UsageError(`--ahead: ${show(text)} is no length of time. Write 6h, 24h or 7d.`);
  }
  const seconds = toSeconds(text);
  if (seconds < LEAST || seconds > MOST) {
    throw new UsageError(
      `--ahead: ${text} is ${seconds < LEAST ? 'too short' : 'too long'}. Write 5m to 31d.`,
    );
  }
  return seconds;
}
