import type { Recommendation } from '../types/recommendation.ts';
import type { EndpointSubject } from './endpoint-fit.ts';
import { awsCommand, cdkChange } from './texts.ts';

/** From zero a backlog alone does not scale out: the alarm `HasBacklogWithoutCapacity` does (Developer Guide, "Autoscale an asynchronous endpoint"). */
export function asyncScaling(
  name: string,
  variant: string,
  most: number,
  region: string,
): Recommendation['how'] {
  const id = `endpoint/${name}/variant/${variant}`;
  const on = {
    'service-namespace': 'sagemaker',
    'resource-id': id,
    'scalable-dimension': 'sagemaker:variant:DesiredInstanceCount',
  };
  const policy = (called: string, type: string, key: string, configuration: object) =>
    awsCommand('application-autoscaling', 'put-scaling-policy', region, {
      'policy-name': called,
      ...on,
      'policy-type': type,
      [key]: JSON.stringify(configuration),
    });
  return [
    awsCommand('application-autoscaling', 'register-scalable-target', region, {
      ...on,
      'min-capacity': '0',
      'max-capacity': String(most),
    }),
    policy('backlog', 'TargetTrackingScaling', 'target-tracking-scaling-policy-configuration', {
      TargetValue: 5,
      CustomizedMetricSpecification: {
        MetricName: 'ApproximateBacklogSizePerInstance',
        Namespace: 'AWS/SageMaker',
        Dimensions: [{ Name: 'EndpointName', Value: name }],
        Statistic: 'Average',
      },
      ScaleInCooldown: 600,
      ScaleOutCooldown: 300,
    }),
    policy('from-zero', 'StepScaling', 'step-scaling-policy-configuration', {
      AdjustmentType: 'ChangeInCapacity',
      MetricAggregationType: 'Average',
      Cooldown: 300,
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
    }),
    {
      form: 'command',
      text: `# With the PolicyARN that put-scaling-policy answers for from-zero:\n${
        awsCommand('cloudwatch', 'put-metric-alarm', region, {
          'alarm-name': `${name}-from-zero`,
          namespace: 'AWS/SageMaker',
          'metric-name': 'HasBacklogWithoutCapacity',
          dimensions: `Name=EndpointName,Value=${name}`,
          statistic: 'Average',
          period: '60',
          'evaluation-periods': '2',
          threshold: '1',
          'comparison-operator': 'GreaterThanOrEqualToThreshold',
          'treat-missing-data': 'missing',
          'alarm-actions': 'POLICY_ARN',
        }).text
      }`,
    },
    cdkChange(
      `new appscaling.ScalableTarget(this, 'Scaling', { serviceNamespace: appscaling.ServiceNamespace.SAGEMAKER, resourceId: '${id}', scalableDimension: 'sagemaker:variant:DesiredInstanceCount', minCapacity: 0, maxCapacity: ${most} }), with a step from HasBacklogWithoutCapacity`,
    ),
  ];
}

/** Another endpoint with the same model and type, called in another way. */
export function asynchronous(
  { resource, part, config }: EndpointSubject,
  most: number,
  region: string,
): Recommendation['how'] {
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
): Recommendation['how'] {
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
    ...components.map((component) =>
      awsCommand('application-autoscaling', 'register-scalable-target', region, {
        'service-namespace': 'sagemaker',
        'resource-id': `inference-component/${component}`,
        'scalable-dimension': 'sagemaker:inference-component:DesiredCopyCount',
        'min-capacity': '0',
        'max-capacity': String(most),
      }),
    ),
    cdkChange(
      `managedInstanceScaling: { status: 'ENABLED', minInstanceCount: 0, maxInstanceCount: ${most} } in the production variant; a step policy on NoCapacityInvocationFailures for each component`,
    ),
  ];
}
