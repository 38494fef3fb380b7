import { atMinute } from '../decide/sentences.ts';
import type { SignalPlan } from '../fleet/kind.ts';
import { titleOf } from '../fleet/metered-kinds.ts';
import { readMetrics } from '../fleet/metrics.ts';
import { kindOf } from '../fleet/registry.ts';
import { componentNames, readComponents } from '../fleet/sagemaker-components.ts';
import { COMPONENTS } from '../fleet/sagemaker-form.ts';
import { findApp, namesOf } from '../fleet/sagemaker-studio-names.ts';
import { type IdleLimits, matchPolicy } from '../policy/policy.ts';
import { USUAL_IDLE_LIMITS } from '../policy/schema.ts';
import { chunks, mapLimited } from '../types/lists.ts';
import { formatUsd, type Usd } from '../types/money.ts';
import type { Grade, Recommendation } from '../types/recommendation.ts';
import { isGroupMember, type Resource } from '../types/resource.ts';
import { aboutResource } from './about.ts';
import type { Check, CheckContext } from './check.ts';
import { type IdleDays, idleOverDays, showsUse } from './idle-days.ts';
import { idleWay } from './idle-how.ts';
import { monthOf } from './month.ts';
import { isKeptByTag, policySays, policyStops } from './policy-stops.ts';
import { exactUsd } from './texts.ts';

/**
 * Compute that nobody has used for a week, and which no rule of its policy stops.
 *
 * | grade      | low                                     | medium                          | high                       |
 * |------------|-----------------------------------------|---------------------------------|----------------------------|
 * | risk       | a stop, which a start undoes            | a deletion; a stop of what has  | a deletion of what has     |
 * |            |                                         | `idle: off`                     | `idle: off`                |
 * | effort     | always: one command                     |                                 |                            |
 * | confidence | Studio apps: AWS tells of people's use  | –                               | every sample of every      |
 * |            | alone, not of what computes             |                                 | signal was below its limit |
 *
 * Metrics: one a resource, and two more of those that the first does not show busy.
 */
export const idleCompute: Check = {
  name: 'idle-compute',
  title: 'Compute that nobody uses',
  scope: 'region',
  permissions: [
    {
      actions: ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
      resources: ['*'],
      taggedOnly: false,
    },
    { actions: ['sagemaker:ListInferenceComponents'], resources: ['*'], taggedOnly: false },
    {
      actions: ['sagemaker:DescribeInferenceComponent'],
      resources: ['sagemaker:*:*:inference-component/*'],
      taggedOnly: false,
    },
    {
      actions: ['application-autoscaling:DescribeScalableTargets'],
      resources: ['*'],
      taggedOnly: false,
    },
    { actions: ['sagemaker:DescribeApp'], resources: ['sagemaker:*:*:app/*'], taggedOnly: false },
  ],
  find: async (context) => {
    const subjects = context.fleet.filter((resource) => isSubject(resource, context));
    const found = [...(await findIdle(subjects, context)), ...(await findLeftApps(subjects, context))];
    const made = await mapLimited(found, 5, (one) => recommend(one, context));
    return made.filter((one) => one !== undefined);
  },
};

/** Days that it must have been idle. */
export const IDLE_DAYS = 7;
const DAY_MS = 86_400_000;
const HOUR_SECONDS = 3_600;

const KINDS: ReadonlySet<string> = new Set([
  'ec2-instance',
  'auto-scaling-group',
  'rds-instance',
  'sagemaker-endpoint',
  'sagemaker-notebook',
  'sagemaker-studio-app',
]);

type Priced = Resource & { readonly hourly: Usd };

/** What costs something, has run for the whole time, may be stopped, is not kept, and is stopped by nothing. */
function isSubject(resource: Resource, { policy, now }: CheckContext): resource is Priced {
  const { kind, state, hourly, since, protections } = resource;
  return (
    KINDS.has(kind) &&
    state === 'running' &&
    hourly !== undefined &&
    hourly > 0n &&
    !isGroupMember(resource) &&
    protections.length === 0 &&
    now().getTime() - since.getTime() >= IDLE_DAYS * DAY_MS &&
    !isKeptByTag(resource, policy, now()) &&
    !policyStops(resource, policy)
  );
}

interface Found {
  readonly resource: Priced;
  readonly confidence: Grade;
  readonly evidence: string;
}

/** Resources whose metrics are held in memory at once: two weeks of samples of thousands would be too many. */
const AT_ONCE = 50;

