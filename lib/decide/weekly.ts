import { Temporal } from 'temporal-polyfill';
import type { Coverage, CoverageFigures } from '../compliance/coverage.ts';
import type { SavedReport } from '../ledger/ledger.ts';
import type { LevelSpend } from '../meter/level-spends.ts';
import { levelTitle } from '../policy/levels.ts';
import { type Policy, projectNamed } from '../policy/policy.ts';
import type { AlertLink } from '../types/alert.ts';
import type { WeeklyDecision } from '../types/decision.ts';
import { ascending } from '../types/lists.ts';
import type { MonthSpend, ProjectSpend } from '../types/meter.ts';
import { formatUsd, microUsd, percentage, sumUsd, type Usd } from '../types/money.ts';
import { periodEnd } from './period.ts';
import { runsOutAt } from './runs-out.ts';
import { atMinute, utcDay } from './sentences.ts';

export interface WeeklyInput {
  readonly now: Date;
  readonly policy: Pick<Policy, 'projects' | 'timezone' | 'alerts'>;
  readonly spends: readonly ProjectSpend[];
  /** Teams and models stand beside the projects; absent = there are none. */
  readonly levels?: readonly LevelSpend[];
  readonly coverage: Coverage;
  /** The newest report; absent = there is none. */
  readonly report?: SavedReport | undefined;
  /** How many resources Bursar stopped in the last seven days; absent = nobody has counted. */
  readonly stopped?: number;
}

/** The hour of Monday, where the policy's time zone is, in which the weekly alert is sent. */
const HOUR = 8;
const MONDAY = 1;

/** More projects than this are counted alone: nobody reads on. */
const MAX_PROJECTS = 40;

/**
 * The weekly alert: what each project has spent this month and where its tags are incomplete; `undefined` outside its
 * hour, and where the policy says `weekly: off`. Every sweep of the hour asks for it, and its key lets one of them have
 * it.
 */
export function weeklyDecision({
  now,
  policy,
  spends,
  levels = [],
  coverage,
  report,
  stopped,
}: WeeklyInput): WeeklyDecision | undefined {
  if (!isWeeklyTime(now, policy)) return undefined;
  const link = report && linkTo(report, now);
  const count = stopped === undefined ? '' : ` In the last seven days Bursar stopped ${counted(stopped)}.`;
  return {
    action: 'weekly',
    key: `weekly/${localTime(now, policy).toPlainDate().toString()}`,
    project: undefined,
    reason: `This is how the projects stand this month: what AWS has billed, and what is estimated since.${count}`,
    lines: [
      ...spendLines(spends, levels, policy),
      ...tagLines(coverage),
      ...(report === undefined ? [] : recommendedLines(report, now)),
    ],
    ...(link === undefined ? {} : { link }),
  };
}

/** An older report is not the one of this week: its Lambda has failed, and an alarm tells so. */
const FRESH_MS = 2 * 86_400_000;

const isFresh = ({ madeAt }: SavedReport, now: Date): boolean => now.getTime() - madeAt.getTime() <= FRESH_MS;

function linkTo(report: SavedReport, now: Date): AlertLink | undefined {
  const { month, link } = report;
  if (link === undefined || link.until <= now || !isFresh(report, now)) return undefined;
  return { title: `The report of ${monthTitle(month)}`, url: link.url };
}

/** How to spend less: how many ways there are, and the largest. */
function recommendedLines(report: SavedReport, now: Date): readonly string[] {
  const { recommended } = report;
  if (recommended === undefined || recommended.count === 0 || !isFresh(report, now)) return [];
  const { count, monthly, largest } = recommended;
  const ways = count === 1 ? '1 recommendation' : `${count} recommendations`;
  return [
    `To spend less: ${ways}, ${formatUsd(monthly)} a month together; \`bursar recommend\` has the evidence and what to run.`,
    ...largest.map((one) => `${formatUsd(one.monthly)} a month: ${one.title}`),
  ];
}

/** `2026-11` → `November 2026`. */
const monthTitle = (month: string): string =>
  new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });

/** True in the hour of the week in which it is sent. */
export function isWeeklyTime(now: Date, policy: Pick<Policy, 'timezone' | 'alerts'>): boolean {
  if (!policy.alerts.weekly) return false;
  const local = localTime(now, policy);
  return local.dayOfWeek === MONDAY && local.hour === HOUR;
}

const localTime = (now: Date, { timezone }: Pick<Policy, 'timezone'>): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timezone);

/**
 * Teams, then projects with their models, of each those first that have used most of their budgets; what has no project
 * last, however many there are.
 */
