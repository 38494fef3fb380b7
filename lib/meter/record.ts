import type { MeterPoint, MeterRecord, MeterStretch } from '../types/meter.ts';
import { microUsd, type Usd } from '../types/money.ts';
import { isGroupMember, type Resource, startOf } from '../types/resource.ts';
import { DAY_MS, dayName, dayNumber } from './days.ts';
import { eachSpan, SETTLING_MS, settledBefore, settledPoints, withPoint } from './points.ts';

export type MeterSubject = Pick<MeterRecord, 'arn' | 'id' | 'kind' | 'account' | 'region' | 'size'>;

/**
 * Adds a fact: project, model and price as they were then. In whatever order and however often facts come, the record is the
 * same; it is the very same object where the fact is known. One of before the first point of a record whose past is
 * closed comes too late.
 */
export function noteEvent(
  record: MeterRecord | undefined,
  subject: MeterSubject,
  point: MeterPoint,
): MeterRecord {
  if (record === undefined) return recordOf(subject, [point]);
  const [first] = record.points;
  if (first?.by === 'guess' && point.at < first.at) return record;
  return withPoints(record, [point]);
}

/** Between two looks at the fleet. Milliseconds. */
const LOOK_EVERY_MS = 5 * 60_000;

/**
 * Adds that a resource has begun to cost money. One that is told late, of what no look since then has found running, is
 * over again: by the look that came after it.
 * @param resource as it is now
 * @param meteredAt when the meter last saw the whole region; `undefined` = never
 */
export function noteStart(
  record: MeterRecord | undefined,
  resource: Resource,
  point: MeterPoint,
  meteredAt: Date | undefined,
): MeterRecord {
  const noted = noteEvent(record, resource, point);
  const last = record?.points.at(-1);
  const settled = point.at.getTime() + SETTLING_MS;
  const isNews = noted !== record && last?.on !== true && (last === undefined || last.at <= point.at);
  const runs = resource.state === 'running' && startOf(resource).getTime() <= settled;
  if (!isNews || runs || meteredAt === undefined || meteredAt.getTime() <= settled) return noted;
  const nextLook = Math.min(point.at.getTime() + LOOK_EVERY_MS, meteredAt.getTime());
  return withPoints(noted, [offPoint(new Date(nextLook), 'guess'), offPoint(meteredAt, 'seen')]);
}

export interface FleetSeen {
  /** By ARN: all of the account and region, but those of kinds that could not be listed. */
  readonly records: ReadonlyMap<string, MeterRecord>;
  /** All of the account and region that were found, whatever their state. */
  readonly resources: readonly Resource[];
  readonly projectOf: (resource: Resource) => string | undefined;
  /** Of those that have limits; absent = none has. */
  readonly modelOf?: (resource: Resource) => string | undefined;
  /** When the meter last saw the whole region; `undefined` = never. */
  readonly meteredAt: Date | undefined;
  /** When it was begun to look. */
  readonly now: Date;
}

/**
 * Corrects the records by what was found: what events did not tell, or not yet. What it deduces from not having seen
 * an event yields to that event, should it come late. What changed after `now` is not undone.
 * @returns those records that are new or changed
 */
export function noteFleet(seen: FleetSeen): readonly MeterRecord[] {
  const found = new Map(seen.resources.map((resource) => [resource.arn, resource]));
  const changed: MeterRecord[] = [];
  for (const [arn, record] of seen.records) {
    const resource = found.get(arn);
    const noted = resource === undefined ? noteEnd(record, seen) : noteResource(record, resource, seen);
    if (noted !== record) changed.push(noted);
  }
  for (const resource of found.values()) {
    if (seen.records.has(resource.arn) || resource.state !== 'running' || isGroupMember(resource)) continue;
    changed.push(withPoints(recordOf(resource, []), onSince(newSince(resource, seen), resource, seen)));
  }
  return changed;
}

function noteResource(record: MeterRecord, resource: Resource, seen: FleetSeen): MeterRecord {
  const noted = noteState(record, resource, seen);
  return noted.size === resource.size ? noted : { ...noted, size: resource.size };
}

