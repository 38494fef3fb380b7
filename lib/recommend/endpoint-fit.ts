import type { ScalableTarget } from '@aws-sdk/client-application-auto-scaling';
import { DescribeModelCommand, type DescribeModelOutput } from '@aws-sdk/client-sagemaker';
import { componentNames } from '../fleet/sagemaker-components.ts';
import { isMissing } from '../fleet/sagemaker-errors.ts';
import { COMPONENTS, SERVERLESS } from '../fleet/sagemaker-form.ts';
import { type EndpointConfig, findConfig, findEndpoint } from '../fleet/sagemaker-parts.ts';
import { scalableTargets } from '../fleet/sagemaker-scaling.ts';
import { mapLimited } from '../types/lists.ts';
import type { Usd } from '../types/money.ts';
import type { Recommendation } from '../types/recommendation.ts';
import type { Resource, ResourcePart } from '../types/resource.ts';
import { aboutResource } from './about.ts';
import type { Check, CheckContext } from './check.ts';
import { withLess } from './endpoint-less.ts';
import { asServerless } from './endpoint-serverless.ts';
import { type EndpointUse, readEndpointUse } from './endpoint-use.ts';
import { asZero } from './endpoint-zero.ts';

/**
 * Endpoints for which a cheaper way to serve would do: without instances of their own, scaled to zero where nothing is
 * asked, on fewer or smaller instances. One way an endpoint: serverless where that fits, else what saves most.
 *
 * | grade      | low                              | medium                            | high                         |
 * |------------|----------------------------------|-----------------------------------|------------------------------|
 * | risk       | fewer or smaller instances; an   | serverless: cold starts; a real-  | inference components at      |
 * |            | asynchronous one, which queues   | time one made asynchronous        | zero: requests fail at first |
 * | effort     | fewer instances; scaling of what | serverless; a smaller type;       | a real-time one made         |
 * |            | is asynchronous already          | inference components              | asynchronous: other calls    |
 * | confidence | –                                | serverless (payloads have no      | what 13 days and more of     |
 * |            |                                  | metric); fewer than 13 days       | metrics show                 |
 *
 * Nothing is said of what had no request at all (`idle-compute` does), of several variants, and where a metric that the
 * way depends on is missing. Metrics: seven an endpoint, and one for each inference component.
 */
export const endpointFit: Check = {
  name: 'endpoint-fit',
  title: 'Endpoints that could be served for less',
  scope: 'region',
  permissions: [
    {
      actions: ['cloudwatch:GetMetricData', 'application-autoscaling:DescribeScalableTargets'],
      resources: ['*'],
      taggedOnly: false,
    },
    { actions: ['sagemaker:ListInferenceComponents'], resources: ['*'], taggedOnly: false },
    {
      actions: ['sagemaker:DescribeEndpoint', 'sagemaker:DescribeEndpointConfig', 'sagemaker:DescribeModel'],
      resources: ['sagemaker:*:*:endpoint/*', 'sagemaker:*:*:endpoint-config/*', 'sagemaker:*:*:model/*'],
      taggedOnly: false,
    },
  ],
  find: async (context) => {
    const subjects = await readSubjects(context);
    const uses = await readEndpointUse(subjects, context);
    const found: Recommendation[] = [];
    for (const [index, subject] of subjects.entries()) {
      const use = uses[index];
      if (use === undefined || use.requests === 0) continue;
      const made = await recommend(subject, use, context);
      if (made !== undefined) found.push(made);
    }
    return found;
  },
};

/** An endpoint with one variant, and what is set up around it. */
export interface EndpointSubject {
  readonly resource: Resource;
  /** USD an hour of all its instances. */
  readonly hourly: Usd;
  readonly part: ResourcePart;
  readonly config: EndpointConfig;
  readonly configured: Date | undefined;
  readonly components: readonly string[];
  /** What scales the variant; `undefined` = nothing does. */
  readonly target: ScalableTarget | undefined;
}

const CALLS_AT_ONCE = 5;

async function readSubjects(context: CheckContext): Promise<readonly EndpointSubject[]> {
  const candidates = context.fleet.filter(
    ({ kind, state, hourly, form, parts = [] }) =>
      kind === 'sagemaker-endpoint' &&
      state === 'running' &&
      hourly !== undefined &&
      hourly > 0n &&
      form !== SERVERLESS &&
      parts.length === 1,
  );
  if (candidates.length === 0) return [];
  const targets = await scalableTargets(
    candidates.flatMap((one) => (one.parts ?? []).map((part) => variantId(one, part))),
    context,
  );
  const found = await mapLimited(candidates, CALLS_AT_ONCE, (one) => readSubject(one, targets, context));
  return found.filter((one) => one !== undefined);
}

const variantId = ({ id }: Resource, { name }: ResourcePart): string => `endpoint/${id}/variant/${name}`;

async function readSubject(
  resource: Resource,
  targets: readonly ScalableTarget[],
  context: CheckContext,
): Promise<EndpointSubject | undefined> {
  const [part] = resource.parts ?? [];
  const name = (await findEndpoint(resource.id, context))?.EndpointConfigName;
  const config = name === undefined ? undefined : await findConfig(name, context);
  if (config === undefined || part === undefined || resource.hourly === undefined) return undefined;
  const components = resource.form === COMPONENTS ? await componentNames(resource.id, context) : [];
  if (resource.form === COMPONENTS && components.length === 0) return undefined;
  return {
    resource,
    hourly: resource.hourly,
    part,
    config,
    configured: config.CreationTime,
    components,
    target: targets.find(({ ResourceId }) => ResourceId === variantId(resource, part)),
  };
}

/** What a way to serve it for less comes to. */
export type EndpointWay = Omit<Recommendation, 'id' | 'check' | 'resource'>;

async function recommend(
  subject: EndpointSubject,
  use: EndpointUse,
  context: CheckContext,
): Promise<Recommendation | undefined> {
  const { resource, config } = subject;
  const isPlain = resource.form === undefined;
  const model = isPlain ? await readModel(config, context) : undefined;
  const serverless = model === undefined ? undefined : await asServerless(subject, use, model, context);
  const ways =
    serverless === undefined
      ? [asZero(subject, use, context), isPlain ? await withLess(subject, use, context) : undefined]
      : [serverless];
  const best = ways
    .filter((one) => one !== undefined)
    .reduce<EndpointWay | undefined>(
      (most, one) => (most === undefined || one.monthly > most.monthly ? one : most),
      undefined,
    );
  return best === undefined
    ? undefined
    : {
        id: `${endpointFit.name} ${resource.arn}`,
        check: endpointFit.name,
        resource: aboutResource(resource, context.policy),
        ...best,
      };
}

/** `undefined` where there is none, or where it was deleted under its endpoint. */
async function readModel(
  { ProductionVariants }: EndpointConfig,
  { clients }: CheckContext,
): Promise<DescribeModelOutput | undefined> {
  const ModelName = ProductionVariants?.[0]?.ModelName;
  if (ModelName === undefined) return undefined;
  try {
    return await clients.sagemaker.send(new DescribeModelCommand({ ModelName }));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
