import {
  ApplicationAutoScalingClient,
  DeleteScalingPolicyCommand,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
} from '@aws-sdk/client-application-auto-scaling';

/** The scaling of a deleted endpoint goes with it, as on AWS; moto keeps it. Its own caller knows nothing of the other. */
export function endpointScaling(moto: string, { account, region }: { account: string; region: string }) {
  const client = new ApplicationAutoScalingClient({
    endpoint: moto,
    region,
    credentials: { accessKeyId: account, secretAccessKey: 'sandbox' },
  });
  return {
    forget: async (endpoint: string): Promise<void> => {
      const of = { ServiceNamespace: 'sagemaker' } as const;
      const isIts = ({ ResourceId = '' }) => ResourceId.startsWith(`endpoint/${endpoint}/variant/`);
      const { ScalingPolicies = [] } = await client.send(new DescribeScalingPoliciesCommand(of));
      for (const { PolicyName, ResourceId, ScalableDimension } of ScalingPolicies.filter(isIts)) {
        await client.send(
          new DeleteScalingPolicyCommand({ ...of, PolicyName, ResourceId, ScalableDimension }),
        );
      }
      const { ScalableTargets = [] } = await client.send(new DescribeScalableTargetsCommand(of));
      for (const { ResourceId, ScalableDimension } of ScalableTargets.filter(isIts)) {
        await client.send(new DeregisterScalableTargetCommand({ ...of, ResourceId, ScalableDimension }));
      }
    },
    stop: () => client.destroy(),
  };
}
