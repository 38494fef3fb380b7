import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListEndpointsCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { describe, expect, it } from 'vitest';
import { sagemakerEndpoint } from '../../lib/fleet/sagemaker-endpoint.ts';
import { isMissing, isTaken } from '../../lib/fleet/sagemaker-errors.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import { usd } from '../fleet/fixtures.ts';
import { itIf } from './both.ts';
import { contextOn, createEndpoint, putEndpoint, settle } from './sagemaker-put.ts';
import { arnOf, errorOf, TAGS, type Tools } from './sagemaker-tools.ts';

/** What holds of endpoints. */
export function endpointSuite({
  side,
  inMemory,
  sagemaker,
  find,
  get,
  discovered,
  stop,
  restore,
}: Tools): void {
  describe('an endpoint', () => {
    it('is discovered with all that a decision needs', async () => {
      await putEndpoint(side(), 'ranker', { type: 'ml.p3.2xlarge', instances: 2, tags: TAGS });
      const found = (await discovered(sagemakerEndpoint)).find(({ id }) => id === 'ranker');
      expect(found).toEqual({
        kind: 'sagemaker-endpoint',
        arn: arnOf('endpoint/ranker'),
        id: 'ranker',
        account: ACCOUNT,
        region: REGION,
        tags: TAGS,
        state: 'running',
        since: expect.any(Date),
        started: found?.since,
        size: '2 × ml.p3.2xlarge',
        parts: [{ name: 'main', type: 'ml.p3.2xlarge', count: 2 }],
        protections: [],
        hourly: usd('7.65'),
      });
      expect(await get(sagemakerEndpoint, 'ranker')).toEqual(found);
    });

    it('is listed once, on one page or another', async () => {
      const names = ['page-1', 'page-2', 'page-3', 'page-4', 'page-5'];
      for (const one of names) await putEndpoint(side(), one);
      const seen: string[] = [];
      const sizes: number[] = [];
      let NextToken: string | undefined;
      do {
        const page = await sagemaker().send(
          new ListEndpointsCommand({ MaxResults: 2, ...(NextToken === undefined ? {} : { NextToken }) }),
        );
        sizes.push(page.Endpoints?.length ?? 0);
        seen.push(...(page.Endpoints ?? []).map(({ EndpointName = '' }) => EndpointName));
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      expect(seen).toEqual(expect.arrayContaining(names));
      expect(new Set(seen).size).toBe(seen.length);
      expect(sizes.slice(0, -1).every((size) => size === 2)).toBe(true);
    });

    it('that is not there is a ValidationException, and so is its configuration, its model, or a tag of it', async () => {
      const EndpointName = 'none';
      const errors = await Promise.all(
        [
          sagemaker().send(new DescribeEndpointCommand({ EndpointName })),
          sagemaker().send(new DeleteEndpointCommand({ EndpointName })),
          sagemaker().send(
            new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName, DesiredWeightsAndCapacities: [] }),
          ),
          sagemaker().send(new DescribeEndpointConfigCommand({ EndpointConfigName: 'none' })),
          sagemaker().send(new DeleteEndpointConfigCommand({ EndpointConfigName: 'none' })),
          sagemaker().send(new DescribeModelCommand({ ModelName: 'none' })),
          sagemaker().send(new CreateEndpointCommand({ EndpointName, EndpointConfigName: 'none' })),
        ].map(errorOf),
      );
      expect(errors.map((error) => isMissing(error))).toEqual(errors.map(() => true));
      expect(await find(sagemakerEndpoint, 'none')).toBeUndefined();
    });

    it('of a name that is taken is refused', async () => {
      await putEndpoint(side(), 'taken');
      const again = new CreateEndpointCommand({ EndpointName: 'taken', EndpointConfigName: 'taken-config' });
      const error = await errorOf(sagemaker().send(again));
      // The local AWS makes another in its place.
      if (inMemory) expect(isTaken(error)).toBe(true);
      else expect(error).toBeUndefined();
    });

    it('takes other weights and numbers, of variants that it has', async () => {
      await createEndpoint(side(), 'pair', [
        {
          VariantName: 'main',
          ModelName: 'pair-model',
          InstanceType: 'ml.m5.xlarge',
          InitialInstanceCount: 2,
        },
        {
          VariantName: 'canary',
          ModelName: 'pair-model',
          InstanceType: 'ml.p3.2xlarge',
          InitialInstanceCount: 1,
        },
      ]);
      const update = (VariantName: string) =>
        sagemaker().send(
          new UpdateEndpointWeightsAndCapacitiesCommand({
            EndpointName: 'pair',
            DesiredWeightsAndCapacities: [{ VariantName, DesiredWeight: 0.25, DesiredInstanceCount: 3 }],
          }),
        );
      await expect(update('none')).rejects.toMatchObject({ name: 'ValidationException' });
      await update('main');
      settle(side());
      const { ProductionVariants } = await sagemaker().send(
        new DescribeEndpointCommand({ EndpointName: 'pair' }),
      );
      expect(ProductionVariants).toMatchObject([
        { VariantName: 'main', CurrentWeight: 0.25, CurrentInstanceCount: 3, DesiredInstanceCount: 3 },
        { VariantName: 'canary', CurrentInstanceCount: 1, DesiredInstanceCount: 1 },
      ]);
      expect(await get(sagemakerEndpoint, 'pair')).toMatchObject({
        state: 'running',
        size: '3 × ml.m5.xlarge, 1 × ml.p3.2xlarge',
        // 3 × 0.23 + 3.825
        hourly: usd('4.515'),
      });
    });

    itIf(inMemory)(
      'takes minutes to create and to change, and cannot be deleted meanwhile, as on AWS',
      async () => {
        const EndpointName = 'slow';
        const status = async () =>
          (await sagemaker().send(new DescribeEndpointCommand({ EndpointName }))).EndpointStatus;
        const remove = () => sagemaker().send(new DeleteEndpointCommand({ EndpointName }));
        await putEndpoint(side(), EndpointName);
        await remove();
        await sagemaker().send(
          new CreateEndpointCommand({ EndpointName, EndpointConfigName: 'slow-config' }),
        );
        expect(await status()).toBe('Creating');
        expect((await get(sagemakerEndpoint, EndpointName)).state).toBe('transitional');
        await expect(remove()).rejects.toMatchObject({ message: expect.stringContaining('in-progress') });
        settle(side());
        expect(await status()).toBe('InService');
        await sagemaker().send(
          new UpdateEndpointWeightsAndCapacitiesCommand({
            EndpointName,
            DesiredWeightsAndCapacities: [{ VariantName: 'main', DesiredInstanceCount: 2 }],
          }),
        );
        expect(await status()).toBe('Updating');
        expect((await get(sagemakerEndpoint, EndpointName)).parts).toEqual([
          { name: 'main', type: 'ml.m5.xlarge', count: 1 },
        ]);
        await expect(remove()).rejects.toMatchObject({ message: expect.stringContaining('in-progress') });
        settle(side());
        expect(await status()).toBe('InService');
        await remove();
      },
    );

    it('is shut down and brought back as it was, with its tags and its scaling', async () => {
      await putEndpoint(side(), 'again', { type: 'ml.p3.2xlarge', instances: 2, tags: TAGS });
      const target = await get(sagemakerEndpoint, 'again');
      const { outcome, record } = await stop(sagemakerEndpoint, target);
      expect(outcome).toMatchObject({
        status: 'taken',
        detail: 'Shut down; its configuration again-config and what a restore needs are kept.',
      });
      expect(record).toMatchObject({
        endpointConfigName: 'again-config',
        endpointConfig: {
          ProductionVariants: [
            {
              VariantName: 'main',
              ModelName: 'again-model',
              InstanceType: 'ml.p3.2xlarge',
              InitialInstanceCount: 2,
            },
          ],
        },
        variants: [{ VariantName: 'main', CurrentInstanceCount: 2 }],
        models: ['again-model'],
        tags: TAGS,
        scalableTargets: [{ ResourceId: 'endpoint/again/variant/main', MinCapacity: 1, MaxCapacity: 4 }],
        scalingPolicies: [{ PolicyName: 'by-invocations', PolicyType: 'TargetTrackingScaling' }],
        scheduledActions: [],
      });
      expect(await find(sagemakerEndpoint, 'again')).toBeUndefined();
      expect((await discovered(sagemakerEndpoint)).map(({ id }) => id)).not.toContain('again');
      expect((await stop(sagemakerEndpoint, target)).outcome).toMatchObject({
        status: 'skipped',
        code: 'Gone',
      });

      expect(await restore(sagemakerEndpoint, target, record)).toEqual([
        'It is being created; its scaling follows when it is in service.',
        'It is in service; put back: 1 scalable target, 1 scaling policy.',
      ]);
      const { since, started, ...back } = await get(sagemakerEndpoint, 'again');
      expect({ ...back, since: target.since, started: target.started }).toEqual(target);
      expect(started?.getTime()).toBeGreaterThanOrEqual(target.since.getTime());
      expect(await restore(sagemakerEndpoint, target, record)).toEqual([
        'It is in service with its configuration; nothing was missing.',
      ]);
    });

    it('is created with a configuration that was made again, where that was deleted', async () => {
      await putEndpoint(side(), 'remade', { tags: TAGS });
      const target = await get(sagemakerEndpoint, 'remade');
      const { record } = await stop(sagemakerEndpoint, target);
      await sagemaker().send(new DeleteEndpointConfigCommand({ EndpointConfigName: 'remade-config' }));
      const [first] = await restore(sagemakerEndpoint, target, record);
      expect(first).toContain('Its configuration remade-config was created again too.');
      expect(await get(sagemakerEndpoint, 'remade')).toMatchObject({
        state: 'running',
        tags: TAGS,
        size: target.size,
        protections: [],
      });
      const taken = new CreateEndpointConfigCommand({
        EndpointConfigName: 'remade-config',
        ProductionVariants: [{ VariantName: 'main', ModelName: 'remade-model' }],
      });
      const error = await errorOf(sagemaker().send(taken));
      // The local AWS makes another in its place.
      if (inMemory) expect(isTaken(error)).toBe(true);
    });

    it('whose configuration was deleted under it is protected and has no price', async () => {
      await putEndpoint(side(), 'lost');
      await sagemaker().send(new DeleteEndpointConfigCommand({ EndpointConfigName: 'lost-config' }));
      expect(await get(sagemakerEndpoint, 'lost')).toMatchObject({
        protections: [{ code: 'managed-elsewhere', detail: expect.stringContaining('was deleted') }],
        size: '1 × unknown',
        hourly: undefined,
      });
    });

    it('whose model was deleted under it is not shut down', async () => {
      await putEndpoint(side(), 'orphan');
      await sagemaker().send(new DeleteModelCommand({ ModelName: 'orphan-model' }));
      const { outcome } = await stop(sagemakerEndpoint, await get(sagemakerEndpoint, 'orphan'));
      expect(outcome).toMatchObject({ status: 'failed', code: 'ModelMissing', retry: false });
    });

    it('is left alone where people made one with another configuration', async () => {
      await putEndpoint(side(), 'hand');
      const target = await get(sagemakerEndpoint, 'hand');
      const { record } = await stop(sagemakerEndpoint, target);
      await putEndpoint(side(), 'other');
      await sagemaker().send(
        new CreateEndpointCommand({ EndpointName: 'hand', EndpointConfigName: 'other-config' }),
      );
      settle(side());
      const restored = await sagemakerEndpoint.restore(target, record, contextOn(side()));
      expect(restored).toMatchObject({ finished: true, outcome: { code: 'ChangedByHand' } });
    });

    it('may be asynchronous, or serverless with or without a cost', async () => {
      const serverless = (ProvisionedConcurrency?: number) => ({
        VariantName: 'main',
        ServerlessConfig: {
          MemorySizeInMB: 2048,
          MaxConcurrency: 5,
          ...(ProvisionedConcurrency === undefined ? {} : { ProvisionedConcurrency }),
        },
      });
      await createEndpoint(
        side(),
        'queue',
        [
          {
            VariantName: 'main',
            ModelName: 'queue-model',
            InstanceType: 'ml.m5.xlarge',
            InitialInstanceCount: 1,
          },
        ],
        TAGS,
        { AsyncInferenceConfig: { OutputConfig: { S3OutputPath: 's3://bucket/out' } } },
      );
      await createEndpoint(side(), 'free', [{ ...serverless(), ModelName: 'free-model' }]);
      await createEndpoint(side(), 'warm', [{ ...serverless(2), ModelName: 'warm-model' }]);
      expect(await get(sagemakerEndpoint, 'queue')).toMatchObject({ form: 'asynchronous', protections: [] });
      expect(await get(sagemakerEndpoint, 'free')).toMatchObject({
        form: 'serverless',
        parts: [{ name: 'main', type: 'serverless', count: 0 }],
        protections: [{ detail: 'It is a serverless endpoint, which costs nothing while it is idle.' }],
        hourly: undefined,
      });
      expect(await get(sagemakerEndpoint, 'warm')).toMatchObject({
        form: 'serverless',
        parts: [{ name: 'main', type: 'serverless', count: 2 }],
        protections: [],
      });
    });
  });
}
