import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import type { S3Client } from '@aws-sdk/client-s3';
import { utcDay } from '../decide/sentences.ts';
import { errorCode, errorMessage } from '../fleet/aws-errors.ts';
import type { RegionContexts } from '../fleet/discover.ts';
import type { Policy } from '../policy/policy.ts';
import { ascending, mapLimited } from '../types/lists.ts';
import { sumUsd, type Usd } from '../types/money.ts';
import type { Dismissal, Recommendation, Recommendations } from '../types/recommendation.ts';
import type { Resource } from '../types/resource.ts';
import type { Check, CheckContext } from './check.ts';

export interface RecommendDeps {
  readonly policy: Policy;
  readonly checks: readonly Check[];
  readonly regions: RegionContexts;
  readonly s3: (region: string) => S3Client;
  readonly logs: (region: string) => CloudWatchLogsClient;
  readonly costExplorer: CostExplorerClient;
  /** All there is, of kinds that are stopped and metered. */
  readonly fleet: readonly Resource[];
  readonly now: Date;
}

/** So many checks ask AWS at once. */
const AT_ONCE = 4;

/**
 * Runs all checks, those of a region in each region of `scope`. Touches nothing. A check that AWS refuses leaves the others:
 * a note says what could not be looked at.
 * @param project those of one project alone
 */
export async function recommend(deps: RecommendDeps, project?: string): Promise<Recommendations> {
  const { policy, checks, now } = deps;
  const contexts = contextsOf(deps);
  const runs = checks.flatMap((check) =>
    (check.scope === 'account' ? contexts.slice(0, 1) : contexts).map((context) => ({ check, context })),
  );
  const notes: string[] = [];
  const found = await mapLimited(runs, AT_ONCE, async ({ check, context }) => {
    try {
      return await check.find(context);
    } catch (error) {
      notes.push(noteOf(check, context, error));
      return [];
    }
  });
  const all = found
    .flat()
    .filter(({ resource }) => project === undefined || resource.project === project)
    .sort((a, b) => ascending(b.monthly, a.monthly) || ascending(a.id, b.id));
  return { ...sorted(all, policy.dismissed, now), notes: notes.sort() };
}

function contextsOf({
  policy,
  regions,
  s3,
  logs,
  costExplorer,
  fleet,
}: RecommendDeps): readonly CheckContext[] {
  return [...regions.values()].map((context) => ({
    ...context,
    policy,
    fleet: fleet.filter(({ region }) => region === context.region),
    s3: s3(context.region),
    logs: logs(context.region),
    costExplorer,
  }));
}

function noteOf({ title, scope }: Check, { region }: CheckContext, error: unknown): string {
  const where = scope === 'account' ? 'of the account' : `in ${region}`;
  return `“${title}” could not be looked for ${where}: ${errorCode(error)}: ${errorMessage(error)}`;
}

/** What is open and what is dismissed on a day; the order stays. */
function sorted(
  all: readonly Recommendation[],
  dismissals: readonly Dismissal[],
  now: Date,
): Omit<Recommendations, 'notes'> {
  const today = utcDay(now);
  const holding = new Map(
    dismissals.filter(({ until }) => until >= today).map((one) => [one.recommendation, one]),
  );
  const judged = all.map((recommendation) => ({
    recommendation,
    dismissal: holding.get(recommendation.id) ?? holding.get(`* ${recommendation.resource.arn}`),
  }));
  const open = judged.flatMap(({ recommendation, dismissal }) =>
    dismissal === undefined ? [recommendation] : [],
  );
  return {
    open,
    dismissed: judged.flatMap(({ recommendation, dismissal }) =>
      dismissal === undefined ? [] : [{ recommendation, dismissal }],
    ),
    monthly: monthlyOf(open),
  };
}

/**
 * USD a month of several together. Two for one resource, such as to stop it and to make it smaller, cannot both be had: the
 * larger counts.
 */
export const monthlyOf = (some: readonly Recommendation[]): Usd =>
  sumUsd(
    [...Map.groupBy(some, ({ resource }) => resource.arn).values()].map((own) =>
      own.map(({ monthly }) => monthly).reduce((most, one) => (one > most ? one : most)),
    ),
  );
