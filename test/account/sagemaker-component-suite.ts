import { RegisterScalableTargetCommand } from '@aws-sdk/client-application-auto-scaling';
import {
  CreateInferenceComponentCommand,
  DeleteEndpointCommand,
  DeleteInferenceComponentCommand,
  DescribeInferenceComponentCommand,
  ListInferenceComponentsCommand,
  UpdateInferenceComponentRuntimeConfigCommand,
} from '@aws-sdk/client-sagemaker';
import { describe, expect, it } from 'vitest';
import { sagemakerEndpoint } from '../../lib/fleet/sagemaker-endpoint.ts';
import { isMissing } from '../../lib/fleet/sagemaker-errors.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { itIf } from './both.ts';
import { contextOn, createEndpoint, settle } from './sagemaker-put.ts';
import { errorOf, TAGS, type Tools } from './sagemaker-tools.ts';

/** What holds of endpoints that host inference components. */
export function componentSuite({ side, inMemory, sagemaker, autoscaling, get, stop, restore }: Tools): void {
  const describeComponent = (InferenceComponentName: string) =>
    sagemaker().send(new DescribeInferenceComponentCommand({ InferenceComponentName }));
  const copiesOf = async (name: string) => (await describeComponent(name)).RuntimeConfig?.CurrentCopyCount;

  /** Keeps one copy of it at least. */
  const scale = (component: string) =>
    autoscaling().send(
      new RegisterScalableTargetCommand({
        ServiceNamespace: 'sagemaker',
        ResourceId: `inference-component/${component}`,
        ScalableDimension: 'sagemaker:inference-component:DesiredCopyCount',
        MinCapacity: 1,
        MaxCapacity: 4,
      }),
    );

  /** Two components, `<name>-a` with two copies, which is scaled from one, and `<name>-b`. */
  async function putHost(name: string, MinInstanceCount: number): Promise<void> {
    await createEndpoint(
      side(),
      name,
      [
        {
          VariantName: 'main',
          ...(inMemory ? {} : { ModelName: `${name}-model` }),
          InstanceType: 'ml.p3.2xlarge',
          InitialInstanceCount: 1,
          ManagedInstanceScaling: { Status: 'ENABLED', MinInstanceCount, MaxInstanceCount: 4 },
        },
      ],
      TAGS,
    );
    for (const [part, CopyCount] of [
      ['a', 2],
      ['b', 1],
    ] as const) {
      await sagemaker().send(
        new CreateInferenceComponentCommand({
          InferenceComponentName: `${name}-${part}`,
          EndpointName: name,
          VariantName: 'main',
          Specification: { ModelName: `${name}-model` },
          RuntimeConfig: { CopyCount },
        }),
      );
    }
    if (inMemory) await scale(`${name}-a`);
  }

  /** As it is discovered on AWS: on the local one, what it hosts must be told. */
  const hostOf = async (name: string): Promise<Resource> => ({
    ...(await get(sagemakerEndpoint, name)),
    ...(inMemory ? {} : { form: 'inference components' }),
  });

  describe('an endpoint that hosts inference components', () => {
    itIf(!inMemory)('has a model on the local AWS, which breaks on variants without', async () => {
      const variants = [
        { VariantName: 'main', InstanceType: 'ml.m5.xlarge', InitialInstanceCount: 1 },
      ] as const;
      await expect(createEndpoint(side(), 'modelless', variants)).rejects.toThrow();
      // Its Application Auto Scaling knows no components either.
      await expect(scale('any')).rejects.toMatchObject({ name: 'ValidationException' });
    });

    it('is scaled to zero with all of them, and back', async () => {
      await putHost('host', 0);
      const target = await hostOf('host');
      expect(target).toMatchObject({ form: 'inference components', state: 'running', protections: [] });
      const { outcome, record } = await stop(sagemakerEndpoint, target);
      expect(outcome).toMatchObject({ status: 'taken', detail: expect.stringContaining('host-a, host-b') });
      expect(record).toMatchObject({
        components: [
          { name: 'host-a', copies: 2, ...(inMemory ? { leastCopies: 1 } : {}) },
          { name: 'host-b', copies: 1 },
        ],
      });
      settle(side());
      expect([await copiesOf('host-a'), await copiesOf('host-b')]).toEqual([0, 0]);
      expect((await stop(sagemakerEndpoint, target)).outcome).toMatchObject({
        status: 'skipped',
        code: 'AlreadyStopped',
      });
      // The instances of the local AWS stay.
      if (inMemory) expect((await get(sagemakerEndpoint, 'host')).state).toBe('stopped');

      expect((await restore(sagemakerEndpoint, target, record)).at(-1)).toBe(
        'Its inference components have their copies.',
      );
      settle(side());
      expect([await copiesOf('host-a'), await copiesOf('host-b')]).toEqual([2, 1]);
      expect((await get(sagemakerEndpoint, 'host')).state).toBe('running');
    });

    itIf(inMemory)('loses its instances minutes after its copies, as on AWS', async () => {
      await putHost('slow-host', 0);
      const target = await get(sagemakerEndpoint, 'slow-host');
      const { record } = await stop(sagemakerEndpoint, target);
      expect((await describeComponent('slow-host-b')).InferenceComponentStatus).toBe('Updating');
      expect(await copiesOf('slow-host-b')).toBe(1);
      const meanwhile = new UpdateInferenceComponentRuntimeConfigCommand({
        InferenceComponentName: 'slow-host-b',
        DesiredRuntimeConfig: { CopyCount: 3 },
      });
      await expect(sagemaker().send(meanwhile)).rejects.toMatchObject({
        message: expect.stringContaining('in-progress'),
      });
      expect((await get(sagemakerEndpoint, 'slow-host')).state).toBe('running');
      settle(side());
      expect((await get(sagemakerEndpoint, 'slow-host')).state).toBe('stopped');
      await sagemakerEndpoint.restore(target, record, contextOn(side()));
      expect((await get(sagemakerEndpoint, 'slow-host')).state).toBe('transitional');
      settle(side());
      expect((await get(sagemakerEndpoint, 'slow-host')).state).toBe('running');
    });

    itIf(inMemory)('that keeps an instance without any is protected', async () => {
      await putHost('kept-host', 1);
      expect((await get(sagemakerEndpoint, 'kept-host')).protections).toEqual([
        {
          code: 'managed-elsewhere',
          detail: expect.stringContaining('its variant main keeps 1 instance even'),
        },
      ]);
    });

    it('tells which it hosts', async () => {
      await putHost('listed-host', 0);
      const { InferenceComponents = [] } = await sagemaker().send(
        new ListInferenceComponentsCommand({ EndpointNameEquals: 'listed-host' }),
      );
      expect(InferenceComponents.map(({ InferenceComponentName }) => InferenceComponentName)).toEqual([
        'listed-host-a',
        'listed-host-b',
      ]);
      const [plan] = (
        await sagemakerEndpoint.signals([await hostOf('listed-host')], contextOn(side()))
      ).values();
      expect(plan?.queries.map(({ dimensions }) => dimensions)).toContainEqual({
        InferenceComponentName: 'listed-host-b',
      });
      expect(isMissing(await errorOf(describeComponent('none')))).toBe(true);
    });

    it('cannot be deleted before them', async () => {
      await putHost('full-host', 0);
      const remove = () => sagemaker().send(new DeleteEndpointCommand({ EndpointName: 'full-host' }));
      // The local AWS deletes it all the same.
      if (inMemory) {
        await expect(remove()).rejects.toMatchObject({ name: 'ValidationException' });
      }
      for (const part of ['a', 'b']) {
        await sagemaker().send(
          new DeleteInferenceComponentCommand({ InferenceComponentName: `full-host-${part}` }),
        );
      }
      await remove();
    });
  });
}
