import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointConfigOutput,
  type DescribeEndpointOutput,
  DescribeModelCommand,
  ListTagsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { sagemakerEndpoint } from '../../lib/fleet/sagemaker-endpoint.ts';
import { LedgerError } from '../../lib/ledger/errors.ts';
import { awsError, contextOf, endpoint, endpointArn, NOW, stopContextOf } from './fixtures.ts';

const sagemaker = mockClient(SageMakerClient);
const autoscaling = mockClient(ApplicationAutoScalingClient);
const cloudwatch = mockClient(CloudWatchClient);

const CREATED = new Date('2026-11-20T08:00:00.000Z');
const LIVE: DescribeEndpointOutput = {
  EndpointName: 'ranker',
  EndpointArn: endpointArn('ranker'),
  EndpointConfigName: 'ranker-config',
  EndpointStatus: 'InService',
  CreationTime: CREATED,
  LastModifiedTime: CREATED,
  ProductionVariants: [{ VariantName: 'main', CurrentInstanceCount: 1 }],
};
const CONFIG: DescribeEndpointConfigOutput = {
  EndpointConfigName: 'ranker-config',
  EndpointConfigArn: 'arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/ranker-config',
  CreationTime: CREATED,
  ProductionVariants: [{ VariantName: 'main', ModelName: 'ranker', InstanceType: 'ml.m5.xlarge' }],
};

const NO_ENDPOINT = awsError('ValidationException', `Could not find endpoint "${endpointArn('ranker')}".`);
const NO_CONFIG = awsError(
  'ValidationException',
  'Could not find endpoint configuration "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/ranker-config".',
);
const NO_MODEL = awsError(
  'ValidationException',
  'Could not find model "arn:aws:sagemaker:us-east-1:123456789012:model/next".',
);

beforeEach(() => {
  sagemaker.reset();
  autoscaling.reset();
  cloudwatch.reset();
  autoscaling.onAnyCommand().resolves({});
  sagemaker.on(DescribeEndpointCommand).resolves(LIVE);
  sagemaker.on(DescribeEndpointConfigCommand).resolves(CONFIG);
  sagemaker.on(DescribeModelCommand).callsFake(({ ModelName }) => ({ ModelName, $metadata: {} }));
  sagemaker.on(ListTagsCommand).resolves({ Tags: [] });
  sagemaker.on(DeleteEndpointCommand).resolves({});
});

const deletions = () => sagemaker.commandCalls(DeleteEndpointCommand);

async function stop(context = stopContextOf()) {
  const target = endpoint('ranker');
  const outcomes = await sagemakerEndpoint.stop([target], context);
  return outcomes.get(target.arn);
}

describe('a deletion that SageMaker refuses', () => {
  it.each([
    { message: 'Cannot update in-progress endpoint "arn:aws:sagemaker:…:endpoint/ranker".', retry: true },
    { message: 'Cannot delete endpoint while it is being Updating.', retry: true },
    { message: 'The endpoint has a quota of its own.', retry: false },
    { message: '1 validation error detected: Value at endpointName failed.', retry: false },
  ])('by a ValidationException is read by its text: $message', async ({ message, retry }) => {
    sagemaker.on(DeleteEndpointCommand).rejects(awsError('ValidationException', message));
    expect(await stop()).toEqual({
      status: 'failed',
      at: NOW,
      code: 'ValidationException',
      detail: message,
      retry,
    });
  });

  it('since it is gone is a skip', async () => {
    sagemaker.on(DeleteEndpointCommand).rejects(NO_ENDPOINT);
    expect(await stop()).toEqual({
      status: 'skipped',
      at: NOW,
      code: 'Gone',
      detail: 'It no longer exists.',
    });
  });

  it('for lack of permission is final', async () => {
    const message = 'User: arn:aws:sts::123456789012:assumed-role/enforce is not authorized to perform it.';
    sagemaker.on(DeleteEndpointCommand).rejects(awsError('AccessDeniedException', message));
    expect(await stop()).toMatchObject({
      status: 'failed',
      code: 'AccessDeniedException',
      detail: message,
      retry: false,
    });
  });

  it.each([
    awsError('ThrottlingException', 'Rate exceeded'),
    awsError('InternalFailure', 'Internal failure', 'server'),
    awsError('TimeoutError', 'Connection timed out'),
  ])('for now is worth another try: $message', async (error) => {
    sagemaker.on(DeleteEndpointCommand).rejects(error);
    expect(await stop()).toMatchObject({ status: 'failed', retry: true });
  });
});

