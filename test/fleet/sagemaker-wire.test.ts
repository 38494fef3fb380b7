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
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type ProductionVariant,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import { sagemakerEndpoint } from '../../lib/fleet/sagemaker-endpoint.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { ACCOUNT, contextOf, endpointArn, NOW, REGION, stopContextOf, usd, useEndpoint } from './fixtures.ts';

let moto: Moto;
let clients: RegionClients;
let restoreEnvironment: () => void;

beforeAll(async () => {
  moto = await startMoto();
  restoreEnvironment = useEndpoint(moto.endpoint);
  clients = createRegionClients(REGION);
  await createModel('ranker');
}, 60_000);

afterAll(async () => {
  for (const client of Object.values(clients ?? {})) client.destroy();
  restoreEnvironment?.();
  await moto?.stop();
});

async function createModel(name: string): Promise<void> {
  await clients.sagemaker.send(
    new CreateModelCommand({
      ModelName: name,
      ExecutionRoleArn: `arn:aws:iam::${ACCOUNT}:role/model`,
      PrimaryContainer: { Image: 'ranker:1', ModelDataUrl: `s3://models/${name}.tar.gz` },
    }),
  );
}

const variant = (
  name: string,
  type: ProductionVariant['InstanceType'],
  count: number,
  model = 'ranker',
): ProductionVariant => ({
  VariantName: name,
  ModelName: model,
  InstanceType: type,
  InitialInstanceCount: count,
  InitialVariantWeight: 1,
});

async function createConfig(name: string, variants: ProductionVariant[]): Promise<void> {
  await clients.sagemaker.send(
    new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants: variants }),
  );
}

async function create(
  name: string,
  config: string,
  tags: Readonly<Record<string, string>> = {},
): Promise<void> {
  await clients.sagemaker.send(
    new CreateEndpointCommand({
      EndpointName: name,
      EndpointConfigName: config,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
}

async function described(name: string): Promise<Resource> {
  const [found] = await sagemakerEndpoint.describe([name], contextOf(clients));
  if (found === undefined) throw new Error(`${name} was not found`);
  return found;
}

const exists = async (name: string): Promise<boolean> =>
  (await sagemakerEndpoint.describe([name], contextOf(clients))).length === 1;

/** A scaled endpoint: a target, a policy and a schedule on its variant `main`. */
async function createScaled(name: string): Promise<void> {
  const scaled = {
    ServiceNamespace: 'sagemaker' as const,
    ResourceId: `endpoint/${name}/variant/main`,
    ScalableDimension: 'sagemaker:variant:DesiredInstanceCount' as const,
  };
  await createConfig(`${name}-config`, [
    variant('main', 'ml.m5.xlarge', 2),
    variant('canary', 'ml.p3.2xlarge', 1),
  ]);
  await create(name, `${name}-config`, { project: 'recsys', owner: 'alice', environment: 'dev' });
  await clients.autoscaling.send(
    new RegisterScalableTargetCommand({ ...scaled, MinCapacity: 1, MaxCapacity: 4 }),
  );
  await clients.autoscaling.send(
    new PutScalingPolicyCommand({
      ...scaled,
      PolicyName: 'by-invocations',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 70,
        PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
      },
    }),
  );
  await clients.autoscaling.send(
    new PutScheduledActionCommand({
      ...scaled,
      ScheduledActionName: 'nightly',
      Schedule: 'cron(0 22 * * ? *)',
      ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 1 },
    }),
  );
}

describe('discover', () => {
  it('reads all that a decision needs; the price is the sum of the variants', async () => {
    await createConfig('pair-config', [
      variant('main', 'ml.m5.xlarge', 2),
      variant('big', 'ml.p3.2xlarge', 1),
    ]);
    await create('pair', 'pair-config', { project: 'recsys', owner: 'alice' });
    const found = (await sagemakerEndpoint.discover(contextOf(clients))).find(({ id }) => id === 'pair');
    expect(found).toEqual({
      kind: 'sagemaker-endpoint',
      arn: endpointArn('pair'),
      id: 'pair',
      account: ACCOUNT,
      region: REGION,
      tags: { project: 'recsys', owner: 'alice' },
      state: 'running',
      since: found?.since,
      started: found?.since,
      size: '2 × ml.m5.xlarge, 1 × ml.p3.2xlarge',
      parts: [
        { name: 'main', type: 'ml.m5.xlarge', count: 2 },
        { name: 'big', type: 'ml.p3.2xlarge', count: 1 },
      ],
      protections: [],
      // 2 × 0.23 + 3.825
      hourly: usd('4.285'),
    });
    expect(found?.since).toBeInstanceOf(Date);
  });

  it('reads every page', async () => {
    await createConfig('many-config', [variant('main', 'ml.m5.xlarge', 1)]);
    const names = Array.from({ length: 7 }, (_, n) => `many-${n}`);
    for (const name of names) await create(name, 'many-config');
    const own = createRegionClients(REGION);
    let pages = 0;
    own.sagemaker.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'ListEndpointsCommand') {
            pages += 1;
            Object.assign(args.input, { MaxResults: 2 });
          }
          return next(args);
        },
      { step: 'initialize', name: 'smallPages' },
    );
    const found = await sagemakerEndpoint.discover(contextOf(own));
    own.sagemaker.destroy();
    expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining(names));
    expect(new Set(found.map(({ id }) => id)).size, 'none twice').toBe(found.length);
    expect(pages).toBe(Math.ceil(found.length / 2));
  });

  it('is unpriced where one variant is', async () => {
    await createConfig('odd-config', [variant('main', 'ml.m5.xlarge', 1), variant('odd', 'ml.c5.large', 1)]);
    await create('odd', 'odd-config');
    expect((await described('odd')).hourly).toBeUndefined();
  });

  it('protects an endpoint whose configuration was deleted: it could not be created again', async () => {
    await createConfig('lost-config', [variant('main', 'ml.m5.xlarge', 1)]);
    await create('lost', 'lost-config');
    await clients.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: 'lost-config' }));
    const { protections, hourly } = await described('lost');
    expect(protections).toEqual([
      {
        code: 'managed-elsewhere',
        detail: 'Its endpoint configuration was deleted, so it could not be created again.',
      },
    ]);
    expect(hourly, 'its instance types are unknown').toBeUndefined();
  });

  it('protects a serverless endpoint', async () => {
    await createConfig('serverless-config', [
      {
        VariantName: 'main',
        ModelName: 'ranker',
        ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 },
      },
    ]);
    await create('serverless', 'serverless-config');
    expect((await described('serverless')).protections).toEqual([
      {
        code: 'managed-elsewhere',
        detail: 'It is a serverless endpoint, which costs nothing while it is idle.',
      },
    ]);
  });
});

