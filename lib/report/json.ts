import * as z from 'zod';
import type { CoverageFigures } from '../compliance/coverage.ts';
import { RecommendationsJsonSchema, recommendationsJson } from '../recommend/json.ts';
import type { StopSavings } from '../types/savings.ts';
import { AllocationJsonSchema, allocationJson } from './allocation-json.ts';
import { centText } from './cents.ts';
import { cents, day, exact, maybe, project, time, usd } from './json-forms.ts';
import type { LevelReport, Report, RunningNow } from './report.ts';
import { type ShownSpend, shownSpends } from './shown.ts';

/*
 * The report as JSON. Times are ISO 8601 in UTC, days `2026-11-25` (UTC), months `2026-11`. Money is decimal USD as text,
 * exact to the micro-dollar; under `shown` and in `rows` it is whole cents that add up, as the page and the CSV have them.
 * `null` is what is not known or does not apply. What has no project has the project `null`. Lists of projects and
 * values are lists and no mappings: a name is never a key.
 */

const shown = z.strictObject({ billed: cents, estimated: cents, spent: cents });
const figures = {
  billed: usd,
  estimated: usd,
  /** Both. */
  spent: usd,
  shown,
  /** Of the whole month; `null` of a month that is over. */
  forecast: z.strictObject({ amount: usd, low: usd, high: usd }).nullable(),
  /** USD an hour now; `null` of a month that is over. */
  burn: usd.nullable(),
};

const level = z.strictObject({
  /** `none`: what has no project. */
  level: z.enum(['team', 'project', 'model', 'none']),
  name: z.string(),
  /** The team of a project, the project of a model. */
  within: z.string().nullable(),
  owner: z.string().nullable(),
  /** USD a month. */
  limit: usd.nullable(),
  ...figures,
  /** When the limit is used up if all goes on as now; `null` = not within the month, or it has none. */
  runsOutAt: time.nullable(),
  /** Spent since the month began, at the end of each day. */
  burnDown: z.array(z.strictObject({ at: time, billed: usd, estimated: usd })),
});

const resource = {
  arn: z.string(),
  id: z.string(),
  kind: z.string(),
  size: z.string(),
  region: z.string(),
  project,
  /** List price, USD an hour; `null` = unpriced. */
  hourly: usd.nullable(),
};

const coverageFigures = {
  resources: z.number(),
  compliant: z.number(),
  byCount: z.number(),
  hourly: usd,
  compliantHourly: usd,
  byCost: z.number(),
  unpriced: z.number(),
  lacking: z.array(z.strictObject({ key: z.string(), missing: z.number(), wrong: z.number() })),
};

export const ReportJsonSchema = z.strictObject({
  /** Of this form. */
  version: z.literal(1),
  account: z.string(),
  month: z.string().regex(/^\d{4}-\d{2}$/),
  from: time,
  to: time,
  madeAt: time,
  isOver: z.boolean(),
  /** The one project that it is about; `null` = all. */
  project,
  total: z.strictObject(figures),
  levels: z.array(level),
  days: z.array(
    z.strictObject({
      day,
      projects: z.array(z.strictObject({ project, billed: usd, estimated: usd, shown })),
    }),
  ),
  movers: z.array(z.strictObject({ project, service: z.string(), before: usd, now: usd })),
  /** `null` = no bill could be read. */
  allocation: AllocationJsonSchema.nullable(),
  /** `null` of a month that is over. */
  running: z
    .array(z.strictObject({ ...resource, owner: z.string().nullable(), since: time.nullable() }))
    .nullable(),
  savings: z.strictObject({
    from: time,
    to: time,
    total: usd,
    byProject: z.array(z.strictObject({ project, saved: usd, stops: z.number() })),
    stops: z.array(
      z.strictObject({
        ...resource,
        stoppedAt: time,
        until: time,
        by: z.enum(['restored', 'gone', 'schedule', 'cap', 'period', 'now']),
        trigger: z.string(),
        policy: z.string(),
        saved: usd,
        reason: z.string(),
      }),
    ),
    assumptions: z.array(z.string()),
  }),
  coverage: z
    .strictObject({
      account: z.strictObject(coverageFigures),
      projects: z.array(z.strictObject({ project, ...coverageFigures })),
      spendWithProject: z.number().nullable(),
    })
    .nullable(),
  ownCost: z.strictObject({
    items: z.array(z.strictObject({ what: z.string(), cost: usd, basis: z.string() })),
    total: usd,
    without: z.array(z.string()),
  }),
  /** `null` of a month that is over, and where nobody has looked. */
  recommendations: RecommendationsJsonSchema.nullable(),
  anomalies: z.array(
    z.strictObject({
      project,
      day,
      by: z.enum(['meter', 'bill']),
      spent: usd,
      expected: usd,
      low: usd,
      high: usd,
      services: z.array(z.strictObject({ service: z.string(), spent: usd, expected: usd })),
    }),
  ),
  notes: z.array(z.string()),
});

export type ReportJson = z.output<typeof ReportJsonSchema>;

