import type { Span } from '../simulate/result.ts';
import { clipped, joined } from '../simulate/spans.ts';
import { type Resource, startOf } from '../types/resource.ts';
import type { HistoryResource } from './history.ts';
import type { TrailEvent } from './trail-events.ts';

/** Spans that are no further apart than this are one: calls and launch times differ by seconds. */
const SAME_SPAN_MS = 120_000;
/** Metrics that are missing for less than this do not mean that it was out of service. */
const METRIC_HOLE_MS = 30 * 60_000;
/** So much may metrics and CloudTrail differ: a start takes its time, and the last samples come late. */
const DIFFERENCE_MS = 30 * 60_000;

export interface LifeFacts {
  readonly resource: Resource;
  /** What CloudTrail says of it in the span; absent = it cannot be asked of it. */
  readonly events?: readonly TrailEvent[];
  /** When metrics of it were published, in order. A metric is published only of what runs. */
  readonly seen: readonly Span[];
  readonly from: Date;
  readonly to: Date;
}

/**
 * When a resource ran. CloudTrail counts where what it says is whole in itself, agrees with what is now, and metrics do
 * not say otherwise. Else it ran since it came into service, as AWS itself says, and before that while metrics of it
 * were published. Where there are none, it is assumed not to have run before.
 */
export function lifeOf({ resource, events = [], seen, from, to }: LifeFacts): HistoryResource {
  const life = (spans: readonly Span[], known: HistoryResource['known']): HistoryResource => ({
    resource,
    ran: merged(clipped(spans, { from, to })),
    known,
  });
  const runs = resource.state === 'running';
  const start = startOf(resource);
  // RDS tells when a database was made, not when it was started: a stop since then shows that it is not its spell.
  const isSpell = !events.some((event) => !event.runs && event.at > start);
  const now = runs && isSpell ? [{ from: start, to }] : [];
  const told = spansOf(events, from, to, runs);
  if (told !== undefined && !isContradicted([...told, ...now], seen)) {
    return life([...told, ...now], 'cloudtrail');
  }
  if (seen.length === 0) return life(runs ? [{ from: start, to }] : [], 'assumed');
  if (now.length > 0) return life([...clipped(seen, { from, to: start }), ...now], 'metrics');
  return life(runs ? upTo(to, seen) : seen, 'metrics');
}

/**
 * The spans that events tell; `undefined` where they tell none, or not the whole: each start must follow a stop, and the
 * last event must agree with what is now.
 */
function spansOf(
  events: readonly TrailEvent[],
  from: Date,
  to: Date,
  runsNow: boolean,
): readonly Span[] | undefined {
  const sorted = events.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const [first] = sorted;
  if (first === undefined || sorted.at(-1)?.runs !== runsNow) return undefined;
  const spans: Span[] = [];
  let since = first.runs ? undefined : from;
  for (const { at, runs } of sorted) {
    // Two starts in a row: it was out of service at some time between them, and nothing says when.
    if (runs === (since !== undefined)) return undefined;
    if (since !== undefined) spans.push({ from: since, to: at });
    since = runs ? at : undefined;
  }
  return since === undefined ? spans : [...spans, { from: since, to }];
}

/** Of what runs now, the newest samples are still to come. */
const upTo = (to: Date, seen: readonly Span[]): readonly Span[] => {
  const last = seen.at(-1);
  return last === undefined || to.getTime() - last.to.getTime() > DIFFERENCE_MS
    ? seen
    : [...seen, { from: last.from, to }];
};

/** True where metrics were published while it is said not to have run. */
function isContradicted(told: readonly Span[], seen: readonly Span[]): boolean {
  let outside = 0;
  for (const { from, to } of seen) {
    const within = clipped(told, { from, to }).reduce((sum, one) => sum + lengthOf(one), 0);
    outside = Math.max(outside, lengthOf({ from, to }) - within);
  }
  return outside > DIFFERENCE_MS;
}

const lengthOf = ({ from, to }: Span): number => to.getTime() - from.getTime();

/** In order, and those that touch as one. */
const merged = (spans: readonly Span[], hole = SAME_SPAN_MS): readonly Span[] =>
  joined(
    spans.toSorted((a, b) => a.from.getTime() - b.from.getTime()),
    hole,
  );

/** The spans that the periods of samples cover, short holes left aside. Each list of starts is in the order of time. */
export function seenSpans(
  series: readonly { readonly starts: readonly number[]; readonly periodMs: number }[],
): readonly Span[] {
  const runs = series.flatMap(({ starts, periodMs }) => {
    const own: { from: number; to: number }[] = [];
    for (const at of starts) {
      const last = own.at(-1);
      if (last === undefined || at - last.to > METRIC_HOLE_MS) own.push({ from: at, to: at + periodMs });
      else last.to = at + periodMs;
    }
    return own;
  });
  return merged(
    runs.map(({ from, to }) => ({ from: new Date(from), to: new Date(to) })),
    METRIC_HOLE_MS,
  );
}