async function findIdle(subjects: readonly Priced[], context: CheckContext): Promise<readonly Found[]> {
  const to = context.now();
  const from = new Date(to.getTime() - IDLE_DAYS * DAY_MS);
  const judged = subjects.filter(({ neverIdle }) => neverIdle === undefined);
  const found: Found[] = [];
  for (const some of chunks(judged, AT_ONCE)) {
    const plans = await plansOf(some, context);
    const { evidence } = await readMetrics(
      some.flatMap((resource) => {
        const plan = plans.get(resource.arn);
        if (plan === undefined) return [];
        const below = limitsOf(resource, context);
        const windowSeconds = (IDLE_DAYS * DAY_MS) / 1000;
        return [{ arn: resource.arn, plan, windowSeconds, isBusy: (one) => showsUse(one, below) }];
      }),
      context.clients.cloudwatch,
      to,
    );
    for (const resource of some) {
      const days = idleOverDays(evidence.get(resource.arn), limitsOf(resource, context), { from, to });
      if (days.state === 'idle') found.push(foundIdle(resource, days, to));
    }
  }
  return found;
}

const foundIdle = (resource: Priced, { figures }: Extract<IdleDays, { state: 'idle' }>, to: Date): Found => ({
  resource,
  confidence: 'high',
  evidence: `Every sample of the ${IDLE_DAYS} days to ${atMinute(to)} is idle: ${figures}.`,
});

/** By the hour where that loses nothing: the highest of an hour is the highest of its samples. */
async function plansOf(
  resources: readonly Resource[],
  context: CheckContext,
): Promise<ReadonlyMap<string, SignalPlan>> {
  const plans = new Map<string, SignalPlan>();
  for (const [kind, some] of Map.groupBy(resources, (one) => one.kind)) {
    const read = await kindOf(kind)?.signals(some, context);
    for (const [arn, plan] of read ?? []) {
      const queries = plan.queries.map((query) =>
        query.statistic === 'Maximum' ? { ...query, periodSeconds: HOUR_SECONDS } : query,
      );
      plans.set(arn, { ...plan, queries });
    }
  }
  return plans;
}

/** Of the rule that tells of it, or as usual. */
function limitsOf({ tags }: Resource, { policy }: CheckContext): IdleLimits {
  const idle = matchPolicy(policy, tags)?.idle;
  return idle === undefined || idle === 'off' ? USUAL_IDLE_LIMITS : idle.below;
}

/**
 * Studio apps have no metric. `LastUserActivityTimestamp` is moved by people and, as its documentation says, by health
 * checks too: where even that is older than the days, nobody was there since. What may compute on its own does not show.
 */
async function findLeftApps(subjects: readonly Priced[], context: CheckContext): Promise<readonly Found[]> {
  const apps = subjects.filter(({ kind }) => kind === 'sagemaker-studio-app');
  const limit = context.now().getTime() - IDLE_DAYS * DAY_MS;
  const found = await mapLimited(apps, 5, async (resource): Promise<readonly Found[]> => {
    const key = namesOf(resource.id);
    const last = key === undefined ? undefined : (await findApp(key, context))?.LastUserActivityTimestamp;
    if (last === undefined || last.getTime() > limit) return [];
    const evidence = `Nobody has used it since ${atMinute(last)}; whether something computes in it by itself is not known, as SageMaker publishes no metric of it.`;
    return [{ resource, confidence: 'low', evidence }];
  });
  return found.flat();
}

async function recommend(
  { resource, confidence, evidence }: Found,
  context: CheckContext,
): Promise<Recommendation | undefined> {
  const { policy } = context;
  const components =
    resource.form === COMPONENTS
      ? await readComponents(await componentNames(resource.id, context), context)
      : [];
  const way = idleWay(
    resource,
    components.map(({ name }) => name),
  );
  if (way === undefined) return undefined;
  const monthly = monthOf(resource.hourly);
  const isSpared = matchPolicy(policy, resource.tags)?.idle === 'off';
  const since = `It runs since ${atMinute(resource.since)} for ${formatUsd(resource.hourly)} an hour.`;
  return {
    id: `${idleCompute.name} ${resource.arn}`,
    check: idleCompute.name,
    title: `${way.verb} ${titleOf(resource.kind)} ${resource.id}: nobody has used it for ${IDLE_DAYS} days.`,
    resource: aboutResource(resource, policy),
    monthly,
    basis: `${exactUsd(resource.hourly)} × 730 h (${resource.size})`,
    risk: RISKS[way.isDeleted ? 'deleted' : 'stopped'][isSpared ? 'spared' : 'free'],
    effort: 'low',
    confidence,
    evidence: [evidence, since, policySays(resource, policy)],
    keeps: way.keeps,
    how: way.how,
  };
}

const RISKS = {
  stopped: { free: 'low', spared: 'medium' },
  deleted: { free: 'medium', spared: 'high' },
} as const satisfies Record<string, Record<string, Grade>>;
