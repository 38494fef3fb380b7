import type { Usd } from './money.ts';

/** A day of a project that cost far more, or far less, than such a weekday does. */
export interface SpendAnomaly {
  /** `undefined` = what carries no project tag. */
  readonly project: string | undefined;
  /** UTC. */
  readonly day: string;
  /** By which figures it was found. */
  readonly by: 'meter' | 'bill';
  readonly spent: Usd;
  readonly expected: Usd;
  /** Between these such a day is taken for usual. */
  readonly low: Usd;
  readonly high: Usd;
  /** Services that differ most from what they usually cost, the largest difference first; at most three. */
  readonly services: readonly { readonly service: string; readonly spent: Usd; readonly expected: Usd }[];
}
