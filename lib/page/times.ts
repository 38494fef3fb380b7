import { atMinute } from '../decide/sentences.ts';
import type { Span } from '../simulate/result.ts';
import { type Html, html } from './html.ts';

/** An instant as markup, told by `tell`, or else in full: machines read the whole of it. */
export const time = (at: Date, tell: (at: Date) => string = atMinute): Html =>
  html`<time datetime="${at.toISOString()}">${tell(at)}</time>`;

/** Hours of spans, within bounds. */
export function hoursOf(spans: readonly Span[], within: Span): number {
  let total = 0;
  for (const { from, to } of spans) {
    const length =
      Math.min(to.getTime(), within.to.getTime()) - Math.max(from.getTime(), within.from.getTime());
    if (length > 0) total += length;
  }
  return total / 3_600_000;
}

// A formatter made anew for each number takes most of the time of a large page.
const HOURS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** `63.4 h`. */
export const inHours = (hours: number): string => `${HOURS.format(hours)} h`;