function noteState(record: MeterRecord, resource: Resource, seen: FleetSeen): MeterRecord {
  if (isGroupMember(resource)) return noteJoined(record, seen);
  switch (resource.state) {
    case 'running':
      return noteRunning(record, resource, seen);
    case 'stopped':
    case 'failed':
      return noteEnd(record, seen);
    case 'transitional':
      // A group that wants instances and can get none has nothing that costs money.
      return isEmpty(resource) ? noteEnd(record, seen) : record;
  }
}

const isEmpty = ({ parts }: Resource): boolean => parts?.every(({ count }) => count === 0) ?? false;

/** It joined an Auto Scaling group, whose price has it from now on. */
function noteJoined(record: MeterRecord, { now }: FleetSeen): MeterRecord {
  const last = record.points.at(-1);
  return last?.on === true && last.at < now ? withPoints(record, [offPoint(now, 'seen')]) : record;
}

/**
 * It costs nothing any more, and nobody told when that began: since the last look at it, where an event does not say
 * better. That it was found so bounds how late the end can have been.
 */
function noteEnd(record: MeterRecord, { meteredAt, now }: FleetSeen): MeterRecord {
  const last = record.points.at(-1);
  if (last === undefined || !last.on || isFresh(last, now)) return record;
  return withPoints(record, [
    offPoint(after(last, lastLook({ meteredAt, now })), 'guess'),
    // It may have been on its way to a stop at `now` still.
    offPoint(now, 'seen'),
  ]);
}

function noteRunning(record: MeterRecord, resource: Resource, seen: FleetSeen): MeterRecord {
  const { meteredAt, now } = seen;
  const last = record.points.at(-1);
  const start = startTime(resource, seen);
  if (last === undefined) return withPoints(record, onSince(start, resource, seen));
  if (last.at > now) return record;
  if (!last.on) return noteAgain(record, last, start, resource, seen);
  if (isRestart(start, last, meteredAt)) {
    // It was stopped meanwhile, and the event that told when was lost, or is late.
    return withPoints(record, [
      ...(meteredAt === undefined ? [] : [offPoint(after(last, meteredAt), 'guess')]),
      ...onSince(start, resource, seen),
    ]);
  }
  const isSamePayer = seen.projectOf(resource) === last.project && seen.modelOf?.(resource) === last.model;
  const isResized = resource.size !== record.size;
  // A price that cannot be read for a while is still the price.
  const hourly = resource.hourly ?? (isResized ? undefined : last.hourly);
  if (last.hourly === undefined && hourly !== undefined && !isResized) {
    const priced = pricedAllAlong(record, hourly);
    return isSamePayer ? priced : withPoints(priced, [pointAt(now, payerOf(resource, seen), hourly)]);
  }
  if (isSamePayer && hourly === last.hourly) return record;
  return withPoints(record, [pointAt(now, payerOf(resource, seen), hourly)]);
}

/** It had a price all along, which nobody knew: since it was on last without one, of what is closed as well. */
function pricedAllAlong(record: MeterRecord, hourly: Usd): MeterRecord {
  const { points, closed } = record;
  const since = points.findLastIndex((point) => !point.on || point.hourly !== undefined) + 1;
  return {
    ...record,
    points: [...points.slice(0, since), ...points.slice(since).map((point) => ({ ...point, hourly }))],
    closed:
      since > 0
        ? closed
        : closed.map((stretch) => (stretch.hourly === undefined ? { ...stretch, hourly } : stretch)),
  };
}

/**
 * It runs though the meter has it as off. A start since then says when it came back. Else the kind keeps its start over
 * a stop, or what told of its end was wrong: it was not found running at the last look, so it runs since then.
 */
function noteAgain(
  record: MeterRecord,
  last: MeterPoint,
  start: number,
  resource: Resource,
  seen: FleetSeen,
): MeterRecord {
  if (start > last.at.getTime()) return withPoints(record, onSince(start, resource, seen));
  // What was read may be older than the event.
  if (isFresh(last, seen.now)) return record;
  return withPoints(record, [
    onPoint(resource, seen, after(last, lastLook(seen)), 'guess'),
    onPoint(resource, seen, seen.now, 'seen'),
  ]);
}

