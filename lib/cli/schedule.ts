import { Command } from 'commander';
import { FORMS, toSeconds } from '../policy/forms.ts';
import { projectNamed } from '../policy/policy.ts';
import { show } from '../policy/words.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import { DEFAULT_POLICY_FILE } from './read-policy.ts';
import type { MakeCommand } from './run.ts';
import type { ScheduleParts } from './schedule-run.ts';

interface Options {
  readonly next: string;
  readonly from?: string;
  readonly project?: string;
  readonly policy: string;
  readonly fleet?: boolean;
  readonly names?: boolean;
  readonly profile?: string;
  readonly json?: boolean;
}

const HELP = `
Openings, closings, what is started ahead and what people are told before, by
day and by the clock on the wall of each place, with public holidays and the
next change of clocks. It reads the policy file alone. With --fleet it reads
the account by your own AWS credentials too, and changes nothing.

Examples:
  $ bursar schedule                                the next seven days
  $ bursar schedule --next 14d --from 2026-03-27   over a change of clocks
  $ bursar schedule --fleet                        what it saves a week, of what
  $ bursar schedule --json | jq '.timetables[].days[].events[]'

Exit codes:
  0  told, also where no policy has hours
  2  it could not be run: mistakes in the policy, no credentials, no access`;

const PARTS = async (): Promise<ScheduleParts> => {
  const [{ awsContexts }, { discoverFleet }] = await Promise.all([
    import('./aws-contexts.ts'),
    import('../fleet/discover.ts'),
  ]);
  return { awsContexts, discoverFleet };
};

/** The command over these parts, which are asked for once the account is to be read. */
export const scheduleBy =
  (parts: () => Promise<ScheduleParts>): MakeCommand =>
  (io, done) =>
    new Command('schedule')
      .description('when hours of the policy open and close, and what is started and stopped then')
      .option('--next <time>', 'how far to look ahead, from 1h to 366d: 24h, 7d, 30d', '7d')
      .option(
        '--from <time>',
        'from then on (default: now): 2026-03-27, 2026-03-27T08:00 (by the time zone of the policy file), 2026-03-27T07:00Z',
      )
      .option('--project <name>', 'policies that may concern this project alone')
      .option('--policy <file>', 'the policy file', DEFAULT_POLICY_FILE)
      .option('--fleet', 'which resources it concerns, and what that saves a week; reads the account')
      .option('--names', 'name every one of these resources; with --fleet')
      .option('--profile <name>', 'the AWS profile, with --fleet (default: as the AWS SDKs find it)')
      .option('--json', 'print the result as JSON')
      .addHelpText('after', HELP)
      .action(async (options: Options) => {
        await tell(options, io, parts);
        done(EXIT.ok);
      });

/** `bursar schedule`: what will happen by hours. */
export const scheduleCommand: MakeCommand = scheduleBy(PARTS);

async function tell(options: Options, io: Io, parts: () => Promise<ScheduleParts>): Promise<void> {
  const { policy: file, project, profile, names = false, fleet = false } = options;
  nextOf(options.next);
  if (names && !fleet) {
    throw new UsageError('--names: resources are named where the account is read. Add --fleet.');
  }
  const [{ loadPolicy }, { runSchedule }] = await Promise.all([
    import('./load-policy.ts'),
    import('./schedule-run.ts'),
  ]);
  const policy = await loadPolicy(file);
  const from = options.from === undefined ? io.now() : await fromTime(options.from, policy.timezone);
  if (project !== undefined && projectNamed(policy, project) === undefined) {
    throw new UsageError(`--project: ${show(project)} is not in ${file}. Write a project of it.`);
  }
  const scheduled = await runSchedule(
    {
      policy,
      from,
      to: await endOf(from, options.next, policy.timezone),
      isWithFleet: fleet,
      ...(project === undefined ? {} : { project }),
      ...(profile === undefined ? {} : { profile }),
    },
    io,
    parts,
  );
  if (options.json === true) {
    const { scheduleJson } = await import('./schedule-json.ts');
    io.out(JSON.stringify(scheduleJson(scheduled), null, 2));
    return;
  }
  const { scheduleLines } = await import('./schedule-lines.ts');
  for (const line of scheduleLines(scheduled, io, { policyFile: file, isNaming: names })) io.out(line);
}

const LEAST = '1h';
const MOST = '366d';

/** Seconds of `--next 7d`. @throws UsageError */
export function nextOf(text: string): number {
  if (!FORMS.duration.test(text)) {
    throw new UsageError(`--next: ${show(text)} is no length of time. Write 24h, 7d or 30d.`);
  }
  const seconds = toSeconds(text);
  if (seconds < toSeconds(LEAST) || seconds > toSeconds(MOST)) {
    const side = seconds < toSeconds(LEAST) ? 'short' : 'long';
    throw new UsageError(`--next: ${text} is too ${side}. Write ${LEAST} to ${MOST}.`);
  }
  return seconds;
}

/** The end of `--next 7d`: so many days as the calendar of the place has them, or so much time. */
async function endOf(from: Date, text: string, timezone: string): Promise<Date> {
  if (!text.endsWith('d')) return new Date(from.getTime() + toSeconds(text) * 1000);
  const { daysAfter } = await import('./schedule-clock.ts');
  return daysAfter(from, Number(text.slice(0, -1)), timezone);
}

const LOCAL = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?$/;
const ZONED = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** The time that `--from 2026-03-27`, a local time or one with a zone means. @throws UsageError */
export async function fromTime(text: string, timezone: string): Promise<Date> {
  const wrong = new UsageError(
    `--from: ${show(text)} is no time. Write 2026-03-27, 2026-03-27T08:00 or 2026-03-27T08:00Z.`,
  );
  if (ZONED.test(text)) {
    const at = new Date(text);
    // 31 February is rolled over to March by some.
    if (!Number.isNaN(at.getTime()) && isDay(text.slice(0, 10))) return at;
    throw wrong;
  }
  if (!LOCAL.test(text) || !isDay(text.slice(0, 10))) throw wrong;
  const { instantOf, startOfDay } = await import('./schedule-clock.ts');
  try {
    return text.includes('T') ? instantOf(text, timezone) : startOfDay(text, timezone);
  } catch {
    throw wrong;
  }
}

const isDay = (date: string): boolean =>
  new Date(`${date}T00:00Z`).toString() !== 'Invalid Date' &&
  new Date(`${date}T00:00Z`).toISOString().startsWith(date);
