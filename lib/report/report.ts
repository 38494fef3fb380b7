import type { Coverage } from '../compliance/coverage.ts';
import type { Allocation } from '../types/allocation.ts';
import type { SpendAnomaly } from '../types/anomaly.ts';
import type { Usd } from '../types/money.ts';
import type { Recommendations } from '../types/recommendation.ts';
import type { Savings } from '../types/savings.ts';

/** One calendar month (UTC) of an account, or of one of its projects, as the report shows it. */
export interface Report {
  readonly account: string;
  /** `2026-11`. */
  readonly month: string;
  /** First instant, and the last one that is reported of: now, or the end of the month. */
  readonly from: Date;
  readonly to: Date;
  readonly madeAt: Date;
  readonly isOver: boolean;
  /** The one project that it is about; `undefined` = all. */
  readonly project: string | undefined;
  /** Everything together; no limit but where the report is about one project. */
  readonly total: SpendFigures;
  /** Teams, then projects, then models, each in the order of the policy file; what has no project last. */
  readonly levels: readonly LevelReport[];
  /** By day and project, billed and estimated; days without spend are absent. In order. */
  readonly days: readonly DayReport[];
  /** The largest changes first, against the same days of the month before; empty where that is not known. */
  readonly movers: readonly Mover[];
  /** `undefined` = no bill could be read; `notes` say why. */
  readonly allocation: Allocation | undefined;
  /** What costs money now, the dearest first; `undefined` of a month that is over. */
  readonly running: readonly RunningNow[] | undefined;
  readonly savings: Savings;
  readonly coverage: TagCoverage | undefined;
  readonly ownCost: OwnCost;
  /** How to spend less, as of `madeAt`; `undefined` of a month that is over, and where nobody has looked. */
  readonly recommendations: Recommendations | undefined;
  /** Newest first. */
  readonly anomalies: readonly SpendAnomaly[];
  /** What should be known of the figures, whole sentences for people. */
  readonly notes: readonly string[];
}

/** Spend of a month up to `to`. */
export interface SpendFigures {
  readonly billed: Usd;
  readonly estimated: Usd;
  /** Both. */
  readonly spent: Usd;
  /** Of the whole month; `undefined` of a month that is over. */
  readonly forecast: { readonly amount: Usd; readonly low: Usd; readonly high: Usd } | undefined;
  /** USD an hour now; `undefined` of a month that is over. */
  readonly burn: Usd | undefined;
}

export interface LevelReport extends SpendFigures {
  readonly level: 'team' | 'project' | 'model' | 'none';
  /** `''` of the level `none`: what has no project. */
  readonly name: string;
  /** The team of a project, the project of a model. */
  readonly within: string | undefined;
  readonly owner: string | undefined;
  /** USD a month. */
  readonly limit: Usd | undefined;
  /** When the limit is used up if all goes on as now; `undefined` = not within the month, or it has none. */
  readonly runsOutAt: Date | undefined;
  /** Spent since the month began, at the end of each day; the last one is `to`. In order. */
  readonly burnDown: readonly { readonly at: Date; readonly billed: Usd; readonly estimated: Usd }[];
}

export interface DayReport {
  /** `2026-11-25`. */
  readonly day: string;
  /** By project; `''` is what has none. */
  readonly projects: ReadonlyMap<string, { readonly billed: Usd; readonly estimated: Usd }>;
}

export interface Mover {
  /** `''` is what has none. */
  readonly project: string;
  readonly service: string;
  readonly before: Usd;
  readonly now: Usd;
}

export interface RunningNow {
  readonly arn: string;
  readonly id: string;
  /** For people: `EC2 instance`. */
  readonly kind: string;
  readonly size: string;
  readonly region: string;
  readonly project: string | undefined;
  readonly owner: string | undefined;
  /** USD an hour; `undefined` = unpriced. */
  readonly hourly: Usd | undefined;
  readonly since: Date | undefined;
}

export interface TagCoverage extends Coverage {
  /** Percent of the month's billed spend that carries a project; `undefined` where nothing is billed. */
  readonly spendWithProject: number | undefined;
}

/** What Bursar itself costs in the span of the report. */
export interface OwnCost {
  readonly items: readonly {
    readonly what: string;
    readonly cost: Usd;
    /** How it is known: `44,640 Lambda invocations, 812,000 GB-seconds at list price`. */
    readonly basis: string;
  }[];
  readonly total: Usd;
  /** What is not in it, sentences for people. */
  readonly without: readonly string[];
}