/**
 * A start that the meter does not know. Where it lies before the last look it is no news: kinds such as groups tell
 * another start when their oldest member is replaced. What runs a minute after it was started has one start, not two.
 */
const isRestart = (start: number, last: MeterPoint, meteredAt: Date | undefined): boolean =>
  start > last.at.getTime() + SETTLING_MS && (meteredAt === undefined || start > meteredAt.getTime());

/** True of what changed just before or after the look: it may have been read as it was before that. */
const isFresh = ({ at }: MeterPoint, now: Date): boolean => at.getTime() > now.getTime() - SETTLING_MS;

/** Sweeps may overlap: one that began later may have ended before this one. */
const lastLook = ({ meteredAt, now }: Pick<FleetSeen, 'meteredAt' | 'now'>): Date =>
  meteredAt === undefined || meteredAt > now ? now : meteredAt;

/** The instant, but later than the point. */
const after = ({ at }: MeterPoint, instant: Date): Date =>
  new Date(Math.max(at.getTime() + 1, instant.getTime()));

/** What is new to the meter is reckoned so far back: more than a month is never asked for. */
const REACH_MS = 35 * DAY_MS;

const startTime = (resource: Resource, seen: FleetSeen): number => timeOf(startOf(resource), seen);

function timeOf(start: Date, { now }: FleetSeen): number {
  const time = now.getTime();
  // One that is started while the fleet is read is a little later than `now`; later still is a wrong clock.
  return start.getTime() > time + SETTLING_MS ? time : Math.max(start.getTime(), time - REACH_MS);
}

/**
 * Since when what is new to the meter is metered: since its start where it was started after the last look. What was
 * there by then cost nothing of its own: it was off, between states, or in a group, whose price had it. Of what a first
 * look finds it is known only since when it has cost what it costs now; what it cost before that counts once it is
 * billed.
 */
function newSince(resource: Resource, seen: FleetSeen): number {
  const { meteredAt } = seen;
  if (meteredAt === undefined) return timeOf(resource.pricedSince ?? resource.since, seen);
  const start = startTime(resource, seen);
  const look = lastLook(seen).getTime();
  return start < look - SETTLING_MS ? look : start;
}

/** Who pays for something from a point on. */
type Payer = Pick<MeterPoint, 'project' | 'model'>;

function payerOf(
  resource: Resource,
  { projectOf, modelOf }: Pick<FleetSeen, 'projectOf' | 'modelOf'>,
): Payer {
  const model = modelOf?.(resource);
  return { project: projectOf(resource), ...(model === undefined ? {} : { model }) };
}

/** Its project, model and price are those of now: an event of the start that comes late knows those of then. */
const onSince = (start: number, resource: Resource, seen: FleetSeen): readonly MeterPoint[] => [
  onPoint(resource, seen, new Date(start), 'seen'),
  ...(start < seen.now.getTime() ? [onPoint(resource, seen, seen.now, 'seen')] : []),
];

const onPoint = (resource: Resource, seen: FleetSeen, at: Date, by: MeterPoint['by']): MeterPoint => ({
  at,
  on: true,
  ...payerOf(resource, seen),
  hourly: resource.hourly,
  by,
});

const pointAt = (at: Date, payer: Payer, hourly: Usd | undefined): MeterPoint => ({
  at,
  on: true,
  ...payer,
  hourly,
  by: 'seen',
});

const offPoint = (at: Date, by: MeterPoint['by']): MeterPoint => ({
  at,
  on: false,
  project: undefined,
  hourly: undefined,
  by,
});

const recordOf = (
  { arn, id, kind, account, region, size }: MeterSubject,
  points: readonly MeterPoint[],
): MeterRecord => ({ arn, id, kind, account, region, size, points, closed: [] });

function withPoints(record: MeterRecord, added: readonly MeterPoint[]): MeterRecord {
  const points = added.reduce(withPoint, record.points);
  return points === record.points ? record : { ...record, points };
}

/** A record has about as many points as change in the time in which events may be late, and these. */
const MANY_POINTS = 20;

