import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  ListTagsCommand,
} from '@aws-sdk/client-sagemaker';
import type { Stage } from '../../lib/sandbox/stage.ts';

export type EndpointAsItIs = Awaited<ReturnType<typeof endpointAsItIs>>;

/** What a restore has to give back, without what is another at each creation: times and ARNs. */
export async function endpointAsItIs(stage: Pick<Stage, 'clients'>, name: string) {
  const { sagemaker } = stage.clients;
  const { EndpointArn, EndpointConfigName, EndpointStatus, ProductionVariants } = await sagemaker.send(
    new DescribeEndpointCommand({ EndpointName: name }),
  );
  const config = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
  const { Tags = [] } = await sagemaker.send(new ListTagsCommand({ ResourceArn: EndpointArn }));
  return {
    EndpointArn,
    EndpointConfigName,
    EndpointStatus,
    variants: ProductionVariants,
    config: config.ProductionVariants,
    tags: Object.fromEntries(Tags.map(({ Key = '', Value }) => [Key, Value])),
    ...(await scalingAsItIs(stage, name)),
  };
}

/** What scales it. */
export async function scalingAsItIs({ clients: { autoscaling } }: Pick<Stage, 'clients'>, name: string) {
  const of = { ServiceNamespace: 'sagemaker' } as const;
  const isIts = ({ ResourceId = '' }) => ResourceId.startsWith(`endpoint/${name}/`);
  const { ScalableTargets = [] } = await autoscaling.send(new DescribeScalableTargetsCommand(of));
  const { ScalingPolicies = [] } = await autoscaling.send(new DescribeScalingPoliciesCommand(of));
  return {
    targets: ScalableTargets.filter(isIts).map(
      ({ ResourceId, ScalableDimension, MinCapacity, MaxCapacity }) => ({
        ResourceId,
        ScalableDimension,
        MinCapacity,
        MaxCapacity,
      }),
    ),
    policies: ScalingPolicies.filter(isIts).map(
      ({ PolicyName, PolicyType, ResourceId, ScalableDimension, ...rest }) => ({
        PolicyName,
        PolicyType,
        ResourceId,
        ScalableDimension,
        tracking: rest.TargetTrackingScalingPolicyConfiguration,
      }),
    ),
  };
}
