import type {
  ScalableDimension,
  ScalableTarget,
  ScalingPolicy,
  ScheduledAction,
} from '@aws-sdk/client-application-auto-scaling';
import { findIn, regionOf } from './sagemaker-keys.ts';
import { sagemakerOf } from './sagemaker-state.ts';
import { variantsOf } from './sagemaker-variants.ts';
import { ACCOUNT, type AccountState, type MemoryEndpoint } from './state.ts';

/** What Application Auto Scaling has of one variant or inference component. */
export interface EndpointScaling {
  readonly targets: readonly ScalableTarget[];
  readonly policies: readonly ScalingPolicy[];
  readonly actions: readonly ScheduledAction[];
}

export const SERVICE = { ServiceNamespace: 'sagemaker' } as const;
const NONE: EndpointScaling = { targets: [], policies: [], actions: [] };

/** The role that Application Auto Scaling itself makes for SageMaker. */
export const SCALING_ROLE = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`;

/** Of a target that nobody suspends. */
export const NOT_SUSPENDED = {
  DynamicScalingInSuspended: false,
  DynamicScalingOutSuspended: false,
  ScheduledScalingSuspended: false,
};

const idOf = (endpoint: string, variant: string): string => `endpoint/${endpoint}/variant/${variant}`;

/** What an id of Application Auto Scaling names. */
export type Scaled =
  | { readonly what: 'variant'; readonly endpoint: MemoryEndpoint; readonly variant: string }
  | { readonly what: 'component'; readonly endpoint: MemoryEndpoint; readonly component: string };

/** `undefined` where there is no such variant or component (any more). */
export function scaledOf(state: AccountState, region: string, id: string): Scaled | undefined {
  const [kind, name = '', , variant = ''] = id.split('/');
  const component =
    kind === 'inference-component' ? sagemakerOf(state).components.get(`${region}/${name}`) : undefined;
  const endpoint = findIn(state.endpoints, region, component?.endpoint ?? name);
  if (endpoint === undefined || endpoint.deletedAt !== undefined) return undefined;
  if (component !== undefined) return { what: 'component', endpoint, component: component.name };
  const known = kind === 'endpoint' && variantsOf(endpoint).some((one) => one.name === variant);
  return known ? { what: 'variant', endpoint, variant } : undefined;
}

/**
 * The scaling of one variant or component: what was registered, or else, of a variant with instances of an endpoint
 * that was there from the beginning, one to four of them by its invocations.
 */
export function scalingOf(state: AccountState, region: string, id: string): EndpointScaling {
  const scaled = scaledOf(state, region, id);
  if (scaled === undefined) return NONE;
  const kept = sagemakerOf(state).scaling.get(`${region}/${id}`);
  if (kept !== undefined) return kept;
  if (scaled.what === 'component' || lostScaling(scaled.endpoint)) return NONE;
  const variant = variantsOf(scaled.endpoint).find(({ name }) => name === scaled.variant);
  const scales = variant?.serverless === undefined && variant?.hostsComponents === undefined;
  return scales ? byInvocations(id, scaled.endpoint.createdAt ?? scaled.endpoint.since) : NONE;
}

const lostScaling = (endpoint: MemoryEndpoint & { readonly createdAgain?: true }): boolean =>
  endpoint.unscaled === true || endpoint.createdAgain === true;

function byInvocations(ResourceId: string, CreationTime: Date): EndpointScaling {
  const ScalableDimension: ScalableDimension = 'sagemaker:variant:DesiredInstanceCount';
  const one = { ...SERVICE, ResourceId, ScalableDimension, CreationTime };
  const PolicyName = 'by-invocations';
  return {
    targets: [
      { ...one, MinCapacity: 1, MaxCapacity: 4, RoleARN: SCALING_ROLE, SuspendedState: NOT_SUSPENDED },
    ],
    policies: [
      {
        ...one,
        PolicyName,
        PolicyARN: undefined,
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: 70,
          PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
        },
      },
    ],
    actions: [],
  };
}

/** The ids of everything in the region that can be scaled. O(n). */
export const everyScalable = (state: AccountState, region: string): readonly string[] => [
  ...[...state.endpoints.values()]
    .filter((one) => regionOf(one) === region)
    .flatMap((one) => variantsOf(one).map(({ name }) => idOf(one.name, name))),
  ...[...sagemakerOf(state).components.keys()]
    .filter((key) => key.startsWith(`${region}/`))
    .map((key) => `inference-component/${key.slice(region.length + 1)}`),
];

/** An endpoint that is deleted takes its scaling with it. */
export function forgetScaling(state: AccountState, endpoint: MemoryEndpoint): void {
  for (const { name } of variantsOf(endpoint)) {
    sagemakerOf(state).scaling.delete(`${regionOf(endpoint)}/${idOf(endpoint.name, name)}`);
  }
}
