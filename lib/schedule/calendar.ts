import type { Schedule } from '../policy/schedule.ts';
import { remembered } from './remembered.ts';
import { type OpenSpan, spansOfDay } from './spans.ts';

/** Where hours end: nothing is open from `at` on. */
export interface Closing {
  readonly at: Date;
  /** Those that were open right before; at least one. */
  readonly schedules: readonly Schedule[];
}

/** Where hours begin: nothing was open right before `at`. */
export interface Opening {
  readonly at: Date;
  /** Those that are open from then on; at least one. */
  readonly schedules: readonly Schedule[];
}

export type Edge = (Closing & { readonly kind: 'closing' }) | (Opening & { readonly kind: 'opening' });

/** So many days an opening or a closing is looked for: hours that pause for longer than a summer have none. */
export const HORIZON_DAYS = 400;

const DAY_MS = 86_400_000;
const HORIZON_MS = HORIZON_DAYS * DAY_MS;

/** True where any of the schedules is open at `at`. */
export function isOpen(hours: readonly Schedule[], at: Date): boolean {
  const ms = at.getTime();
  const { times, opens } = chunkAt(calendarOf(hours), ms);
  // Edges take turns.
  return (upTo(times, ms) % 2 === 1) !== opens;
}

/** The latest closing at or before `at`, of the last 400 days; `undefined` = there is none. */
export const lastClosing = (hours: readonly Schedule[], at: Date): Closing | undefined =>
  last(hours, at, 'closing');

/** The latest opening at or before `at`, of the last 400 days; `undefined` = there is none. */
export const lastOpening = (hours: readonly Schedule[], at: Date): Opening | undefined =>
  last(hours, at, 'opening');

/** The first closing after `after`, within 400 days; `undefined` = there is none. */
export const nextClosing = (hours: readonly Schedule[], after: Date): Closing | undefined =>
  next(hours, after, 'closing');

/** The first opening after `after`, within 400 days; `undefined` = there is none. */
export const nextOpening = (hours: readonly Schedule[], after: Date): Opening | undefined =>
  next(hours, after, 'opening');

/** All openings and closings after `from`, up to `to` and at it, in their order. They take turns. */
export function edgesBetween(hours: readonly Schedule[], from: Date, to: Date): readonly Edge[] {
  const [after, until] = [from.getTime(), to.getTime()];
  const calendar = calendarOf(hours);
  const found: Edge[] = [];
  for (let index = indexOf(after); index <= indexOf(until); index += 1) {
    const { times, edges } = chunkOf(calendar, index);
    found.push(...edges.slice(upTo(times, after), upTo(times, until)));
  }
  return found;
}

function last(hours: readonly Schedule[], at: Date, kind: Edge['kind']): Edge | undefined {
  const ms = at.getTime();
  const calendar = calendarOf(hours);
  for (let index = indexOf(ms); index >= indexOf(ms - HORIZON_MS); index -= 1) {
    const { times, edges } = chunkOf(calendar, index);
    for (let place = upTo(times, ms) - 1; place >= 0; place -= 1) {
      const edge = edges[place];
      if (edge?.kind === kind) return edge.at.getTime() >= ms - HORIZON_MS ? edge : undefined;
    }
  }
  return undefined;
}

function next(hours: readonly Schedule[], after: Date, kind: Edge['kind']): Edge | undefined {
  const ms = after.getTime();
  const calendar = calendarOf(hours);
  for (let index = indexOf(ms); index <= indexOf(ms + HORIZON_MS); index += 1) {
    const { times, edges } = chunkOf(calendar, index);
    for (let place = upTo(times, ms); place < edges.length; place += 1) {
      const edge = edges[place];
      if (edge?.kind === kind) return edge.at.getTime() <= ms + HORIZON_MS ? edge : undefined;
    }
  }
  return undefined;
}

/** What is known of some schedules together. Simulations ask of the same weeks hundreds of thousands of times. */
interface Calendar {
  readonly schedules: readonly Schedule[];
  readonly chunks: Map<number, Chunk>;
  /** Those of one schedule more. */
  readonly more: WeakMap<Schedule, Calendar>;
}

/** Two weeks of it. */
interface Chunk {
  /** Is it open right before the chunk begins? */
  readonly opens: boolean;
  /** Its openings and closings in their order … */
  readonly edges: readonly Edge[];
  /** … and their times, epoch milliseconds. */
  readonly times: readonly number[];
}

const CHUNK_MS = 14 * DAY_MS;
const indexOf = (ms: number): number => Math.floor(ms / CHUNK_MS);

const calendar = (schedules: readonly Schedule[]): Calendar => ({
  schedules,
  chunks: new Map(),
  more: new WeakMap(),
});

const none = calendar([]);

/** Found by the schedules themselves: lists of them are made anew by whoever asks. */
function calendarOf(hours: readonly Schedule[]): Calendar {
  let found = none;
  for (const schedule of hours) {
    const before: readonly Schedule[] = found.schedules;
    found = remembered(found.more, schedule, () => calendar([...before, schedule]));
  }
  return found;
}

const chunkAt = (of: Calendar, ms: number): Chunk => chunkOf(of, indexOf(ms));

const chunkOf = ({ schedules, chunks }: Calendar, index: number): Chunk =>
  remembered(chunks, index, () => readChunk(schedules, index));

/** A local date is at most a day from the date in UTC, and a span ends at most two days after its date begins. */
const DAYS_BEFORE = 4;
const DAYS_AFTER = 2;

function readChunk(schedules: readonly Schedule[], index: number): Chunk {
  const [begin, end] = [index * CHUNK_MS, (index + 1) * CHUNK_MS];
  const own = schedules.map((schedule) => {
    const spans: OpenSpan[] = [];
    for (let day = begin / DAY_MS - DAYS_BEFORE; day < end / DAY_MS + DAYS_AFTER; day += 1) {
      spans.push(...spansOfDay(schedule, day));
    }
    return { schedule, spans };
  });
  const openAt = (ms: number): readonly Schedule[] =>
    own.flatMap(({ schedule, spans }) =>
      spans.some(({ from, to }) => from <= ms && ms < to) ? [schedule] : [],
    );
  const all = joined(own.flatMap(({ spans }) => spans));
  const edges = all.flatMap(({ from, to }): readonly Edge[] => [
    ...(from >= begin && from < end
      ? [{ kind: 'opening', at: new Date(from), schedules: openAt(from) } as const]
      : []),
    ...(to >= begin && to < end
      ? [{ kind: 'closing', at: new Date(to), schedules: openAt(to - 1) } as const]
      : []),
  ]);
  return {
    opens: all.some(({ from, to }) => from < begin && begin <= to),
    edges,
    times: edges.map(({ at }) => at.getTime()),
  };
}

/** In their order; those that overlap or touch are one. */
function joined(spans: readonly OpenSpan[]): readonly OpenSpan[] {
  const whole: OpenSpan[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const before = whole.at(-1);
    if (before === undefined || before.to < span.from) whole.push(span);
    else if (before.to < span.to) whole.splice(-1, 1, { from: before.from, to: span.to });
  }
  return whole;
}

/** How many of these times, which ascend, are at or before `ms`. */
function upTo(times: readonly number[], ms: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
