import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  type DescribeModelOutput,
  ListInferenceComponentsCommand,
  type ProductionVariant,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { ASYNCHRONOUS, COMPONENTS } from '../../lib/fleet/sagemaker-form.ts';
import { endpointFit } from '../../lib/recommend/endpoint-fit.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { formatUsd } from '../../lib/types/money.ts';
import type { Recommendation } from '../../lib/types/recommendation.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { usd } from '../decide/fixtures.ts';
import { ACCOUNT, checkContext, daysAgo, NOW, REGION } from './support/context.ts';
import { dev } from './support/fleet.ts';
import { cloudwatchOf, type TestSeries } from './support/metrics.ts';

const PRICES = {
  hourly: {
    'ml.m5.large': '0.115',
    'ml.m5.xlarge': '0.23',
    'ml.m5.2xlarge': '0.46',
    'ml.g5.xlarge': '1.408',
    'ml.g5.12xlarge': '7.09',
  },
  unit: {
    'sagemaker-serverless/us-east-1/1024': '20',
    'sagemaker-serverless/us-east-1/2048': '40',
    'sagemaker-serverless/us-east-1/3072': '60',
    'sagemaker-serverless/us-east-1/6144': '120',
    'sagemaker-serverless-data/us-east-1': '0.016',
  },
};

type Value = number | ((at: Date) => number | undefined);

interface Setup {
  readonly type?: string;
  readonly count?: number;
  readonly hourly?: string;
  readonly form?: string;
  /** % of one instance of 4 vCPUs: 0–400. */
  readonly cpu?: Value;
  readonly memory?: number;
  readonly gpu?: number;
  /** An hour. */
  readonly requests?: Value;
  /** Microseconds of all requests of an hour, and of the longest. */
  readonly latency?: Value;
  readonly longest?: number;
  readonly model?: Partial<DescribeModelOutput>;
  readonly variant?: Partial<ProductionVariant>;
  readonly capture?: true;
  readonly configured?: Date;
  readonly target?: { readonly MinCapacity: number; readonly MaxCapacity: number };
}

const arn = `arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint/ranker`;