describe('before a deletion', () => {
  it('the record is kept', async () => {
    const order: string[] = [];
    sagemaker.on(DeleteEndpointCommand).callsFake(() => {
      order.push('deleted');
      return {};
    });
    const outcome = await stop({
      ...stopContextOf(),
      saved: [],
      saveRestore: async () => {
        order.push('saved');
      },
    });
    expect(outcome).toMatchObject({ status: 'taken' });
    expect(order).toEqual(['saved', 'deleted']);
  });

  it.each([
    { what: 'the endpoint', set: () => sagemaker.on(DescribeEndpointCommand) },
    { what: 'its configuration', set: () => sagemaker.on(DescribeEndpointConfigCommand) },
    { what: 'its model', set: () => sagemaker.on(DescribeModelCommand) },
    { what: 'its scaling', set: () => autoscaling.onAnyCommand() },
  ])('nothing is deleted where $what cannot be read', async ({ set }) => {
    set().rejects(awsError('AccessDeniedException', 'not authorized'));
    const context = stopContextOf();
    expect(await stop(context)).toMatchObject({
      status: 'failed',
      code: 'AccessDeniedException',
      retry: false,
    });
    expect(context.saved).toEqual([]);
    expect(deletions()).toEqual([]);
  });

  it('a configuration that is gone by then is a failure: the endpoint itself still runs', async () => {
    sagemaker.on(DescribeEndpointConfigCommand).rejects(NO_CONFIG);
    expect(await stop()).toMatchObject({ status: 'failed', code: 'EndpointConfigMissing', retry: false });
    expect(deletions()).toEqual([]);
  });

  describe('the models of all variants', () => {
    const shadowed = () => {
      sagemaker.on(DescribeEndpointCommand).resolves({
        ...LIVE,
        ShadowProductionVariants: [{ VariantName: 'shadow', CurrentInstanceCount: 2, CurrentWeight: 0.5 }],
      });
      sagemaker.on(DescribeEndpointConfigCommand).resolves({
        ...CONFIG,
        ProductionVariants: [
          { VariantName: 'main', ModelName: 'ranker', InstanceType: 'ml.m5.xlarge' },
          { VariantName: 'canary', ModelName: 'ranker', InstanceType: 'ml.m5.xlarge' },
        ],
        ShadowProductionVariants: [
          { VariantName: 'shadow', ModelName: 'next', InstanceType: 'ml.m5.xlarge' },
        ],
      });
    };

    it('are kept once each, with the shadow variants as they were live', async () => {
      shadowed();
      const context = stopContextOf();
      expect(await stop(context)).toMatchObject({ status: 'taken' });
      expect(context.saved[0]?.record).toMatchObject({
        models: ['ranker', 'next'],
        shadowVariants: [{ VariantName: 'shadow', CurrentInstanceCount: 2, CurrentWeight: 0.5 }],
      });
      expect(JSON.stringify(context.saved)).not.toContain('$metadata');
    });

    it.each(['ranker', 'next'])(
      'must all exist: without %s nothing is kept or deleted',
      async (ModelName) => {
        shadowed();
        sagemaker.on(DescribeModelCommand, { ModelName }).rejects(NO_MODEL);
        const context = stopContextOf();
        expect(await stop(context)).toEqual({
          status: 'failed',
          at: NOW,
          code: 'ModelMissing',
          detail: `Its model ${ModelName} was deleted, so it could not be created again.`,
          retry: false,
        });
        expect(context.saved).toEqual([]);
        expect(deletions()).toEqual([]);
      },
    );

    it('that cannot be read for now are worth another try', async () => {
      sagemaker.on(DescribeModelCommand).rejects(awsError('ThrottlingException', 'Rate exceeded'));
      expect(await stop()).toMatchObject({ status: 'failed', code: 'ThrottlingException', retry: true });
      expect(deletions()).toEqual([]);
    });
  });

  it('a ledger that is throttled is worth another try', async () => {
    const cause = awsError('ProvisionedThroughputExceededException', 'slow down');
    const outcome = await stop({
      ...stopContextOf(),
      saved: [],
      saveRestore: async () => {
        throw new LedgerError('ledger: saving a restore record failed', { cause });
      },
    });
    expect(outcome).toMatchObject({ status: 'failed', code: 'LedgerError', retry: true });
    expect(deletions()).toEqual([]);
  });

  it('a record that is too large to keep is a failure for good', async () => {
    const outcome = await stop({
      ...stopContextOf(),
      saved: [],
      saveRestore: async () => {
        throw new LedgerError('ledger: the restore record is 400 KB');
      },
    });
    expect(outcome).toMatchObject({ status: 'failed', code: 'LedgerError', retry: false });
    expect(deletions()).toEqual([]);
  });
});

