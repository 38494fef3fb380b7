import type { Coverage } from '../compliance/coverage.ts';
import type { ProjectDay } from '../meter/spend.ts';
import { type Policy, projectNamed, projectOf } from '../policy/policy.ts';
import type { Allocation } from '../types/allocation.ts';
import type { SpendAnomaly } from '../types/anomaly.ts';
import { ascending } from '../types/lists.ts';
import type { ProjectSpend, SpendDay } from '../types/meter.ts';
import { percentage, sumUsd, ZERO_USD } from '../types/money.ts';
import type { Recommendations } from '../types/recommendation.ts';
import { isGroupMember, type Resource } from '../types/resource.ts';
import type { Savings } from '../types/savings.ts';
import { daysOf } from './days.ts';
import { figuresOf, levelsOf } from './levels.ts';
import type { Month } from './month.ts';
import { moversOf } from './movers.ts';
import type { LevelReport, OwnCost, Report, RunningNow } from './report.ts';

export interface ReportInput {
  readonly account: string;
  readonly policy: Policy;
  readonly month: Month;
  /** `2026-10`. */
  readonly monthBefore: string;
  /** All projects where `undefined`. */
  readonly project: string | undefined;
  readonly madeAt: Date;
  /** What the meter says now, by project; `''` = what has none. */
  readonly spends: ReadonlyMap<string, ProjectSpend>;
  readonly byDay: ReadonlyMap<string, readonly ProjectDay[]>;
  /** Of the models that have limits. */
  readonly models: readonly LevelReport[];
  /** The days of this month, the one before and some after it that the ledger knows. */
  readonly days: readonly SpendDay[];
  /** What exists now, and costs money beside the fleet. */
  readonly fleet: readonly Resource[];
  /** How each kind is called by people: `EC2 instance`. */
  readonly titleOf: (kind: Resource['kind']) => string;
  readonly coverage: Coverage;
  readonly allocation: Allocation | undefined;
  readonly savings: Savings;
  readonly anomalies: readonly SpendAnomaly[];
  readonly ownCost: OwnCost;
  /** Of the account as it is now. */
  readonly recommendations: Recommendations | undefined;
  readonly notes: readonly string[];
}

/** Puts together what is known of a month. */
export function makeReport(input: ReportInput): Report {
  const { account, policy, month, project, madeAt } = input;
  const { isOver } = month;
  const isMeant = (name: string | undefined): boolean => project === undefined || (name ?? '') === project;
  const days = daysOf(month, input.byDay, input.days)
    .map((day) => ({ ...day, projects: new Map([...day.projects].filter(([name]) => isMeant(name))) }))
    .filter((day) => day.projects.size > 0);
  const spends = new Map(isOver ? [] : [...input.spends].filter(([name]) => isMeant(name)));
  const known = { policy, month, days, spends };
  const all = new Set([...days.flatMap((day) => [...day.projects.keys()]), ...spends.keys()]);
  const levels = [...levelsOf(known), ...input.models];
  return {
    account,
    month: month.name,
    from: month.from,
    to: month.to,
    madeAt,
    isOver,
    project,
    total: figuresOf(all, known),
    levels: ordered(levels.filter((level) => belongs(level, project))),
    days,
    movers: moversOf(input.days, month, input.monthBefore).filter((mover) => isMeant(mover.project)),
    allocation: input.allocation,
    running: isOver ? undefined : runningNow(input, isMeant),
    savings: input.savings,
    coverage: isOver ? undefined : coverageOf(input),
    ownCost: input.ownCost,
    recommendations: isOver ? undefined : input.recommendations,
    anomalies: input.anomalies.filter((anomaly) => isMeant(anomaly.project)),
    notes: input.notes,
  };
}

/** The report of one project shows it and its models; what a whole team spends is not its own. */
const belongs = ({ level, name, within }: LevelReport, project: string | undefined): boolean =>
  project === undefined ||
  (level === 'project' && name === project) ||
  (level === 'model' && within === project);

const ORDER = ['team', 'project', 'model', 'none'] as const;

const ordered = (levels: readonly LevelReport[]): readonly LevelReport[] =>
  ORDER.flatMap((level) => levels.filter((one) => one.level === level));

function runningNow(
  { fleet, policy, titleOf }: ReportInput,
  isMeant: (project: string | undefined) => boolean,
): readonly RunningNow[] {
  return fleet
    .filter((resource) => resource.state === 'running' && !isGroupMember(resource))
    .map((resource): RunningNow => {
      const project = projectOf(policy, resource.tags);
      return {
        arn: resource.arn,
        id: resource.id,
        kind: titleOf(resource.kind),
        size: resource.size,
        region: resource.region,
        project,
        owner: resource.tags[policy.tags.owner] ?? projectNamed(policy, project)?.owner,
        hourly: resource.hourly,
        since: resource.since,
      };
    })
    .filter(({ project }) => isMeant(project))
    .sort((a, b) => ascending(b.hourly ?? ZERO_USD, a.hourly ?? ZERO_USD) || a.arn.localeCompare(b.arn));
}

/** Of one project only its own; how much of the bill has no project is no figure of its. */
function coverageOf({ coverage, project, days, month }: ReportInput): Report['coverage'] {
  if (project === undefined) return { ...coverage, spendWithProject: spendWithProject(days, month.name) };
  const own = coverage.projects.get(project);
  return own === undefined
    ? undefined
    : { account: own, projects: new Map([[project, own]]), spendWithProject: undefined };
}

/** Percent of what is billed in the month that carries a project. */
function spendWithProject(days: readonly SpendDay[], month: string): number | undefined {
  const billed = days.flatMap(({ day, billed: projects }) =>
    day.startsWith(month)
      ? [...projects].map(([project, services]) => ({ project, cost: sumUsd(services.values()) }))
      : [],
  );
  const whole = sumUsd(billed.map(({ cost }) => cost));
  const owned = sumUsd(billed.filter(({ project }) => project !== '').map(({ cost }) => cost));
  return whole <= 0n ? undefined : percentage(owned, whole);
}
