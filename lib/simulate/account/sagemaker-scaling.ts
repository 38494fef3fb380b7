import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
  PutScheduledActionCommand,
  type PutScheduledActionCommandInput,
  RegisterScalableTargetCommand,
  type RegisterScalableTargetCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import { answering } from './answering.ts';
import type { AccountState } from './state.ts';

/**
 * Each variant scales between one and four instances by its invocations. All of that is lost with the endpoint: one
 * that was created again has what was put back.
 */
export function scalingIn({ endpoints }: AccountState, region: string): ApplicationAutoScalingClient {
  const answers = answering(new ApplicationAutoScalingClient({ region }));
  const targets: RegisterScalableTargetCommandInput[] = [];
  const policies: PutScalingPolicyCommandInput[] = [];
  const actions: PutScheduledActionCommandInput[] = [];
  const endpointOf = (id: string | undefined) => endpoints.get(id?.split('/')[1] ?? '');
  /** The given where the endpoint is the first of its name, else what was put back. */
  const scalingOf = <T extends { ResourceId?: string | undefined }>(
    id: string | undefined,
    first: T,
    put: readonly T[],
  ): T[] => {
    const one = endpointOf(id);
    if (one === undefined || one.deletedAt !== undefined) return [];
    return one.createdAgain === true ? put.filter(({ ResourceId }) => ResourceId === id) : [first];
  };
  const key = (ResourceId: string | undefined) => ({
    ServiceNamespace: 'sagemaker' as const,
    ResourceId,
    ScalableDimension: 'sagemaker:variant:DesiredInstanceCount' as const,
  });
  answers.on(DescribeScalableTargetsCommand, ({ ResourceIds = [] }) => ({
    ScalableTargets: ResourceIds.flatMap((id) =>
      scalingOf(id, { ...key(id), MinCapacity: 1, MaxCapacity: 4 }, targets),
    ),
  }));
  answers.on(DescribeScalingPoliciesCommand, ({ ResourceId }) => ({
    ScalingPolicies: scalingOf(
      ResourceId,
      {
        ...key(ResourceId),
        PolicyName: 'by-invocations',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 },
      },
      policies,
    ),
  }));
  answers.on(DescribeScheduledActionsCommand, ({ ResourceId }) => ({
    ScheduledActions: actions.filter((one) => one.ResourceId === ResourceId),
  }));
  answers.on(RegisterScalableTargetCommand, (input) => {
    targets.push(input);
    return {};
  });
  answers.on(PutScalingPolicyCommand, (input) => {
    policies.push(input);
    return {};
  });
  answers.on(PutScheduledActionCommand, (input) => {
    actions.push(input);
    return {};
  });
  return answers.client;
}