it('one endpoint that cannot be deleted does not keep the others running', async () => {
  const all = ['a', 'b', 'c'].map((name) => endpoint(name));
  sagemaker
    .on(DeleteEndpointCommand, { EndpointName: 'b' })
    .rejects(awsError('AccessDeniedException', 'not authorized'));
  const outcomes = await sagemakerEndpoint.stop(all, stopContextOf());
  expect(all.map(({ arn }) => outcomes.get(arn)?.status)).toEqual(['taken', 'failed', 'taken']);
});

describe('describe', () => {
  const describeOne = async () => (await sagemakerEndpoint.describe(['ranker'], contextOf()))[0];

  it.each([
    { status: 'InService', state: 'running' },
    { status: 'Creating', state: 'transitional' },
    { status: 'Updating', state: 'transitional' },
    { status: 'SystemUpdating', state: 'transitional' },
    { status: 'RollingBack', state: 'transitional' },
    { status: 'Deleting', state: 'transitional' },
    { status: 'Failed', state: 'failed' },
    { status: 'OutOfService', state: 'failed' },
    { status: 'UpdateRollbackFailed', state: 'failed' },
  ] as const)('$status is $state', async ({ status, state }) => {
    sagemaker.on(DescribeEndpointCommand).resolves({ ...LIVE, EndpointStatus: status });
    expect((await describeOne())?.state).toBe(state);
  });

  it('an update makes it young again, and is no start', async () => {
    const [CreationTime, LastModifiedTime] = [
      new Date('2026-11-01T08:00:00Z'),
      new Date('2026-11-10T11:50:00Z'),
    ];
    sagemaker.on(DescribeEndpointCommand).resolves({ ...LIVE, CreationTime, LastModifiedTime });
    expect(await describeOne()).toMatchObject({ since: LastModifiedTime, started: CreationTime });
  });

  describe('an asynchronous endpoint', () => {
    const AsyncInferenceConfig = { OutputConfig: { S3OutputPath: 's3://b/o' } };
    const scaledTo = (CurrentInstanceCount: number, DesiredInstanceCount = CurrentInstanceCount) =>
      sagemaker.on(DescribeEndpointCommand).resolves({
        ...LIVE,
        AsyncInferenceConfig,
        ProductionVariants: [{ VariantName: 'main', CurrentInstanceCount, DesiredInstanceCount }],
      });

    it.each([
      { what: 'configuration', live: {}, config: { AsyncInferenceConfig } },
      { what: 'own description', live: { AsyncInferenceConfig }, config: {} },
    ])('is known by its $what, and not protected', async ({ live, config }) => {
      sagemaker.on(DescribeEndpointCommand).resolves({ ...LIVE, ...live });
      sagemaker.on(DescribeEndpointConfigCommand).resolves({ ...CONFIG, ...config });
      expect(await describeOne()).toMatchObject({ form: 'asynchronous', state: 'running', protections: [] });
    });

    it('is stopped and costs nothing where it has scaled to zero', async () => {
      scaledTo(0);
      expect(await describeOne()).toMatchObject({
        state: 'stopped',
        size: '0 × ml.m5.xlarge',
        hourly: 0n,
      });
    });

    it('is between two states while its first instance is on its way', async () => {
      scaledTo(0, 1);
      expect((await describeOne())?.state).toBe('transitional');
    });

    it('runs while any of its variants has an instance', async () => {
      sagemaker.on(DescribeEndpointCommand).resolves({
        ...LIVE,
        AsyncInferenceConfig,
        ProductionVariants: [
          { VariantName: 'main', CurrentInstanceCount: 0 },
          { VariantName: 'next', CurrentInstanceCount: 1 },
        ],
      });
      expect((await describeOne())?.state).toBe('running');
    });
  });

  it('does not take a real-time endpoint for stopped, whatever its counts say', async () => {
    sagemaker.on(DescribeEndpointCommand).resolves({
      ...LIVE,
      ProductionVariants: [{ VariantName: 'main', CurrentInstanceCount: 0, DesiredInstanceCount: 0 }],
    });
    const found = await describeOne();
    expect(found?.state).toBe('running');
    expect(found).not.toHaveProperty('form');
  });

  describe('a serverless endpoint', () => {
    const serverless = (config: object, current?: object) => {
      const ServerlessConfig = { MemorySizeInMB: 2048, MaxConcurrency: 20, ...config };
      sagemaker.on(DescribeEndpointConfigCommand).resolves({
        ...CONFIG,
        ProductionVariants: [{ VariantName: 'main', ModelName: 'm', ServerlessConfig }],
      });
      sagemaker.on(DescribeEndpointCommand).resolves({
        ...LIVE,
        ProductionVariants: [
          { VariantName: 'main', CurrentServerlessConfig: { ...ServerlessConfig, ...current } },
        ],
      });
    };

    it('is protected: it costs nothing while it is idle', async () => {
      serverless({});
      expect(await describeOne()).toMatchObject({
        form: 'serverless',
        protections: [
          {
            code: 'managed-elsewhere',
            detail: 'It is a serverless endpoint, which costs nothing while it is idle.',
          },
        ],
      });
    });

    it('with provisioned concurrency is not, at a price that is not known', async () => {
      serverless({ ProvisionedConcurrency: 5 });
      expect(await describeOne()).toMatchObject({
        form: 'serverless',
        size: '5 × serverless',
        parts: [{ name: 'main', type: 'serverless', count: 5 }],
        hourly: undefined,
        protections: [],
      });
    });

    it('counts what is provisioned now', async () => {
      serverless({ ProvisionedConcurrency: 5 }, { ProvisionedConcurrency: 8 });
      expect((await describeOne())?.size).toBe('8 × serverless');
    });
  });

  describe('an endpoint of inference components', () => {
    const host = (variant: object, live: object = {}) => {
      sagemaker.on(DescribeEndpointConfigCommand).resolves({
        ...CONFIG,
        ProductionVariants: [
          { VariantName: 'main', InstanceType: 'ml.m5.xlarge', InitialInstanceCount: 2, ...variant },
        ],
      });
      sagemaker.on(DescribeEndpointCommand).resolves({
        ...LIVE,
        ProductionVariants: [{ VariantName: 'main', CurrentInstanceCount: 2, ...live }],
      });
    };
    const managed = (MinInstanceCount: number, Status: 'ENABLED' | 'DISABLED' = 'ENABLED') => ({
      ManagedInstanceScaling: { Status, MinInstanceCount, MaxInstanceCount: 4 },
    });

    it('is not protected where its instances leave with its copies', async () => {
      host(managed(0));
      expect(await describeOne()).toMatchObject({
        form: 'inference components',
        state: 'running',
        protections: [],
      });
    });

    it.each([
      { what: 'it keeps one', variant: managed(1), live: {}, kept: '1 instance' },
      { what: 'it is not managed', variant: {}, live: {}, kept: '2 instances' },
      { what: 'its scaling is off', variant: managed(0, 'DISABLED'), live: {}, kept: '2 instances' },
      { what: 'it was updated to keep one', variant: managed(0), live: managed(1), kept: '1 instance' },
    ])('is protected where $what, and told how to mend that', async ({ variant, live, kept }) => {
      host(variant, live);
      expect((await describeOne())?.protections).toEqual([
        {
          code: 'managed-elsewhere',
          detail: `It hosts inference components, and its variant main keeps ${kept} even without any: give it ManagedInstanceScaling with MinInstanceCount 0, so that it can be scaled to zero.`,
        },
      ]);
    });

    it('is stopped, and costs nothing, when all its instances have left', async () => {
      host(managed(0), { CurrentInstanceCount: 0, DesiredInstanceCount: 0 });
      expect(await describeOne()).toMatchObject({ state: 'stopped', hourly: 0n });
    });
  });

  it('protects no plain endpoint', async () => {
    expect((await describeOne())?.protections).toEqual([]);
  });

  it('counts what runs now, not what the configuration began with, shadows too', async () => {
    sagemaker.on(DescribeEndpointCommand).resolves({
      ...LIVE,
      ProductionVariants: [{ VariantName: 'main', CurrentInstanceCount: 3 }],
      ShadowProductionVariants: [{ VariantName: 'next', CurrentInstanceCount: 1 }],
    });
    sagemaker.on(DescribeEndpointConfigCommand).resolves({
      ...CONFIG,
      ShadowProductionVariants: [{ VariantName: 'next', ModelName: 'm', InstanceType: 'ml.p3.2xlarge' }],
    });
    const found = await describeOne();
    expect(found?.parts).toEqual([
      { name: 'main', type: 'ml.m5.xlarge', count: 3 },
      { name: 'next', type: 'ml.p3.2xlarge', count: 1 },
    ]);
  });

  it('reads the tags of every page', async () => {
    sagemaker
      .on(ListTagsCommand)
      .resolvesOnce({ Tags: [{ Key: 'project', Value: 'recsys' }], NextToken: 'more' })
      .resolvesOnce({ Tags: [{ Key: 'owner', Value: 'alice' }] });
    expect((await describeOne())?.tags).toEqual({ project: 'recsys', owner: 'alice' });
    expect(sagemaker.commandCalls(ListTagsCommand)[1]?.args[0].input.NextToken).toBe('more');
  });

  it('leaves out one that is deleted while its tags are read', async () => {
    sagemaker.on(ListTagsCommand).rejects(NO_ENDPOINT);
    expect(await describeOne()).toBeUndefined();
  });

  it('does not take a refusal for an absence', async () => {
    sagemaker.on(DescribeEndpointCommand).rejects(awsError('AccessDeniedException', 'not authorized'));
    await expect(describeOne()).rejects.toThrow('not authorized');
  });

  it('reads a configuration once for all endpoints that share it', async () => {
    await sagemakerEndpoint.describe(['a', 'b', 'c'], contextOf());
    expect(sagemaker.commandCalls(DescribeEndpointConfigCommand)).toHaveLength(1);
  });
});

