import {
  DeleteScalingPolicyCommand,
  DeleteScheduledActionCommand,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { describe, expect, it } from 'vitest';
import { errorCode } from '../../lib/fleet/aws-errors.ts';
import { sagemakerEndpoint } from '../../lib/fleet/sagemaker-endpoint.ts';
import { itIf } from './both.ts';
import { putEndpoint, settle } from './sagemaker-put.ts';
import { errorOf, type Tools } from './sagemaker-tools.ts';

const SERVICE = { ServiceNamespace: 'sagemaker' } as const;
const scaledOf = (endpoint: string) =>
  ({
    ...SERVICE,
    ResourceId: `endpoint/${endpoint}/variant/main`,
    ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  }) as const;

/** What holds of the scaling of endpoints. */
export function scalingSuite({ side, inMemory, autoscaling, get, stop, restore }: Tools): void {
  const targets = async (...ResourceIds: string[]) =>
    (await autoscaling().send(new DescribeScalableTargetsCommand({ ...SERVICE, ResourceIds })))
      .ScalableTargets ?? [];
  const policies = async (ResourceId: string) =>
    (await autoscaling().send(new DescribeScalingPoliciesCommand({ ...SERVICE, ResourceId })))
      .ScalingPolicies ?? [];
  const actions = async (ResourceId: string) =>
    (await autoscaling().send(new DescribeScheduledActionsCommand({ ...SERVICE, ResourceId })))
      .ScheduledActions ?? [];
  const putNightly = (endpoint: string) =>
    autoscaling().send(
      new PutScheduledActionCommand({
        ...scaledOf(endpoint),
        ScheduledActionName: 'nightly',
        Schedule: 'cron(0 22 * * ? *)',
        ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 1 },
      }),
    );
  const byInvocations = (endpoint: string, TargetValue: number) =>
    autoscaling().send(
      new PutScalingPolicyCommand({
        ...scaledOf(endpoint),
        PolicyName: 'by-invocations',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue,
          PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
        },
      }),
    );

  describe('the scaling of a variant', () => {
    it('is asked by its id, several at a time', async () => {
      await putEndpoint(side(), 'scaled-1');
      await putEndpoint(side(), 'scaled-2');
      const ids = ['scaled-1', 'none', 'scaled-2'].map((one) => scaledOf(one).ResourceId);
      expect(await targets(...ids)).toMatchObject([
        { ...scaledOf('scaled-1'), MinCapacity: 1, MaxCapacity: 4 },
        { ...scaledOf('scaled-2'), MinCapacity: 1, MaxCapacity: 4 },
      ]);
      expect(await policies(scaledOf('scaled-1').ResourceId)).toMatchObject([
        {
          ...scaledOf('scaled-1'),
          PolicyName: 'by-invocations',
          PolicyType: 'TargetTrackingScaling',
          TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 },
        },
      ]);
      expect(await actions(scaledOf('scaled-1').ResourceId)).toEqual([]);
      expect(await policies(scaledOf('none').ResourceId)).toEqual([]);
    });

    it('is changed in place, and what is not named stays', async () => {
      await putEndpoint(side(), 'moved');
      const id = scaledOf('moved').ResourceId;
      await autoscaling().send(new RegisterScalableTargetCommand({ ...scaledOf('moved'), MaxCapacity: 9 }));
      await byInvocations('moved', 50);
      await putNightly('moved');
      await putNightly('moved');
      expect(await targets(id)).toMatchObject([{ MinCapacity: 1, MaxCapacity: 9 }]);
      expect(await policies(id)).toMatchObject([
        { TargetTrackingScalingPolicyConfiguration: { TargetValue: 50 } },
      ]);
      expect(await actions(id)).toMatchObject([
        { ScheduledActionName: 'nightly', ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 1 } },
      ]);
      await autoscaling().send(
        new DeleteScheduledActionCommand({ ...scaledOf('moved'), ScheduledActionName: 'nightly' }),
      );
      await autoscaling().send(
        new DeleteScalingPolicyCommand({ ...scaledOf('moved'), PolicyName: 'by-invocations' }),
      );
      expect([await policies(id), await actions(id)]).toEqual([[], []]);
      await autoscaling().send(new DeregisterScalableTargetCommand(scaledOf('moved')));
      expect(await targets(id)).toEqual([]);
    });

    it('needs a target before anything else, with both its limits', async () => {
      await putEndpoint(side(), 'bare');
      await autoscaling().send(
        new DeleteScalingPolicyCommand({ ...scaledOf('bare'), PolicyName: 'by-invocations' }),
      );
      await autoscaling().send(new DeregisterScalableTargetCommand(scaledOf('bare')));
      const errors = [
        await errorOf(autoscaling().send(new DeregisterScalableTargetCommand(scaledOf('bare')))),
        await errorOf(
          autoscaling().send(new DeleteScalingPolicyCommand({ ...scaledOf('bare'), PolicyName: 'none' })),
        ),
        await errorOf(byInvocations('bare', 70)),
        await errorOf(putNightly('bare')),
        await errorOf(
          autoscaling().send(new RegisterScalableTargetCommand({ ...scaledOf('bare'), MinCapacity: 1 })),
        ),
      ];
      const [gone, invalid] = ['ObjectNotFoundException', 'ValidationException'];
      expect(errors.map((error) => errorCode(error))).toEqual(
        inMemory
          ? [gone, gone, gone, gone, invalid]
          : // The local AWS has another name for what is missing, and takes what has no target.
            [invalid, invalid, 'Error', 'Error', 'Error'],
      );
    });

    itIf(inMemory)('moves the number of instances into its range, as on AWS', async () => {
      await putEndpoint(side(), 'small');
      await autoscaling().send(new RegisterScalableTargetCommand({ ...scaledOf('small'), MinCapacity: 2 }));
      expect((await get(sagemakerEndpoint, 'small')).state).toBe('transitional');
      settle(side());
      expect(await get(sagemakerEndpoint, 'small')).toMatchObject({
        state: 'running',
        parts: [{ count: 2 }],
      });
      const none = new RegisterScalableTargetCommand({ ...scaledOf('none'), MinCapacity: 2, MaxCapacity: 4 });
      await expect(autoscaling().send(none)).rejects.toMatchObject({ name: 'ValidationException' });
    });

    it('goes with its endpoint, and comes back with it', async () => {
      await putEndpoint(side(), 'whole');
      const id = scaledOf('whole').ResourceId;
      await byInvocations('whole', 30);
      await putNightly('whole');
      const target = await get(sagemakerEndpoint, 'whole');
      const { record } = await stop(sagemakerEndpoint, target);
      const gone = [await targets(id), await policies(id)];
      expect(gone).toEqual([[], []]);
      expect((await restore(sagemakerEndpoint, target, record)).at(-1)).toBe(
        // The local AWS keeps scheduled actions.
        `It is in service; put back: 1 scalable target, 1 scaling policy${inMemory ? ', 1 scheduled action' : ''}.`,
      );
      expect(await targets(id)).toMatchObject([{ MinCapacity: 1, MaxCapacity: 4 }]);
      expect(await policies(id)).toMatchObject([
        { PolicyName: 'by-invocations', TargetTrackingScalingPolicyConfiguration: { TargetValue: 30 } },
      ]);
      expect(await actions(id)).toMatchObject([
        { ScheduledActionName: 'nightly', Schedule: 'cron(0 22 * * ? *)' },
      ]);
    });
  });
}
