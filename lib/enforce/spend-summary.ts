import type { Coverage } from '../compliance/coverage.ts';
import { dayEnd, periodEnd } from '../decide/period.ts';
import { runsOutAt } from '../decide/runs-out.ts';
import { utcDay } from '../decide/sentences.ts';
import type { ProjectMark } from '../ledger/ledger.ts';
import type { LevelSpend } from '../meter/level-spends.ts';
import { DETECTION_SECONDS, worstCase } from '../meter/limits.ts';
import { projectHolder } from '../policy/levels.ts';
import { type Budgets, type Policy, type Project, projectNamed } from '../policy/policy.ts';
import type { EarlierSpend, MonthSpend, ProjectSpend } from '../types/meter.ts';
import { sumUsd, type Usd, usdToDecimal } from '../types/money.ts';

/** A limit, what was spent of it and when it is used up if all goes on as now. Amounts are decimal USD. */
export interface SpendLimit {
  readonly spent: string;
  readonly limit: string;
  /** ISO 8601; absent = not within its period. */
  readonly runsOutAt: string | undefined;
}

/**
 * What was spent this month (UTC), as plain JSON: amounts are decimal USD text (`usdToDecimal`), times ISO 8601. What is
 * `undefined` is absent.
 */
export interface SpendFiguresRow {
  readonly asOf: string;
  readonly billed: string;
  readonly estimated: string;
  /** Between these billed and estimated together lie. */
  readonly low: string;
  readonly high: string;
  readonly band: ProjectSpend['band'];
  /** Before this all is as billed; absent = nothing is. */
  readonly billedThrough: string | undefined;
  /** Of the UTC day. */
  readonly today: string;
  readonly monthly: SpendLimit | undefined;
  readonly daily: SpendLimit | undefined;
  /** Of all time since the month of `since`. */
  readonly total: (SpendLimit & { readonly since: string }) | undefined;
  /** USD an hour now. */
  readonly burn: string;
  /** USD beyond a limit that are spent at most before the next look at it. */
  readonly worstCase: string;
  /** How long that is. */
  readonly detectionSeconds: number;
  /** Of the whole month. */
  readonly forecast: {
    readonly amount: string;
    readonly low: string;
    readonly high: string;
    readonly basis: ProjectSpend['forecast']['basis'];
  };
  /** How many resources cost money now. */
  readonly running: number;
  /** What has no known price and is in no figure; the first 20 of `count`. */
  readonly unpriced: {
    readonly count: number;
    readonly some: readonly { readonly id: string; readonly kind: string; readonly size: string }[];
  };
  readonly frozenUntil: string | undefined;
}

/** Of one project. */
export interface SpendRow extends SpendFiguresRow {
  /** `null` = what carries no project tag. */
  readonly project: string | null;
  /** USD an hour on a usual day. */
  readonly usualBurn: string | undefined;
  /** Percent that is taken off list prices, … */
  readonly discount: number;
  /** … as the policy says, or as learned from bills. */
  readonly discountBy: 'policy' | 'learned';
  /** Of its resources, those that carry all required tags; absent = it has none. */
  readonly tagCoverage:
    | { readonly percent: number; readonly compliant: number; readonly resources: number }
    | undefined;
}

/** Of a team, which is the sum of its projects' rows, or of a model, which is a part of its project's. */
export interface LevelRow extends SpendFiguresRow {
  readonly level: 'team' | 'model';
  readonly name: string;
  /** Of a team its projects; of a model its project alone. */
  readonly projects: readonly string[];
}

const UNPRICED_SHOWN = 20;

/** What is known of the projects beside their spend; what is absent is left out of the rows. */
export interface SpendContext {
  readonly coverage?: Pick<Coverage, 'projects'>;
  /** By holder. */
  readonly marks?: ReadonlyMap<string, Pick<ProjectMark, 'frozenUntil'>>;
  /** What was spent in the months before, of what has a limit on all time, by holder. */
  readonly earlier?: ReadonlyMap<string, EarlierSpend>;
}

/** A row is 2 KB at most, and Lambda limits an answer to 6 MB, of which half is the resources'. */
const ROWS_SHOWN = 1_000;

/** Those that are told of where there are more values of the tag than that: of the policy, then the dearest. */
export function shownSpends(
  policy: Pick<Policy, 'projects'>,
  spends: Iterable<ProjectSpend>,
): readonly ProjectSpend[] {
  const all = [...spends];
  if (all.length <= ROWS_SHOWN) return all;
  const isNamed = ({ project }: ProjectSpend): boolean =>
    project === undefined || projectNamed(policy, project) !== undefined;
  const spent = ({ billed, estimated }: ProjectSpend): Usd => sumUsd([billed, estimated]);
  return all
    .map((spend) => ({ spend, named: Number(isNamed(spend)), spent: spent(spend) }))
    .sort((a, b) => b.named - a.named || (a.spent < b.spent ? 1 : a.spent > b.spent ? -1 : 0))
    .slice(0, ROWS_SHOWN)
    .map(({ spend }) => spend);
}

