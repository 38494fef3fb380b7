import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { BudgetsClient } from '@aws-sdk/client-budgets';
import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { isPolicyApproved } from '../lib/decide/approval.ts';
import { canaryDecision } from '../lib/decide/canary.ts';
import type { SweepDecided } from '../lib/decide/sweep.ts';
import { sweepMinutes } from '../lib/decide/sweep-minutes.ts';
import { dueRestores } from '../lib/enforce/due-restores.ts';
import { dueUnfreezes } from '../lib/enforce/due-unfreezes.ts';
import { findCreators } from '../lib/enforce/find-creators.ts';
import { look } from '../lib/enforce/look.ts';
import { type Kept, readKeeping } from '../lib/enforce/read-keeping.ts';
import { isReviewDue, reviewBudgets } from '../lib/enforce/review-budgets.ts';
import { levelSummary, shownSpends, spendSummary } from '../lib/enforce/spend-summary.ts';
import { type SpendingDeps, sweepSpending } from '../lib/enforce/sweep-spending.ts';
import { type SweepSummary, summarise } from '../lib/enforce/sweep-summary.ts';
import type { Wake } from '../lib/enforce/wake.ts';
import { regionOf } from '../lib/fleet/arn.ts';
import {
  createBudgetsClient,
  createCloudTrailClient,
  createCostExplorerClient,
} from '../lib/fleet/clients.ts';
import { discoverFleet, type RegionContexts } from '../lib/fleet/discover.ts';
import type { LaunchDenial } from '../lib/fleet/launch-denial.ts';
import { PATIENCE } from '../lib/fleet/patience.ts';
import type { Ledger, ProjectMark } from '../lib/ledger/ledger.ts';
import { levelSpends } from '../lib/meter/level-spends.ts';
import type { Policy } from '../lib/policy/policy.ts';
import type { Clock } from '../lib/types/clock.ts';
import type { Decision } from '../lib/types/decision.ts';
import { type SweepEnvironment, SweepEnvironmentSchema } from '../lib/types/environment.ts';
import { METRICS } from '../lib/types/metric.ts';
import type { Resource } from '../lib/types/resource.ts';
import { lambda, type Tools } from './lambda.ts';
import { commander, commonParts, denialOf, ownWakeOf } from './parts.ts';
import { writeSpendMetrics } from './spend-metrics.ts';

export interface SweepDeps {
  readonly policy: Policy;
  readonly ledger: Ledger;
  readonly regions: RegionContexts;
  readonly budgets: BudgetsClient;
  readonly costExplorer: CostExplorerClient;
  /** Looks up who made a resource, by region. */
  readonly cloudTrails: ReadonlyMap<string, CloudTrailClient>;
  /** `undefined` = no role is denied launches by a freeze. */
  readonly denial?: Pick<LaunchDenial, 'deniedRoles'>;
  readonly account: string;
  readonly now: Clock;
  readonly send: (decisions: readonly Decision[], id: string, now: Date) => Promise<number>;
  /** Makes another sweep look at a minute to come. */
  readonly wake: Wake;
  readonly tools: Pick<Tools, 'logger' | 'metrics'>;
  /** Absent = it looks at everything by itself. */
  readonly senses?: SweepSenses;
}

/**
 * How a sweep gets to know what it decides by. A simulation, which knows what has changed since the last sweep, has
 * its own, that spare it looking at what cannot have changed.
 */
export interface SweepSenses {
  /** The whole fleet. */
  readonly discover: () => Promise<readonly Resource[]>;
  /** Those of it of which a decision may come now; the others are left as they are. */
  readonly attend: (fleet: readonly Resource[], at: Date) => readonly Resource[];
  /** What is done about spend. */
  readonly spend: typeof sweepSpending;
}

/** What the Lambda may be asked. The schedules ask for nothing of this. */
const SweepEventSchema = z.looseObject({
  /** True = only say what a sweep would do: nothing is queued, remembered or told. */
  dryRun: z.boolean().default(false),
});
export type SweepRequest = z.infer<typeof SweepEventSchema>;

