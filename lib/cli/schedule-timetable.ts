import { holidayNames } from '../policy/holidays.ts';
import type { NamedPolicy, Policy } from '../policy/policy.ts';
import { policiesFor } from '../policy/policy.ts';
import type { Schedule } from '../policy/schedule.ts';
import { type Edge, edgesBetween, isOpen, lastClosing } from '../schedule/calendar.ts';
import {
  type ClockChange,
  datesBetween,
  daysAfter,
  nextClockChange,
  startOfDay,
  type WallTime,
  wallTime,
} from './schedule-clock.ts';
import { weekdayOf } from './schedule-words.ts';

/**
 * What hours make happen at a minute. `start`: what is started ahead of the opening. `warning`: people are told of the
 * stop at the closing that follows.
 */
export type TimetableEvent = {
  readonly at: Date;
  readonly local: WallTime;
  /** Those that govern it. */
  readonly schedules: readonly Schedule[];
} & (
  | { readonly kind: 'start'; readonly opening: Date }
  | { readonly kind: 'opening'; readonly starts: 'nothing' | 'its-own' | 'all' }
  | { readonly kind: 'warning'; readonly closing: Date }
  | { readonly kind: 'closing'; readonly stops: boolean; readonly scalesDown: boolean }
);

/** A local day of a timetable. */
export interface TimetableDay {
  /** `2026-03-29`. */
  readonly date: string;
  /** Within the span that was asked for; none where it is open or closed all day. */
  readonly events: readonly TimetableEvent[];
  /** Whether it is open when the day, or the span, begins. */
  readonly isOpen: boolean;
  /** False where the span begins or ends within it. */
  readonly isWhole: boolean;
  /** Days on which hours that there would be do not begin: `Good Friday (DE-BE)`, `closed`. */
  readonly off: readonly string[];
  readonly clocks: readonly ClockChange[];
}

/** When policies that have the same hours open and close. */
export interface Timetable {
  readonly policies: readonly string[];
  readonly hours: readonly Schedule[];
  /** In which times are told: that of the first schedule. */
  readonly timezone: string;
  readonly days: readonly TimetableDay[];
  /** The next change of clocks in each of its zones, also after the span; soonest first. */
  readonly clocks: readonly ClockChange[];
  /** Of the week from the beginning on: how long what runs by it is stopped. Milliseconds. */
  readonly offInWeek: number;
}

