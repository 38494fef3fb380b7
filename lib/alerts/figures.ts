import type { AlertItem } from '../types/alert.ts';
import { formatUsd, parseUsd, sumUsd, type Usd } from '../types/money.ts';

/** USD an hour of some resources. `unpriced` of them have no known price and are not in `hourly`. */
export interface Cost {
  readonly hourly: Usd;
  readonly unpriced: number;
}

/** What the items cost together while they run. */
export function costOf(items: readonly AlertItem[]): Cost {
  const prices = items.flatMap(({ hourly }) => {
    const price = hourly === undefined ? undefined : parseUsd(hourly);
    return price === undefined ? [] : [price];
  });
  return { hourly: sumUsd(prices), unpriced: items.length - prices.length };
}

/** `$20.12/h`, `$20.12/h and 2 unpriced`, `price unknown`; `undefined` of no items. */
export function formatCost(items: readonly AlertItem[]): string | undefined {
  if (items.length === 0) return undefined;
  const { hourly, unpriced } = costOf(items);
  if (unpriced === items.length) return 'price unknown';
  return unpriced === 0 ? `${formatUsd(hourly)}/h` : `${formatUsd(hourly)}/h and ${unpriced} unpriced`;
}

/** The value that all items share; `undefined` where they differ or there are none. */
export function shared(items: readonly AlertItem[], of: (item: AlertItem) => string): string | undefined {
  const values = new Set(items.map(of));
  const [only] = values;
  return values.size === 1 ? only : undefined;
}

/** Those that need eyes first: failed, then left alone, then done; the most expensive first within each. */
export const mostTellingFirst = (items: readonly AlertItem[]): readonly AlertItem[] =>
  tellingOrder(items).map(([, item]) => item);

/** The same, each with its place in the given order. */
export function tellingOrder(items: readonly AlertItem[]): readonly (readonly [number, AlertItem])[] {
  const rank = { failed: 0, skipped: 1, none: 2, taken: 3 } as const;
  const price = ({ hourly }: AlertItem): bigint => (hourly === undefined ? 0n : (parseUsd(hourly) ?? 0n));
  return [...items.entries()].sort(([, a], [, b]) => {
    const byStatus = rank[a.status] - rank[b.status];
    if (byStatus !== 0) return byStatus;
    return price(a) === price(b) ? 0 : price(a) > price(b) ? -1 : 1;
  });
}

/** What became of an item, in two words at most. */
export function statusWord({ requested, status }: AlertItem): string {
  switch (status) {
    case 'failed':
      return 'failed';
    case 'skipped':
      return 'left alone';
    case 'taken':
    case 'none':
      return DONE_WORDS[requested];
  }
}

const DONE_WORDS: Readonly<Record<AlertItem['requested'], string>> = {
  stop: 'stopped',
  warn: 'warned',
  notify: 'reported',
  hold: 'held back',
  restore: 'restored',
  keep: 'kept',
  tag: 'tagged',
};

/**
 * Why something was not done, or not as asked; how far a restore is, which tags were written, and why a stop cannot be
 * undone. Empty where all went as asked.
 */
export function causeOf({ requested, status, code, detail = '', restorable }: AlertItem): string {
  switch (status) {
    case 'failed':
      return code === undefined ? detail : `${code}: ${detail}`;
    case 'skipped':
      return detail;
    case 'taken':
      return requested === 'restore' || requested === 'tag' || restorable === false ? detail : '';
    case 'none':
      return '';
  }
}

/** Those that a stop took out of service: what they cost is saved. */
export const stoppedOf = (items: readonly AlertItem[]): readonly AlertItem[] =>
  items.filter(({ requested, status }) => requested === 'stop' && status === 'taken');
