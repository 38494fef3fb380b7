import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { BudgetsClient } from '@aws-sdk/client-budgets';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { newestBusy } from '../lib/decide/idle.ts';
import { decideSweep, dueStops, type EvidenceNeed, evidenceNeeded } from '../lib/decide/sweep.ts';
import { enforceReading } from '../lib/enforce/enforce-reading.ts';
import { refusedToday } from '../lib/enforce/refusals.ts';
import { readBudgets } from '../lib/fleet/budgets.ts';
import { createBudgetsClient } from '../lib/fleet/clients.ts';
import { discoverFleet, type RegionContexts } from '../lib/fleet/discover.ts';
import type { FleetContext, SignalPlan } from '../lib/fleet/kind.ts';
import { type MetricsCount, type MetricsRead, readMetrics } from '../lib/fleet/metrics.ts';
import { PATIENCE } from '../lib/fleet/patience.ts';
import { kinds } from '../lib/fleet/registry.ts';
import type { Ledger, ProjectMark } from '../lib/ledger/ledger.ts';
import { budgetName, type Policy } from '../lib/policy/policy.ts';
import type { Clock } from '../lib/types/clock.ts';
import type { Decision, Verdict } from '../lib/types/decision.ts';
import { type SweepEnvironment, SweepEnvironmentSchema } from '../lib/types/environment.ts';
import { METRICS } from '../lib/types/metric.ts';
import type { Resource } from '../lib/types/resource.ts';
import { lambda, type Tools } from './lambda.ts';
import { commander, commonParts } from './parts.ts';

export interface SweepDeps {
  readonly policy: Policy;
  readonly ledger: Ledger;
  readonly regions: RegionContexts;
  readonly budgets: BudgetsClient;
  readonly account: string;
  readonly now: Clock;
  readonly send: (decisions: readonly Decision[], id: string, now: Date) => Promise<number>;
  readonly tools: Pick<Tools, 'logger' | 'metrics'>;
}

/** What the Lambda may be asked. The schedule asks for nothing of this. */
const SweepEventSchema = z.looseObject({
  /** True = only say what a sweep would do: nothing is queued, remembered or told. */
  dryRun: z.boolean().default(false),
});
export type SweepRequest = z.infer<typeof SweepEventSchema>;

/** What a sweep came to; also the answer of the Lambda, for people who invoke it by hand. */
export interface SweepSummary {
  readonly at: string;
  readonly dryRun: boolean;
  readonly resources: number;
  readonly decisions: Readonly<Record<string, number>>;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly metricsRequested: number;
  readonly metricCalls: number;
  /** What is done, and to what. Of this and of `leftAlone` the first 2,000: Lambda limits an answer to 6 MB. */
  readonly decided: readonly {
    readonly action: Decision['action'];
    readonly arn: string | undefined;
    readonly project: string | undefined;
    readonly reason: string;
  }[];
  /** Why each of the others is left alone. */
  readonly leftAlone: readonly {
    readonly arn: string;
    readonly policy: string | undefined;
    readonly verdict: Verdict['verdict'];
    readonly why: string;
  }[];
}

const SHOWN = 2_000;

/** One sweep: discover, read, decide, queue; what it must remember is saved once the decisions are queued. */
export async function sweep(
  deps: SweepDeps,
  { dryRun }: SweepRequest = { dryRun: false },
): Promise<SweepSummary> {
  const { policy, ledger, regions, account, now, send, tools } = deps;
  const at = now();
  const resources = await discoverFleet(regions);
  const marks = await ledger.projectMarks(at);
  if (isReviewDue(at) && !dryRun) await reviewBudgets(resources, marks, at, deps);
  const watches = new Map(
    (await Promise.all([...regions.keys()].map((region) => ledger.watches(account, region, at)))).flatMap(
      (some) => [...some],
    ),
  );
  const known = { policy, resources, watches, marks, now: at };
  const read = await readEvidence(evidenceNeeded(known), regions, at, tools);
  const judged = { ...known, evidence: read.evidence };
  const refused = await refusedToday(
    dueStops(judged).map(({ key }) => key),
    ledger,
    at,
  );
  const decided = decideSweep({ ...judged, refused });

  if (!dryRun) {
    await send(decided.decisions, `sweep/${at.toISOString()}`, at);
    const regionOf = new Map(resources.map(({ arn, region }) => [arn, region]));
    for (const [region, some] of Map.groupBy(decided.watches, ({ arn }) => regionOf.get(arn) ?? '')) {
      await ledger.saveWatches(account, region, some, at);
    }
  }

  const summary: SweepSummary = {
    at: at.toISOString(),
    dryRun,
    resources: resources.length,
    decisions: countBy(decided.decisions, ({ action }) => action),
    verdicts: countBy(decided.verdicts, ({ verdict }) => verdict),
    metricsRequested: read.count.metrics,
    metricCalls: read.count.calls,
    decided: decided.decisions.slice(0, SHOWN).map((decision) => ({
      action: decision.action,
      arn: 'target' in decision ? decision.target.arn : undefined,
      project: decision.project,
      reason: decision.reason,
    })),
    leftAlone: decided.verdicts
      .slice(0, SHOWN)
      .map(({ resource: { arn }, policy: name, verdict, why }) => ({ arn, policy: name, verdict, why })),
  };
  if (!dryRun) report(summary, resources.filter(({ state }) => state === 'running').length, tools);
  return summary;
}

