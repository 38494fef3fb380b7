import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointConfigOutput,
  type DescribeEndpointOutput,
  type EndpointStatus,
  ListTagsCommand,
  paginateListEndpoints,
} from '@aws-sdk/client-sagemaker';
import { mapLimited } from '../types/lists.ts';
import { microUsd, type Usd } from '../types/money.ts';
import type { Protection, Resource, ResourcePart, ResourceState } from '../types/resource.ts';
import type { FleetContext, Kind } from './kind.ts';
import { allPages } from './pages.ts';
import { restoreEndpoint } from './sagemaker-restore.ts';
import { isMissing, shutDown } from './sagemaker-shutdown.ts';
import { endpointSignals } from './sagemaker-signals.ts';

/**
 * Real-time SageMaker endpoints. There is no stop: the endpoint is deleted, its configuration and model
 * stay, and what would be lost with it is saved first.
 */
export const sagemakerEndpoint: Kind = {
  kind: 'sagemaker-endpoint',
  title: 'SageMaker endpoint',
  stopped: 'shut down',
  restored: 'created again',
  permissions: {
    observe: [
      {
        actions: ['sagemaker:ListEndpoints', 'cloudwatch:GetMetricData'],
        resources: ['*'],
        taggedOnly: false,
      },
      {
        actions: ['sagemaker:DescribeEndpoint', 'sagemaker:ListTags'],
        resources: ['sagemaker:*:*:endpoint/*'],
        taggedOnly: false,
      },
      {
        actions: ['sagemaker:DescribeEndpointConfig'],
        resources: ['sagemaker:*:*:endpoint-config/*'],
        taggedOnly: false,
      },
    ],
    act: [
      { actions: ['sagemaker:DeleteEndpoint'], resources: ['sagemaker:*:*:endpoint/*'], taggedOnly: true },
      { actions: ['sagemaker:DescribeModel'], resources: ['sagemaker:*:*:model/*'], taggedOnly: false },
      {
        actions: [
          'application-autoscaling:DescribeScalableTargets',
          'application-autoscaling:DescribeScalingPolicies',
          'application-autoscaling:DescribeScheduledActions',
        ],
        resources: ['*'],
        taggedOnly: false,
      },
    ],
  },
  discover: async (context) => {
    const names: string[] = [];
    for await (const page of paginateListEndpoints(
      { client: context.clients.sagemaker, pageSize: 100 },
      {},
    )) {
      for (const { EndpointName } of page.Endpoints ?? [])
        if (EndpointName !== undefined) names.push(EndpointName);
    }
    return readEndpoints(names, context);
  },
  describe: (names, context) => readEndpoints(names, context),
  signals: async (resources) => new Map(resources.map((one) => [one.arn, endpointSignals(one)])),
  // Creating it again takes its configuration and, for its tags and scaling, the restore record.
  undo: () => undefined,
  stop: async (resources, context) =>
    new Map(await mapLimited(resources, 2, async (one) => [one.arn, await shutDown(one, context)] as const)),
  restore: restoreEndpoint,
};

const CALLS_AT_ONCE = 5;

/** One read of an endpoint configuration for all the endpoints that share it. */
type ConfigReader = (name: string) => Promise<DescribeEndpointConfigOutput>;

async function readEndpoints(names: readonly string[], context: FleetContext): Promise<readonly Resource[]> {
  const configs = new Map<string, Promise<DescribeEndpointConfigOutput>>();
  const readConfig: ConfigReader = (EndpointConfigName) => {
    const known = configs.get(EndpointConfigName);
    if (known !== undefined) return known;
    const read = context.clients.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
    configs.set(EndpointConfigName, read);
    return read;
  };
  const found = await mapLimited(names, CALLS_AT_ONCE, (name) => readEndpoint(name, readConfig, context));
  return found.filter((one): one is Resource => one !== undefined);
}

