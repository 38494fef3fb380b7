import type { MeterPoint } from '../types/meter.ts';

/*
 * The points of a record are a set of facts in an order of their own, so that it does not matter in which order, and
 * how often, they arrive.
 */

/** A sweep reads for some time, and AWS tells of a change some seconds before or after it shows. Milliseconds. */
export const SETTLING_MS = 2 * 60_000;

/** The points with one more; the same list where it is among them already. */
export function withPoint(points: readonly MeterPoint[], point: MeterPoint): readonly MeterPoint[] {
  // Most facts are news, so their place is near the end.
  for (let index = points.length; index > 0; index -= 1) {
    const earlier = points[index - 1];
    const order = earlier === undefined ? -1 : compare(earlier, point);
    if (order === 0) return points;
    if (order < 0) return [...points.slice(0, index), point, ...points.slice(index)];
  }
  return [point, ...points];
}

const RANK: Readonly<Record<MeterPoint['by'], number>> = { guess: 0, seen: 1, event: 2 };

/**
 * By time. Of those of one instant the last one holds: what AWS told over what was seen, what costs money over what
 * does not, and what has a project, a model and a price over what has none.
 */
function compare(a: MeterPoint, b: MeterPoint): number {
  return (
    a.at.getTime() - b.at.getTime() ||
    RANK[a.by] - RANK[b.by] ||
    Number(a.on) - Number(b.on) ||
    compareKnown(a.project, b.project) ||
    compareKnown(a.model, b.model) ||
    compareKnown(a.hourly, b.hourly)
  );
}

function compareKnown<T extends string | bigint>(a: T | undefined, b: T | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  return b === undefined || a > b ? 1 : -1;
}

/**
 * The points that hold: a guess gives way to the event that it stood for. The first point is never left out, since what
 * it restates is closed.
 */
export function settledPoints(points: readonly MeterPoint[]): readonly MeterPoint[] {
  if (!points.some(({ by }, index) => by === 'guess' && index > 0)) return points;
  return points.filter((_, index) => !isGuess(points, index) || fateOf(points, index) !== 'yields');
}

/** Where the points before the first of these two instants stand for good, whatever facts of later than `horizon` come. */
export function settledBefore(points: readonly MeterPoint[], horizon: number): number {
  const open = points.findIndex(
    ({ at }, index) =>
      at.getTime() < horizon && isGuess(points, index) && fateOf(points, index, horizon) === 'open',
  );
  const guess = points[open];
  return guess === undefined ? horizon : guess.at.getTime() - 1;
}

const isGuess = (points: readonly MeterPoint[], index: number): boolean =>
  index > 0 && points[index]?.by === 'guess';

/**
 * A guess says that something has changed since the last look. It yields to the first event after that look, which tells
 * better: the change itself, or what held before it. Not to one of after a sweep had found it changed. `open`: the facts
 * of before `horizon` leave it undecided.
 */
function fateOf(
  points: readonly MeterPoint[],
  index: number,
  horizon = Number.POSITIVE_INFINITY,
): 'stands' | 'yields' | 'open' {
  const isOn = points[index]?.on;
  let seenAt = Number.POSITIVE_INFINITY;
  for (let next = index + 1; next < points.length; next += 1) {
    const point = points[next];
    if (point === undefined || point.at.getTime() >= horizon) break;
    const isAlike = point.on === isOn;
    if (point.by === 'event') {
      return point.at.getTime() <= (isAlike ? seenAt + SETTLING_MS : seenAt) ? 'yields' : 'stands';
    }
    if (!isAlike) return 'stands';
    if (point.by === 'seen') seenAt = Math.min(seenAt, point.at.getTime());
  }
  return seenAt + SETTLING_MS < horizon ? 'stands' : 'open';
}

/**
 * Visits the times in which it cost money before `until`, with the point that says how much, in order. Milliseconds.
 */
export function eachSpan(
  points: readonly MeterPoint[],
  until: number,
  visit: (point: MeterPoint, from: number, to: number) => void,
): void {
  for (let index = 0; index < points.length; index += 1) {
    const point = points[index];
    if (point === undefined || !point.on) continue;
    const from = point.at.getTime();
    const to = Math.min(points[index + 1]?.at.getTime() ?? until, until);
    if (from < to) visit(point, from, to);
  }
}
