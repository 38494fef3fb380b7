import type { Charge } from '../policy/allocation.ts';
import type { Usd } from './money.ts';

/**
 * What was charged on one UTC day for one project, service and rule. Amortized cost, as of all spend
 * (`types/spend-basis.ts`); credits and refunds are in no line, but in `Bill.charges`.
 */
export interface CostLine {
  /** `2026-11-25`. */
  readonly day: string;
  /** The value of the project tag; `''` is what has none. */
  readonly project: string;
  /** Name of the first rule of `allocation.shared` that matches it; `undefined` = none does. */
  readonly rule: string | undefined;
  /** As the bill names it. */
  readonly service: string;
  readonly charge: Charge;
  readonly cost: Usd;
}

/** The same costs by another tag or cost category; the sum over all of a day, project and rule is that of the lines. */
export interface DimensionLine {
  readonly day: string;
  readonly project: string;
  readonly rule: string | undefined;
  /** `''` is what has none. */
  readonly value: string;
  readonly cost: Usd;
}

/** All that was charged of one kind. */
export interface ChargeTotal {
  readonly charge: Charge;
  /** As the bill calls it: `SavingsPlanCoveredUsage`. */
  readonly called: string;
  readonly amortized: Usd;
  /** As invoiced. */
  readonly unblended: Usd;
  /** False of credits and refunds: they are not spend, whoever gets them. */
  readonly isSpend: boolean;
}

/** A dimension to allocate by: a tag key, or a cost category. */
export type Dimension =
  | { readonly of: 'tag'; readonly key: string }
  | { readonly of: 'category'; readonly name: string };

/** How a dimension is written: `environment`, `category:Cost center`. */
export const dimensionText = (dimension: Dimension): string =>
  dimension.of === 'tag' ? dimension.key : `category:${dimension.name}`;

/** What AWS charged in a span of days, from whichever source. */
export interface Bill {
  readonly source: 'cost-explorer' | 'cur2' | 'focus' | 'athena' | 'ledger';
  /** First and last UTC day, both included. */
  readonly from: string;
  readonly to: string;
  readonly lines: readonly CostLine[];
  /** By `dimensionText`; those that were asked for. */
  readonly dimensions: ReadonlyMap<string, readonly DimensionLine[]>;
  /** Empty where the source does not tell (the ledger). */
  readonly charges: readonly ChargeTotal[];
  /** What should be known of it, sentences for people: requests made, lines read, lines of other currencies. */
  readonly notes: readonly string[];
}