/** The whole report, as `ReportJsonSchema` describes it: nothing is left out of it. */
export function reportJson(report: Report): ReportJson {
  const spends = shownSpends(report);
  const { running, savings, coverage, ownCost, recommendations } = report;
  return {
    version: 1,
    account: report.account,
    month: report.month,
    from: iso(report.from),
    to: iso(report.to),
    madeAt: iso(report.madeAt),
    isOver: report.isOver,
    project: report.project ?? null,
    total: figuresOf(report.total, spends.total),
    levels: report.levels.map((one) => levelOf(one, spends.of(one))),
    days: report.days.map(({ day, projects }, index) => ({
      day,
      projects: [...projects].map(([name, { billed, estimated }]) => ({
        project: nameOf(name),
        billed: exact(billed),
        estimated: exact(estimated),
        shown: shownOf(spends.days[index]?.projects.get(name)),
      })),
    })),
    movers: report.movers.map((one) => ({
      project: nameOf(one.project),
      service: one.service,
      before: exact(one.before),
      now: exact(one.now),
    })),
    allocation: report.allocation === undefined ? null : allocationJson(report.allocation),
    running:
      running === undefined
        ? null
        : running.map((one) => ({
            ...resourceOf(one),
            owner: one.owner ?? null,
            since: one.since === undefined ? null : iso(one.since),
          })),
    savings: {
      from: iso(savings.from),
      to: iso(savings.to),
      total: exact(savings.total),
      byProject: savings.byProject.map((one) => ({
        project: one.project ?? null,
        saved: exact(one.saved),
        stops: one.stops,
      })),
      stops: savings.stops.map((one) => ({
        ...resourceOf(one),
        stoppedAt: iso(one.stoppedAt),
        until: iso(one.until),
        by: one.by,
        trigger: one.trigger,
        policy: one.policy,
        saved: exact(one.saved),
        reason: one.reason,
      })),
      assumptions: [...savings.assumptions],
    },
    coverage:
      coverage === undefined
        ? null
        : {
            account: coverageOf(coverage.account),
            projects: [...coverage.projects].map(([name, one]) => ({
              project: nameOf(name),
              ...coverageOf(one),
            })),
            spendWithProject: coverage.spendWithProject ?? null,
          },
    ownCost: {
      items: ownCost.items.map(({ what, cost, basis }) => ({ what, cost: exact(cost), basis })),
      total: exact(ownCost.total),
      without: [...ownCost.without],
    },
    recommendations: recommendations === undefined ? null : recommendationsJson(recommendations),
    anomalies: report.anomalies.map((one) => ({
      project: one.project ?? null,
      day: one.day,
      by: one.by,
      spent: exact(one.spent),
      expected: exact(one.expected),
      low: exact(one.low),
      high: exact(one.high),
      services: one.services.map(({ service, spent, expected }) => ({
        service,
        spent: exact(spent),
        expected: exact(expected),
      })),
    })),
    notes: [...report.notes],
  };
}

const iso = (at: Date): string => at.toISOString();
const nameOf = (name: string): string | null => (name === '' ? null : name);

const shownOf = (spend: ShownSpend | undefined): ReportJson['total']['shown'] => ({
  billed: spend === undefined ? '0.00' : centText(spend.billed),
  estimated: spend === undefined ? '0.00' : centText(spend.estimated),
  spent: spend === undefined ? '0.00' : centText(spend.spent),
});

const figuresOf = (
  { billed, estimated, spent, forecast, burn }: Report['total'],
  spend: ShownSpend,
): ReportJson['total'] => ({
  billed: exact(billed),
  estimated: exact(estimated),
  spent: exact(spent),
  shown: shownOf(spend),
  forecast:
    forecast === undefined
      ? null
      : { amount: exact(forecast.amount), low: exact(forecast.low), high: exact(forecast.high) },
  burn: maybe(burn),
});

const levelOf = (one: LevelReport, spend: ShownSpend): ReportJson['levels'][number] => ({
  level: one.level,
  name: one.name,
  within: one.within ?? null,
  owner: one.owner ?? null,
  limit: maybe(one.limit),
  ...figuresOf(one, spend),
  runsOutAt: one.runsOutAt === undefined ? null : iso(one.runsOutAt),
  burnDown: one.burnDown.map(({ at, billed, estimated }) => ({
    at: iso(at),
    billed: exact(billed),
    estimated: exact(estimated),
  })),
});

const resourceOf = ({
  arn,
  id,
  kind,
  size,
  region,
  project: of,
  hourly,
}: Pick<RunningNow & StopSavings, 'arn' | 'id' | 'kind' | 'size' | 'region' | 'project' | 'hourly'>) => ({
  arn,
  id,
  kind,
  size,
  region,
  project: of ?? null,
  hourly: maybe(hourly),
});

const coverageOf = (one: CoverageFigures) => ({
  resources: one.resources,
  compliant: one.compliant,
  byCount: one.byCount,
  hourly: exact(one.hourly),
  compliantHourly: exact(one.compliantHourly),
  byCost: one.byCost,
  unpriced: one.unpriced,
  lacking: one.lacking.map(({ key, missing, wrong }) => ({ key, missing, wrong })),
});
