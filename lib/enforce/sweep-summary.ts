import type { SweepDecided } from '../decide/sweep.ts';
import type { MetricsCount } from '../fleet/metrics.ts';
import { type Policy, projectOf } from '../policy/policy.ts';
import type { Decision, Verdict } from '../types/decision.ts';
import { usdToDecimal } from '../types/money.ts';
import type { Resource, ResourceState } from '../types/resource.ts';
import type { LevelRow, SpendRow } from './spend-summary.ts';

/** A resource as a summary names it. */
export interface SummaryResource {
  readonly arn: string;
  readonly id: string;
  readonly kind: string;
  readonly region: string;
  readonly size: string;
  readonly state: ResourceState;
  readonly project: string | undefined;
  /** Decimal USD; absent = unpriced. */
  readonly hourly: string | undefined;
}

/** What a sweep came to; also the answer of the Lambda, for people who invoke it by hand and for `bursar status`. */
export interface SweepSummary {
  readonly at: string;
  readonly dryRun: boolean;
  readonly resources: number;
  readonly decisions: Readonly<Record<string, number>>;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly metricsRequested: number;
  readonly metricCalls: number;
  /** How each project stands by the meter; absent where it could not be read. */
  readonly spend?: readonly SpendRow[];
  /** The same of teams and models; absent = the policy has none. */
  readonly spendLevels?: readonly LevelRow[];
  /** How many more projects there are than `spend` has room for, none of them in the policy; absent = none. */
  readonly spendLeftOut?: number;
  /** What is done, and to what. Of this and of `leftAlone` the first 2,000: Lambda limits an answer to 6 MB. */
  readonly decided: readonly (Partial<SummaryResource> & {
    readonly action: Decision['action'];
    readonly policy: string | undefined;
    readonly reason: string;
    /** ISO 8601, of a warning. */
    readonly stopAt: string | undefined;
    /** ISO 8601, of a hold: what a release names. */
    readonly heldAt: string | undefined;
  })[];
  /** Why each of the others is left alone. */
  readonly leftAlone: readonly (SummaryResource & {
    readonly policy: string | undefined;
    readonly verdict: Verdict['verdict'];
    readonly why: string;
  })[];
}

const SHOWN = 2_000;

export function summarise(
  resources: readonly Resource[],
  { decisions, verdicts }: SweepDecided,
  count: MetricsCount,
  {
    policy,
    at,
    dryRun,
    spend,
    spendLevels = [],
    spendLeftOut = 0,
  }: {
    readonly policy: Policy;
    readonly at: Date;
    readonly dryRun: boolean;
    readonly spend?: readonly SpendRow[] | undefined;
    readonly spendLevels?: readonly LevelRow[];
    readonly spendLeftOut?: number;
  },
): SweepSummary {
  return {
    at: at.toISOString(),
    dryRun,
    resources: resources.length,
    decisions: countBy(decisions, ({ action }) => action),
    verdicts: countBy(verdicts, ({ verdict }) => verdict),
    metricsRequested: count.metrics,
    metricCalls: count.calls,
    ...(spend === undefined ? {} : { spend }),
    ...(spendLevels.length === 0 ? {} : { spendLevels }),
    ...(spendLeftOut === 0 ? {} : { spendLeftOut }),
    decided: decisions.slice(0, SHOWN).map((decision) => ({
      ...('target' in decision ? named(decision.target, policy) : {}),
      project: decision.project,
      action: decision.action,
      policy: 'rule' in decision ? decision.rule.policy : undefined,
      reason: decision.reason,
      stopAt: decision.action === 'warn' ? decision.stopAt.toISOString() : undefined,
      heldAt: decision.action === 'hold' ? decision.heldAt?.toISOString() : undefined,
    })),
    leftAlone: verdicts.slice(0, SHOWN).map(({ resource, policy: name, verdict, why }) => ({
      ...named(resource, policy),
      policy: name,
      verdict,
      why,
    })),
  };
}

const named = (resource: Resource, policy: Policy): SummaryResource => ({
  arn: resource.arn,
  id: resource.id,
  kind: resource.kind,
  region: resource.region,
  size: resource.size,
  state: resource.state,
  project: projectOf(policy, resource.tags),
  hourly: resource.hourly === undefined ? undefined : usdToDecimal(resource.hourly),
});

function countBy<T>(items: readonly T[], name: (item: T) => string): Readonly<Record<string, number>> {
  return Object.fromEntries([...Map.groupBy(items, name)].map(([key, some]) => [key, some.length]));
}