describe('a close look at an asynchronous endpoint', () => {
  const queue = endpoint('queue', { form: 'asynchronous' });
  const answer = (Timestamps: string[], Values: number[]) =>
    cloudwatch.on(GetMetricDataCommand).resolves({
      MetricDataResults: [{ Id: 'q0', Timestamps: Timestamps.map((at) => new Date(at)), Values }],
    });
  const look = async (resources = [queue]) => sagemakerEndpoint.inspect?.(resources, contextOf());

  it('protects what has requests in its queue', async () => {
    answer(['2026-11-25T10:28:00Z'], [3]);
    expect(await look()).toEqual(
      new Map([
        [
          queue.arn,
          {
            code: 'managed-elsewhere',
            detail: '3 requests are in its queue, which would be lost with it.',
          },
        ],
      ]),
    );
    expect(cloudwatch.commandCalls(GetMetricDataCommand)[0]?.args[0].input.MetricDataQueries).toMatchObject([
      {
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SageMaker',
            MetricName: 'ApproximateBacklogSize',
            Dimensions: [{ Name: 'EndpointName', Value: 'queue' }],
          },
          Stat: 'Maximum',
        },
      },
    ]);
  });

  it.each([
    { order: 'newest first', times: ['2026-11-25T10:28:00Z', '2026-11-25T10:24:00Z'], values: [0, 3] },
    { order: 'oldest first', times: ['2026-11-25T10:24:00Z', '2026-11-25T10:28:00Z'], values: [3, 0] },
  ])('goes by the newest minute, $order', async ({ times, values }) => {
    answer(times, values);
    expect(await look()).toEqual(new Map());
  });

  it('says nothing where no minute is known', async () => {
    answer([], []);
    expect(await look()).toEqual(new Map());
  });

  it('is not taken at any other', async () => {
    expect(await look([endpoint('ranker')])).toEqual(new Map());
    expect(cloudwatch.calls()).toEqual([]);
  });

  it('that cannot be taken is an error', async () => {
    cloudwatch.on(GetMetricDataCommand).rejects(awsError('AccessDeniedException', 'not authorized'));
    await expect(look()).rejects.toThrow('not authorized');
  });
});
