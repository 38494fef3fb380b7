import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointConfigOutput,
  DescribeModelCommand,
} from '@aws-sdk/client-sagemaker';
import { mapLimited } from '../types/lists.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Resource } from '../types/resource.ts';
import { errorCode, errorMessage, isTransient } from './aws-errors.ts';
import type { FleetContext, StopContext } from './kind.ts';
import { allPages } from './pages.ts';

/** Saves all that deleting would lose, then deletes. Nothing is deleted where anything could not be saved. */
export async function shutDown(endpoint: Resource, context: StopContext): Promise<Outcome> {
  const at = context.now();
  try {
    const record = await endpointRecord(endpoint, context);
    await context.saveRestore(endpoint, record);
    await context.clients.sagemaker.send(new DeleteEndpointCommand({ EndpointName: endpoint.id }));
    return {
      status: 'taken',
      at,
      detail: `Shut down; its configuration ${record.endpointConfigName} and what a restore needs are kept.`,
    };
  } catch (error) {
    return refusal(error, at);
  }
}

/**
 * SageMaker answers "not found" by a ValidationException, as it does every other refusal: only the text tells.
 * It says the same of an endpoint, of its configuration and of a model: what was asked for tells them apart.
 */
export const isMissing = (error: unknown): boolean =>
  errorCode(error) === 'ValidationException' &&
  /could not find|does not exist|cannot find/i.test(errorMessage(error));

const isInProgress = (error: unknown): boolean =>
  errorCode(error) === 'ValidationException' && /in[- ]progress|creating|updating/i.test(errorMessage(error));

function refusal(error: unknown, at: Date): Outcome {
  if (isMissing(error)) {
    return { status: 'skipped', at, code: 'Gone', detail: 'It no longer exists.' };
  }
  return {
    status: 'failed',
    at,
    code: errorCode(error),
    detail: errorMessage(error),
    retry: isInProgress(error) || isTransient(error),
  };
}

/** What creates the endpoint again as it was: configuration, models, live variants, tags, scaling. */
export interface EndpointRecord {
  readonly endpointName: string;
  readonly endpointConfigName: string;
  /** The configuration in full, should it be deleted meanwhile. */
  readonly endpointConfig: unknown;
  /** Weights and instance counts as they were live; autoscaling may have moved them from the configuration's. */
  readonly variants: unknown;
  /** The same of the variants that are sent copies of the requests. */
  readonly shadowVariants: unknown;
  /**
   * The models of all variants, each once. Their names alone: what their containers are given may be secret.
   */
  readonly models: readonly string[];
  readonly lastDeploymentConfig: unknown;
  readonly tags: Readonly<Record<string, string>>;
  readonly scalableTargets: readonly unknown[];
  readonly scalingPolicies: readonly unknown[];
  readonly scheduledActions: readonly unknown[];
}

async function endpointRecord(endpoint: Resource, context: FleetContext): Promise<EndpointRecord> {
  const { sagemaker } = context.clients;
  const live = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint.id }));
  const endpointConfigName = live.EndpointConfigName ?? '';
  const endpointConfig = await configOf(endpointConfigName, context);
  const models = modelNames(endpointConfig);
  await mapLimited(models, CALLS_AT_ONCE, (name) => requireModel(name, context));
  return {
    endpointName: endpoint.id,
    endpointConfigName,
    endpointConfig,
    variants: live.ProductionVariants ?? [],
    shadowVariants: live.ShadowProductionVariants ?? [],
    models,
    lastDeploymentConfig: live.LastDeploymentConfig,
    tags: endpoint.tags,
    ...(await scalingOf(endpoint, context)),
  };
}

/** The endpoint runs on, but could not be created again. */
class EndpointConfigMissing extends Error {
  override readonly name = 'EndpointConfigMissing';
}

type EndpointConfig = Omit<DescribeEndpointConfigOutput, '$metadata'>;

async function configOf(EndpointConfigName: string, { clients }: FleetContext): Promise<EndpointConfig> {
  try {
    const { $metadata, ...config } = await clients.sagemaker.send(
      new DescribeEndpointConfigCommand({ EndpointConfigName }),
    );
    return config;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new EndpointConfigMissing(
      `Its endpoint configuration ${EndpointConfigName} was deleted, so it could not be created again.`,
      { cause: error },
    );
  }
}

const CALLS_AT_ONCE = 5;

/** Variants that host inference components name no model; several variants may share one. */
function modelNames({ ProductionVariants, ShadowProductionVariants }: EndpointConfig): readonly string[] {
  const variants = [...(ProductionVariants ?? []), ...(ShadowProductionVariants ?? [])];
  return [...new Set(variants.flatMap(({ ModelName }) => (ModelName === undefined ? [] : [ModelName])))];
}

/** A model may be deleted under its endpoint as well: the endpoint runs on, but could not be created again. */
class ModelMissing extends Error {
  override readonly name = 'ModelMissing';
}

async function requireModel(ModelName: string, { clients }: FleetContext): Promise<void> {
  try {
    await clients.sagemaker.send(new DescribeModelCommand({ ModelName }));
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new ModelMissing(`Its model ${ModelName} was deleted, so it could not be created again.`, {
      cause: error,
    });
  }
}

type Scaling = Pick<EndpointRecord, 'scalableTargets' | 'scalingPolicies' | 'scheduledActions'>;

/** Application Auto Scaling of the endpoint's variants: targets, policies, schedules. Lost with the endpoint. */
async function scalingOf(endpoint: Resource, { clients }: FleetContext): Promise<Scaling> {
  const ServiceNamespace = 'sagemaker';
  const ids = (endpoint.parts ?? []).map(({ name }) => `endpoint/${endpoint.id}/variant/${name}`);
  if (ids.length === 0) return { scalableTargets: [], scalingPolicies: [], scheduledActions: [] };
  const scalableTargets = await allPages(async (NextToken) => {
    const page = await clients.autoscaling.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace, ResourceIds: ids, ...token(NextToken) }),
    );
    return { items: page.ScalableTargets, next: page.NextToken };
  });
  const each = async <T>(
    read: (
      ResourceId: string,
      NextToken: string | undefined,
    ) => Promise<{ items: T[] | undefined; next: string | undefined }>,
  ): Promise<T[]> => (await Promise.all(ids.map((id) => allPages((next) => read(id, next))))).flat();
  const scalingPolicies = await each(async (ResourceId, NextToken) => {
    const page = await clients.autoscaling.send(
      new DescribeScalingPoliciesCommand({ ServiceNamespace, ResourceId, ...token(NextToken) }),
    );
    return { items: page.ScalingPolicies, next: page.NextToken };
  });
  const scheduledActions = await each(async (ResourceId, NextToken) => {
    const page = await clients.autoscaling.send(
      new DescribeScheduledActionsCommand({ ServiceNamespace, ResourceId, ...token(NextToken) }),
    );
    return { items: page.ScheduledActions, next: page.NextToken };
  });
  return { scalableTargets, scalingPolicies, scheduledActions };
}

const token = (NextToken: string | undefined) => (NextToken === undefined ? {} : { NextToken });
