import { Command, Option } from 'commander';
import { FORMS, toSeconds } from '../policy/forms.ts';
import { projectNamed } from '../policy/policy.ts';
import { show } from '../policy/words.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import { monthOption } from './month-option.ts';
import { DEFAULT_POLICY_FILE } from './read-policy.ts';
import { type RemoteOptions, withRemoteOptions } from './remote-options.ts';
import type { MakeCommand } from './run.ts';
import type { SavingsParts } from './savings-run.ts';

interface Options extends RemoteOptions {
  readonly policy: string;
  readonly month?: string;
  readonly since?: string;
  readonly project?: string;
  readonly atMost?: string;
}

const HELP = `
Each stop counts as price x time, until the resource ran again (whoever started
it), is gone, has been off for --at-most, or the span ends. What is assumed is
printed with the figures. It reads the ledger of the deployed Bursar and the
account by your own AWS credentials, and changes nothing.

Examples:
  $ bursar savings                                 this month so far
  $ bursar savings --month 2026-10
  $ bursar savings --since 7d --project recsys
  $ bursar savings --at-most 24h                   believe a day of each stop
  $ bursar savings --json | jq '.stops[] | {id, saved, by}'

Exit codes:
  0  told
  2  it could not be run: mistakes in the policy, no Bursar, no access`;

const PARTS = async (): Promise<SavingsParts> => {
  const [{ awsContexts }, { findLedger }, { discoverFleet }] = await Promise.all([
    import('./aws-contexts.ts'),
    import('./find-ledger.ts'),
    import('../fleet/discover.ts'),
  ]);
  return { awsContexts, findLedger, discoverFleet };
};

/** The command over these parts, which are asked for once it runs. */
export const savingsBy =
  (parts: () => Promise<SavingsParts>): MakeCommand =>
  (io, done) =>
    withRemoteOptions(
      new Command('savings')
        .description('what stops have saved, and what that assumes; touches nothing')
        .addOption(
          new Option(
            '--month <month>',
            'the month, such as 2026-11 (default: the current one, UTC)',
          ).conflicts('since'),
        )
        .option('--since <time>', 'from then on: 24h, 7d, 2026-11-01, 2026-11-01T09:00Z')
        .option('--project <name>', 'this project alone')
        .option('--at-most <time>', 'how much of one stop is believed: 24h, 7d (default: 30d)')
        .option('--policy <file>', 'the policy file', DEFAULT_POLICY_FILE),
    )
      .addHelpText('after', HELP)
      .action(async (options: Options) => {
        await tell(options, io, parts);
        done(EXIT.ok);
      });

/** `bursar savings`: what stops have saved. */
export const savingsCommand: MakeCommand = savingsBy(PARTS);

async function tell(options: Options, io: Io, parts: () => Promise<SavingsParts>): Promise<void> {
  const { policy: file, stack, region, profile, project } = options;
  const [{ sinceTime }, { loadPolicy }, { runSavings }] = await Promise.all([
    import('./when.ts'),
    import('./load-policy.ts'),
    import('./savings-run.ts'),
  ]);
  const now = io.now();
  const { from, to } =
    options.since === undefined
      ? monthOption(options.month, now)
      : { from: sinceTime(options.since, now), to: now };
  const atMost = options.atMost === undefined ? {} : { atMostSeconds: atMostOf(options.atMost) };
  const policy = await loadPolicy(file);
  const { account, savings } = await runSavings(
    {
      policy,
      now,
      stack,
      ...(region === undefined ? {} : { region }),
      ...(profile === undefined ? {} : { profile }),
      from,
      to,
      ...atMost,
      ...(project === undefined ? {} : { project }),
    },
    io,
    await parts(),
  );
  if (project !== undefined && savings.stops.length === 0 && projectNamed(policy, project) === undefined) {
    throw new UsageError(
      `--project: ${show(project)} is not in the policy file, and nothing of it was stopped. Write the value of a project tag.`,
    );
  }
  if (options.json === true) {
    const { savingsJson } = await import('./savings-json.ts');
    io.out(JSON.stringify(savingsJson(savings, account), null, 2));
    return;
  }
  const { savingsLines } = await import('./savings-lines.ts');
  for (const line of savingsLines(savings, io)) io.out(line);
}

/** So long the trail of what was done is kept. */
const MOST = '400d';
const LEAST = '1m';

/** Seconds of `--at-most 7d`. @throws UsageError */
export function atMostOf(text: string): number {
  if (!FORMS.duration.test(text)) {
    throw new UsageError(`--at-most: ${show(text)} is no length of time. Write 24h or 7d.`);
  }
  const seconds = toSeconds(text);
  if (seconds < toSeconds(LEAST) || seconds > toSeconds(MOST)) {
    const side = seconds < toSeconds(LEAST) ? 'short' : 'long';
    throw new UsageError(`--at-most: ${text} is too ${side}. Write ${LEAST} to ${MOST}.`);
  }
  return seconds;
}
