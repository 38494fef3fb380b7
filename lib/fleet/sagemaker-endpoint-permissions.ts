import type { Kind, Permission } from './kind.ts';

const ENDPOINTS = 'sagemaker:*:*:endpoint/*';
const CONFIGS = 'sagemaker:*:*:endpoint-config/*';
const COMPONENTS = 'sagemaker:*:*:inference-component/*';

/** What is read of anything. */
const read = (actions: readonly string[], ...resources: readonly string[]): Permission => ({
  actions,
  resources,
  taggedOnly: false,
});

/** What is done to what carries the project tag. */
const tagged = (actions: readonly string[], ...resources: readonly string[]): Permission => ({
  actions,
  resources,
  taggedOnly: true,
});

/** What is made with the project tag: it carries none before. */
const made = (action: 'CreateEndpoint' | 'CreateEndpointConfig', ...resources: string[]): Permission => ({
  actions: [`sagemaker:${action}`],
  resources,
  taggedOnly: false,
  requestTagged: true,
});

/**
 * To make something with tags is to tag it. While it is made alone: whoever could tag what exists with the project
 * could then delete it.
 */
const madeWithTags = (action: 'CreateEndpoint' | 'CreateEndpointConfig', resource: string): Permission => ({
  actions: ['sagemaker:AddTags'],
  resources: [resource],
  taggedOnly: false,
  requestTagged: true,
  conditions: { StringEquals: { 'sagemaker:TaggingAction': action } },
});

/**
 * A scalable target has tags of its own, which are rarely set, and an ARN that says nothing of what it scales: the
 * service is the one thing it can be bound to. Moving a capacity needs the right to change the endpoint as well.
 */
const scaling: Permission = {
  actions: [
    'application-autoscaling:RegisterScalableTarget',
    'application-autoscaling:PutScalingPolicy',
    'application-autoscaling:PutScheduledAction',
    // Deleting an endpoint that is scaled needs it, or is refused:
    // https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-delete-with-scaling.html
    'application-autoscaling:DeregisterScalableTarget',
  ],
  resources: ['application-autoscaling:*:*:scalable-target/*'],
  taggedOnly: false,
  conditions: { StringEquals: { 'application-autoscaling:service-namespace': 'sagemaker' } },
};

/**
 * Whoever puts a target-tracking policy must be allowed its alarms; they carry no tags, but this prefix.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html
 */
const alarms: Permission = {
  actions: ['cloudwatch:PutMetricAlarm', 'cloudwatch:DeleteAlarms'],
  resources: ['cloudwatch:*:*:alarm:TargetTracking-*'],
  taggedOnly: false,
};

/** Volumes that are encrypted with a key of one's own: whoever creates the endpoint lends the key to SageMaker. */
const volumeKeys: Permission = {
  actions: ['kms:CreateGrant'],
  resources: ['kms:*:*:key/*'],
  taggedOnly: false,
  conditions: {
    Bool: { 'kms:GrantIsForAWSResource': 'true' },
    StringLike: { 'kms:ViaService': 'sagemaker.*.amazonaws.com*' },
  },
};

/**
 * No `iam:PassRole`: a configuration that carries a role is not created again. Inference components are only scaled
 * where they carry the project tag themselves.
 */
export const endpointPermissions: Kind['permissions'] = {
  observe: [
    read(['sagemaker:ListEndpoints', 'sagemaker:ListInferenceComponents', 'cloudwatch:GetMetricData'], '*'),
    read(['sagemaker:DescribeEndpoint', 'sagemaker:ListTags'], ENDPOINTS),
    read(['sagemaker:DescribeEndpointConfig'], CONFIGS),
  ],
  act: [
    tagged(['sagemaker:DeleteEndpoint', 'sagemaker:UpdateEndpointWeightsAndCapacities'], ENDPOINTS),
    tagged(['sagemaker:AddTags'], ENDPOINTS),
    tagged(['sagemaker:UpdateInferenceComponentRuntimeConfig'], COMPONENTS),
    // It is asked of the configuration as well.
    made('CreateEndpoint', ENDPOINTS, CONFIGS),
    made('CreateEndpointConfig', CONFIGS),
    madeWithTags('CreateEndpoint', ENDPOINTS),
    madeWithTags('CreateEndpointConfig', CONFIGS),
    read(['sagemaker:DescribeModel'], 'sagemaker:*:*:model/*'),
    read(['sagemaker:DescribeInferenceComponent'], COMPONENTS),
    read(
      [
        'application-autoscaling:DescribeScalableTargets',
        'application-autoscaling:DescribeScalingPolicies',
        'application-autoscaling:DescribeScheduledActions',
        'cloudwatch:DescribeAlarms',
      ],
      '*',
    ),
    scaling,
    alarms,
    volumeKeys,
  ],
};