async function readEndpoint(
  name: string,
  readConfig: ConfigReader,
  context: FleetContext,
): Promise<Resource | undefined> {
  const { sagemaker } = context.clients;
  let endpoint: DescribeEndpointOutput;
  let config: DescribeEndpointConfigOutput | undefined;
  let tags: Resource['tags'];
  try {
    endpoint = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));
    const { EndpointConfigName: configName, EndpointArn: arn } = endpoint;
    config = configName === undefined ? undefined : await readConfigIfAny(configName, readConfig);
    tags = arn === undefined ? {} : await tagsOf(arn, context);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const { EndpointArn: arn, CreationTime, LastModifiedTime } = endpoint;
  const since = LastModifiedTime ?? CreationTime;
  if (arn === undefined || since === undefined) return undefined;
  const parts = partsOf(endpoint, config);
  return {
    kind: sagemakerEndpoint.kind,
    arn,
    id: name,
    account: context.account,
    region: context.region,
    tags,
    state: stateOf(endpoint.EndpointStatus),
    since,
    size: parts.map(({ count, type }) => `${count} × ${type}`).join(', '),
    parts,
    protections: protectionsOf(endpoint, config),
    hourly: await hourlyOf(parts, context),
  };
}

/** `undefined` where the configuration was deleted under its endpoint: the endpoint runs on, but cannot be restored. */
async function readConfigIfAny(
  name: string,
  readConfig: ConfigReader,
): Promise<DescribeEndpointConfigOutput | undefined> {
  try {
    return await readConfig(name);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function tagsOf(arn: string, { clients }: FleetContext): Promise<Readonly<Record<string, string>>> {
  const tags = await allPages(async (NextToken) => {
    const page = await clients.sagemaker.send(
      new ListTagsCommand({ ResourceArn: arn, ...(NextToken === undefined ? {} : { NextToken }) }),
    );
    return { items: page.Tags, next: page.NextToken };
  });
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

function stateOf(status: EndpointStatus | undefined): ResourceState {
  switch (status) {
    case 'InService':
      return 'running';
    case 'OutOfService':
    case 'Failed':
    case 'UpdateRollbackFailed':
      return 'failed';
    default:
      return 'transitional';
  }
}

/** What runs now by the endpoint, of the type that its configuration names. */
function partsOf(
  endpoint: DescribeEndpointOutput,
  config: DescribeEndpointConfigOutput | undefined,
): readonly ResourcePart[] {
  const types = new Map(
    [...(config?.ProductionVariants ?? []), ...(config?.ShadowProductionVariants ?? [])].map((one) => [
      one.VariantName,
      one.InstanceType,
    ]),
  );
  const summaries = [...(endpoint.ProductionVariants ?? []), ...(endpoint.ShadowProductionVariants ?? [])];
  return summaries.flatMap(({ VariantName, CurrentInstanceCount, DesiredInstanceCount }) =>
    VariantName === undefined
      ? []
      : [
          {
            name: VariantName,
            type: types.get(VariantName) ?? 'unknown',
            count: CurrentInstanceCount ?? DesiredInstanceCount ?? 0,
          },
        ],
  );
}

/** USD an hour of all variants; unpriced where one of them is. */
async function hourlyOf(parts: readonly ResourcePart[], context: FleetContext): Promise<Usd | undefined> {
  let total = 0n;
  for (const { count, type } of parts) {
    const price = await context.prices.hourly({
      service: 'sagemaker-hosting',
      region: context.region,
      instanceType: type,
    });
    if (price === undefined) return undefined;
    total += price * BigInt(count);
  }
  return microUsd(total);
}

/** Endpoints that deleting would break, or that cost nothing while idle. */
function protectionsOf(
  endpoint: DescribeEndpointOutput,
  config: DescribeEndpointConfigOutput | undefined,
): readonly Protection[] {
  const managed = (detail: string): Protection => ({ code: 'managed-elsewhere', detail });
  if (config === undefined) {
    return [managed('Its endpoint configuration was deleted, so it could not be created again.')];
  }
  const variants = config.ProductionVariants ?? [];
  if (endpoint.AsyncInferenceConfig !== undefined || config.AsyncInferenceConfig !== undefined) {
    return [managed('It is an asynchronous endpoint: requests may wait in its queue.')];
  }
  if (variants.some(({ ServerlessConfig }) => ServerlessConfig !== undefined)) {
    return [managed('It is a serverless endpoint, which costs nothing while it is idle.')];
  }
  if (variants.some(({ ModelName }) => ModelName === undefined)) {
    return [managed('It hosts inference components, which would be lost with it.')];
  }
  return [];
}