export interface TimetableSpan {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

const MAX_AHEAD_MS = 4 * 3_600_000;
const WEEK_MS = 7 * 86_400_000;

/** Policies with hours that a resource of the project could match; of all projects where none is given. In their order. */
export const scheduledPolicies = (
  policy: Pick<Policy, 'tags' | 'policies'>,
  project: string | undefined,
): readonly NamedPolicy[] => (project === undefined ? policy.policies : policiesFor(policy, project));

/** A timetable for each different hours that policies have, in the order of the policies. Pure. */
export function timetablesOf(policies: readonly NamedPolicy[], span: TimetableSpan): readonly Timetable[] {
  const same = new Map<string, { readonly hours: readonly Schedule[]; readonly names: string[] }>();
  for (const { name, hours = [] } of policies) {
    if (hours.length === 0) continue;
    const key = JSON.stringify(hours);
    const known = same.get(key) ?? { hours, names: [] };
    known.names.push(name);
    same.set(key, known);
  }
  return [...same.values()].map(({ hours, names }) => timetableOf(hours, names, span));
}

function timetableOf(
  hours: readonly Schedule[],
  policies: readonly string[],
  { from, to }: TimetableSpan,
): Timetable {
  const timezone = hours[0]?.timezone ?? 'UTC';
  const events = eventsOf(hours, timezone, { from, to });
  const zones = [...new Set(hours.map((schedule) => schedule.timezone))];
  const within = zones.flatMap((zone) => clockChanges(zone, { from, to }));
  const byDate = Map.groupBy(events, ({ local }) => local.date);
  return {
    policies,
    hours,
    timezone,
    days: datesBetween(from, to, timezone).map((date): TimetableDay => {
      const begins = startOfDay(date, timezone);
      const ends = daysAfter(begins, 1, timezone);
      return {
        date,
        events: byDate.get(date) ?? [],
        isOpen: isOpen(hours, begins > from ? begins : from),
        isWhole: begins >= from && ends <= to,
        off: offOf(hours, date),
        clocks: within.filter((change) => change.date === date),
      };
    }),
    clocks: zones
      .flatMap((zone) => nextClockChange(from, zone) ?? [])
      .sort((a, b) => a.at.getTime() - b.at.getTime()),
    offInWeek: offBetween(hours, from, new Date(from.getTime() + WEEK_MS)),
  };
}

function eventsOf(
  hours: readonly Schedule[],
  timezone: string,
  { from, to }: TimetableSpan,
): readonly TimetableEvent[] {
  // What comes ahead of an edge may be due before the end, and the edge itself after it.
  const edges = edgesBetween(hours, new Date(from.getTime() - 1), new Date(to.getTime() + MAX_AHEAD_MS));
  const at = (time: number) => ({ at: new Date(time), local: wallTime(new Date(time), timezone) });
  return edges
    .flatMap((edge): readonly TimetableEvent[] => {
      const { schedules } = edge;
      const time = edge.at.getTime();
      if (edge.kind === 'opening') {
        const ahead = aheadOf(edge);
        return [
          ...(ahead === 0
            ? []
            : [{ ...at(time - ahead * 1000), schedules, kind: 'start', opening: edge.at } as const]),
          { ...at(time), schedules, kind: 'opening', starts: startsOf(edge) },
        ];
      }
      const warn = warnOf(edge);
      return [
        ...(warn === 0
          ? []
          : [{ ...at(time - warn * 1000), schedules, kind: 'warning', closing: edge.at } as const]),
        {
          ...at(time),
          schedules,
          kind: 'closing',
          stops: stopsAt(edge),
          scalesDown: stopsAt(edge) && stopping(edge).every(({ endpoints }) => endpoints === 'scale-down'),
        },
      ];
    })
    .filter((event) => event.at >= from && event.at < to)
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

const starting = ({ schedules }: Edge): readonly Schedule[] =>
  schedules.filter((schedule) => schedule.do !== 'stop');
const stopping = ({ schedules }: Edge): readonly Schedule[] =>
  schedules.filter((schedule) => schedule.do !== 'start');

const aheadOf = (edge: Edge): number =>
  Math.max(0, ...starting(edge).map(({ startAheadSeconds }) => startAheadSeconds));
const warnOf = (edge: Edge): number => Math.max(0, ...stopping(edge).map(({ warnSeconds }) => warnSeconds));
const stopsAt = (edge: Edge): boolean => stopping(edge).length > 0;

function startsOf(edge: Edge): 'nothing' | 'its-own' | 'all' {
  const own = starting(edge);
  if (own.length === 0) return 'nothing';
  return own.some(({ starts }) => starts === 'all') ? 'all' : 'its-own';
}

const nameOf = (place: string, date: string): string | undefined =>
  holidayNames(place, Number(date.slice(0, 4))).get(date);

/** Why hours that there would be on a date do not begin; each reason once. */
function offOf(hours: readonly Schedule[], date: string): readonly string[] {
  const reasons = hours.flatMap(({ week, holidays, closed }): readonly string[] => {
    if ((week[weekdayOf(date)] ?? []).length === 0) return [];
    if (closed.some(({ from, to }) => from <= date && date <= to)) return ['a closed day'];
    const name = holidays === undefined ? undefined : nameOf(holidays, date);
    return name === undefined ? [] : [`${name} (${holidays})`];
  });
  return [...new Set(reasons)];
}

function clockChanges(timezone: string, { from, to }: TimetableSpan): readonly ClockChange[] {
  const found: ClockChange[] = [];
  let after = new Date(from.getTime() - 1);
  for (;;) {
    const change = nextClockChange(after, timezone);
    if (change === undefined || change.at >= to) return found;
    found.push(change);
    after = change.at;
  }
}

/** For how long what runs by these hours is stopped: from each closing that stops until it is started, or the opening. */
function offBetween(hours: readonly Schedule[], from: Date, to: Date): number {
  const before = lastClosing(hours, from);
  const edges: readonly Edge[] = [
    ...(before === undefined || isOpen(hours, from) ? [] : [{ ...before, kind: 'closing' } as const]),
    ...edgesBetween(hours, from, new Date(to.getTime() + MAX_AHEAD_MS)),
  ];
  let off = 0;
  for (const [index, edge] of edges.entries()) {
    if (edge.kind !== 'closing' || !stopsAt(edge)) continue;
    const opening = edges[index + 1];
    // Nobody is started by an opening that starts nothing: it counts as started by somebody then.
    const again = opening === undefined ? to.getTime() : opening.at.getTime() - aheadOf(opening) * 1000;
    off += Math.max(0, Math.min(again, to.getTime()) - Math.max(edge.at.getTime(), from.getTime()));
  }
  return off;
}
