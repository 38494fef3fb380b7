import type { Reservation, ReservedJob } from '../ledger/ledger.ts';
import { DAY_MS, numberOfDay } from '../meter/days.ts';
import { eachSpan, settledPoints } from '../meter/points.ts';
import type { MeterRecord } from '../types/meter.ts';
import { largerUsd, microUsd, type Usd, ZERO_USD } from '../types/money.ts';

/** What is reserved and does not cost money yet. */
export interface Reserved {
  /** USD by the id of a reservation. */
  readonly rest: ReadonlyMap<string, Usd>;
  /** ARNs of the jobs that reservations are for: what they may still cost is within `rest`. */
  readonly seen: ReadonlySet<string>;
}

/** Jobs begin after the gate has let them through; clocks may differ by so much. */
const CLOCKS_MS = 60_000;

/**
 * What reservations still hold, beside what the meter has counted of their jobs: the whole until the meter sees the job,
 * then what is left of it, and nothing once it has ended. So a job counts once, whether it runs yet or not.
 *
 * A job is known by its name; where that was not known beforehand, as of pipelines, by what it runs on: the first that
 * began since, of the same kind, project and size, is taken for it.
 */
export function reservedNow(
  reservations: readonly Reservation[],
  records: readonly MeterRecord[],
  now: Date,
): Reserved {
  const jobs = records.filter(({ kind }) => JOB_KINDS.has(kind)).map((record) => jobSeen(record, now));
  const seen = new Set<string>();
  const claimed = reservations.flatMap((reservation) =>
    reservation.jobs.map((job) => ({ reservation, job, found: [] as JobSeen[] })),
  );
  const claim = (one: (typeof claimed)[number], fits: (job: JobSeen) => boolean): void => {
    for (const job of jobs) {
      if (one.found.length >= one.job.jobs) return;
      if (seen.has(job.record.arn) || !fits(job)) continue;
      seen.add(job.record.arn);
      one.found.push(job);
    }
  };
  jobs.sort((a, b) => a.start - b.start);
  // By name first: what is known for certain is not left to a guess.
  for (const one of claimed) if (one.job.name !== undefined) claim(one, (job) => isNamed(one.job, job));
  for (const one of claimed) if (one.job.name === undefined) claim(one, (job) => looksLike(one, job));
  const rest = new Map<string, Usd>();
  for (const { reservation, job, found } of claimed) {
    rest.set(reservation.id, microUsd((rest.get(reservation.id) ?? 0n) + restOf(job, found)));
  }
  return { rest, seen };
}

/** Kinds of jobs that the meter sees. */
export const JOB_KINDS: ReadonlySet<string> = new Set(['sagemaker-training-job', 'sagemaker-processing-job']);

interface JobSeen {
  readonly record: MeterRecord;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly runs: boolean;
  readonly project: string | undefined;
  /** USD at list price so far. */
  readonly spent: Usd;
}

const HOUR_MS = 3_600_000n;

function jobSeen(record: MeterRecord, now: Date): JobSeen {
  let numerator = 0n;
  for (const { hourly = ZERO_USD, milliseconds } of record.closed) numerator += hourly * BigInt(milliseconds);
  const points = settledPoints(record.points);
  eachSpan(points, now.getTime(), ({ hourly = ZERO_USD }, from, to) => {
    numerator += hourly * BigInt(to - from);
  });
  return {
    record,
    start: startOf(record) ?? now.getTime(),
    runs: points.findLast(({ at }) => at <= now)?.on === true,
    project: record.points.findLast(({ on }) => on)?.project,
    spent: microUsd(numerator / HOUR_MS),
  };
}

/**
 * When it began to cost money, epoch milliseconds. Of what is told for good, a day ago and more, only the day is known:
 * it began at the end of it at the latest.
 */
function startOf({ closed, points }: MeterRecord): number | undefined {
  const [firstDay] = closed.map(({ day }) => day).sort();
  if (firstDay !== undefined) return (numberOfDay(firstDay) + 1) * DAY_MS - 1;
  return points.find(({ on }) => on)?.at.getTime();
}

const isOfKind = ({ kind, region }: ReservedJob, { record }: JobSeen): boolean =>
  record.kind === kind && record.region === region;

/** SageMaker names the training jobs of a tuning job by its name, a number and eight characters. */
const isNamed = (job: ReservedJob, seen: JobSeen): boolean =>
  isOfKind(job, seen) &&
  (job.jobs > 1
    ? job.name !== undefined && seen.record.id.startsWith(`${job.name}-`)
    : seen.record.id === job.name);

const looksLike = (
  { reservation, job }: { readonly reservation: Reservation; readonly job: ReservedJob },
  seen: JobSeen,
): boolean =>
  isOfKind(job, seen) &&
  seen.project === reservation.project &&
  seen.record.size === job.size &&
  seen.start >= reservation.at.getTime() - CLOCKS_MS;

function restOf({ cost, jobs }: ReservedJob, found: readonly JobSeen[]): Usd {
  if (found.length >= jobs && found.every(({ runs }) => !runs)) return ZERO_USD;
  const spent = found.reduce((sum, one) => sum + one.spent, 0n);
  return largerUsd(ZERO_USD, microUsd(cost - spent));
}
