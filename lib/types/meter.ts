import type { Usd } from './money.ts';
import type { ResourceKind } from './resource.ts';

/**
 * What began to hold of one resource at an instant: that it costs money, whom and how much an hour, or that it does
 * not. A point holds until the next one.
 */
export interface MeterPoint {
  readonly at: Date;
  /** True where it costs money from `at` on. */
  readonly on: boolean;
  /** The value of its project tag; `undefined` = no project, and where `on` is false. */
  readonly project: string | undefined;
  /**
   * The value of its model tag, where the policy file gave that model limits when this was noted; absent = none. A model
   * that gets limits later is told apart from then on.
   */
  readonly model?: string;
  /** List price, USD an hour; `undefined` where `on` = unpriced, never free. */
  readonly hourly: Usd | undefined;
  /**
   * How it is known. `event`: AWS told of it, with its time. `seen`: a sweep found it so. `guess`: a sweep found that
   * it must have ended or begun since the last one, and nobody knows when; an event of that time takes its place. The
   * first point is a guess where what lies before it is closed.
   */
  readonly by: 'event' | 'seen' | 'guess';
}

/**
 * Time of one UTC day that is told for good: so long it cost so much, for that project. Many prices of a day may be kept
 * as their mean and a remainder: the sum of price × time is exact, and the time of the remainder is none of the clock's.
 */
export interface MeterStretch {
  /** `2026-11-25`. */
  readonly day: string;
  readonly project: string | undefined;
  /** As of a point. */
  readonly model?: string;
  readonly hourly: Usd | undefined;
  readonly milliseconds: number;
}

/** When one resource cost money, for whom and how much: what the meter sums. */
export interface MeterRecord {
  readonly arn: string;
  readonly id: string;
  readonly kind: ResourceKind;
  readonly account: string;
  readonly region: string;
  /** For people: `g5.xlarge`. */
  readonly size: string;
  /** In order of time, no two alike. The first one says what held before the events that may still come late. */
  readonly points: readonly MeterPoint[];
  /** What lies before the points, summed by day, project, model and price; in no order. */
  readonly closed: readonly MeterStretch[];
}

/** By service, as Cost Explorer names services (`Amazon SageMaker`). */
export type ByService = ReadonlyMap<string, Usd>;
/** By the value of the project tag; `''` is what has none. */
export type ByProject = ReadonlyMap<string, ByService>;
/** By project, then by model: a part of what the project has, of those models alone that have limits. */
export type ByModel = ReadonlyMap<string, ReadonlyMap<string, ByService>>;

/** One UTC day of the account: what was billed for it so far, and what the meter said of it. */
export interface SpendDay {
  /** `2026-11-25`. */
  readonly day: string;
  /** When Cost Explorer was last asked about it; `undefined` = never. */
  readonly billedAsOf: Date | undefined;
  /** Gross of credits and refunds. */
  readonly billed: ByProject;
  /** At list price. Saved once the day counts as billed alone (it is settled); `undefined` before. */
  readonly metered: ByProject | undefined;
  /** What of `metered` is of a model; absent = nothing, and of what was saved before models were told apart. */
  readonly models?: ByModel;
}

/** What one project spent before this month (UTC), of what a limit on all time counts. */
export interface EarlierSpend {
  readonly billed: Usd;
  /** Of the last days of the month before, which are not billed yet. */
  readonly estimated: Usd;
}

/** A resource that costs money and has no known price. */
export interface Unpriced {
  readonly arn: string;
  readonly id: string;
  readonly kind: ResourceKind;
  readonly size: string;
}

/** What was spent this month (UTC) as the meter sees it: of a team, a project or a model. Billed and estimated never overlap. */
export interface MonthSpend {
  readonly asOf: Date;
  /** What AWS has billed so far, gross of credits. */
  readonly billed: Usd;
  /** What is not billed yet: price × time less discount. */
  readonly estimated: Usd;
  /** Between these the sum of both lies, as far as earlier estimates tell; `low` is `billed` at least. */
  readonly low: Usd;
  readonly high: Usd;
  /** `learned` from earlier days; `assumed` where there are too few of them. */
  readonly band: 'learned' | 'assumed';
  /** Before this all is as billed; `undefined` = nothing is. */
  readonly billedThrough: Date | undefined;
  /** Of the UTC day of `asOf`, billed and estimated. */
  readonly today: Usd;
  /** What of `today` AWS has billed so far. */
  readonly todayBilled: Usd;
  /** USD an hour of what runs now and is priced, less discount. */
  readonly burn: Usd;
  /** How many resources cost money now. */
  readonly running: number;
  /** Those of them, and those that ran this month, that have no known price. */
  readonly unpriced: readonly Unpriced[];
  /** Of the whole month. `burn`: as if all went on as now; `weekdays`: by the same weekdays of earlier weeks. */
  readonly forecast: {
    readonly amount: Usd;
    readonly low: Usd;
    readonly high: Usd;
    readonly basis: 'burn' | 'weekdays';
  };
}

export interface ProjectSpend extends MonthSpend {
  /** `undefined` = what carries no project tag. */
  readonly project: string | undefined;
  /** USD an hour on a usual day; `undefined` where there are too few days to tell. */
  readonly usualBurn: Usd | undefined;
  /** Percent that is taken off list prices: the policy's, else learned, else 0. */
  readonly discount: number;
}