/** The sweep of each hour's first five minutes. */
const isReviewDue = (at: Date): boolean => at.getUTCMinutes() < 5;

/**
 * Asks AWS for the spend of all our budgets, whether or not an alert came: AWS Budgets tells of actual spend
 * once and never again, and for some hours after a budget was changed it reports no spend at all. What was
 * enforced already is not enforced again. A failure is logged; the next hour asks again.
 */
async function reviewBudgets(
  fleet: readonly Resource[],
  marks: ReadonlyMap<string, ProjectMark>,
  at: Date,
  { policy, ledger, budgets, account, send, tools }: SweepDeps,
): Promise<void> {
  try {
    const readings = await readBudgets(budgets, { account, tags: policy.tags, now: at });
    for (const reading of readings) {
      // Budgets that others made speak only where they publish to our topic.
      if (reading.budgetName !== budgetName(policy, reading.project)) continue;
      const mark = marks.get(reading.project);
      const id = `review/${at.toISOString()}`;
      await enforceReading({ reading, alarms: [], fleet, mark, id }, { policy, ledger, send });
    }
  } catch (error) {
    tools.logger.error('the budgets could not be reviewed', { error });
  }
}

/** Evidence of every region. One whose metrics cannot be read gives none: not knowing is not idle. */
async function readEvidence(
  needs: readonly EvidenceNeed[],
  regions: RegionContexts,
  at: Date,
  { logger }: SweepDeps['tools'],
): Promise<MetricsRead> {
  const reads = await Promise.all(
    [...Map.groupBy(needs, ({ resource }) => resource.region)].map(async ([region, some]) => {
      const context = regions.get(region);
      if (context === undefined) return NOTHING_READ;
      try {
        return await readMetrics(await requestsOf(some, context, at), context.clients.cloudwatch, at);
      } catch (error) {
        logger.error('the metrics of a region could not be read', { region, error });
        return NOTHING_READ;
      }
    }),
  );
  const sum = (of: keyof MetricsCount): number => reads.reduce((total, { count }) => total + count[of], 0);
  return {
    evidence: new Map(reads.flatMap(({ evidence }) => [...evidence])),
    count: { calls: sum('calls'), metrics: sum('metrics') },
  };
}

const NOTHING_READ: MetricsRead = { evidence: new Map(), count: { calls: 0, metrics: 0 } };

async function requestsOf(needs: readonly EvidenceNeed[], context: FleetContext, at: Date) {
  const plans = new Map<string, SignalPlan>();
  for (const { kind, signals } of kinds) {
    const some = needs.map(({ resource }) => resource).filter((resource) => resource.kind === kind);
    if (some.length === 0) continue;
    for (const [arn, plan] of await signals(some, context)) plans.set(arn, plan);
  }
  return needs.flatMap(({ resource, rule, windowSeconds }) => {
    const plan = plans.get(resource.arn);
    if (plan === undefined) return [];
    return [
      {
        arn: resource.arn,
        plan,
        windowSeconds,
        isBusy: (reading: Parameters<typeof newestBusy>[0]) => newestBusy(reading, rule, at) !== undefined,
      },
    ];
  });
}

function countBy<T>(items: readonly T[], name: (item: T) => string): Readonly<Record<string, number>> {
  return Object.fromEntries([...Map.groupBy(items, name)].map(([key, some]) => [key, some.length]));
}

function report(
  { decided, leftAlone, ...summary }: SweepSummary,
  running: number,
  { logger, metrics }: SweepDeps['tools'],
): void {
  logger.info('sweep completed', { summary });
  logger.debug('what was decided', { decided, leftAlone });
  metrics.addMetric(METRICS.running, MetricUnit.Count, running);
  metrics.addMetric(METRICS.metricsRequested, MetricUnit.Count, summary.metricsRequested);
  metrics.addMetric(METRICS.sweepCompleted, MetricUnit.Count, 1);
}

export const handler = lambda<SweepEnvironment, SweepDeps, SweepSummary>({
  name: 'sweep',
  environment: SweepEnvironmentSchema,
  build: async (environment, tools) => {
    const sqs = tools.tracer.captureAWSv3Client(new SQSClient({ ...PATIENCE }));
    return {
      ...(await commonParts(environment, tools)),
      budgets: createBudgetsClient(),
      send: commander(sqs, environment.COMMANDS_QUEUE_URL),
    };
  },
  handle: async (event, deps) => sweep(deps, SweepEventSchema.parse(event ?? {})),
});
