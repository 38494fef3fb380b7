import type { Charge, CostMatch } from '../policy/allocation.ts';
import type { Dimension } from '../types/cost.ts';
import type { Reader } from './sql-columns.ts';

/** The keys of a match that are columns of the bill. */
export type MatchColumn = Extract<keyof CostMatch, 'account' | 'region' | 'usageType' | 'resource'>;

/** The kind of a line, as a bill tells it. */
export interface Kind {
  /** `SavingsPlanCoveredUsage`; in FOCUS `Usage`. */
  readonly called: string;
  /** FOCUS: `Correction`, or empty. */
  readonly className: string;
  /** `fee`: it buys a commitment. `unused`: what of one nobody used. Else empty. */
  readonly commitment: string;
}

/** A format of bills: what its columns mean, as SQL of one line. */
export interface Format {
  readonly name: 'cur2' | 'focus';
  /** For people. */
  readonly title: string;
  /** Without these there is no bill. */
  readonly required: readonly string[];
  readonly day: string;
  readonly called: (read: Reader) => string;
  readonly className: (read: Reader) => string;
  readonly commitment: (read: Reader) => string;
  readonly currency: (read: Reader) => string;
  readonly service: (read: Reader) => string;
  readonly amortized: (read: Reader) => string;
  /** As invoiced. */
  readonly unblended: (read: Reader) => string;
  readonly match: Readonly<Record<MatchColumn, readonly string[]>>;
  readonly tag: (read: Reader, key: string) => string;
  readonly category: (read: Reader, name: string) => string;
  /** Columns any of which holds tags, and cost categories. */
  readonly tagColumns: readonly string[];
  readonly categoryColumns: readonly string[];
  readonly chargeOf: (kind: Kind) => Charge;
  /** As people read it: `Fee (reservation)`. */
  readonly calledText: (kind: Kind) => string;
  /** What must be said where columns are missing and lines of a kind are there: sentences. */
  readonly approximations: (read: Reader, kinds: readonly Kind[]) => readonly string[];
}

/** The value of a tag or cost category of one line. */
export const dimensionSql = (format: Format, read: Reader, dimension: Dimension): string =>
  dimension.of === 'tag' ? format.tag(read, dimension.key) : format.category(read, dimension.name);