/** One sweep: discover, read, decide, queue; what it must remember is saved once the decisions are queued. */
export async function sweep(
  deps: SweepDeps,
  { dryRun }: SweepRequest = { dryRun: false },
): Promise<SweepSummary> {
  const { policy, ledger, regions, account, now, tools, senses } = deps;
  const at = now();
  const resources = await (senses?.discover() ?? discoverFleet(regions));
  const kept = await readKeeping(ledger, account, regions.keys(), at, policy);
  let marks = await ledger.projectMarks(at);
  if (!dryRun && isReviewDue(at, marks, policy)) {
    await reviewBudgets({ fleet: resources, marks, ...kept }, at, deps).catch((error: unknown) =>
      tools.logger.error('the budgets could not be reviewed', { error }),
    );
    marks = await ledger.projectMarks(at);
  }
  const spendOf = senses?.spend ?? sweepSpending;
  const spending = await spendOf({ fleet: resources, marks, ...kept }, at, spendingDeps(deps), { dryRun });
  // A spend that has fallen calls off the stops that were announced for it.
  if (!dryRun) marks = await ledger.projectMarks(at);
  const attended = senses?.attend(resources, at) ?? resources;
  const { decided, count } = await look(
    { resources: attended, fleet: resources, marks, ...kept, now: at },
    {
      ...deps,
      onMetricsError: (region, error) =>
        tools.logger.error('the metrics of a region could not be read', { region, error }),
    },
  );
  const shown = spending && shownSpends(policy, spending.spends.values());
  const spend = shown && spendSummary(policy, shown, { ...spending, marks });
  const spendLeftOut = (spending?.spends.size ?? 0) - (shown?.length ?? 0);
  const spendLevels = spending && levelSummary(policy, levelSpends(spending, policy), { marks });
  const summary = summarise(resources, decided, count, {
    policy,
    at,
    dryRun,
    spend,
    ...(spendLevels === undefined ? {} : { spendLevels }),
    spendLeftOut,
  });
  if (dryRun) return summary;
  await carryForward(resources, decided, { marks, approval: kept.approval }, at, deps);
  await setWakes([...sweepMinutes(resources, policy, at), ...leftOver(decided, at)], deps);
  const running = resources.filter(({ state }) => state === 'running').length;
  report(summary, { running, isMetered: spending !== undefined }, tools);
  if (spending !== undefined) writeSpendMetrics(spending, policy, tools.metrics);
  return summary;
}

const spendingDeps = ({ tools, ...deps }: SweepDeps): SpendingDeps => ({
  ...deps,
  onError: (what, error) => tools.logger.error(what, { error }),
  onUnlisted: (region, kind, error) =>
    tools.logger.warn('what costs money beside the fleet could not be listed', { region, kind, error }),
});

/** Queues what was decided, and then remembers it: a sweep that breaks off between the two decides the same again. */
async function carryForward(
  resources: readonly Resource[],
  { decisions, watches, keepTags, untoldBudgets }: SweepDecided,
  { marks, approval }: Pick<Kept, 'approval'> & { readonly marks: ReadonlyMap<string, ProjectMark> },
  at: Date,
  deps: SweepDeps,
): Promise<void> {
  const { policy, ledger, account, send } = deps;
  const mayFreeze = isPolicyApproved({ policy, approval });
  const restores = await dueRestores({ fleet: resources, marks, approval, now: at }, deps);
  const aside = await besideStops(resources, { marks, mayFreeze }, at, deps);
  const canary = canaryDecision(at);
  await send(
    // Aside first: who made a resource is written in place of that nobody knows.
    [...aside, ...decisions, ...restores, ...(canary === undefined ? [] : [canary])],
    `sweep/${at.toISOString()}`,
    at,
  );
  const byRegion = <T extends { readonly arn: string }>(items: readonly T[]) =>
    Map.groupBy(items, ({ arn }) => regionOf(arn));
  for (const [region, some] of byRegion(watches)) await ledger.saveWatches(account, region, some, at);
  for (const [region, some] of byRegion(keepTags)) await ledger.saveKeepTags(account, region, some, at);
  for (const { holder, period, rule, until } of untoldBudgets) {
    await ledger.unreach(holder, period, rule);
    await ledger.reach(holder, period, rule, at, until);
  }
}

