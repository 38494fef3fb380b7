import type { AuditEntry } from '../ledger/ledger.ts';
import { lessDiscount } from '../meter/learned.ts';
import type { StopDecision } from '../types/decision.ts';
import { ascending } from '../types/lists.ts';
import type { MeterRecord } from '../types/meter.ts';
import { costOver, microUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import type { Resource } from '../types/resource.ts';
import type { SavedUntil, Savings, StopSavings } from '../types/savings.ts';
import { assumptionsOf } from './assumptions.ts';
import { lastHeardOff, runsAgain } from './runs-again.ts';
import { type StopTaken, startTold, type Told, toldOf } from './stops.ts';

export interface SavingsInput {
  readonly from: Date;
  /** Exclusive; what lies ahead of `now` is not counted. */
  readonly to: Date;
  readonly now: Date;
  /** What was meant and done in all projects, from so long before `from` on as one stop is believed; in any order. */
  readonly trail: readonly AuditEntry[];
  /** By ARN. */
  readonly meter: ReadonlyMap<string, MeterRecord>;
  /** What exists now; `undefined` = not known, and then nothing is known to be gone. */
  readonly fleet: readonly Resource[] | undefined;
  /** Whether AWS goes on listing a resource that Bursar has stopped: to be absent is then to be gone. */
  readonly isListedStopped: (resource: Resource) => boolean;
  /** When it would have ended by itself, as a job does; `unknown` = it would have, and nobody knows when. */
  readonly ownEnd: (resource: Resource) => Date | 'unknown' | undefined;
  /**
   * When a stop ends to count by the hours of its policy: at the first instant at which they would have stopped it anyway,
   * and of a stop by them at their opening. Absent = there are no schedules.
   */
  readonly scheduledStop?: (decision: StopDecision, at: Date) => Date | undefined;
  /** The longest time that is believed of one stop, seconds; absent = as long as it is stopped. */
  readonly atMostSeconds?: number;
  /** Percent off list prices. */
  readonly discountOf: (project: string | undefined) => number;
  /** This project alone; absent = all. */
  readonly project?: string;
}

/**
 * What stops have saved: price × the time for which each resource would have gone on, as far as that is known. A stop
 * counts until the resource runs again (whoever started it), is gone, would have ended or been stopped anyway, until the
 * longest time that is believed, or the end of the span; so no instant of a resource counts twice.
 */
export function savingsOf(input: SavingsInput): Savings {
  const { from, to, now, fleet, project } = input;
  const end = to < now ? to : now;
  const exists = fleet === undefined ? undefined : new Map(fleet.map((resource) => [resource.arn, resource]));
  const counted = [...toldOf(input.trail)].flatMap(([arn, told]) => {
    const known: Known = { told, record: input.meter.get(arn), end, resource: exists?.get(arn), exists };
    return told.stops.map((stop, index) => countStop(stop, told.stops[index + 1], known, input));
  });
  const stops = counted
    .filter(({ stoppedAt, until }) => stoppedAt < end && (until > from || stoppedAt >= from))
    .filter((stop) => project === undefined || stop.project === project)
    .sort(byAmount);
  const byProject = [...Map.groupBy(stops, (stop) => stop.project)]
    .map(([name, some]) => ({
      project: name,
      saved: sumUsd(some.map(({ saved }) => saved)),
      stops: some.length,
    }))
    .sort((a, b) => ascending(b.saved, a.saved) || (a.project ?? '').localeCompare(b.project ?? ''));
  return {
    from,
    to,
    total: sumUsd(stops.map(({ saved }) => saved)),
    byProject,
    stops,
    assumptions: assumptionsOf(stops, input),
  };
}

interface Known {
  readonly told: Told;
  readonly record: MeterRecord | undefined;
  /** The end of what is counted. */
  readonly end: Date;
  /** As it is now. */
  readonly resource: Resource | undefined;
  readonly exists: ReadonlyMap<string, Resource> | undefined;
}

function countStop(
  stop: StopTaken,
  next: StopTaken | undefined,
  known: Known,
  { from, to, now, discountOf, ...input }: SavingsInput,
): StopSavings {
  const { at, decision } = stop;
  const { target, project, trigger, rule, reason } = decision;
  const ends: readonly (readonly [by: SavedUntil, at: Date | undefined])[] = [
    ['restored', againAt(stop, next, known, now)],
    ['gone', goneAt(stop, next, known, input, now)],
    ['schedule', input.scheduledStop?.(decision, at)],
    ['cap', input.atMostSeconds === undefined ? undefined : later(at, input.atMostSeconds * 1000)],
  ];
  const [by, until] = earliest(ends, [to < now ? 'period' : 'now', known.end]);
  const start = at > from ? at : from;
  const time = Math.max(0, until.getTime() - start.getTime());
  const hourly = isScaledDown(decision) ? lessNow(stop, known.record, until) : target.hourly;
  return {
    arn: target.arn,
    id: target.id,
    kind: target.kind,
    size: target.size,
    region: target.region,
    project,
    stoppedAt: at,
    until,
    by,
    trigger,
    policy: rule.policy,
    hourly,
    saved: hourly === undefined ? ZERO_USD : lessDiscount(costOver(hourly, time), discountOf(project)),
    reason,
  };
}

/** True of what runs on with fewer instances. */
const isScaledDown = ({ manner }: StopDecision): boolean => manner === 'scale-down';

/** How much less it costs an hour since it was scaled down, by the meter; `undefined` = not known. */
function lessNow(
  { at, decision: { target } }: StopTaken,
  record: MeterRecord | undefined,
  until: Date,
): Usd | undefined {
  const { hourly } = target;
  const after = record?.points.filter((point) => point.at > at && point.at < until) ?? [];
  const least = after
    .flatMap((point) => (point.on && point.hourly !== undefined ? [point.hourly] : []))
    .reduce<Usd | undefined>((less, one) => (less === undefined || one < less ? one : less), undefined);
  return hourly === undefined || least === undefined || least >= hourly
    ? undefined
    : microUsd(hourly - least);
}

const later = (at: Date, milliseconds: number): Date => new Date(at.getTime() + milliseconds);

/** The first of those that are known; of two at one instant the one that is named first. */
function earliest(
  ends: readonly (readonly [by: SavedUntil, at: Date | undefined])[],
  last: readonly [by: SavedUntil, at: Date],
): readonly [by: SavedUntil, at: Date] {
  return [...ends, last].reduceRight<readonly [SavedUntil, Date]>(
    (found, [by, at]) => (at !== undefined && at <= found[1] ? [by, at] : found),
    last,
  );
}

/**
 * When it ran again: it was brought back, a decision about it found it started since, the meter saw it, or it runs now.
 * What is stopped again has run again, at the latest then.
 */
function againAt(
  { at, decision }: StopTaken,
  next: StopTaken | undefined,
  { told, record, resource }: Known,
  now: Date,
): Date | undefined {
  const start = resource && startTold(resource);
  const startedSince = start !== undefined && start > at ? start : undefined;
  // A kind that keeps its start over a stop does not say since when.
  const isNewStart = resource?.state === 'running' && next === undefined && !isScaledDown(decision);
  const runsNow = isNewStart ? at : undefined;
  const metered =
    record === undefined || isScaledDown(decision) ? undefined : runsAgain(record, at, next?.at ?? now);
  const known = [told.starts.find((start) => start > at), metered, startedSince, next?.at].filter(
    (one) => one !== undefined,
  );
  const first = Math.min(...known.map((one) => one.getTime()));
  return Number.isFinite(first) ? new Date(first) : runsNow;
}

/** When it was gone, or would have been by itself. Where nobody knows when, it counts as gone since it was last heard of. */
function goneAt(
  { at, decision: { target } }: StopTaken,
  next: StopTaken | undefined,
  { exists, resource, record }: Known,
  { ownEnd, isListedStopped }: Pick<SavingsInput, 'ownEnd' | 'isListedStopped'>,
  now: Date,
): Date | undefined {
  const own = ownEnd(target);
  if (own !== undefined) return own === 'unknown' || own < at ? at : own;
  const isGone = exists !== undefined && resource === undefined && next === undefined;
  if (!isGone || !isListedStopped(target)) return undefined;
  return (record === undefined ? undefined : lastHeardOff(record, at, now)) ?? at;
}

const byAmount = (a: StopSavings, b: StopSavings): number =>
  ascending(b.saved, a.saved) || a.stoppedAt.getTime() - b.stoppedAt.getTime() || a.arn.localeCompare(b.arn);
