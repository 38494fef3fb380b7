import { runsOutAt } from '../decide/runs-out.ts';
import { DAY_MS } from '../meter/days.ts';
import type { MeteredSpends } from '../meter/level-spends.ts';
import { billedOfModel } from '../meter/model-spend.ts';
import type { ProjectDay } from '../meter/spend.ts';
import type { Policy } from '../policy/policy.ts';
import type { MonthSpend, SpendDay } from '../types/meter.ts';
import { sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { daysOf } from './days.ts';
import type { Month } from './month.ts';
import type { DayReport, LevelReport, SpendFigures } from './report.ts';

/** What a level's limit is held against. */
interface Level extends Pick<LevelReport, 'level' | 'name' | 'within' | 'owner' | 'limit'> {
  /** The projects whose spend is its own; `''` = what has none. */
  readonly projects: readonly string[];
}

/** Spend of some projects together in the month, by day; `spends` are known of the current month alone. */
export function figuresOf(
  projects: ReadonlySet<string>,
  { month, days, spends }: Omit<LevelInput, 'policy'>,
): SpendFigures {
  const amounts = days.flatMap((day) =>
    [...day.projects].flatMap(([project, amount]) => (projects.has(project) ? [amount] : [])),
  );
  const billed = sumUsd(amounts.map((one) => one.billed));
  const estimated = sumUsd(amounts.map((one) => one.estimated));
  const known = [...spends].flatMap(([project, spend]) => (projects.has(project) ? [spend] : []));
  const total = (pick: (spend: MonthSpend) => Usd): Usd => sumUsd(known.map(pick));
  return {
    billed,
    estimated,
    spent: sumUsd([billed, estimated]),
    forecast: month.isOver
      ? undefined
      : {
          amount: total(({ forecast }) => forecast.amount),
          low: total(({ forecast }) => forecast.low),
          high: total(({ forecast }) => forecast.high),
        },
    burn: month.isOver ? undefined : total(({ burn }) => burn),
  };
}

export interface LevelInput {
  readonly policy: Pick<Policy, 'teams' | 'projects'>;
  readonly month: Month;
  readonly days: readonly DayReport[];
  /** By project, `''` = what has none; empty of a month that is over. */
  readonly spends: ReadonlyMap<string, MonthSpend>;
}

/**
 * Teams, then projects: those of the policy file in its order, then others that spent something by name, and last what
 * has no project.
 */
export function levelsOf(input: LevelInput): readonly LevelReport[] {
  const { policy, days, spends } = input;
  const projects = Object.values(policy.projects);
  const seen = new Set([...days.flatMap((day) => [...day.projects.keys()]), ...spends.keys()]);
  const others = [...seen].filter((name) => name !== '' && !Object.hasOwn(policy.projects, name)).sort();
  const levels: readonly Level[] = [
    ...Object.values(policy.teams).map(({ name, owner, budget }) => ({
      level: 'team' as const,
      name,
      within: undefined,
      owner,
      limit: budget,
      projects: projects.filter(({ team }) => team === name).map((project) => project.name),
    })),
    ...projects.map(({ name, team, owner, budget }) => ({
      level: 'project' as const,
      name,
      within: team,
      owner,
      limit: budget,
      projects: [name],
    })),
    ...others.map((name) => ({
      level: 'project' as const,
      name,
      within: undefined,
      owner: undefined,
      limit: undefined,
      projects: [name],
    })),
    ...(seen.has('')
      ? [
          {
            level: 'none' as const,
            name: '',
            within: undefined,
            owner: undefined,
            limit: undefined,
            projects: [''],
          },
        ]
      : []),
  ];
  return levels.map((level) => reportOf(level, input));
}

function reportOf({ projects, ...level }: Level, input: LevelInput): LevelReport {
  const own = new Set(projects);
  const figures = figuresOf(own, input);
  return {
    ...level,
    ...figures,
    runsOutAt: runsOut(figures, level.limit, input.month),
    burnDown: burnDown(own, input.month, input.days),
  };
}

/** When a limit of the month is used up if all goes on as now. */
function runsOut(
  { spent, burn }: Pick<SpendFigures, 'spent' | 'burn'>,
  limit: Usd | undefined,
  { to, end }: Month,
): Date | undefined {
  return limit === undefined || burn === undefined ? undefined : runsOutAt({ spent, limit, burn }, to, end);
}

function burnDown(
  projects: ReadonlySet<string>,
  month: Month,
  days: readonly DayReport[],
): LevelReport['burnDown'] {
  const points: { at: Date; billed: Usd; estimated: Usd }[] = [];
  let billed = ZERO_USD;
  let estimated = ZERO_USD;
  const byDay = new Map(days.map((day) => [day.day, day.projects]));
  for (let start = month.from.getTime(); start < month.to.getTime(); start += DAY_MS) {
    const amounts = [...(byDay.get(new Date(start).toISOString().slice(0, 10)) ?? [])].filter(([project]) =>
      projects.has(project),
    );
    billed = sumUsd([billed, ...amounts.map(([, one]) => one.billed)]);
    estimated = sumUsd([estimated, ...amounts.map(([, one]) => one.estimated)]);
    points.push({ at: new Date(Math.min(start + DAY_MS, month.to.getTime())), billed, estimated });
  }
  return points;
}

/**
 * The models that have limits: parts of what their projects spend. Of a month that is over, those that spent anything in
 * it, as the meter tells its days as far as it looks back, and as billed before that.
 * @param known the days of the month that the ledger knows
 */
export function modelLevels(
  metered: MeteredSpends,
  policy: Pick<Policy, 'teams' | 'projects'>,
  month: Month,
  known: readonly SpendDay[],
): readonly LevelReport[] {
  return Object.values(policy.projects).flatMap(({ name: project, models = {} }) =>
    Object.values(models).flatMap(({ name, budget }): readonly LevelReport[] => {
      const spend = metered.models.get(project)?.get(name);
      const byDay = new Map([[name, [...billedDaysOf(known, project, name), ...(spend?.days ?? [])]]]);
      const days = daysOf(month, byDay, []);
      const own = new Set([name]);
      const now = new Map(spend === undefined ? [] : [[name, spend]]);
      const figures = figuresOf(own, { month, days, spends: now });
      if (month.isOver ? figures.spent === 0n : spend === undefined) return [];
      return [
        {
          level: 'model',
          name,
          within: project,
          owner: undefined,
          limit: budget,
          ...figures,
          runsOutAt: runsOut(figures, budget, month),
          burnDown: burnDown(own, month, days),
        },
      ];
    }),
  );
}

const billedDaysOf = (known: readonly SpendDay[], project: string, model: string): readonly ProjectDay[] =>
  known.map((day) => ({
    day: day.day,
    billed: billedOfModel([day], project, model),
    estimated: ZERO_USD,
  }));