/** Where this sweep left stops over, the next one comes a minute later. */
const leftOver = ({ deferred }: SweepDecided, at: Date): readonly Date[] =>
  deferred === 0 ? [] : [new Date(at.getTime() + 60_000)];

/** Without one, what is due at a minute comes with the next regular sweep: up to five minutes late, and never early. */
async function setWakes(
  minutes: readonly Date[],
  { wake, tools }: Pick<SweepDeps, 'wake' | 'tools'>,
): Promise<void> {
  for (const minute of minutes) {
    await wake(minute).catch((error: unknown) =>
      tools.logger.error('no sweep could be set for a minute', { error }),
    );
  }
}

/** Roles whose freeze has begun or ended, and creators of what has no project: the sweep goes on without either. */
async function besideStops(
  resources: readonly Resource[],
  { marks, mayFreeze }: { readonly marks: ReadonlyMap<string, ProjectMark>; readonly mayFreeze: boolean },
  now: Date,
  { policy, ledger, denial, cloudTrails, tools: { logger } }: SweepDeps,
): Promise<readonly Decision[]> {
  const failed = (what: string) => (error: unknown) => {
    logger.error(what, { error });
    return undefined;
  };
  const roles = await dueUnfreezes({ policy, marks, denial, mayFreeze, now }).catch(
    failed('it could not be asked which roles are denied launches'),
  );
  const creators = await findCreators({
    policy,
    ledger,
    resources,
    cloudTrails,
    onError: (region, error) => logger.warn('CloudTrail could not be asked', { region, error }),
    now,
  }).catch(failed('it could not be looked up who made what has no project'));
  return [...(roles ?? []), ...(creators ?? [])];
}

function report(
  { decided, leftAlone, spend, spendLevels, ...summary }: SweepSummary,
  { running, isMetered }: { readonly running: number; readonly isMetered: boolean },
  { logger, metrics }: SweepDeps['tools'],
): void {
  logger.info('sweep completed', { summary });
  logger.debug('what was decided', { decided, leftAlone, spend, spendLevels });
  metrics.addMetric(METRICS.running, MetricUnit.Count, running);
  metrics.addMetric(METRICS.metricsRequested, MetricUnit.Count, summary.metricsRequested);
  // Without the meter no limit on it is enforced: a sweep that could not read it was not complete.
  if (isMetered) metrics.addMetric(METRICS.sweepCompleted, MetricUnit.Count, 1);
}

export const handler = lambda<SweepEnvironment, SweepDeps, SweepSummary>({
  name: 'sweep',
  environment: SweepEnvironmentSchema,
  build: async (environment, tools) => {
    const sqs = tools.tracer.captureAWSv3Client(new SQSClient({ ...PATIENCE }));
    const parts = await commonParts(environment, tools);
    const denial = denialOf(environment, parts.now, tools);
    return {
      ...parts,
      budgets: createBudgetsClient(),
      costExplorer: createCostExplorerClient(),
      cloudTrails: new Map(
        [...parts.regions.keys()].map((region) => [region, createCloudTrailClient(region)]),
      ),
      ...(denial === undefined ? {} : { denial }),
      send: commander(sqs, environment.COMMANDS_QUEUE_URL),
      wake: ownWakeOf(environment, tools),
    };
  },
  handle: async (event, deps) => sweep(deps, SweepEventSchema.parse(event ?? {})),
});