function spendLines(
  spends: readonly ProjectSpend[],
  levels: readonly LevelSpend[],
  policy: WeeklyInput['policy'],
): readonly string[] {
  const named = spends
    .filter(({ project }) => project !== undefined)
    .map((spend) => ({
      who: `Project ${spend.project}`,
      project: spend.project,
      spend,
      limit: limitOf(spend, policy),
    }));
  const leveled = (level: LevelSpend['level'], within?: string) =>
    levels
      .filter((one) => one.level === level && (within === undefined || one.within === within))
      .map(({ holder, spend, budgets }) => ({ who: levelTitle(holder), spend, limit: budgets.budget }));
  const unnamed = spends.filter((spend) => spend.project === undefined && spentOf(spend) > 0n);
  const teams = byShare(leveled('team')).map(spendLine);
  const projects = byShare(named).flatMap((one) => [
    spendLine(one),
    ...byShare(leveled('model', one.project)).map(spendLine),
  ]);
  const all = [
    ...teams,
    ...shortened(projects),
    ...unnamed.map((spend) => spendLine({ who: 'What has no project', spend, limit: undefined })),
  ];
  return all.length > 0 ? all : ['No project has spent anything this month.'];
}

const spentOf = ({ billed, estimated }: MonthSpend): Usd => sumUsd([billed, estimated]);

const limitOf = ({ project }: ProjectSpend, policy: WeeklyInput['policy']): Usd | undefined =>
  projectNamed(policy, project)?.budget;

/** Who has spent what of which budget. */
interface Spender {
  /** First words of a sentence. */
  readonly who: string;
  readonly spend: MonthSpend;
  readonly limit: Usd | undefined;
}

const byShare = <T extends Spender>(some: readonly T[]): readonly T[] =>
  some
    .map((one) => ({ one, spent: spentOf(one.spend), limit: one.limit }))
    .sort((a, b) => share(b) - share(a) || ascending(b.spent, a.spent))
    .map(({ one }) => one);

/** Percent of the budget; what has none comes after what has one. */
const share = ({ spent, limit }: { readonly spent: Usd; readonly limit: Usd | undefined }): number =>
  limit === undefined ? -1 : Math.min(percentage(spent, limit), Number.MAX_SAFE_INTEGER);

function spendLine({ who, spend, limit }: Spender): string {
  const { billed, estimated, forecast, unpriced } = spend;
  const spent = spentOf(spend);
  const parts = `${formatUsd(billed)} billed and ${formatUsd(estimated)} estimated`;
  const budget = limit === undefined ? '' : `, ${ofBudget(spent, limit)}`;
  const band = `${formatUsd(forecast.low)} to ${formatUsd(forecast.high)}`;
  const open =
    unpriced.length === 0
      ? ''
      : `, without ${counted(unpriced.length)} that ${have(unpriced.length)} no known price`;
  return `${who} has spent ${formatUsd(spent)} (${parts}${open})${budget}; its month is forecast at ${formatUsd(forecast.amount)} (${band})${runsOut(spend, spent, limit)}.`;
}

function ofBudget(spent: Usd, limit: Usd): string {
  const percent = percentage(spent, limit);
  return Number.isFinite(percent) ? `${percent}% of its ${formatUsd(limit)}` : `with a budget of nothing`;
}

function runsOut({ asOf, burn }: MonthSpend, spent: Usd, limit: Usd | undefined): string {
  if (limit === undefined) return '';
  if (spent >= limit) return ', and its budget is used up';
  const at = runsOutAt({ spent, limit, burn }, asOf, periodEnd(utcDay(asOf)));
  return at === undefined ? '' : `, and its budget runs out at ${atMinute(at)} if all goes on as now`;
}

/** Where tags are incomplete: a line for each project, worst cost first, and one for the account. */
function tagLines({ account, projects }: Coverage): readonly string[] {
  if (account.compliant === account.resources) return [];
  const lacking = [...projects]
    .filter(([, { compliant, resources }]) => compliant < resources)
    .sort(([, a], [, b]) => ascending(costOfRest(b), costOfRest(a)) || a.byCount - b.byCount);
  return [
    ...shortened(
      lacking.map(([project, figures]) =>
        tagLine(project === '' ? 'Of what has no project' : `Of project ${project}`, figures),
      ),
    ),
    `${tagLine('Of the whole account', account)} \`bursar tag --fix\` shows which tags would mend it.`,
  ];
}

const costOfRest = ({ hourly, compliantHourly }: CoverageFigures): Usd => microUsd(hourly - compliantHourly);

function tagLine(of: string, figures: CoverageFigures): string {
  const { compliant, resources, byCount, unpriced } = figures;
  const rest = resources - compliant;
  const open = unpriced === 0 ? '' : ', as far as prices are known';
  return `${of} ${compliant} of ${counted(resources)} ${compliant === 1 ? 'carries' : 'carry'} all required tags (${byCount}%); the other ${rest === 1 ? 'one costs' : `${rest} cost`} ${formatUsd(costOfRest(figures))} an hour${open}.`;
}

const shortened = (lines: readonly string[]): readonly string[] =>
  lines.length <= MAX_PROJECTS
    ? lines
    : [...lines.slice(0, MAX_PROJECTS), `And ${lines.length - MAX_PROJECTS} more projects.`];

const counted = (count: number): string => `${count} ${count === 1 ? 'resource' : 'resources'}`;
const have = (count: number): string => (count === 1 ? 'has' : 'have');
