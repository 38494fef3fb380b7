import type { Usd } from './money.ts';

export type Grade = 'low' | 'medium' | 'high';

/** What a recommendation is about. */
export interface Recommended {
  /** The ARN, or what stands for one where AWS gives none. */
  readonly arn: string;
  readonly id: string;
  /** For people: `EBS volume`. */
  readonly kind: string;
  readonly region: string;
  readonly project: string | undefined;
  readonly owner: string | undefined;
}

/** One way to spend less. */
export interface Recommendation {
  /** The same each time it is found: `<check> <arn>`. What a dismissal names. */
  readonly id: string;
  /** The check that found it (`lib/recommend/registry.ts`), such as `gp2-to-gp3`. */
  readonly check: string;
  /** What to do, one sentence: `Change volume vol-1 from gp2 to gp3.` */
  readonly title: string;
  readonly resource: Recommended;
  /** USD that it saves in a month of 730 hours; above 0. */
  readonly monthly: Usd;
  /** How that is reckoned: `500 GiB × ($0.10 - $0.08) a month`. */
  readonly basis: string;
  /** That something breaks or gets slower. */
  readonly risk: Grade;
  /** For whoever does it. */
  readonly effort: Grade;
  /** In that it is true. */
  readonly confidence: Grade;
  /** What was seen, a sentence each, with figures, days and limits. */
  readonly evidence: readonly string[];
  /** What the change keeps of what the resource does today, one sentence: performance is never traded silently. */
  readonly keeps: string;
  /** What to run or to change, as it stands; at least one. */
  readonly how: readonly { readonly form: 'command' | 'cdk'; readonly text: string }[];
}

/** Somebody does not want to be told of a recommendation until then (`dismissed` of the policy file). */
export interface Dismissal {
  /** `Recommendation.id`, or `* <arn>` for all that there is of one resource. */
  readonly recommendation: string;
  readonly reason: string;
  /** The last day (UTC), `YYYY-MM-DD`, on which it is dismissed. */
  readonly until: string;
}

/** What was found, and what is known of it. */
export interface Recommendations {
  /** The dearest first. */
  readonly open: readonly Recommendation[];
  readonly dismissed: readonly {
    readonly recommendation: Recommendation;
    readonly dismissal: Dismissal;
  }[];
  /** USD a month of all that are open; of several for one resource only the largest counts. */
  readonly monthly: Usd;
  /** What could not be looked at, sentences for people. */
  readonly notes: readonly string[];
}