it('describe leaves out what is gone', async () => {
  await createConfig('here-config', [variant('main', 'ml.m5.xlarge', 1)]);
  await create('here', 'here-config');
  const found = await sagemakerEndpoint.describe(['gone', 'here'], contextOf(clients));
  expect(found.map(({ id }) => id)).toEqual(['here']);
});

describe('stop', () => {
  it('keeps all that a restore needs, then deletes', async () => {
    await createScaled('scaled');
    const target = await described('scaled');
    const context = stopContextOf(contextOf(clients));
    const outcomes = await sagemakerEndpoint.stop([target], context);

    expect(outcomes.get(target.arn)).toEqual({
      status: 'taken',
      at: NOW,
      detail: 'Shut down; its configuration scaled-config and what a restore needs are kept.',
    });
    expect(await exists('scaled')).toBe(false);
    expect(context.saved).toHaveLength(1);
    expect(context.saved[0]?.resource).toEqual(target);
    const kept: unknown = JSON.parse(JSON.stringify(context.saved[0]?.record));
    expect(kept).toMatchObject({
      endpointName: 'scaled',
      endpointConfigName: 'scaled-config',
      endpointConfig: {
        EndpointConfigName: 'scaled-config',
        ProductionVariants: [
          { VariantName: 'main', ModelName: 'ranker', InstanceType: 'ml.m5.xlarge', InitialInstanceCount: 2 },
          { VariantName: 'canary', InstanceType: 'ml.p3.2xlarge', InitialInstanceCount: 1 },
        ],
      },
      variants: [
        { VariantName: 'main', DesiredInstanceCount: 2, DesiredWeight: 1 },
        { VariantName: 'canary', DesiredInstanceCount: 1 },
      ],
      shadowVariants: [],
      models: ['ranker'],
      tags: { project: 'recsys', owner: 'alice', environment: 'dev' },
      scalableTargets: [{ ResourceId: 'endpoint/scaled/variant/main', MinCapacity: 1, MaxCapacity: 4 }],
      scalingPolicies: [
        {
          PolicyName: 'by-invocations',
          PolicyType: 'TargetTrackingScaling',
          TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 },
        },
      ],
      scheduledActions: [
        {
          ScheduledActionName: 'nightly',
          Schedule: 'cron(0 22 * * ? *)',
          ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 1 },
        },
      ],
    });
    expect(JSON.stringify(kept)).not.toContain('$metadata');
  });

  it('deletes nothing where the record could not be kept', async () => {
    await createScaled('kept');
    const target = await described('kept');
    const outcomes = await sagemakerEndpoint.stop([target], {
      ...contextOf(clients),
      saveRestore: async () => {
        throw new Error('the table is out');
      },
    });
    expect(outcomes.get(target.arn)).toMatchObject({ status: 'failed', detail: 'the table is out' });
    const live = await clients.sagemaker.send(new DescribeEndpointCommand({ EndpointName: 'kept' }));
    expect(live.EndpointStatus).toBe('InService');
  });

  it('deletes nothing where a model is gone: the endpoint could not be created again', async () => {
    await createModel('passing');
    await createConfig('orphan-config', [
      variant('main', 'ml.m5.xlarge', 1),
      variant('canary', 'ml.m5.xlarge', 1, 'passing'),
    ]);
    await create('orphan', 'orphan-config');
    const target = await described('orphan');
    await clients.sagemaker.send(new DeleteModelCommand({ ModelName: 'passing' }));
    const context = stopContextOf(contextOf(clients));
    const outcomes = await sagemakerEndpoint.stop([target], context);
    expect(outcomes.get(target.arn)).toEqual({
      status: 'failed',
      at: NOW,
      code: 'ModelMissing',
      detail: 'Its model passing was deleted, so it could not be created again.',
      retry: false,
    });
    expect(await exists('orphan')).toBe(true);
    expect(context.saved).toEqual([]);
  });

  it('of one that is gone is a skip, and keeps the record of the stop before', async () => {
    await createConfig('twice-config', [variant('main', 'ml.m5.xlarge', 1)]);
    await create('twice', 'twice-config');
    const target = await described('twice');
    await clients.sagemaker.send(new DeleteEndpointCommand({ EndpointName: 'twice' }));
    const context = stopContextOf(contextOf(clients));
    const outcomes = await sagemakerEndpoint.stop([target], context);
    expect(outcomes.get(target.arn)).toMatchObject({ status: 'skipped', code: 'Gone' });
    expect(context.saved, 'a new record would replace the good one').toEqual([]);
  });
});

