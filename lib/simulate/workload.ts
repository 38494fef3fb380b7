import type { SteadyUntil, Use, UseAt } from './account/use.ts';
import type { UseSegment } from './scenario.ts';

/** Later than anything. */
const NEVER_ENDS = new Date(8_640_000_000_000_000);

/**
 * What a resource does, from segments in order: between two of them, and after the last one, nothing is published. The
 * same object for every minute of a segment.
 */
export function workloadOf(
  segments: readonly UseSegment[],
  map: (use: Use) => Use = (use) => use,
): { readonly use: UseAt; readonly steadyUntil: SteadyUntil } {
  const mapped = segments.map(({ from, to, use }) => ({
    from: from.getTime(),
    to: to.getTime(),
    use: use === undefined ? undefined : map(use),
  }));
  /** The index of the first segment that ends after the minute; mostly that of the question before. */
  let last = 0;
  const find = (at: number): number => {
    let low = 0;
    let high = mapped.length;
    const guess = mapped[last];
    if (guess !== undefined && guess.to > at && (mapped[last - 1]?.to ?? Number.NEGATIVE_INFINITY) <= at)
      return last;
    while (low < high) {
      const middle = (low + high) >> 1;
      const one = mapped[middle];
      if (one !== undefined && one.to <= at) low = middle + 1;
      else high = middle;
    }
    last = low;
    return low;
  };
  return {
    use: (minute) => {
      const at = minute.getTime();
      const one = mapped[find(at)];
      return one !== undefined && one.from <= at ? one.use : undefined;
    },
    steadyUntil: (minute) => {
      const at = minute.getTime();
      const one = mapped[find(at)];
      if (one === undefined) return NEVER_ENDS;
      return new Date(one.from <= at ? one.to : one.from);
    },
  };
}
