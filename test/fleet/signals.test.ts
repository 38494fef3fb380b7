import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import {
  type InferenceComponentSummary,
  ListInferenceComponentsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { halfCorePercent, hasAccelerator, hasNvidiaGpu, vcpusOf } from '../../lib/fleet/accelerators.ts';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import type { SignalPlan } from '../../lib/fleet/kind.ts';
import { sagemakerEndpoint } from '../../lib/fleet/sagemaker-endpoint.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { contextOf, endpoint, endpointArn, instance, instanceId, NOW } from './fixtures.ts';

const cloudwatch = mockClient(CloudWatchClient);
beforeEach(() => {
  cloudwatch.reset();
  cloudwatch.on(ListMetricsCommand).resolves({ Metrics: [] });
});

const series = (dimensions: Readonly<Record<string, string>>) => ({
  Namespace: 'CWAgent',
  MetricName: 'nvidia_smi_utilization_gpu',
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});

const component = (name: string): InferenceComponentSummary => ({
  InferenceComponentName: name,
  InferenceComponentArn: `arn:aws:sagemaker:us-east-1:123456789012:inference-component/${name}`,
  EndpointName: 'host',
  EndpointArn: endpointArn('host'),
  VariantName: 'main',
  CreationTime: NOW,
  LastModifiedTime: NOW,
});

async function planOf(resource: Resource, kind = ec2Instance): Promise<SignalPlan> {
  const plan = (await kind.signals([resource], contextOf())).get(resource.arn);
  if (plan === undefined) throw new Error(`no plan for ${resource.id}`);
  return plan;
}

describe('the GPU of an instance', () => {
  const gpu = (n: number) => instance(instanceId(n), { size: 'g5.12xlarge' });

  it('is read by all dimensions of every series that names the instance, before anything else', async () => {
    const own = { InstanceId: instanceId(1), host: 'ip-1', name: 'NVIDIA A10G' };
    cloudwatch
      .on(ListMetricsCommand)
      .resolvesOnce({ Metrics: [series({ ...own, index: '0' })], NextToken: 'more' })
      .resolvesOnce({
        Metrics: [series({ ...own, index: '1' }), series({ ...own, InstanceId: instanceId(2), index: '0' })],
      });
    const { queries, missing } = await planOf(gpu(1));
    expect(missing).toEqual([]);
    expect(queries.map(({ signal, dimensions }) => [signal, dimensions.index])).toEqual([
      ['gpu', '0'],
      ['gpu', '1'],
      ['cpu', undefined],
      ['network', undefined],
      ['network', undefined],
    ]);
    expect(queries[0]).toMatchObject({
      namespace: 'CWAgent',
      dimensions: { ...own, index: '0' },
      statistic: 'Maximum',
      absence: 'unknown',
    });
  });

  it('is missing where no series names the instance: its host alone tells nobody', async () => {
    cloudwatch
      .on(ListMetricsCommand)
      .resolves({ Metrics: [series({ index: '0', name: 'NVIDIA A10G', host: 'ip-1' })] });
    const { queries, missing } = await planOf(gpu(1));
    expect(queries.map(({ signal }) => signal)).toEqual(['cpu', 'network', 'network']);
    expect(missing).toEqual([
      {
        signal: 'gpu',
        why: 'No metric shows the use of its accelerator (g5.12xlarge). Let the CloudWatch agent collect nvidia_gpu, with append_dimensions InstanceId.',
      },
    ]);
  });

  it('is looked up once for all instances, and never by GetMetricData', async () => {
    await ec2Instance.signals([gpu(1), gpu(2), gpu(3), instance(instanceId(4))], contextOf());
    expect(cloudwatch.commandCalls(ListMetricsCommand)).toHaveLength(1);
    expect(cloudwatch.commandCalls(GetMetricDataCommand)).toHaveLength(0);
  });

  it('is not looked up where no instance has one', async () => {
    const { missing } = await planOf(instance(instanceId(1), { size: 'm5.large' }));
    expect(missing).toEqual([]);
    expect(cloudwatch.commandCalls(ListMetricsCommand)).toHaveLength(0);
  });

  it('of another maker has no metric that Bursar knows', async () => {
    const { missing } = await planOf(instance(instanceId(1), { size: 'inf2.xlarge' }));
    expect(missing).toHaveLength(1);
    expect(missing[0]?.why).toContain('stop it by its budget');
  });
});

it('the CPU of an instance, and no other signal, has half a core for its ceiling', async () => {
  const { queries } = await planOf(instance(instanceId(1), { size: 'c5.24xlarge' }));
  expect(queries.map(({ signal, ceiling }) => [signal, ceiling])).toEqual([
    ['cpu', 50 / 96],
    ['network', undefined],
    ['network', undefined],
  ]);
});

describe('the signals of an endpoint', () => {
  it('are its invocations first, by both dimensions, whose absence is zero only while others arrive', async () => {
    const { queries } = await planOf(endpoint('ranker'), sagemakerEndpoint);
    expect(queries[0]).toMatchObject({
      signal: 'invocations',
      namespace: 'AWS/SageMaker',
      metricName: 'Invocations',
      dimensions: { EndpointName: 'ranker', VariantName: 'main' },
      statistic: 'Sum',
      absence: 'zero-if-alive',
    });
    expect(queries.slice(1).map(({ absence }) => absence)).toEqual(['unknown']);
  });

  it.each([
    { type: 'ml.m5.large', cores: 2 },
    { type: 'ml.m5.xlarge', cores: 4 },
    { type: 'ml.g5.2xlarge', cores: 8 },
    { type: 'ml.g5.12xlarge', cores: 48 },
    { type: 'ml.p4d.24xlarge', cores: 96 },
  ])(
    'scale the CPU of $type by its $cores vCPUs: 5% of the whole is 5 × $cores in the metric',
    async ({ type, cores }) => {
      const { queries } = await planOf(
        endpoint('ranker', { parts: [{ name: 'main', type, count: 1 }] }),
        sagemakerEndpoint,
      );
      const cpu = queries.find(({ signal }) => signal === 'cpu');
      expect(cpu?.namespace).toBe('/aws/sagemaker/Endpoints');
      expect(5 * cores * (cpu?.scale ?? 0)).toBeCloseTo(5, 9);
    },
  );

  it('show use by half a core of each variant: 50 in the metric, whatever the size', async () => {
    const parts = ['ml.m5.large', 'ml.p4d.24xlarge'].map((type) => ({ name: type, type, count: 1 }));
    const { queries } = await planOf(endpoint('ranker', { parts }), sagemakerEndpoint);
    for (const { signal, scale, ceiling } of queries)
      if (signal === 'cpu') expect(50 * scale).toBeCloseTo(ceiling ?? 0, 9);
      else expect(ceiling).toBeUndefined();
  });

  it('read busier, never idler, where the number of vCPUs is not known', async () => {
    const { queries } = await planOf(
      endpoint('ranker', { parts: [{ name: 'main', type: 'unknown', count: 1 }] }),
      sagemakerEndpoint,
    );
    expect(queries.find(({ signal }) => signal === 'cpu')?.scale).toBe(1);
  });

  it('are those of every variant; GPUs where there are any, as a sum that is never below the busiest', async () => {
    const { queries } = await planOf(
      endpoint('ranker', {
        parts: [
          { name: 'main', type: 'ml.m5.xlarge', count: 1 },
          { name: 'big', type: 'ml.g5.12xlarge', count: 1 },
        ],
      }),
      sagemakerEndpoint,
    );
    expect(queries.map(({ signal, dimensions }) => [signal, dimensions.VariantName])).toEqual([
      ['invocations', 'main'],
      ['invocations', 'big'],
      ['cpu', 'main'],
      ['cpu', 'big'],
      ['gpu', 'big'],
    ]);
    expect(queries.at(-1)?.scale).toBe(1);
  });

  it('of an asynchronous one are its queue first, whose absence is not known to mean anything', async () => {
    const { queries, missing } = await planOf(
      endpoint('ranker', { form: 'asynchronous' }),
      sagemakerEndpoint,
    );
    expect(missing).toEqual([]);
    expect(queries[0]).toMatchObject({
      signal: 'backlog',
      namespace: 'AWS/SageMaker',
      metricName: 'ApproximateBacklogSize',
      dimensions: { EndpointName: 'ranker' },
      statistic: 'Maximum',
      absence: 'unknown',
    });
    expect(queries.slice(1)).toMatchObject([
      {
        signal: 'invocations',
        metricName: 'InvocationsProcessed',
        dimensions: { EndpointName: 'ranker', VariantName: 'main' },
        absence: 'zero-if-alive',
      },
      { signal: 'cpu', absence: 'unknown' },
    ]);
    expect(queries[0]?.dimensions, 'the queue belongs to the endpoint').not.toHaveProperty('VariantName');
  });

  it('of a serverless one need an explicit zero: nothing else shows that its metrics arrive', async () => {
    const parts = [{ name: 'main', type: 'serverless', count: 5 }];
    const { queries } = await planOf(endpoint('ranker', { form: 'serverless', parts }), sagemakerEndpoint);
    expect(queries).toMatchObject([
      { metricName: 'Invocations', statistic: 'Sum', absence: 'unknown' },
      {
        metricName: 'ServerlessProvisionedConcurrencyExecutions',
        statistic: 'Maximum',
        absence: 'zero-if-alive',
      },
    ]);
  });

  it('of a variant without an instance are its invocations alone: nothing measures it', async () => {
    const parts = [
      { name: 'main', type: 'ml.m5.xlarge', count: 1 },
      { name: 'empty', type: 'ml.m5.xlarge', count: 0 },
    ];
    const { queries } = await planOf(endpoint('ranker', { form: 'asynchronous', parts }), sagemakerEndpoint);
    expect(queries.map(({ signal, dimensions }) => [signal, dimensions.VariantName])).toEqual([
      ['backlog', undefined],
      ['invocations', 'main'],
      ['invocations', 'empty'],
      ['cpu', 'main'],
    ]);
  });

  // Neither emulator knows inference components.
  describe('of inference components', () => {
    const sagemaker = mockClient(SageMakerClient);
    const host = endpoint('host', { form: 'inference components' });
    beforeEach(() => sagemaker.reset());

    it('are the invocations of each by its own name alone, and the instances they share', async () => {
      sagemaker
        .on(ListInferenceComponentsCommand, { EndpointNameEquals: 'host' })
        .resolvesOnce({ InferenceComponents: [component('llama')], NextToken: 'more' })
        .resolvesOnce({ InferenceComponents: [component('adapter')] });
      const { queries, missing } = await planOf(host, sagemakerEndpoint);
      expect(missing).toEqual([]);
      expect(queries.map(({ metricName, dimensions }) => [metricName, dimensions])).toEqual([
        ['Invocations', { InferenceComponentName: 'llama' }],
        ['Invocations', { InferenceComponentName: 'adapter' }],
        ['CPUUtilization', { EndpointName: 'host', VariantName: 'main' }],
      ]);
    });

    it.each([
      { what: 'there is none', set: () => sagemaker.on(ListInferenceComponentsCommand).resolves({}) },
      {
        what: 'they cannot be listed',
        set: () => sagemaker.on(ListInferenceComponentsCommand).rejects(new Error('not authorized')),
      },
    ])('are missing where $what, and no other endpoint suffers from it', async ({ set }) => {
      set();
      const plans = await sagemakerEndpoint.signals([host, endpoint('ranker')], contextOf());
      expect(plans.get(host.arn)).toMatchObject({ queries: [], missing: [{ signal: 'invocations' }] });
      expect(plans.get(endpointArn('ranker'))?.missing).toEqual([]);
    });
  });

  it('are missing where it has no variant', async () => {
    const { queries, missing } = await planOf(endpoint('ranker', { parts: [] }), sagemakerEndpoint);
    expect(queries).toEqual([]);
    expect(missing).toHaveLength(1);
  });
});

describe('instance types', () => {
  it.each([
    'g4dn.xlarge',
    'g5.xlarge',
    'gr6.4xlarge',
    'p3.8xlarge',
    'p4d.24xlarge',
    'p6-b200.48xlarge',
    'ml.g5.xlarge',
  ])('%s has an NVIDIA GPU', (type) => expect(hasNvidiaGpu(type) && hasAccelerator(type)).toBe(true));
  it.each([
    'g4ad.xlarge',
    'inf2.xlarge',
    'trn1.2xlarge',
    'dl1.24xlarge',
    'f1.2xlarge',
    'vt1.3xlarge',
    'ml.inf1.xlarge',
  ])('%s has another accelerator', (type) => {
    expect(hasNvidiaGpu(type)).toBe(false);
    expect(hasAccelerator(type)).toBe(true);
  });
  it.each(['m5.large', 'c7gn.xlarge', 't3.micro', 'r5.metal', 'ml.m5.xlarge', 'u-6tb1.metal', 'unknown'])(
    '%s has none',
    (type) => expect(hasNvidiaGpu(type) || hasAccelerator(type)).toBe(false),
  );
  it.each([
    ['ml.t2.medium', 2],
    ['ml.m5.large', 2],
    ['ml.m5.xlarge', 4],
    ['ml.c5.18xlarge', 72],
    ['ml.c8g.medium', 1],
    ['ml.t3.medium', 2],
    ['t4g.nano', 2],
    ['t2.micro', 1],
    ['m7i.metal-24xl', 96],
    ['u7i-12tb.224xlarge', 896],
    ['ml.c5.metal', undefined],
    ['unknown', undefined],
  ])('%s has %s vCPUs', (type, vcpus) => expect(vcpusOf(type)).toBe(vcpus));
  it.each([
    ['m5.xlarge', 12.5],
    ['p4d.24xlarge', 50 / 96],
    ['ml.p4d.24xlarge', 50 / 96],
    ['r5.metal', 50 / 192],
    ['unknown', 50 / 192],
  ])('half a core of %s is %d %', (type, percent) => expect(halfCorePercent(type)).toBe(percent));
});
