import type {
  PredictiveScalingPolicyConfiguration,
  StepScalingPolicyConfiguration,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import type {
  AsyncInferenceConfig,
  DataCaptureConfig,
  ExplainerConfig,
  MetricsConfig,
  ProductionVariant,
  VpcConfig,
} from '@aws-sdk/client-sagemaker';
import * as z from 'zod';

/*
 * What is saved before an endpoint is taken out of service, as it is read back from JSON. Configurations go back to
 * AWS as AWS described them, so only what decides something here is looked into.
 */

/** An object as AWS described it, of which nothing is read here. */
const described = <T extends object>() =>
  z.custom<T>((value) => typeof value === 'object' && value !== null, 'expected an object');

const ServerlessSchema = z.object({
  MaxConcurrency: z.number().optional(),
  ProvisionedConcurrency: z.number().optional(),
});

/** A variant as it was live: autoscaling and people may have moved it from its configuration. */
const LiveVariantSchema = z.object({
  VariantName: z.string(),
  CurrentWeight: z.number().optional(),
  DesiredWeight: z.number().optional(),
  CurrentInstanceCount: z.number().optional(),
  DesiredInstanceCount: z.number().optional(),
  CurrentServerlessConfig: ServerlessSchema.optional(),
  DesiredServerlessConfig: ServerlessSchema.optional(),
});
export type LiveVariant = z.infer<typeof LiveVariantSchema>;

/** What `DescribeEndpointConfig` answers and `CreateEndpointConfig` takes. */
const EndpointConfigSchema = z.object({
  ProductionVariants: z.array(described<ProductionVariant>()).min(1),
  ShadowProductionVariants: z.array(described<ProductionVariant>()).optional(),
  DataCaptureConfig: described<DataCaptureConfig>().optional(),
  KmsKeyId: z.string().optional(),
  AsyncInferenceConfig: described<AsyncInferenceConfig>().optional(),
  ExplainerConfig: described<ExplainerConfig>().optional(),
  ExecutionRoleArn: z.string().optional(),
  VpcConfig: described<VpcConfig>().optional(),
  EnableNetworkIsolation: z.boolean().optional(),
  MetricsConfig: described<MetricsConfig>().optional(),
});

/** What of SageMaker can be scaled. */
const DimensionSchema = z.enum([
  'sagemaker:variant:DesiredInstanceCount',
  'sagemaker:variant:DesiredProvisionedConcurrency',
  'sagemaker:inference-component:DesiredCopyCount',
]);

const ScalableTargetSchema = z.object({
  ResourceId: z.string(),
  ScalableDimension: DimensionSchema,
  MinCapacity: z.number(),
  MaxCapacity: z.number(),
  SuspendedState: z
    .object({
      DynamicScalingInSuspended: z.boolean().optional(),
      DynamicScalingOutSuspended: z.boolean().optional(),
      ScheduledScalingSuspended: z.boolean().optional(),
    })
    .optional(),
});

export type SavedTarget = z.infer<typeof ScalableTargetSchema>;

const ScalingPolicySchema = z.object({
  PolicyName: z.string(),
  ResourceId: z.string(),
  ScalableDimension: DimensionSchema,
  PolicyType: z.enum(['StepScaling', 'TargetTrackingScaling', 'PredictiveScaling']),
  TargetTrackingScalingPolicyConfiguration: described<TargetTrackingScalingPolicyConfiguration>().optional(),
  StepScalingPolicyConfiguration: described<StepScalingPolicyConfiguration>().optional(),
  PredictiveScalingPolicyConfiguration: described<PredictiveScalingPolicyConfiguration>().optional(),
  Alarms: z.array(z.object({ AlarmName: z.string() })).optional(),
});

const TimeSchema = z.iso.datetime().transform((text) => new Date(text));

const ScheduledActionSchema = z.object({
  ScheduledActionName: z.string(),
  ResourceId: z.string(),
  ScalableDimension: DimensionSchema,
  Schedule: z.string(),
  Timezone: z.string().optional(),
  StartTime: TimeSchema.optional(),
  EndTime: TimeSchema.optional(),
  ScalableTargetAction: z
    .object({ MinCapacity: z.number().optional(), MaxCapacity: z.number().optional() })
    .optional(),
});

const SCALING = {
  scalableTargets: z.array(ScalableTargetSchema),
  scalingPolicies: z.array(ScalingPolicySchema),
  scheduledActions: z.array(ScheduledActionSchema),
};
export type Scaling = z.infer<z.ZodObject<typeof SCALING>>;

/** What creates an endpoint again as it was: configuration, models, live variants, tags, scaling. */
export const EndpointRecordSchema = z.object({
  endpointName: z.string(),
  endpointConfigName: z.string(),
  /** In full, should it be deleted meanwhile. */
  endpointConfig: EndpointConfigSchema,
  variants: z.array(LiveVariantSchema),
  /** Those that are sent copies of the requests. */
  shadowVariants: z.array(LiveVariantSchema),
  /** The models of all variants, each once. Their names alone: what their containers are given may be secret. */
  models: z.array(z.string()),
  tags: z.record(z.string(), z.string()),
  ...SCALING,
});
export type EndpointRecord = z.infer<typeof EndpointRecordSchema>;

/** How the inference components of an endpoint were before they were scaled to zero. */
export const ComponentsRecordSchema = z.object({
  endpointName: z.string(),
  /** When it was saved, ISO 8601. */
  savedAt: z.iso.datetime(),
  components: z.array(
    z.object({
      name: z.string(),
      copies: z.number(),
      /** Least copies that its autoscaling keeps; absent where it is not scaled, or already down to none. */
      leastCopies: z.number().optional(),
    }),
  ),
});
export type ComponentsRecord = z.infer<typeof ComponentsRecordSchema>;

/** What of an endpoint has a capacity of its own: a variant in instances or in provisioned concurrency, a component in copies. */
const CapacitySchema = z.object({
  of: z.enum(['instances', 'provisioned', 'copies']),
  name: z.string(),
  count: z.number(),
});
export type Capacity = z.infer<typeof CapacitySchema>;

/** How an endpoint was before it was scaled down to the fewest instances that it can serve with. */
export const FewestRecordSchema = z.object({
  endpointName: z.string(),
  /** When it was saved, ISO 8601. */
  savedAt: z.iso.datetime(),
  /** Why SageMaker took its last update back, as it said already before; absent = it did not. */
  failure: z.string().optional(),
  /** Those that were above the fewest. */
  capacities: z.array(CapacitySchema),
  /** Of all that is scaled by itself. */
  targets: z.array(ScalableTargetSchema),
});
export type FewestRecord = z.infer<typeof FewestRecordSchema>;
