import type {
  DescribeEndpointOutput,
  EndpointStatus,
  ProductionVariant,
  ProductionVariantSummary,
} from '@aws-sdk/client-sagemaker';
import { mapLimited } from '../types/lists.ts';
import { microUsd, type Usd } from '../types/money.ts';
import type { Protection, Resource, ResourcePart, ResourceState } from '../types/resource.ts';
import type { FleetContext } from './kind.ts';
import { isMissing } from './sagemaker-errors.ts';
import { ASYNCHRONOUS, COMPONENTS, SERVERLESS } from './sagemaker-form.ts';
import { type EndpointConfig, findConfig, findEndpoint } from './sagemaker-parts.ts';
import { tagsOf } from './sagemaker-tags.ts';

const CALLS_AT_ONCE = 5;

/** One read of an endpoint configuration for all the endpoints that share it. */
type ConfigReader = (name: string) => Promise<EndpointConfig | undefined>;

/** Those of the names that exist, as they are now. */
export async function readEndpoints(
  names: readonly string[],
  context: FleetContext,
): Promise<readonly Resource[]> {
  const configs = new Map<string, Promise<EndpointConfig | undefined>>();
  const readConfig: ConfigReader = (name) => {
    const known = configs.get(name);
    if (known !== undefined) return known;
    const read = findConfig(name, context);
    configs.set(name, read);
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
  const endpoint = await findEndpoint(name, context);
  if (endpoint === undefined) return undefined;
  const { EndpointConfigName: configName, EndpointArn: arn, CreationTime, LastModifiedTime } = endpoint;
  const since = LastModifiedTime ?? CreationTime;
  if (arn === undefined || since === undefined) return undefined;
  const config = configName === undefined ? undefined : await readConfig(configName);
  const tags = await tagsIfAny(arn, context);
  if (tags === undefined) return undefined;
  const form = formOf(endpoint, config);
  const parts = partsOf(endpoint, config);
  return {
    kind: 'sagemaker-endpoint',
    arn,
    id: name,
    account: context.account,
    region: context.region,
    tags,
    state: stateOf(endpoint, form),
    since,
    ...(CreationTime === undefined ? {} : { started: CreationTime }),
    size: parts.map(({ count, type }) => `${count} × ${type}`).join(', '),
    ...(form === undefined ? {} : { form }),
    parts,
    protections: protectionsOf(endpoint, config, form),
    hourly: await hourlyOf(parts, context),
  };
}

/** `undefined` where the endpoint was deleted meanwhile. */
async function tagsIfAny(
  arn: string,
  context: FleetContext,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    return await tagsOf(arn, context);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** What sort it is; `undefined` for a plain real-time one, or where its configuration is gone. */
function formOf(endpoint: DescribeEndpointOutput, config: EndpointConfig | undefined): string | undefined {
  if (endpoint.AsyncInferenceConfig !== undefined || config?.AsyncInferenceConfig !== undefined) {
    return ASYNCHRONOUS;
  }
  const variants = config?.ProductionVariants ?? [];
  if (variants.some(({ ServerlessConfig }) => ServerlessConfig !== undefined)) return SERVERLESS;
  return variants.some(({ ModelName }) => ModelName === undefined) ? COMPONENTS : undefined;
}

/** Asynchronous ones and inference components may have scaled to zero by themselves: they then cost nothing. */
function stateOf(endpoint: DescribeEndpointOutput, form: string | undefined): ResourceState {
  const state = statusState(endpoint.EndpointStatus);
  const variants = endpoint.ProductionVariants ?? [];
  const canBeEmpty = (form === ASYNCHRONOUS || form === COMPONENTS) && variants.length > 0;
  if (state !== 'running' || !canBeEmpty) return state;
  if (variants.some(({ CurrentInstanceCount }) => CurrentInstanceCount !== 0)) return state;
  // Instances are on their way.
  return variants.some(({ DesiredInstanceCount = 0 }) => DesiredInstanceCount > 0)
    ? 'transitional'
    : 'stopped';
}

function statusState(status: EndpointStatus | undefined): ResourceState {
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
  config: EndpointConfig | undefined,
): readonly ResourcePart[] {
  const variants = new Map(
    [...(config?.ProductionVariants ?? []), ...(config?.ShadowProductionVariants ?? [])].map((one) => [
      one.VariantName,
      one,
    ]),
  );
  const summaries = [...(endpoint.ProductionVariants ?? []), ...(endpoint.ShadowProductionVariants ?? [])];
  return summaries.flatMap((summary) =>
    summary.VariantName === undefined ? [] : [partOf(summary, variants.get(summary.VariantName))],
  );
}

/** A serverless variant counts what is provisioned for it: that is what it costs while nobody asks. */
function partOf(summary: ProductionVariantSummary, variant: ProductionVariant | undefined): ResourcePart {
  const name = summary.VariantName ?? '';
  if (variant?.ServerlessConfig !== undefined) {
    return { name, type: 'serverless', count: provisionedOf(summary, variant) };
  }
  const { CurrentInstanceCount, DesiredInstanceCount } = summary;
  return {
    name,
    type: variant?.InstanceType ?? 'unknown',
    count: CurrentInstanceCount ?? DesiredInstanceCount ?? 0,
  };
}

const provisionedOf = (
  { CurrentServerlessConfig }: ProductionVariantSummary,
  { ServerlessConfig }: ProductionVariant,
): number => (CurrentServerlessConfig ?? ServerlessConfig)?.ProvisionedConcurrency ?? 0;

/** USD an hour of all variants; unpriced where one of them is. What has no instance costs nothing. */
async function hourlyOf(parts: readonly ResourcePart[], context: FleetContext): Promise<Usd | undefined> {
  let total = 0n;
  for (const { count, type } of parts) {
    // Requests are paid for as well.
    if (type === 'serverless') return undefined;
    if (count === 0 && type !== 'unknown') continue;
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

/** Endpoints that could not be brought back, or whose stop would save nothing. */
function protectionsOf(
  endpoint: DescribeEndpointOutput,
  config: EndpointConfig | undefined,
  form: string | undefined,
): readonly Protection[] {
  const managed = (detail: string): Protection => ({ code: 'managed-elsewhere', detail });
  if (config === undefined) {
    return [managed('Its endpoint configuration was deleted, so it could not be created again.')];
  }
  if (form === SERVERLESS && !isProvisioned(endpoint, config)) {
    return [managed('It is a serverless endpoint, which costs nothing while it is idle.')];
  }
  if (form === COMPONENTS) {
    const staying = (config.ProductionVariants ?? []).find(
      (variant) => leastInstances(variant, endpoint) > 0,
    );
    if (staying !== undefined) {
      const least = leastInstances(staying, endpoint);
      return [
        managed(
          `It hosts inference components, and its variant ${staying.VariantName} keeps ${least} ${least === 1 ? 'instance' : 'instances'} even without any: give it ManagedInstanceScaling with MinInstanceCount 0, so that it can be scaled to zero.`,
        ),
      ];
    }
  }
  return [];
}

const isProvisioned = (endpoint: DescribeEndpointOutput, config: EndpointConfig): boolean =>
  partsOf(endpoint, config).some(({ count }) => count > 0);

/**
 * What stays of a variant that hosts no copy any more. Without managed scaling its instances stay as they are.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
 */
function leastInstances(variant: ProductionVariant, endpoint: DescribeEndpointOutput): number {
  const live = endpoint.ProductionVariants?.find(({ VariantName }) => VariantName === variant.VariantName);
  const scaling = live?.ManagedInstanceScaling ?? variant.ManagedInstanceScaling;
  if (scaling?.Status !== 'ENABLED') return variant.InitialInstanceCount ?? 1;
  return scaling.MinInstanceCount ?? 1;
}