async function findWith(setup: Setup): Promise<readonly Recommendation[]> {
  const { type = 'ml.m5.xlarge', count = 1, hourly = '0.23', form } = setup;
  const variant = { EndpointName: 'ranker', VariantName: 'main' };
  const own = (
    metricName: string,
    values: TestSeries['values'],
    namespace = '/aws/sagemaker/Endpoints',
    dimensions: TestSeries['dimensions'] = variant,
  ): TestSeries => ({ namespace, metricName, dimensions, values });
  const requests = {
    namespace: 'AWS/SageMaker',
    metricName: form === ASYNCHRONOUS ? 'InvocationsProcessed' : 'Invocations',
    dimensions: form === COMPONENTS ? { InferenceComponentName: 'scorer' } : variant,
    values: { Sum: setup.requests ?? 100 },
  };
  const { client: cloudwatch } = cloudwatchOf([
    ...(setup.cpu === undefined ? [] : [own('CPUUtilization', { Maximum: setup.cpu })]),
    ...(setup.memory === undefined ? [] : [own('MemoryUtilization', { Maximum: setup.memory })]),
    ...(setup.gpu === undefined ? [] : [own('GPUUtilization', { Maximum: setup.gpu })]),
    own('ModelLatency', { Sum: setup.latency ?? 20e6, Maximum: setup.longest ?? 1_500_000 }, 'AWS/SageMaker'),
    requests,
  ]);
  const sagemaker = new SageMakerClient({ region: REGION });
  mockClient(sagemaker)
    .on(DescribeEndpointCommand)
    .resolves({ EndpointName: 'ranker', EndpointConfigName: 'ranker-config' })
    .on(DescribeEndpointConfigCommand)
    .resolves({
      EndpointConfigName: 'ranker-config',
      CreationTime: setup.configured ?? daysAgo(60),
      ProductionVariants: [{ VariantName: 'main', ModelName: 'ranker-model', ...setup.variant }],
      ...(setup.capture === undefined
        ? {}
        : {
            DataCaptureConfig: {
              EnableCapture: true,
              InitialSamplingPercentage: 100,
              DestinationS3Uri: 's3://captured/',
              CaptureOptions: [],
            },
          }),
    })
    .on(DescribeModelCommand)
    .resolves({ PrimaryContainer: { Image: 'image' }, ...setup.model })
    .on(ListInferenceComponentsCommand)
    .resolves({
      InferenceComponents: [
        {
          InferenceComponentName: 'scorer',
          InferenceComponentArn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:inference-component/scorer`,
          EndpointArn: arn,
          EndpointName: 'ranker',
          VariantName: 'main',
          CreationTime: daysAgo(60),
          LastModifiedTime: daysAgo(60),
        },
      ],
    });
  const autoscaling = new ApplicationAutoScalingClient({ region: REGION });
  mockClient(autoscaling)
    .on(DescribeScalableTargetsCommand)
    .resolves({
      ScalableTargets:
        setup.target === undefined
          ? []
          : [
              {
                ...setup.target,
                ServiceNamespace: 'sagemaker',
                ResourceId: 'endpoint/ranker/variant/main',
                ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
                RoleARN: 'arn',
                CreationTime: daysAgo(60),
              },
            ],
    });
  const endpoint: Resource = {
    kind: 'sagemaker-endpoint',
    arn,
    id: 'ranker',
    account: ACCOUNT,
    region: REGION,
    tags: dev,
    state: 'running',
    since: daysAgo(60),
    size: `${count} × ${type}`,
    parts: [{ name: 'main', type, count }],
    protections: [],
    hourly: usd(hourly),
    ...(form === undefined ? {} : { form }),
  };
  const clients = { ...createAccount(() => NOW).clients, cloudwatch, sagemaker, autoscaling };
  return endpointFit.find(checkContext({ clients, fleet: [endpoint], prices: PRICES }));
}

const short = ([one]: readonly Recommendation[]) =>
  one === undefined ? undefined : [one.title, formatUsd(one.monthly), one.risk, one.effort, one.confidence];

/** Once a day at noon. */
const daily = (value: number) => (at: Date) => (at.getUTCHours() === 12 ? value : undefined);

describe('an endpoint that would fit serverless', () => {
  const setup: Setup = { cpu: 40, memory: 10 };

  it('is told with seconds × memory against its instance', async () => {
    const found = await findWith(setup);
    expect(found).toEqual([
      {
        id: `endpoint-fit ${arn}`,
        check: 'endpoint-fit',
        resource: {
          arn,
          id: 'ranker',
          kind: 'SageMaker endpoint',
          region: REGION,
          project: 'recsys',
          owner: 'team-beta',
        },
        // 16 GiB × 10% × 1.25 = 2 GB.
        title: 'Serve SageMaker endpoint ranker without instances of its own: serverless with 2 GB.',
        // 336 h × 20 s = 6,720 s; × 730 / 336 = 14,600 s × $40 / 1,000,000 = 0.584; 0.23 × 730 - 0.584 = 167.316
        monthly: 167_316_000n,
        basis: '$0.23 × 730 h - 14,600 s × 2 GB at $40.00 a million seconds',
        risk: 'medium',
        effort: 'medium',
        confidence: 'medium',
        evidence: [
          '33,600 requests in 336 of 336 hours of 14 days, 100 in the busiest.',
          'The model took 6,720 s for all of them, 1.5 s at most; a serverless endpoint ends a request after 60 s.',
          'Memory at most 10% of 16 GiB, so 1.6 GiB.',
          'A request and its answer may have 4 MB there: CloudWatch does not tell how large they are.',
          'Not in the sum: data in and out, $0.016 a GB. With fewer vCPUs a request may take longer; at 4 times the seconds it still saves $165.56 a month.',
        ],
        keeps:
          'Its memory with a quarter to spare, and 5 requests at once, ten times what the busiest hour had on average. The first request after a pause waits for a cold start, of seconds up to a minute: leave it where none may.',
        how: [
          {
            form: 'command',
            text: "aws sagemaker create-endpoint-config --region us-east-1 --endpoint-config-name ranker-serverless --production-variants 'VariantName=main,ModelName=ranker-model,ServerlessConfig={MemorySizeInMB=2048,MaxConcurrency=5}'",
          },
          {
            form: 'command',
            text: 'aws sagemaker create-endpoint --region us-east-1 --endpoint-name ranker-serverless --endpoint-config-name ranker-serverless',
          },
          {
            form: 'command',
            text: '# Once callers use ranker-serverless:\naws sagemaker delete-endpoint --region us-east-1 --endpoint-name ranker',
          },
          {
            form: 'cdk',
            text: 'serverlessConfig: { memorySizeInMb: 2048, maxConcurrency: 5 } instead of instanceType and initialInstanceCount in the production variant of a new CfnEndpointConfig',
          },
        ],
      },
    ]);
  });

  it('has as much memory as it takes, and no more than there is', async () => {
    expect(short(await findWith({ ...setup, memory: 10.1 }))?.[0]).toContain('serverless with 3 GB');
    // 16 × 30% × 1.25 = 6.
    expect(short(await findWith({ ...setup, memory: 30 }))?.[0]).toContain('serverless with 6 GB');
    expect(short(await findWith({ ...setup, memory: 30.1 }))?.[0]).not.toContain('serverless');
  });

  it.each<[string, Setup]>([
    ['requests take long', { longest: 30_100_000 }],
    ['its model is in a VPC', { model: { VpcConfig: { SecurityGroupIds: [], Subnets: [] } } }],
    ['its model is isolated', { model: { EnableNetworkIsolation: true } }],
    ['it serves many models', { model: { PrimaryContainer: { Mode: 'MultiModel' } } }],
    ['its data is captured', { capture: true }],
    // 11.5 s × 6,300 an hour / 3,600 = 20.1 at once.
    ['too many come at once', { requests: 6_300, latency: 6_300 * 11.5e6 }],
    ['seconds cost more', { latency: 3_600e6 }],
    ['nobody knows how long they take', { latency: () => undefined }],
  ])('is not where %s', async (_, change) => {
    for (const one of await findWith({ ...setup, cpu: 200, ...change })) {
      expect(one.title).not.toContain('serverless');
    }
  });
});

describe('an endpoint that nobody asks for hours', () => {
  const sparse: Setup = {
    type: 'ml.g5.xlarge',
    hourly: '1.408',
    cpu: 10,
    memory: 50,
    gpu: 40,
    requests: daily(4),
    latency: daily(8e6),
  };

  it('would be asynchronous and scale to zero', async () => {
    const found = await findWith(sparse);
    // 14 hours with a request, 42 with those beside; 294 of 336 are free: 730 × 294 / 336 = 639; 1.408 × 639 = 899.712
    expect(short(found)).toEqual([
      'Make SageMaker endpoint ranker asynchronous, and let it scale to zero.',
      '$899.71',
      'medium',
      'high',
      'high',
    ]);
    expect(found[0]?.basis).toBe('$1.408 × 639 h without requests');
    expect(found[0]?.evidence[1]).toBe(
      '42 hours had a request or were next to one; in 294 of 336 no instance would have been needed.',
    );
    expect(found[0]?.how[0]?.text).toBe(
      "aws sagemaker create-endpoint-config --region us-east-1 --endpoint-config-name ranker-async --production-variants VariantName=main,ModelName=ranker-model,InstanceType=ml.g5.xlarge,InitialInstanceCount=1 --async-inference-config 'OutputConfig={S3OutputPath=s3://YOUR-BUCKET/async/}'",
    );
    expect(found[0]?.how[2]?.text).toBe(
      'aws application-autoscaling register-scalable-target --region us-east-1 --service-namespace sagemaker --resource-id endpoint/ranker-async/variant/main --scalable-dimension sagemaker:variant:DesiredInstanceCount --min-capacity 0 --max-capacity 1',
    );
  });

  it('is left where requests come close together, or in most hours', async () => {
    expect(await findWith({ ...sparse, requests: daily(31) })).toEqual([]);
    expect(short(await findWith({ ...sparse, requests: daily(30) }))?.[1]).toBe('$899.71');
    expect(
      await findWith({ ...sparse, requests: (at) => (at.getUTCHours() % 4 === 0 ? 1 : undefined) }),
    ).toEqual([]);
  });

  it('scales to zero as it is, where it is asynchronous', async () => {
    const found = await findWith({ ...sparse, form: ASYNCHRONOUS });
    expect(short(found)).toEqual([
      'Let asynchronous SageMaker endpoint ranker scale to zero.',
      '$899.71',
      'low',
      'low',
      'high',
    ]);
    expect(found[0]?.how).toHaveLength(5);
    expect(
      await findWith({ ...sparse, form: ASYNCHRONOUS, target: { MinCapacity: 0, MaxCapacity: 2 } }),
    ).toEqual([]);
  });

  it('scales its inference components to zero, at the risk of failing requests', async () => {
    const found = await findWith({ ...sparse, form: COMPONENTS });
    expect(short(found)).toEqual([
      'Let the inference components of SageMaker endpoint ranker scale to zero.',
      '$899.71',
      'high',
      'medium',
      'high',
    ]);
    const texts = (found[0]?.how ?? []).map(({ text }) => text);
    for (const part of ['invocations', 'from-zero', 'NoCapacityInvocationFailures']) {
      expect(texts.filter((text) => text.includes(part)).length).toBeGreaterThan(0);
    }
    const managed = { Status: 'ENABLED', MinInstanceCount: 0 } as const;
    expect(
      await findWith({ ...sparse, form: COMPONENTS, variant: { ManagedInstanceScaling: managed } }),
    ).toEqual([]);
  });
});

describe('an endpoint with more than it uses', () => {
  const many: Setup = { type: 'ml.g5.xlarge', count: 4, hourly: '5.632', cpu: 40, memory: 50, gpu: 30 };

  it('has fewer instances, and two at least', async () => {
    const found = await findWith(many);
    // 4 × 30% × 1.25 = 1.5: 2. 2 × 1.408 × 730 = 2,055.68
    expect(short(found)).toEqual([
      'Serve SageMaker endpoint ranker with 2 instances instead of 4.',
      '$2,055.68',
      'low',
      'low',
      'high',
    ]);
    expect(found[0]?.how[0]?.text).toBe(
      'aws sagemaker update-endpoint-weights-and-capacities --region us-east-1 --endpoint-name ranker --desired-weights-and-capacities VariantName=main,DesiredInstanceCount=2',
    );
    // 4 × 41% × 1.25 = 2.05: 3.
    expect(short(await findWith({ ...many, gpu: 41 }))?.[1]).toBe('$1,027.84');
    expect(await findWith({ ...many, count: 2, hourly: '2.816' })).toEqual([]);
    // The GPU tells nothing.
    const { gpu: _, ...unknown } = many;
    expect(await findWith(unknown)).toEqual([]);
  });

  it('has a lower least, where it is scaled', async () => {
    const found = await findWith({ ...many, target: { MinCapacity: 4, MaxCapacity: 8 } });
    expect(found[0]?.how[0]?.text).toContain('register-scalable-target');
    expect(found[0]?.how[0]?.text).toContain('--min-capacity 2');
    expect(await findWith({ ...many, target: { MinCapacity: 1, MaxCapacity: 8 } })).toEqual([]);
  });

  it('has smaller instances', async () => {
    const found = await findWith({
      type: 'ml.m5.2xlarge',
      hourly: '0.46',
      // 160 of 800: 1.6 vCPUs × 1.25 = 2; 32 × 20% × 1.25 = 8 GiB.
      cpu: 160,
      memory: 20,
      model: { EnableNetworkIsolation: true },
    });
    // (0.46 - 0.115) × 730 = 251.85
    expect(short(found)).toEqual([
      'Serve SageMaker endpoint ranker on ml.m5.large instead of ml.m5.2xlarge.',
      '$251.85',
      'low',
      'medium',
      'high',
    ]);
    expect(found[0]?.how.map(({ text }) => text.split(' --')[0])).toEqual([
      'aws sagemaker create-endpoint-config',
      'aws sagemaker update-endpoint',
      "instanceType: 'ml.m5.large' instead of 'ml.m5.2xlarge' in the production variant",
    ]);
  });
});

describe('nothing is said', () => {
  it.each<[string, Setup]>([
    ['of what tells nothing of itself', { memory: 10 }],
    ['of what nobody asked at all', { cpu: 1, memory: 10, requests: () => undefined }],
    ['of a configuration that is six days old', { cpu: 1, memory: 10, configured: daysAgo(6) }],
    ['of what does all it can', { cpu: 350, memory: 80 }],
  ])('%s', async (_, setup) => {
    expect(await findWith(setup)).toEqual([]);
  });

  it('of an empty fleet', async () => {
    expect(await endpointFit.find(checkContext())).toEqual([]);
  });
});
