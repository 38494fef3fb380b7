import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
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

  it.each<{ what: string; live?: object; config?: object }>([
    {
      what: 'an asynchronous endpoint',
      config: { AsyncInferenceConfig: { OutputConfig: { S3OutputPath: 's3://b/o' } } },
    },
    {
      what: 'an endpoint whose own description says it is asynchronous',
      live: { AsyncInferenceConfig: { OutputConfig: { S3OutputPath: 's3://b/o' } } },
    },
    {
      what: 'a serverless endpoint',
      config: {
        ProductionVariants: [
          {
            VariantName: 'main',
            ModelName: 'm',
            ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 },
          },
        ],
      },
    },
    {
      what: 'an endpoint of inference components',
      config: { ProductionVariants: [{ VariantName: 'main', InstanceType: 'ml.m5.xlarge' }] },
    },
  ])('protects $what', async ({ live, config }) => {
    sagemaker.on(DescribeEndpointCommand).resolves({ ...LIVE, ...live });
    sagemaker.on(DescribeEndpointConfigCommand).resolves({ ...CONFIG, ...config });
    expect((await describeOne())?.protections.map(({ code }) => code)).toEqual(['managed-elsewhere']);
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
