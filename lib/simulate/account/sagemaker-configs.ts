import {
  CreateEndpointConfigCommand,
  type CreateEndpointConfigCommandInput,
  CreateModelCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  type ProductionVariant,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { Answers } from './answering.ts';
import { arnIn } from './sagemaker-arns.ts';
import { findIn, regionOf } from './sagemaker-keys.ts';
import { putEndpoint } from './sagemaker-put.ts';
import { missing, refused } from './sagemaker-refusals.ts';
import type { MemoryVariant } from './sagemaker-shape.ts';
import { sagemakerOf } from './sagemaker-state.ts';
import { variantsOf } from './sagemaker-variants.ts';
import type { AccountState, MemoryEndpoint } from './state.ts';

/** The name of the configuration of an endpoint. */
export const configNameOf = ({ name, config }: MemoryEndpoint): string => config ?? `${name}-config`;
const modelNameOf = ({ name }: MemoryEndpoint): string => `${name}-model`;

/** What an endpoint is made of. */
export interface KnownConfig {
  readonly variants: readonly MemoryVariant[];
  readonly asynchronous: boolean;
  /** The endpoint that brings it with it; `undefined` of one that was created. */
  readonly of: MemoryEndpoint | undefined;
}

/** A configuration that was created, or that an endpoint of its name brings with it; that lasts when the endpoint is gone. */
export function configOf(state: AccountState, region: string, name: string): KnownConfig | undefined {
  const created = sagemakerOf(state).configs.get(`${region}/${name}`);
  if (created !== undefined) {
    const { ProductionVariants = [], ShadowProductionVariants = [], AsyncInferenceConfig } = created.input;
    return {
      variants: [
        ...ProductionVariants.map(variantFrom),
        ...ShadowProductionVariants.map((one) => ({ ...variantFrom(one), shadow: true as const })),
      ],
      asynchronous: AsyncInferenceConfig !== undefined,
      of: undefined,
    };
  }
  const one = bringerOf(state, region, name, '-config');
  if (one === undefined || one.config !== undefined || one.withoutConfig === true) return undefined;
  return { variants: variantsOf(one), asynchronous: one.asynchronous === true, of: one };
}

/** The endpoint of the name that is left without the suffix. */
const bringerOf = (
  { endpoints }: AccountState,
  region: string,
  name: string,
  suffix: '-config' | '-model',
): MemoryEndpoint | undefined =>
  name.endsWith(suffix) ? findIn(endpoints, region, name.slice(0, -suffix.length)) : undefined;

/** Configurations and models of one region. */
export function answerConfigs(answers: Answers<SageMakerClient>, state: AccountState, region: string): void {
  const { configs, models } = sagemakerOf(state);
  const key = (name: string): string => `${region}/${name}`;
  const configArn = (name: string) => arnIn(state, region, 'endpoint-config', name);
  const requireModel = (name: string): void => {
    const known = models.get(key(name)) ?? bringerOf(state, region, name, '-model') !== undefined;
    if (!known) throw missing(`model "${arnIn(state, region, 'model', name)}"`);
  };

  answers.on(DescribeEndpointConfigCommand, ({ EndpointConfigName: name = '' }) => {
    const found = configOf(state, region, name);
    if (found === undefined) throw missing(`endpoint configuration "${configArn(name)}"`);
    const named = { EndpointConfigName: name, EndpointConfigArn: configArn(name) };
    const created = configs.get(key(name));
    if (created !== undefined) {
      const { Tags, ...config } = created.input;
      return { ...config, ...named, CreationTime: created.at };
    }
    return { ...named, ...(found.of === undefined ? {} : broughtBy(found.of)) };
  });
  answers.on(CreateEndpointConfigCommand, (input) => {
    const { EndpointConfigName: name = '', ProductionVariants = [] } = input;
    if (configOf(state, region, name) !== undefined) {
      throw refused(`Cannot create already existing endpoint configuration "${configArn(name)}".`);
    }
    for (const { ModelName } of ProductionVariants) if (ModelName !== undefined) requireModel(ModelName);
    configs.set(key(name), { input, at: state.now() });
    return { EndpointConfigArn: configArn(name) };
  });
  answers.on(DeleteEndpointConfigCommand, ({ EndpointConfigName: name = '' }) => {
    const found = configOf(state, region, name);
    if (found === undefined) throw missing(`endpoint configuration "${configArn(name)}"`);
    configs.delete(key(name));
    // What an endpoint is made of is seen there: each that uses it is to be read anew.
    if (found.of !== undefined) putEndpoint(state, { ...found.of, withoutConfig: true });
    else {
      for (const one of state.endpoints.values())
        if (one.config === name && regionOf(one) === region) putEndpoint(state, one);
    }
    return {};
  });

  answers.on(DescribeModelCommand, ({ ModelName = '' }) => {
    requireModel(ModelName);
    return { ModelName, ModelArn: arnIn(state, region, 'model', ModelName) };
  });
  answers.on(CreateModelCommand, ({ ModelName = '' }) => {
    models.set(key(ModelName), true);
    return { ModelArn: arnIn(state, region, 'model', ModelName) };
  });
  answers.on(DeleteModelCommand, ({ ModelName = '' }) => {
    requireModel(ModelName);
    models.set(key(ModelName), false);
    return {};
  });
}

/** As AWS describes the configuration that an endpoint brings with it. */
function broughtBy(endpoint: MemoryEndpoint): object {
  const describe = (variant: MemoryVariant): object => ({
    VariantName: variant.name,
    InitialVariantWeight: variant.weight ?? 1,
    ...(variant.hostsComponents === undefined
      ? { ModelName: variant.model ?? modelNameOf(endpoint) }
      : managedBy(variant.hostsComponents)),
    ...(variant.serverless === undefined
      ? { InstanceType: variant.type, InitialInstanceCount: variant.instances }
      : { ServerlessConfig: serverlessBy(variant.serverless) }),
  });
  const variants = variantsOf(endpoint);
  const shadows = variants.filter(({ shadow }) => shadow === true);
  return {
    ProductionVariants: variants.filter(({ shadow }) => shadow !== true).map(describe),
    ...(shadows.length === 0 ? {} : { ShadowProductionVariants: shadows.map(describe) }),
    ...(endpoint.asynchronous === true ? ASYNCHRONOUS : {}),
    CreationTime: endpoint.createdAt ?? endpoint.since,
  };
}

/** Where an asynchronous endpoint leaves what it has answered; nobody reads it here. */
export const ASYNCHRONOUS = {
  AsyncInferenceConfig: { OutputConfig: { S3OutputPath: 's3://answers/' } },
};

/** Most instances of a variant whose number is managed. */
const MOST = 8;

export const managedBy = ({ least }: NonNullable<MemoryVariant['hostsComponents']>): object =>
  least === undefined
    ? {}
    : { ManagedInstanceScaling: { Status: 'ENABLED', MinInstanceCount: least, MaxInstanceCount: MOST } };

const serverlessBy = ({ concurrency, provisioned }: NonNullable<MemoryVariant['serverless']>): object => ({
  MemorySizeInMB: 2048,
  MaxConcurrency: concurrency,
  ...(provisioned === undefined ? {} : { ProvisionedConcurrency: provisioned }),
});

type ServerlessInput = NonNullable<ProductionVariant['ServerlessConfig']>;

function variantFrom(
  input: NonNullable<CreateEndpointConfigCommandInput['ProductionVariants']>[number],
): MemoryVariant {
  const {
    ModelName,
    InitialVariantWeight: weight,
    ServerlessConfig,
    ManagedInstanceScaling: managed,
  } = input;
  return {
    name: input.VariantName ?? '',
    type: input.InstanceType ?? '',
    instances: input.InitialInstanceCount ?? (ServerlessConfig === undefined ? 1 : 0),
    ...(weight === undefined ? {} : { weight }),
    ...(ModelName === undefined
      ? {
          hostsComponents: managed?.Status === 'ENABLED' ? { least: managed.MinInstanceCount ?? 1 } : {},
        }
      : { model: ModelName }),
    ...(ServerlessConfig === undefined ? {} : { serverless: serverlessFrom(ServerlessConfig) }),
  };
}

const serverlessFrom = ({ MaxConcurrency, ProvisionedConcurrency: provisioned }: ServerlessInput) => ({
  concurrency: MaxConcurrency ?? 1,
  ...(provisioned === undefined ? {} : { provisioned }),
});