describe('restore', () => {
  /** Everything that a restore must give back, without what AWS makes anew: ARNs and times. */
  async function whole(name: string) {
    const { sagemaker, autoscaling } = clients;
    const live = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));
    const config = await sagemaker.send(
      new DescribeEndpointConfigCommand({ EndpointConfigName: live.EndpointConfigName }),
    );
    const ResourceId = `endpoint/${name}/variant/main`;
    const of = { ServiceNamespace: 'sagemaker' as const };
    const targets = await autoscaling.send(
      new DescribeScalableTargetsCommand({ ...of, ResourceIds: [ResourceId] }),
    );
    const policies = await autoscaling.send(new DescribeScalingPoliciesCommand({ ...of, ResourceId }));
    const actions = await autoscaling.send(new DescribeScheduledActionsCommand({ ...of, ResourceId }));
    return {
      configName: live.EndpointConfigName,
      variants: live.ProductionVariants,
      config: {
        variants: config.ProductionVariants,
        capture: config.DataCaptureConfig,
        async: config.AsyncInferenceConfig,
        key: config.KmsKeyId,
      },
      tags: (await described(name)).tags,
      targets: targets.ScalableTargets?.map(({ ScalableTargetARN, CreationTime, ...rest }) => rest),
      policies: policies.ScalingPolicies?.map(({ PolicyARN, CreationTime, Alarms, ...rest }) => rest),
      actions: actions.ScheduledActions?.map(
        ({ ScheduledActionARN, CreationTime, StartTime, EndTime, ...rest }) => rest,
      ),
    };
  }

  /** AWS deregisters the targets of a deleted endpoint, with all that hangs on them; moto keeps them. */
  async function loseScaling(name: string): Promise<void> {
    const scaled = {
      ServiceNamespace: 'sagemaker' as const,
      ResourceId: `endpoint/${name}/variant/main`,
      ScalableDimension: 'sagemaker:variant:DesiredInstanceCount' as const,
    };
    const { autoscaling } = clients;
    await autoscaling.send(new DeleteScalingPolicyCommand({ ...scaled, PolicyName: 'by-invocations' }));
    await autoscaling.send(new DeleteScheduledActionCommand({ ...scaled, ScheduledActionName: 'nightly' }));
    await autoscaling.send(new DeregisterScalableTargetCommand(scaled));
  }

  /** Stops it. @returns what was saved, as it comes back from JSON. */
  async function stop(name: string): Promise<{ readonly target: Resource; readonly record: unknown }> {
    const target = await described(name);
    const context = stopContextOf(contextOf(clients));
    const outcomes = await sagemakerEndpoint.stop([target], context);
    expect(outcomes.get(target.arn)?.status).toBe('taken');
    return { target, record: JSON.parse(JSON.stringify(context.saved[0]?.record)) };
  }

  /** Restores until nothing is left to do. @returns what each step came to. */
  async function restoreAll(target: Resource, record: unknown): Promise<readonly string[]> {
    const steps: string[] = [];
    for (let finished = false; !finished && steps.length < 10; ) {
      const step = await sagemakerEndpoint.restore(target, record, contextOf(clients));
      steps.push(step.outcome.detail);
      finished = step.finished;
    }
    return steps;
  }

  it('gives back the same configuration, variants, tags and scaling, live weights and counts too', async () => {
    await createScaled('again');
    await clients.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: 'again',
        DesiredWeightsAndCapacities: [
          { VariantName: 'main', DesiredWeight: 0.75, DesiredInstanceCount: 3 },
          { VariantName: 'canary', DesiredWeight: 0.25, DesiredInstanceCount: 1 },
        ],
      }),
    );
    const before = await whole('again');
    expect(before.policies).toHaveLength(1);
    const { target, record } = await stop('again');
    await loseScaling('again');
    expect(await exists('again')).toBe(false);

    expect(await restoreAll(target, record)).toEqual([
      'It is being created; its scaling follows when it is in service.',
      'It is in service; its variant main gets back its weight and its capacity, the rest follows.',
      'It is in service; its variant canary gets back its weight and its capacity, the rest follows.',
      'It is in service; put back: 1 scalable target, 1 scaling policy, 1 scheduled action.',
    ]);
    expect(await whole('again')).toEqual(before);
    const { since, started, ...now } = await described('again');
    expect({ ...now, since: target.since, started: target.started }).toEqual(target);
    expect(started?.getTime()).toBeGreaterThan(target.since.getTime());
  });

  it('twice changes nothing the second time', async () => {
    await createScaled('two');
    const { target, record } = await stop('two');
    await loseScaling('two');
    await restoreAll(target, record);
    const before = await whole('two');
    expect(await restoreAll(target, record)).toEqual([
      'It is in service with its configuration; nothing was missing.',
    ]);
    expect(await whole('two')).toEqual(before);
  });

  it('gives one that was scaled down its instances and its scaling back', async () => {
    await createScaled('evening');
    const counts = async () =>
      (await described('evening')).parts?.map(({ name, count }) => [name, count] as const);
    const scaling = async () => (await whole('evening')).targets;
    const before = { counts: await counts(), scaling: await scaling() };
    expect(before.counts).toEqual([
      ['main', 2],
      ['canary', 1],
    ]);
    const target = await described('evening');
    const context = stopContextOf(contextOf(clients));
    const down = await sagemakerEndpoint.scaleDown?.([target], context);
    expect(down?.get(target.arn)).toMatchObject({ status: 'taken' });
    expect(await counts()).toEqual([
      ['main', 1],
      ['canary', 1],
    ]);
    expect(await scaling()).not.toEqual(before.scaling);
    await restoreAll(target, JSON.parse(JSON.stringify(context.saved[0]?.record)));
    // Besides, it says in so many words that nothing is suspended.
    expect({ counts: await counts(), scaling: await scaling() }).toMatchObject(before);
  });

  it('creates the configuration again where it was deleted meanwhile', async () => {
    await clients.sagemaker.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: 'queue-config',
        ProductionVariants: [variant('main', 'ml.m5.xlarge', 1)],
        AsyncInferenceConfig: { OutputConfig: { S3OutputPath: 's3://bucket/out' } },
        DataCaptureConfig: {
          EnableCapture: true,
          InitialSamplingPercentage: 50,
          DestinationS3Uri: 's3://bucket/capture',
          CaptureOptions: [{ CaptureMode: 'Input' }],
        },
        KmsKeyId: 'alias/volumes',
      }),
    );
    await create('queue', 'queue-config', { project: 'recsys' });
    expect(await described('queue')).toMatchObject({ form: 'asynchronous', protections: [] });
    const before = await whole('queue');
    const { target, record } = await stop('queue');
    await clients.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: 'queue-config' }));
    await restoreAll(target, record);
    expect(await whole('queue')).toEqual(before);
  });

  it('leaves an endpoint alone that people made with another configuration', async () => {
    await createScaled('hand');
    const { target, record } = await stop('hand');
    await createConfig('hand-v2', [variant('main', 'ml.m5.xlarge', 1)]);
    await create('hand', 'hand-v2');
    const before = await whole('hand');
    const { finished, outcome } = await sagemakerEndpoint.restore(target, record, contextOf(clients));
    expect(finished).toBe(true);
    expect(outcome).toMatchObject({ status: 'skipped', code: 'ChangedByHand' });
    expect(await whole('hand')).toEqual(before);
  });
});