/** A row for each project, by name; what has no project comes last. */
export function spendSummary(
  policy: Pick<Policy, 'projects'>,
  spends: Iterable<ProjectSpend>,
  context: SpendContext = {},
): readonly SpendRow[] {
  return [...spends]
    .sort((a, b) => compareProjects(a.project, b.project))
    .map((spend) => rowOf(spend, projectNamed(policy, spend.project), context));
}

function compareProjects(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a.localeCompare(b);
}

/** The teams and models of the policy file, in its order: what they have spent beside the projects' rows. */
export const levelSummary = (
  { projects }: Pick<Policy, 'projects'>,
  levels: readonly LevelSpend[],
  { marks }: Pick<SpendContext, 'marks'> = {},
): readonly LevelRow[] =>
  levels.flatMap(({ level, name, within, holder, budgets, spend, earlier }): readonly LevelRow[] => {
    if (level === 'project') return [];
    const own =
      level === 'team'
        ? Object.values(projects).flatMap((project) => (project.team === name ? [project.name] : []))
        : within === undefined
          ? []
          : [within];
    return [{ level, name, projects: own, ...figuresRow(spend, budgets, earlier, marks?.get(holder)) }];
  });

function rowOf(
  spend: ProjectSpend,
  project: Project | undefined,
  { coverage, marks, earlier }: SpendContext,
): SpendRow {
  const holder = spend.project === undefined ? undefined : projectHolder(spend.project);
  const tags = coverage?.projects.get(spend.project ?? '');
  const ofHolder = <T>(some: ReadonlyMap<string, T> | undefined): T | undefined =>
    holder === undefined ? undefined : some?.get(holder);
  return {
    project: spend.project ?? null,
    ...figuresRow(spend, project, ofHolder(earlier), ofHolder(marks)),
    usualBurn: spend.usualBurn === undefined ? undefined : usdToDecimal(spend.usualBurn),
    discount: spend.discount,
    discountBy: project?.discount === undefined ? 'learned' : 'policy',
    tagCoverage:
      tags === undefined
        ? undefined
        : { percent: tags.byCount, compliant: tags.compliant, resources: tags.resources },
  };
}

function figuresRow(
  spend: MonthSpend,
  budgets: Budgets | undefined,
  before: EarlierSpend | undefined,
  mark: Pick<ProjectMark, 'frozenUntil'> | undefined,
): SpendFiguresRow {
  const { asOf, burn, forecast, unpriced } = spend;
  const month = sumUsd([spend.billed, spend.estimated]);
  const day = utcDay(asOf);
  const limitOf = (spent: Usd, limit: Usd, end: Date): SpendLimit => ({
    spent: usdToDecimal(spent),
    limit: usdToDecimal(limit),
    runsOutAt: runsOutAt({ spent, limit, burn }, asOf, end)?.toISOString(),
  });
  const frozenUntil = mark?.frozenUntil;
  return {
    asOf: asOf.toISOString(),
    billed: usdToDecimal(spend.billed),
    estimated: usdToDecimal(spend.estimated),
    low: usdToDecimal(spend.low),
    high: usdToDecimal(spend.high),
    band: spend.band,
    billedThrough: spend.billedThrough?.toISOString(),
    today: usdToDecimal(spend.today),
    monthly: budgets?.budget === undefined ? undefined : limitOf(month, budgets.budget, periodEnd(day)),
    daily: budgets?.daily === undefined ? undefined : limitOf(spend.today, budgets.daily, dayEnd(day)),
    total:
      budgets?.total === undefined || before === undefined
        ? undefined
        : {
            ...limitOf(
              sumUsd([before.billed, before.estimated, month]),
              budgets.total.limit,
              tenYearsAfter(asOf),
            ),
            since: budgets.total.since.slice(0, '2026-11'.length),
          },
    burn: usdToDecimal(burn),
    worstCase: usdToDecimal(worstCase(burn, DETECTION_SECONDS)),
    detectionSeconds: DETECTION_SECONDS,
    forecast: {
      amount: usdToDecimal(forecast.amount),
      low: usdToDecimal(forecast.low),
      high: usdToDecimal(forecast.high),
      basis: forecast.basis,
    },
    running: spend.running,
    unpriced: {
      count: unpriced.length,
      some: unpriced.slice(0, UNPRICED_SHOWN).map(({ id, kind, size }) => ({ id, kind, size })),
    },
    frozenUntil: frozenUntil !== undefined && frozenUntil > asOf ? frozenUntil.toISOString() : undefined,
  };
}

/** A limit on all time has no period that would end first; nobody plans so far ahead. */
const tenYearsAfter = (at: Date): Date => new Date(at.getTime() + 3_652 * 86_400_000);
