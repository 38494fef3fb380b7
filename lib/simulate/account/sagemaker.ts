import {
  CreateEndpointCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  ListEndpointsCommand,
  SageMakerClient,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { type Answers, answering } from './answering.ts';
import { answerApps } from './sagemaker-apps.ts';
import { arnIn } from './sagemaker-arns.ts';
import { answerComponents } from './sagemaker-components.ts';
import {
  ASYNCHRONOUS,
  answerConfigs,
  configNameOf,
  configOf,
  type KnownConfig,
  managedBy,
} from './sagemaker-configs.ts';
import { answerJobs } from './sagemaker-jobs.ts';
import { findIn, regionOf } from './sagemaker-keys.ts';
import { answerNotebooks } from './sagemaker-notebooks.ts';
import { pageOf } from './sagemaker-pages.ts';
import { putEndpoint } from './sagemaker-put.ts';
import { missing, refused } from './sagemaker-refusals.ts';
import { forgetScaling } from './sagemaker-scaling-kept.ts';
import type { MemoryVariant } from './sagemaker-shape.ts';
import { answerTags, tagMap } from './sagemaker-tags.ts';
import { sizeOf } from './sagemaker-use.ts';
import {
  componentsIn,
  countsOf,
  serverlessOf,
  updateVariants,
  variantsOf,
  weightOf,
} from './sagemaker-variants.ts';
import type { AccountState, MemoryEndpoint } from './state.ts';

/** From the call that creates an endpoint until it is in service. */
export const CREATING_MS = 4 * 60_000;

/** SageMaker of one region. What is asked by a name costs O(1); a list O(n), whatever the number of its pages. */
export function sagemakerIn(state: AccountState, region: string): SageMakerClient {
  const answers = answering(new SageMakerClient({ region }));
  answerEndpoints(answers, state, region);
  answerConfigs(answers, state, region);
  answerComponents(answers, state, region);
  answerNotebooks(answers, state, region);
  answerApps(answers, state, region);
  answerJobs(answers, state, region);
  answerTags(answers, state, region);
  return answers.client;
}

type Kept = AccountState['endpoints'] extends Map<string, infer V> ? V : never;

function answerEndpoints(answers: Answers<SageMakerClient>, state: AccountState, region: string): void {
  const { endpoints, effects, restored, now } = state;
  const arn = (name: string): string => arnIn(state, region, 'endpoint', name);
  const isThere = (one: Kept): boolean => one.deletedAt === undefined && regionOf(one) === region;
  const find = (name = ''): Kept => {
    const one = findIn(endpoints, region, name);
    if (one === undefined || !isThere(one)) throw missing(`endpoint "${arn(name)}"`);
    return one;
  };
  /** @throws ValidationException where it is between two states. */
  const findAtRest = (name: string | undefined): Kept => {
    const one = find(name);
    const status = statusOf(one, now());
    if (status === 'Creating' || status === 'Updating') {
      throw refused(`Cannot update in-progress endpoint "${arn(one.name)}".`);
    }
    return one;
  };
  const names = () => [...endpoints.values()].filter(isThere).map(({ name }) => name);

  answers.on(ListEndpointsCommand, (input) => {
    const { items, more } = pageOf(state, input, names);
    return {
      Endpoints: items.flatMap((name) => {
        const one = findIn(endpoints, region, name);
        return one === undefined || !isThere(one) ? [] : [summaryOf(one, arn(name), now())];
      }),
      ...more,
    };
  });
  answers.on(DescribeEndpointCommand, ({ EndpointName }) => {
    const one = find(EndpointName);
    return {
      ...summaryOf(one, arn(one.name), now()),
      EndpointConfigName: configNameOf(one),
      ...(one.failure === undefined ? {} : { FailureReason: one.failure }),
      ...(one.asynchronous === true ? ASYNCHRONOUS : {}),
      ...liveVariants(one, now()),
    };
  });
  answers.on(DeleteEndpointCommand, ({ EndpointName }) => {
    const one = findAtRest(EndpointName);
    if (componentsIn(state, region, one.name).length > 0) {
      throw refused(`Cannot delete endpoint "${arn(one.name)}" while it hosts inference components.`);
    }
    forgetScaling(state, one);
    putEndpoint(state, { ...one, deletedAt: now() });
    effects.push({ at: now(), id: one.name });
    return {};
  });
  answers.on(CreateEndpointCommand, ({ EndpointName: name = '', EndpointConfigName = '', Tags }) => {
    const before = findIn(endpoints, region, name);
    if (before !== undefined && isThere(before)) {
      throw refused(`Cannot create already existing endpoint "${arn(name)}".`);
    }
    const config = configOf(state, region, EndpointConfigName);
    if (config === undefined) {
      const wanted = arnIn(state, region, 'endpoint-config', EndpointConfigName);
      throw missing(`endpoint configuration "${wanted}"`);
    }
    const made = createdFrom(config, name, before);
    putEndpoint(state, {
      ...made,
      ...(config.of?.name === name ? {} : { config: EndpointConfigName }),
      region,
      tags: tagMap(Tags),
      createdAt: now(),
      since: new Date(now().getTime() + CREATING_MS),
      ...(before === undefined ? { unscaled: true } : { createdAgain: true }),
    });
    forgetScaling(state, made);
    if (before !== undefined) restored.push({ at: now(), id: name });
    return { EndpointArn: arn(name) };
  });
  answers.on(UpdateEndpointWeightsAndCapacitiesCommand, (input) => {
    const one = findAtRest(input.EndpointName);
    const changes = (input.DesiredWeightsAndCapacities ?? []).map((change) => ({
      name: change.VariantName ?? '',
      weight: change.DesiredWeight,
      count: change.DesiredInstanceCount,
      provisioned: change.ServerlessUpdateConfig?.ProvisionedConcurrency,
      concurrency: change.ServerlessUpdateConfig?.MaxConcurrency,
    }));
    const unknown = changes.find(({ name }) => !variantsOf(one).some((each) => each.name === name));
    if (unknown !== undefined) {
      throw refused(
        `The variant name(s) "${unknown.name}" is/are not present within endpoint configuration "${configNameOf(one)}".`,
      );
    }
    updateVariants(state, one, changes);
    return { EndpointArn: arn(one.name) };
  });
}

function statusOf({ failure, since, updatingUntil }: MemoryEndpoint, now: Date): string {
  if (failure !== undefined) return 'Failed';
  if (since > now) return 'Creating';
  return updatingUntil !== undefined && updatingUntil > now ? 'Updating' : 'InService';
}

/** An endpoint is modified when it is asked to change, and once more when it has. */
function summaryOf(one: MemoryEndpoint, EndpointArn: string, now: Date): object {
  const { name, since, createdAt = since, updatingUntil } = one;
  const changed = updatingUntil !== undefined && updatingUntil <= now ? updatingUntil : since;
  return {
    EndpointName: name,
    EndpointArn,
    EndpointStatus: statusOf(one, now),
    CreationTime: createdAt,
    LastModifiedTime: since > now ? createdAt : changed,
  };
}

/** None while it is being created. */
function liveVariants(endpoint: MemoryEndpoint, now: Date): object {
  if (endpoint.since > now) return {};
  const describe = (variant: MemoryVariant): object => {
    const weight = weightOf(endpoint, variant);
    const serverless = serverlessOf(endpoint, variant);
    const { current, desired } = countsOf(endpoint, variant, now);
    return {
      VariantName: variant.name,
      CurrentWeight: weight,
      DesiredWeight: weight,
      ...(serverless === undefined
        ? { CurrentInstanceCount: current, DesiredInstanceCount: desired }
        : { CurrentServerlessConfig: serverless, DesiredServerlessConfig: serverless }),
      ...(variant.hostsComponents === undefined ? {} : managedBy(variant.hostsComponents)),
    };
  };
  const variants = variantsOf(endpoint);
  const shadows = variants.filter(({ shadow }) => shadow === true);
  return {
    ProductionVariants: variants.filter(({ shadow }) => shadow !== true).map(describe),
    ...(shadows.length === 0 ? {} : { ShadowProductionVariants: shadows.map(describe) }),
  };
}

/** What a configuration makes: of the one that an endpoint has brought with it, that endpoint as it was. */
function createdFrom(config: KnownConfig, name: string, before: Kept | undefined): MemoryEndpoint {
  const use = before?.use ?? (() => undefined);
  const steady = before?.steadyUntil === undefined ? {} : { steadyUntil: before.steadyUntil };
  if (before !== undefined && config.of === before) {
    const { deletedAt, live, updatingUntil, failure, ...same } = before;
    return same;
  }
  const type = config.variants[0]?.type ?? '';
  const size = before?.type === type ? { cores: before.cores, gpus: before.gpus } : sizeOf(type);
  return {
    name,
    type,
    ...size,
    use,
    ...steady,
    tags: {},
    since: new Date(0),
    variants: config.variants,
    ...(config.asynchronous ? { asynchronous: true } : {}),
  };
}
