import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { BudgetsClient } from '@aws-sdk/client-budgets';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { decideSweep, dueStops, evidenceNeeded } from '../lib/decide/sweep.ts';
import { refusedToday } from '../lib/enforce/refusals.ts';
import { isReviewDue, reviewBudgets } from '../lib/enforce/review-budgets.ts';
import { createBudgetsClient } from '../lib/fleet/clients.ts';
import { discoverFleet, type RegionContexts } from '../lib/fleet/discover.ts';
import { PATIENCE } from '../lib/fleet/patience.ts';
import { readEvidence } from '../lib/fleet/read-evidence.ts';
import type { Ledger } from '../lib/ledger/ledger.ts';
import type { Policy } from '../lib/policy/policy.ts';
import type { Clock } from '../lib/types/clock.ts';
import type { Decision, Verdict } from '../lib/types/decision.ts';
import { type SweepEnvironment, SweepEnvironmentSchema } from '../lib/types/environment.ts';
import { METRICS } from '../lib/types/metric.ts';
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
  if (isReviewDue(at) && !dryRun) {
    await reviewBudgets(resources, marks, at, deps).catch((error: unknown) =>
      tools.logger.error('the budgets could not be reviewed', { error }),
    );
  }
  const watches = new Map(
    (await Promise.all([...regions.keys()].map((region) => ledger.watches(account, region, at)))).flatMap(
      (some) => [...some],
    ),
  );
  const known = { policy, resources, watches, marks, now: at };
  const read = await readEvidence(evidenceNeeded(known), regions, at, (region, error) =>
    tools.logger.error('the metrics of a region could not be read', { region, error }),
  );
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
