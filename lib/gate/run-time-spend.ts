import { periodEnd } from '../decide/period.ts';
import { utcDay } from '../decide/sentences.ts';
import { billedAs, knownServices } from '../fleet/metered-kinds.ts';
import type { Ledger, Reservation } from '../ledger/ledger.ts';
import { daysBefore } from '../meter/days.ts';
import { lessDiscount } from '../meter/learned.ts';
import type { MeteredSpends } from '../meter/level-spends.ts';
import { measure } from '../meter/measure.ts';
import { DAYS_BACK } from '../meter/settled.ts';
import { projectSpends } from '../meter/spend.ts';
import { holderOf, projectHolder, teamOf } from '../policy/levels.ts';
import { type Policy, projectNamed } from '../policy/policy.ts';
import type { MeterRecord, MonthSpend, SpendDay } from '../types/meter.ts';
import { costOver, microUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { type Remaining, remainingOf } from './remaining.ts';
import { GateNotReady } from './run-time-errors.ts';
import { JOB_KINDS, reservedNow } from './run-time-reserved.ts';

/** What the ledger says of the month so far. */
export interface MeterRead {
  readonly records: readonly MeterRecord[];
  readonly days: readonly SpendDay[];
  /** When the meter first saw any region. */
  readonly first: Date;
}

/** Sweeps look every five minutes, and an alarm rings after fifteen without any. */
const STALE_MS = 30 * 60_000;

/**
 * Reads the meter from the ledger, without a look at the fleet: it is five minutes behind at most.
 * @throws {GateNotReady} where it has not looked at a region for half an hour; `LedgerError`
 */
export async function readMeter(
  regions: readonly string[],
  now: Date,
  {
    ledger,
    account,
  }: {
    readonly ledger: Pick<Ledger, 'meterRecords' | 'meteredAt' | 'spendDays'>;
    readonly account: string;
  },
): Promise<MeterRead> {
  const [days, each] = await Promise.all([
    ledger.spendDays(account, daysBefore(utcDay(now), DAYS_BACK), utcDay(now)),
    Promise.all(
      regions.map(async (region) => ({
        region,
        looks: await ledger.meteredAt(account, region),
        records: await ledger.meterRecords(account, region),
      })),
    ),
  ]);
  const firsts = each.map(({ region, looks }) => {
    if (looks !== undefined && now.getTime() - looks.last.getTime() <= STALE_MS) return looks.first.getTime();
    const since = looks === undefined ? 'yet' : `since ${looks.last.toISOString()}`;
    throw new GateNotReady(
      `The meter has not looked at ${region} ${since}, so what is spent is not known, and nothing passes until a sweep has.`,
    );
  });
  return {
    records: each.flatMap(({ records }) => [...records.values()].map(({ record }) => record)),
    days,
    first: new Date(Math.min(...firsts)),
  };
}

/** Jobs that did not ask the gate are taken to end as AWS ends them unless told otherwise (`StoppingCondition`). */
const ASSUMED_JOB_MS = 86_400_000;

/** One pot of reservations for all limits that count for a project: its team's, else its own. */
export function potOf(policy: Pick<Policy, 'teams' | 'projects'>, project: string): string {
  const team = teamOf(policy, project);
  return team === undefined ? projectHolder(project) : holderOf({ level: 'team', team });
}

/**
 * What is left of each monthly limit that counts for a project: less what is billed and estimated, what runs on to the
 * end of the month as it runs now, what is left of jobs that run, and what the gate has let through and does not run
 * yet. A job that did not ask the gate is taken to run for a day; one that has run for longer, to the end of the month.
 */
export function remainingAtRunTime(
  policy: Pick<Policy, 'teams' | 'projects'>,
  { project, model }: { readonly project: string; readonly model: string | undefined },
  reservations: readonly Reservation[],
  read: MeterRead,
  now: Date,
): readonly Remaining[] {
  const { rest, seen } = reservedNow(reservations, read.records, now);
  const left = remainingOf({
    policy,
    project,
    ...(model === undefined ? {} : { model }),
    metered: spendsOf(policy, read, seen, now),
  });
  return left.map((one) => {
    const held = sumUsd(
      reservations
        .filter((reservation) => countsFor(one, project, reservation, policy))
        .map(({ id }) => rest.get(id) ?? ZERO_USD),
    );
    const { committed } = one;
    return {
      ...one,
      committed: {
        ...committed,
        reserved: microUsd(committed.reserved + held),
        total: microUsd(committed.total + held),
      },
      remaining: microUsd(one.remaining - held),
    };
  });
}

function countsFor(
  { level, name }: Remaining,
  project: string,
  reservation: Reservation,
  policy: Pick<Policy, 'teams' | 'projects'>,
): boolean {
  switch (level) {
    case 'team':
      return teamOf(policy, reservation.project) === name;
    case 'project':
      return reservation.project === name;
    case 'model':
      // Two projects of a team may have models of one name.
      return reservation.project === project && reservation.model === name;
  }
}

/** Spends whose forecast is what runs on: of jobs what is assumed of them, and nothing of those that are reserved. */
function spendsOf(
  policy: Pick<Policy, 'projects'>,
  { records, days, first }: MeterRead,
  reserved: ReadonlySet<string>,
  now: Date,
): Pick<MeteredSpends, 'spends' | 'models'> {
  const { spends, models } = projectSpends({
    measured: measure(
      records.map((record) => (JOB_KINDS.has(record.kind) ? endedAt(record, now) : record)),
      { now, from: daysBefore(utcDay(now), DAYS_BACK), billedAs },
    ),
    days,
    watchedFrom: daysBefore(utcDay(first), -1),
    discountOf: (project) => projectNamed(policy, project)?.discount,
    knownServices,
    modelsOf: new Map(
      Object.values(policy.projects).flatMap(({ name, models: own }) =>
        own === undefined ? [] : [[name, Object.keys(own)] as const],
      ),
    ),
    now,
  });
  const monthEnd = periodEnd(utcDay(now));
  const jobs = records.flatMap((record) => jobRunsOn(record, reserved, monthEnd, now));
  const jobsOf = (project: string, model?: string): Usd =>
    sumUsd(
      jobs
        .filter((job) => job.project === project && (model === undefined || job.model === model))
        .map(({ cost }) => cost),
    );
  const runningOn = <T extends MonthSpend>(spend: T, discount: number, ofJobs: Usd): T => ({
    ...spend,
    forecast: {
      ...spend.forecast,
      amount: sumUsd([
        spend.billed,
        spend.estimated,
        costOver(spend.burn, monthEnd.getTime() - now.getTime()),
        lessDiscount(ofJobs, discount),
      ]),
      basis: 'burn',
    },
  });
  return {
    spends: new Map(
      [...spends].map(([name, spend]) => [name, runningOn(spend, spend.discount, jobsOf(name))]),
    ),
    models: new Map(
      [...models].map(([project, own]) => [
        project,
        new Map(
          [...own].map(([name, spend]) => [
            name,
            runningOn(spend, spends.get(project)?.discount ?? 0, jobsOf(project, name)),
          ]),
        ),
      ]),
    ),
  };
}

/** As if it had ended just now: what it costs from now on is reckoned apart. */
const endedAt = (record: MeterRecord, now: Date): MeterRecord =>
  runningPoint(record, now) === undefined
    ? record
    : {
        ...record,
        points: [
          ...record.points.filter(({ at }) => at <= now),
          { at: now, on: false, project: undefined, hourly: undefined, by: 'seen' },
        ],
      };

function runningPoint({ points }: MeterRecord, now: Date) {
  const held = points.findLast(({ at }) => at <= now);
  return held?.on === true ? held : undefined;
}

interface RunsOn {
  readonly project: string;
  readonly model: string | undefined;
  /** At list price. */
  readonly cost: Usd;
}

/** What a job that did not ask the gate costs from now on; nothing of what is unpriced. */
function jobRunsOn(
  record: MeterRecord,
  reserved: ReadonlySet<string>,
  monthEnd: Date,
  now: Date,
): readonly RunsOn[] {
  const held = runningPoint(record, now);
  if (!JOB_KINDS.has(record.kind) || reserved.has(record.arn) || held?.hourly === undefined) return [];
  const began = record.closed.length > 0 ? undefined : record.points.find(({ on }) => on)?.at.getTime();
  const untilMonthEnd = monthEnd.getTime() - now.getTime();
  const left = began === undefined ? 0 : began + ASSUMED_JOB_MS - now.getTime();
  const cost = costOver(held.hourly, left > 0 ? Math.min(left, untilMonthEnd) : untilMonthEnd);
  return [{ project: held.project ?? '', model: held.model, cost }];
}
