import { arnsOfEvent } from '../cli/run-text/event-words.ts';
import type { ResourceRun, RunEvent, Span } from '../simulate/result.ts';
import type { BarKind, MarkerKind } from './marks.ts';
import { inHours } from './times.ts';

/** What a lane of the timeline shows of one resource. */
export interface Lane {
  readonly resource: ResourceRun;
  readonly bars: readonly (Span & { readonly kind: BarKind })[];
  readonly markers: readonly Mark[];
}

export interface Mark {
  readonly at: Date;
  readonly kind: MarkerKind;
  /** How many that lie closer together than can be told apart. */
  readonly count: number;
  readonly event: RunEvent;
}

/** The events of each ARN, those alone that have a marker. */
export function markedEvents(events: readonly RunEvent[]): ReadonlyMap<string, readonly RunEvent[]> {
  const byArn = new Map<string, RunEvent[]>();
  for (const event of events) {
    if (markerOf(event) === undefined) continue;
    for (const arn of arnsOfEvent(event)) {
      const list = byArn.get(arn);
      if (list === undefined) byArn.set(arn, [event]);
      else list.push(event);
    }
  }
  return byArn;
}

export function markerOf(event: RunEvent): MarkerKind | undefined {
  switch (event.event) {
    case 'stopped':
      return event.whileBusy ? 'while-busy' : event.falseStop ? 'false' : 'stopped';
    case 'warned':
    case 'kept':
    case 'restored':
      return event.event;
    default:
      return undefined;
  }
}

/** @param pixels how many the span takes: what lies closer together than they tell apart is one */
export function laneOf(
  resource: ResourceRun,
  events: readonly RunEvent[],
  within: Span,
  pixels: number,
): Lane {
  const pixel = (within.to.getTime() - within.from.getTime()) / pixels;
  const bars = (['ran', 'stopped', 'busy'] as const).flatMap((kind) =>
    merged(resource[kind], within, 0.75 * pixel).map((span) => ({ ...span, kind })),
  );
  return { resource, bars, markers: marksOf(events, within, 6 * pixel) };
}

/** Cut to the bounds; a gap shorter than `gap` milliseconds is none. */
function merged(spans: readonly Span[], within: Span, gap: number): readonly Span[] {
  const found: { from: Date; to: Date }[] = [];
  for (const span of spans) {
    const from = span.from < within.from ? within.from : span.from;
    const to = span.to > within.to ? within.to : span.to;
    if (from >= to) continue;
    const last = found.at(-1);
    if (last !== undefined && from.getTime() - last.to.getTime() < gap) last.to = to > last.to ? to : last.to;
    else found.push({ from, to });
  }
  return found;
}

function marksOf(events: readonly RunEvent[], within: Span, gap: number): readonly Mark[] {
  const found: { at: Date; kind: MarkerKind; count: number; event: RunEvent }[] = [];
  const last = new Map<MarkerKind, (typeof found)[number]>();
  for (const event of events) {
    const kind = markerOf(event);
    if (kind === undefined || event.at < within.from || event.at > within.to) continue;
    const before = last.get(kind);
    if (before !== undefined && event.at.getTime() - before.at.getTime() < gap) {
      before.count += 1;
      continue;
    }
    const mark = { at: event.at, kind, count: 1, event };
    found.push(mark);
    last.set(kind, mark);
  }
  return found;
}

/** `2026-11-25 10:30 to 2026-11-25 22:30 (12 h)`. */
export const spanText = ({ from, to }: Span, tell: (at: Date) => string): string =>
  `${tell(from)} to ${tell(to)} (${inHours((to.getTime() - from.getTime()) / 3_600_000)})`;