/**
 * Sums up what lies before `horizon`, and forgets what was closed of days before `keepFrom` (`YYYY-MM-DD`). What it
 * costs on later days stays the same. Done where it is worth a write: about once a day for what runs on unchanged, not
 * at all for what is gone. What may yet change by a late event stays open.
 */
export function closeBefore(record: MeterRecord, horizon: Date, keepFrom: string): MeterRecord {
  const { points } = record;
  const [first] = points;
  const early = points.filter(({ at }) => at < horizon).length;
  const isDue = early > MANY_POINTS || (first !== undefined && +first.at < +horizon - DAY_MS);
  if (!isDue || (early === 1 && first?.on === false)) return record;
  const cut = settledBefore(points, horizon.getTime());
  const held = settledPoints(points).findLast(({ at }) => at.getTime() < cut);
  if (held === undefined) return record;
  return {
    ...record,
    points: [{ ...held, at: new Date(cut), by: 'guess' }, ...points.filter(({ at }) => at.getTime() >= cut)],
    closed: closedBefore(record, cut, keepFrom),
  };
}

/**
 * True of what has cost nothing since before `horizon`, and of which the days that it cost something on are all before
 * `keepFrom` (`YYYY-MM-DD`): no late event can be about it, and nobody asks for it any more.
 */
export function isOver({ points, closed }: MeterRecord, horizon: Date, keepFrom: string): boolean {
  const last = points.at(-1);
  return (
    last?.on === false &&
    last.at < horizon &&
    last.at.getTime() < Date.parse(keepFrom) &&
    closed.every(({ day }) => day < keepFrom)
  );
}

function closedBefore(
  { points, closed }: MeterRecord,
  cut: number,
  keepFrom: string,
): readonly MeterStretch[] {
  const sums = closed.filter(({ day }) => day >= keepFrom);
  const add = (stretch: MeterStretch): void => {
    if (stretch.day < keepFrom) return;
    const index = sums.findLastIndex(
      ({ day, project, model, hourly }) =>
        day === stretch.day &&
        project === stretch.project &&
        model === stretch.model &&
        hourly === stretch.hourly,
    );
    const same = sums[index];
    if (same === undefined) sums.push(stretch);
    else sums[index] = { ...same, milliseconds: same.milliseconds + stretch.milliseconds };
  };
  eachSpan(settledPoints(points), cut, ({ project, model, hourly }, from, to) => {
    for (let day = dayNumber(from); day * DAY_MS < to; day += 1) {
      const milliseconds = Math.min(to, (day + 1) * DAY_MS) - Math.max(from, day * DAY_MS);
      add({
        day: dayName(day),
        project,
        ...(model === undefined ? {} : { model }),
        hourly,
        milliseconds,
      });
    }
  });
  return sums.length > MANY_PRICES ? fewPrices(sums) : sums;
}

/** A group that scales all day has another price each time, and a record has room for some thousand of them. */
const MANY_PRICES = 24;
const LEAST = microUsd(1n);

/** Many prices of one day, project and model as their mean, and what that leaves over as a micro-dollar an hour: in sum the same. */
function fewPrices(sums: readonly MeterStretch[]): readonly MeterStretch[] {
  const like = Map.groupBy(sums, ({ day, project, model, hourly }) =>
    JSON.stringify([day, project ?? null, model ?? null, hourly === undefined]),
  );
  return [...like.values()].flatMap((some): readonly MeterStretch[] => {
    const [first] = some;
    if (first?.hourly === undefined || some.length <= MANY_PRICES) return some;
    // Without an earlier remainder's, so that it stays the time of the clock.
    const milliseconds = some.reduce((sum, one) => sum + (one.hourly === LEAST ? 0 : one.milliseconds), 0);
    const cost = some.reduce((sum, one) => sum + (one.hourly ?? 0n) * BigInt(one.milliseconds), 0n);
    const mean = cost / BigInt(milliseconds);
    return [
      { ...first, hourly: microUsd(mean), milliseconds },
      { ...first, hourly: LEAST, milliseconds: Number(cost - mean * BigInt(milliseconds)) },
    ];
  });
}
