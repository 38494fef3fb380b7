import { Command, Option } from 'commander';
import { show } from '../policy/words.ts';
import { formatUsd, parseUsd, type Usd, ZERO_USD } from '../types/money.ts';
import type { Recommendations } from '../types/recommendation.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import { DEFAULT_POLICY_FILE } from './read-policy.ts';
import type { RecommendParts } from './recommend-run.ts';
import type { MakeCommand } from './run.ts';

interface Options {
  readonly policy: string;
  readonly profile?: string;
  readonly project?: string;
  readonly check: readonly string[];
  readonly min?: string;
  readonly brief?: boolean;
  readonly dismissed?: boolean;
  readonly json?: boolean;
  readonly iamPolicy?: boolean;
}

interface DismissOptions {
  readonly policy: string;
  readonly until: string;
  readonly reason: string;
}

const HELP = `
Each recommendation says how many dollars a month it saves and how that is
reckoned, what was seen, what the change keeps of what the resource does today,
how sure that is, what it risks and costs to do, and what to run. List prices,
730 hours a month. It reads the account by your own AWS credentials and changes
nothing.

Where one is not wanted, "bursar recommend dismiss" writes so into the policy
file, with a reason and a last day; after that day it comes back. The report and
the weekly alert leave out what is dismissed too, once the policy is deployed.

Examples:
  $ bursar recommend
  $ bursar recommend --brief --min 20
  $ bursar recommend --project recsys --check gp2-to-gp3
  $ bursar recommend --json | jq '.open[] | {id, monthly, how}'
  $ bursar recommend dismiss "gp2-to-gp3 arn:aws:ec2:…" --until 2027-01-31 --reason "moves in January"
  $ bursar recommend --iam-policy > recommend-policy.json    what it needs, read-only

Exit codes:
  0  told, or dismissed
  2  it could not be run: mistakes in the policy, no credentials, no access`;

const PARTS = async (): Promise<RecommendParts> => {
  const [{ awsContexts }, { checks }, { discoverAll }] = await Promise.all([
    import('./aws-contexts.ts'),
    import('../recommend/registry.ts'),
    import('./recommend-run.ts'),
  ]);
  return { awsContexts, checks, discover: discoverAll };
};

/** The command over these parts, which are asked for once it runs. */
export const recommendBy =
  (parts: () => Promise<RecommendParts>): MakeCommand =>
  (io, done) =>
    new Command('recommend')
      .description('how to spend less: idle and too large, and what costs less; touches nothing')
      .option('--project <name>', 'this project alone')
      .option('--check <name>', 'this check alone; may be given several times', collected, [])
      .option('--min <dollars>', 'leave out what saves less a month: 20')
      .option('--brief', 'one line each')
      .option('--dismissed', 'show what is dismissed, with its reason, instead')
      .option('--json', 'print the result as JSON')
      .option('--policy <file>', 'the policy file', DEFAULT_POLICY_FILE)
      .option('--profile <name>', 'the AWS profile (default: as the AWS SDKs find it)')
      .addOption(
        new Option('--iam-policy', 'print the IAM policy that this command needs, and do nothing else'),
      )
      .addHelpText('after', HELP)
      .action(async (options: Options) => {
        if (options.iamPolicy === true) {
          const { recommendIamPolicy } = await import('../recommend/iam-policy.ts');
          io.out(JSON.stringify(recommendIamPolicy(), null, 2));
        } else {
          await tell(options, io, parts);
        }
        done(EXIT.ok);
      })
      .addCommand(dismissCommand(io, done));

const dismissCommand: MakeCommand = (io, done) =>
  new Command('dismiss')
    .description('leave a recommendation out until a day: writes it into the policy file')
    .argument('<id>', 'its id, as bursar recommend prints it; "* <arn>" for all of a resource')
    .requiredOption('--until <day>', 'the last day (UTC): 2027-01-31')
    .requiredOption('--reason <text>', 'why, for whoever reads the file later')
    .option('--policy <file>', 'the policy file', DEFAULT_POLICY_FILE)
    .action(async (id: string, _: DismissOptions, command: Command) => {
      // `--policy` is one of both, and commander gives it to the command that it was made for first.
      const { policy, until, reason } = command.optsWithGlobals<DismissOptions>();
      const { dismiss } = await import('./recommend-dismiss.ts');
      await dismiss({ recommendation: id, until, reason }, policy, io.now());
      io.out(
        `${id} is dismissed until ${until}, in ${policy}. Deploy the policy for the report to leave it out.`,
      );
      done(EXIT.ok);
    });

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `bursar recommend`: how to spend less. */
export const recommendCommand: MakeCommand = recommendBy(PARTS);

async function tell(options: Options, io: Io, parts: () => Promise<RecommendParts>): Promise<void> {
  const { policy: file, project, profile, check: names } = options;
  const least = leastOf(options.min);
  const [{ loadPolicy }, { runRecommend }] = await Promise.all([
    import('./load-policy.ts'),
    import('./recommend-run.ts'),
  ]);
  const policy = await loadPolicy(file);
  const { account, found } = await runRecommend(
    {
      policy,
      names,
      ...(project === undefined ? {} : { project }),
      ...(profile === undefined ? {} : { profile }),
    },
    io,
    await parts(),
  );
  const told = withoutSmall(found, least);
  if (options.json === true) {
    const { recommendationsJson } = await import('../recommend/json.ts');
    io.out(JSON.stringify({ account, ...recommendationsJson(told) }, null, 2));
    return;
  }
  const { recommendLines, dismissedLines } = await import('./recommend-lines.ts');
  const lines =
    options.dismissed === true
      ? dismissedLines(told, io)
      : recommendLines(told, io, { brief: options.brief === true, least });
  for (const line of lines) io.out(line);
}

/** USD of `--min 20`. @throws UsageError */
function leastOf(text: string | undefined): Usd {
  if (text === undefined) return ZERO_USD;
  const usd = parseUsd(text.replace(/^\$|\s*USD$/g, ''));
  if (usd === undefined || usd < 0n) {
    throw new UsageError(`--min: ${show(text)} is no amount. Write US dollars a month, such as 20.`);
  }
  return usd;
}

/** Without those that save less; a note says how many they are. */
function withoutSmall({ open, notes, ...rest }: Recommendations, least: Usd): Recommendations {
  const large = open.filter(({ monthly }) => monthly >= least);
  const small = open.length - large.length;
  const note = `${small} more save less than ${formatUsd(least)} a month each, and are left out by --min.`;
  return { ...rest, open: large, notes: small === 0 ? notes : [...notes, note] };
}
