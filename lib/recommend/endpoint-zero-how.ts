import type { Recommendation } from '../types/recommendation.ts';
import type { EndpointSubject } from './endpoint-fit.ts';
import { awsCommand, cdkChange } from './texts.ts';

type How = Recommendation['how'];

/** What Application Auto Scaling scales: a variant of an endpoint, or the copies of an inference component. */
interface Target {
  readonly id: string;
  readonly dimension: 'variant:DesiredInstanceCount' | 'inference-component:DesiredCopyCount';
  readonly most: number;
  readonly region: string;
  /** What to know before it is registered. */
  readonly before?: string;
}

/** The metrics that scale something from one on, and from zero. */
interface Metrics {
  readonly policy: string;
  readonly tracking: object;
  /** Says that something waits while nothing runs. */
  readonly waiting: { readonly metric: string; readonly dimensions: string; readonly alarm: string };
}

/** From zero no tracked metric scales out: a step that an alarm asks for does. */
function toZero(
  { id, dimension, most, region, before }: Target,
  { policy, tracking, waiting }: Metrics,
): How {
  const on = {
    'service-namespace': 'sagemaker',
    'resource-id': id,
    'scalable-dimension': `sagemaker:${dimension}`,
  };
  const put = (called: string, type: string, key: string, configuration: object) =>
    awsCommand('application-autoscaling', 'put-scaling-policy', region, {
      'policy-name': called,
      ...on,
      'policy-type': type,
      [key]: JSON.stringify(configuration),
    });
  const target = awsCommand('application-autoscaling', 'register-scalable-target', region, {
    ...on,
    'min-capacity': '0',
    'max-capacity': String(most),
  });
  return [
    before === undefined ? target : { ...target, text: `# ${before}\n${target.text}` },
    put(policy, 'TargetTrackingScaling', 'target-tracking-scaling-policy-configuration', tracking),
    put('from-zero', 'StepScaling', 'step-scaling-policy-configuration', {
      AdjustmentType: 'ChangeInCapacity',
      MetricAggregationType: 'Average',
      Cooldown: 300,
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
    }),
    {
      form: 'command',
      text: `# With the PolicyARN that put-scaling-policy answers for from-zero:\n${
        awsCommand('cloudwatch', 'put-metric-alarm', region, {
          'alarm-name': waiting.alarm,
          namespace: 'AWS/SageMaker',
          'metric-name': waiting.metric,
          dimensions: waiting.dimensions,
          statistic: 'Maximum',
          period: '60',
          'evaluation-periods': '1',
          threshold: '1',
          'comparison-operator': 'GreaterThanOrEqualToThreshold',
          'treat-missing-data': 'missing',
          'alarm-actions': 'POLICY_ARN',
        }).text
      }`,
    },
  ];
}

/** Source: Developer Guide, "Autoscale an asynchronous endpoint". */
export function asyncScaling(name: string, variant: string, most: number, region: string): How {
  const id = `endpoint/${name}/variant/${variant}`;
  return [
    ...toZero(
      { id, dimension: 'variant:DesiredInstanceCount', most, region },
      {
        policy: 'backlog',
        tracking: {
          TargetValue: 5,
          CustomizedMetricSpecification: {
            MetricName: 'ApproximateBacklogSizePerInstance',
            Namespace: 'AWS/SageMaker',
            Dimensions: [{ Name: 'EndpointName', Value: name }],
            Statistic: 'Average',
          },
          ScaleInCooldown: 600,
          ScaleOutCooldown: 300,
        },
        waiting: {
          metric: 'HasBacklogWithoutCapacity',
          dimensions: `Name=EndpointName,Value=${name}`,
          alarm: `${name}-from-zero`,
        },
      },
    ),
    cdkChange(
      `new appscaling.ScalableTarget(this, 'Scaling', { serviceNamespace: appscaling.ServiceNamespace.SAGEMAKER, resourceId: '${id}', scalableDimension: 'sagemaker:variant:DesiredInstanceCount', minCapacity: 0, maxCapacity: ${most} }), with a step from HasBacklogWithoutCapacity`,
    ),
  ];
}

/** Source: Developer Guide, "Scale an endpoint to zero instances". */
const copyScaling = (component: string, most: number, region: string): How =>
  toZero(
    {
      id: `inference-component/${component}`,
      dimension: 'inference-component:DesiredCopyCount',
      most,
      region,
      before: 'Where its copies scale already, without --max-capacity:',
    },
    {
      policy: 'invocations',
      tracking: {
        TargetValue: 5,
        PredefinedMetricSpecification: {
          PredefinedMetricType: 'SageMakerInferenceComponentInvocationsPerCopy',
        },
        ScaleInCooldown: 600,
        ScaleOutCooldown: 300,
      },
      waiting: {
        metric: 'NoCapacityInvocationFailures',
        dimensions: `Name=InferenceComponentName,Value=${component}`,
        alarm: `${component}-from-zero`,
      },
    },
  );

/** Another endpoint with the same model and type, called in another way. */
export function asynchronous({ resource, part, config }: EndpointSubject, most: number, region: string): How {
  const name = `${resource.id}-async`;
  const model = config.ProductionVariants?.[0]?.ModelName ?? '';
  return [
    awsCommand('sagemaker', 'create-endpoint-config', region, {
      'endpoint-config-name': name,
      'production-variants': `VariantName=${part.name},ModelName=${model},InstanceType=${part.type},InitialInstanceCount=1`,
      'async-inference-config': 'OutputConfig={S3OutputPath=s3://YOUR-BUCKET/async/}',
    }),
    awsCommand('sagemaker', 'create-endpoint', region, {
      'endpoint-name': name,
      'endpoint-config-name': name,
    }),
    ...asyncScaling(name, part.name, most, region),
    {
      form: 'command',
      text: `# Once callers use ${name} by invoke-endpoint-async:\n${awsCommand('sagemaker', 'delete-endpoint', region, { 'endpoint-name': resource.id }).text}`,
    },
  ];
}

/** Developer Guide, "Scale an endpoint to zero instances". */
export function componentScaling(
  { resource, part, components, config }: EndpointSubject,
  most: number,
  region: string,
): How {
  const name = `${resource.id}-to-zero`;
  const role = config.ExecutionRoleArn ?? 'ROLE_ARN';
  return [
    awsCommand('sagemaker', 'create-endpoint-config', region, {
      'endpoint-config-name': name,
      'execution-role-arn': role,
      'production-variants': `VariantName=${part.name},InstanceType=${part.type},InitialInstanceCount=1,ManagedInstanceScaling={Status=ENABLED,MinInstanceCount=0,MaxInstanceCount=${most}}`,
    }),
    awsCommand('sagemaker', 'update-endpoint', region, {
      'endpoint-name': resource.id,
      'endpoint-config-name': name,
    }),
    ...components.flatMap((component) => copyScaling(component, most, region)),
    cdkChange(
      `managedInstanceScaling: { status: 'ENABLED', minInstanceCount: 0, maxInstanceCount: ${most} } in the production variant; a step policy on NoCapacityInvocationFailures for each component`,
    ),
  ];
}
