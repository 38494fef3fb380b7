import type { Span } from './result.ts';

/** The first span that ends after an instant; they are in order and without overlap. */
function indexAfter(spans: readonly Span[], at: Date): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const span = spans[middle];
    if (span !== undefined && span.to <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The span that has the instant; `undefined` = none. */
export function spanAt(spans: readonly Span[], at: Date): Span | undefined {
  const span = spans[indexAfter(spans, at)];
  return span !== undefined && span.from <= at ? span : undefined;
}

/** The first instant from `at` on that is in one of the spans; `undefined` = there is none. */
export function nextIn(spans: readonly Span[], at: Date): Date | undefined {
  const span = spans[indexAfter(spans, at)];
  return span === undefined ? undefined : span.from > at ? span.from : at;
}

/** What of the spans lies within `from` and `to`. */
export const clipped = (spans: readonly Span[], { from, to }: Span): readonly Span[] =>
  spans.flatMap((span) => {
    const start = span.from > from ? span.from : from;
    const end = span.to < to ? span.to : to;
    return start < end ? [{ from: start, to: end }] : [];
  });

/**
 * Spans that touch become one.
 * @param hole what lies so close together touches, in milliseconds
 */
export function joined(spans: readonly Span[], hole = 0): readonly Span[] {
  const all: Span[] = [];
  for (const span of spans) {
    const last = all.at(-1);
    if (last !== undefined && span.from.getTime() - last.to.getTime() <= hole) {
      all[all.length - 1] = { from: last.from, to: span.to > last.to ? span.to : last.to };
    } else all.push(span);
  }
  return all;
}
