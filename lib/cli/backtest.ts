import { Command } from 'commander';
import { show } from '../policy/words.ts';
import type { BacktestDone, BacktestParts } from './backtest-run.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import { DEFAULT_POLICY_FILE } from './read-policy.ts';
import type { MakeCommand } from './run.ts';

interface Options {
  readonly days: string;
  readonly policy: string;
  readonly against?: string;
  readonly cache: string;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly html?: string;
  readonly region?: string;
  readonly profile?: string;
}

const HELP = `
It reads the account's own CloudWatch and CloudTrail history by your AWS
credentials, and changes nothing. Reading metrics costs $0.01 for 1,000 of them:
the price is stated and confirmed first. What was read is kept in the cache, so
that the next run pays for new days alone; Ctrl-C leaves the cache usable.

A stop is false where its resource was in use again within 15 minutes. For each
idle rule the threshold is proposed at which none would have been.

CloudWatch keeps 5-minute samples for 63 days and hours for 455; CloudTrail keeps
90 days. What is gone now is not in the figures.

Examples:
  $ bursar backtest --days 30
  $ bursar backtest --policy bursar.yaml --against stricter.yaml --yes
  $ bursar backtest --days 14 --html backtest.html
  $ bursar backtest --json --yes | jq '.proposals[] | {policy, advice, text}'

Exit codes:
  0  no stop would have been false
  1  some would have been, or something would have been stopped while busy; or
     you said no to the price
  2  it could not be run: mistakes in a policy, no credentials, no access`;

const DEFAULT_CACHE = '.bursar/cache';

const PARTS: () => Promise<BacktestParts> = async () => {
  const [{ awsContexts }, { replay }] = await Promise.all([
    import('./aws-contexts.ts'),
    import('../backtest/replay.ts'),
  ]);
  return { awsContexts, replay };
};

/** The command over these parts, which are asked for once it runs. */
export const backtestBy =
  (parts: () => Promise<BacktestParts>): MakeCommand =>
  (io, done) =>
    new Command('backtest')
      .description("what a policy would have done to the account's own history; touches nothing")
      .option('--days <days>', 'how many days back', '30')
      .option('--policy <file>', 'the policy file', DEFAULT_POLICY_FILE)
      .option('--against <file>', 'another policy file, to compare with')
      .option('--cache <dir>', 'where what was read is kept', DEFAULT_CACHE)
      .option('--yes', 'go on without asking whether the price is right')
      .option('--json', 'print the result as JSON')
      .option('--html <file>', 'write a page with charts as well')
      .option('--region <region>', 'this AWS region alone (default: those of the policy)')
      .option('--profile <name>', 'the AWS profile (default: as the AWS SDKs find it)')
      .addHelpText('after', HELP)
      .action(async (options: Options) => {
        const tested = await backtest(options, io, parts);
        if (tested === undefined) {
          io.err('Nothing was read.');
          return done(EXIT.no);
        }
        if (options.html !== undefined) await writePage(options.html, tested);
        await tell(tested, options, io);
        const [{ totalOf }] = await Promise.all([import('../backtest/compare.ts')]);
        const { falseStops, whileBusy } = totalOf(tested.result);
        done(falseStops + whileBusy > 0 ? EXIT.no : EXIT.ok);
      });

/** `bursar backtest`: a policy replayed over the account's own history. */
export const backtestCommand: MakeCommand = backtestBy(PARTS);

async function backtest(
  options: Options,
  io: Io,
  parts: () => Promise<BacktestParts>,
): Promise<BacktestDone | undefined> {
  const [{ MOST_DAYS }, { loadPolicy }] = await Promise.all([
    import('../backtest/retention.ts'),
    import('./load-policy.ts'),
  ]);
  const days = daysOf(options.days, MOST_DAYS - 1);
  const { policy: policyFile, against, cache, region, profile } = options;
  const read = async (file: string) => {
    const policy = await loadPolicy(file);
    return region === undefined ? policy : { ...policy, scope: { ...policy.scope, regions: [region] } };
  };
  const policy = await read(policyFile);
  const other = against === undefined ? undefined : { policy: await read(against), policyFile: against };
  const { runBacktest } = await import('./backtest-run.ts');
  return runBacktest(
    {
      policy,
      policyFile,
      against: other,
      days,
      cacheDir: cache,
      yes: options.yes === true,
      ...(profile === undefined ? {} : { profile }),
    },
    io,
    await parts(),
  );
}

function daysOf(text: string, most: number): number {
  const days = /^\d{1,4}d?$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
  if (days >= 1 && days <= most) return days;
  throw new UsageError(`--days: ${show(text)} is no number of days from 1 to ${most}. Write 30.`);
}

async function writePage(file: string, { result, other, proposals, gaps }: BacktestDone): Promise<void> {
  const [{ runPage }, { writeHtml }] = await Promise.all([
    import('../page/run-page.ts'),
    import('./html-file.ts'),
  ]);
  await writeHtml(
    file,
    runPage(result, {
      what: 'backtest',
      ...(other === undefined ? {} : { against: other }),
      proposals: proposals.map(
        ({ policy, project, text }) => `${policy}, ${project ?? 'all of it'}: ${text}`,
      ),
      notes: gaps,
    }),
  );
}

async function tell(tested: BacktestDone, { json, html }: Options, io: Io): Promise<void> {
  if (json === true) {
    const { backtestJson } = await import('./backtest-json.ts');
    io.out(JSON.stringify(backtestJson(tested, tested.account, tested.cost, tested.asked), null, 2));
    return;
  }
  const { backtestLines } = await import('./backtest-lines.ts');
  for (const line of backtestLines(tested, io)) io.out(line);
  if (html !== undefined) io.out(io.outColours.dim(`The page: ${html}`));
}
