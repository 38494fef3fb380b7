import {
  GetMetricDataCommand,
  ListMetricsCommand,
  type ListMetricsCommandInput,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { beforeAll, describe, expect, it } from 'vitest';
import { autoScalingGroup } from '../../lib/fleet/auto-scaling-group.ts';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import type { FleetContext, Kind } from '../../lib/fleet/kind.ts';
import { readMetrics } from '../../lib/fleet/metrics.ts';
import { rdsInstance } from '../../lib/fleet/rds-instance.ts';
import { queuedRequests } from '../../lib/fleet/sagemaker-backlog.ts';
import { sagemakerEndpoint } from '../../lib/fleet/sagemaker-endpoint.ts';
import { sagemakerNotebook } from '../../lib/fleet/sagemaker-notebook.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import type { Use } from '../../lib/simulate/account/use.ts';
import type { Sample } from '../../lib/types/evidence.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { fixedPrices, instance } from '../fleet/fixtures.ts';
import { itIf, type Side } from './both.ts';

const MINUTE_MS = 60_000;

/** The last whole five minutes but one: all that is put is over. */
const NOW = new Date(Math.floor(Date.now() / 300_000) * 300_000 - 300_000);
const before = (minutes: number): Date => new Date(NOW.getTime() - minutes * MINUTE_MS);

/** What everything here did, by how many minutes ago. */
const DONE: ReadonlyMap<number, Use> = new Map<number, Use>([
  [30, { cpu: 2, gpu: 0, network: 10, invocations: 0, backlog: 0, connections: 0 }],
  [25, { cpu: 4, gpu: 1, network: 10, invocations: 3, backlog: 2, connections: 1 }],
  [24, { cpu: 9, gpu: 0, network: 20, invocations: 4, backlog: 1, connections: 5 }],
  [5, { cpu: 1, gpu: 3, network: 10, invocations: 0, backlog: 4, connections: 2 }],
]);
const use = (minute: Date): Use | undefined => DONE.get((NOW.getTime() - minute.getTime()) / MINUTE_MS);

const GPU_INSTANCE = 'i-00000000000000a01';
const TYPE = 'ml.p3.2xlarge';

/** Each series that is published of what is put, in the units of AWS. */
const SERIES: readonly {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: (use: Use) => number | undefined;
}[] = [
  ...[
    { dimensions: { InstanceId: GPU_INSTANCE }, count: 1 },
    { dimensions: { AutoScalingGroupName: 'workers' }, count: 2 },
  ].flatMap(({ dimensions, count }) => {
    const network = (one: Use) => (one.network ?? 0) * 60 * count;
    const namespace = 'AWS/EC2';
    return [
      { namespace, metric: 'CPUUtilization', dimensions, value: ({ cpu }: Use) => cpu },
      { namespace, metric: 'NetworkIn', dimensions, value: network },
      { namespace, metric: 'NetworkOut', dimensions, value: network },
    ];
  }),
  series('CWAgent', 'nvidia_smi_utilization_gpu', { InstanceId: GPU_INSTANCE, index: '0' }, 'gpu'),
  series('AWS/RDS', 'DatabaseConnections', { DBInstanceIdentifier: 'features' }, 'connections'),
  series('AWS/RDS', 'NetworkReceiveThroughput', { DBInstanceIdentifier: 'features' }, 'network'),
  {
    ...series('AWS/SageMaker', 'Invocations', { EndpointName: 'ranker', VariantName: 'main' }, 'invocations'),
    // None, where there are none.
    value: ({ invocations }) => invocations || undefined,
  },
  series('AWS/SageMaker', 'ApproximateBacklogSize', { EndpointName: 'ranker' }, 'backlog'),
  {
    ...series(
      '/aws/sagemaker/Endpoints',
      'CPUUtilization',
      { EndpointName: 'ranker', VariantName: 'main' },
      'cpu',
    ),
    value: ({ cpu = 0 }) => cpu * 8,
  },
  {
    ...series(
      '/aws/sagemaker/Endpoints',
      'GPUUtilization',
      { EndpointName: 'ranker', VariantName: 'main' },
      'gpu',
    ),
    value: ({ gpu = 0 }) => gpu * 4,
  },
  series(
    'SageMakerNotebookInstances',
    'cpu_usage_active',
    { notebook_instance_name: 'ana', cpu: 'cpu-total' },
    'cpu',
  ),
  series(
    'SageMakerNotebookInstances',
    'nvidia_smi_utilization_gpu',
    { notebook_instance_name: 'ana', index: '0' },
    'gpu',
  ),
];

function series(
  namespace: string,
  metric: string,
  dimensions: Readonly<Record<string, string>>,
  of: keyof Use,
) {
  return { namespace, metric, dimensions, value: (one: Use) => one[of] };
}

/** In memory what publishes, on the local AWS what is published. */
async function put(side: Side): Promise<void> {
  if (side.name === 'local AWS') {
    for (const { namespace, metric, dimensions, value } of SERIES) {
      const data = [...DONE].flatMap(([ago, done]) => {
        const Value = value(done);
        const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
        return Value === undefined ? [] : [{ MetricName: metric, Dimensions, Timestamp: before(ago), Value }];
      });
      await side
        .clients(REGION)
        .cloudwatch.send(new PutMetricDataCommand({ Namespace: namespace, MetricData: data }));
    }
    return;
  }
  const { instances, groups, databases, endpoints, notebooks } = side.account;
  const common = { tags: {}, since: before(120), use };
  instances.set(GPU_INSTANCE, { ...common, id: GPU_INSTANCE, type: 'g5.xlarge' });
  groups.set('workers', { ...common, name: 'workers', type: 'm5.large', min: 0, max: 4, desired: 2 });
  databases.set('features', { ...common, id: 'features', type: 'db.m5.large', engine: 'postgres' });
  endpoints.set('ranker', { ...common, name: 'ranker', type: TYPE, cores: 8, gpus: 4 });
  notebooks.set('ana', { ...common, name: 'ana', type: TYPE });
}

const sorted = (samples: readonly Sample[]) => samples.toSorted((a, b) => a.at.getTime() - b.at.getTime());

/** All that GetMetricData and ListMetrics are asked, by the adapters. */
export function cloudwatchSuite(side: () => Side, name: Side['name']): void {
  const cloudwatch = () => side().clients(REGION).cloudwatch;
  const context = (): FleetContext => ({
    account: ACCOUNT,
    region: REGION,
    clients: side().clients(REGION),
    prices: fixedPrices(),
    now: () => NOW,
  });

  /** What a kind reads of a resource: each signal with its samples, oldest first. */
  async function read(kind: Kind, target: Resource, windowSeconds = 2_400) {
    const plan = (await kind.signals([target], context())).get(target.arn);
    if (plan === undefined) throw new Error('no plan');
    expect(plan.missing).toEqual([]);
    const { evidence } = await readMetrics(
      [{ arn: target.arn, plan, windowSeconds, isBusy: () => false }],
      cloudwatch(),
      NOW,
    );
    return (evidence.get(target.arn)?.readings ?? []).map(
      ({ signal, samples }) => [signal, sorted(samples)] as const,
    );
  }
  const samples = (...values: readonly (readonly [ago: number, value: number])[]) =>
    values.map(([ago, value]) => ({ at: before(ago), value: expect.closeTo(value, 6) }));
  const network = samples([30, 2], [25, 6], [5, 2]);

  describe('CloudWatch', () => {
    beforeAll(() => put(side()));

    it('knows the GPU, CPU and network of an instance', async () => {
      expect(await read(ec2Instance, instance(GPU_INSTANCE, { size: 'g5.xlarge' }))).toEqual([
        ['gpu', samples([30, 0], [25, 1], [5, 3])],
        ['cpu', samples([30, 2], [25, 9], [5, 1])],
        ['network', network],
        ['network', network],
      ]);
    });

    it('knows of a group the busiest member, and the network of all', async () => {
      const group = instance('workers', {
        kind: 'auto-scaling-group',
        parts: [{ name: 'workers', type: 'm5.large', count: 2 }],
      });
      const both = samples([30, 4], [25, 12], [5, 4]);
      expect(await read(autoScalingGroup, group)).toEqual([
        ['cpu', samples([30, 2], [25, 9], [5, 1])],
        ['network', both],
        ['network', both],
      ]);
    });

    it('knows the connections and the network of a database', async () => {
      expect(await read(rdsInstance, instance('features', { kind: 'rds-instance' }))).toEqual([
        ['connections', samples([30, 0], [25, 5], [5, 2])],
        ['network', samples([30, 10], [25, 20], [5, 10])],
      ]);
    });

    it('knows the invocations of an endpoint where there were any, and what its instances did', async () => {
      const endpoint = instance('ranker', {
        kind: 'sagemaker-endpoint',
        size: TYPE,
        parts: [{ name: 'main', type: TYPE, count: 1 }],
      });
      expect(await read(sagemakerEndpoint, endpoint)).toEqual([
        ['invocations', samples([25, 7])],
        // Of all eight cores, as a share of them.
        ['cpu', samples([30, 2], [25, 9], [5, 1])],
        // Of all four GPUs together.
        ['gpu', samples([30, 0], [25, 4], [5, 12])],
      ]);
    });

    it('knows a notebook instance by the agent on it', async () => {
      const notebook = instance('ana', { kind: 'sagemaker-notebook', size: TYPE });
      expect(await read(sagemakerNotebook, notebook)).toEqual([
        ['gpu', samples([30, 0], [25, 1], [5, 3])],
        ['cpu', samples([30, 2], [25, 9], [5, 1])],
      ]);
    });

    it('knows what waits in the queue of an endpoint now', async () => {
      const endpoint = instance('ranker', { kind: 'sagemaker-endpoint' });
      const other = instance('quiet', { kind: 'sagemaker-endpoint' });
      expect(await queuedRequests([endpoint, other], context())).toEqual(
        new Map([
          [endpoint.arn, { code: 'managed-elsewhere', detail: expect.stringMatching(/^4 requests /) }],
        ]),
      );
    });

    it('tells nothing of what is older than the window', async () => {
      const [reading] = await read(ec2Instance, instance(GPU_INSTANCE), 600);
      expect(reading).toEqual(['cpu', samples([5, 1])]);
    });

    const ask = async (
      MetricName: string,
      Dimensions: Readonly<Record<string, string>>,
      more: { readonly Stat?: string; readonly ScanBy?: 'TimestampAscending' } = {},
    ) => {
      const { Stat = 'Maximum', ...rest } = more;
      const { MetricDataResults = [] } = await cloudwatch().send(
        new GetMetricDataCommand({
          StartTime: before(40),
          EndTime: NOW,
          ...rest,
          MetricDataQueries: [
            {
              Id: 'one',
              MetricStat: {
                Metric: {
                  Namespace: MetricName === 'Invocations' ? 'AWS/SageMaker' : 'AWS/EC2',
                  MetricName,
                  Dimensions: Object.entries(Dimensions).map(([Name, Value]) => ({ Name, Value })),
                },
                Period: 300,
                Stat,
              },
            },
          ],
        }),
      );
      const [{ Id, StatusCode, Timestamps = [], Values = [] } = {}] = MetricDataResults;
      return { Id, StatusCode, times: Timestamps.map((at) => at.getTime()), values: Values };
    };

    it.each([
      ['Maximum', [2, 9, 1]],
      ['Minimum', [2, 4, 1]],
      ['Sum', [2, 13, 1]],
      ['Average', [2, 6.5, 1]],
      ['SampleCount', [1, 2, 1]],
    ])('gives the statistic %s by period, in the order that was asked for', async (Stat, values) => {
      expect(
        await ask('CPUUtilization', { InstanceId: GPU_INSTANCE }, { Stat, ScanBy: 'TimestampAscending' }),
      ).toEqual({
        Id: 'one',
        StatusCode: 'Complete',
        times: [30, 25, 5].map((ago) => before(ago).getTime()),
        values,
      });
    });

    it.each([
      ['an instance that is not there', 'CPUUtilization', { InstanceId: 'i-0' }],
      ['an endpoint by its name alone', 'Invocations', { EndpointName: 'ranker' }],
      ['another variant', 'Invocations', { EndpointName: 'ranker', VariantName: 'shadow' }],
      ['a metric that nobody publishes', 'DiskReadOps', { InstanceId: GPU_INSTANCE }],
    ])('knows no datapoint of %s', async (_, metric, dimensions) => {
      expect(await ask(metric, dimensions)).toEqual({
        Id: 'one',
        StatusCode: 'Complete',
        times: [],
        values: [],
      });
    });

    const listed = async (asked: ListMetricsCommandInput) => {
      const { Metrics = [] } = await cloudwatch().send(new ListMetricsCommand(asked));
      return Metrics.map(({ Namespace, MetricName }) => `${Namespace} ${MetricName}`).sort();
    };
    const named = { Dimensions: [{ Name: 'InstanceId', Value: GPU_INSTANCE }] };

    it('lists the metrics of a namespace', async () => {
      expect(await listed({ Namespace: 'AWS/RDS', MetricName: 'DatabaseConnections' })).toEqual([
        'AWS/RDS DatabaseConnections',
      ]);
      expect(await listed({ Namespace: 'Nobody' })).toEqual([]);
    });

    itIf(name === 'in memory')('lists the metrics that a dimension names', async () => {
      expect(await listed(named)).toEqual([
        'AWS/EC2 CPUUtilization',
        'AWS/EC2 NetworkIn',
        'AWS/EC2 NetworkOut',
        'CWAgent nvidia_smi_utilization_gpu',
      ]);
    });

    itIf(name === 'local AWS')(
      'MiniStack lists all whatever a dimension names, AWS those alone',
      async () => {
        expect(await listed(named)).toHaveLength(SERIES.length);
      },
    );

    it('lists nothing of another region', async () => {
      const { Metrics } = await side()
        .clients('eu-west-1')
        .cloudwatch.send(new ListMetricsCommand({ Namespace: 'CWAgent' }));
      expect(Metrics ?? []).toEqual([]);
    });

    const many = () =>
      cloudwatch().send(
        new GetMetricDataCommand({
          StartTime: before(10),
          EndTime: NOW,
          MetricDataQueries: Array.from({ length: 501 }, (_, n) => ({
            Id: `q${n}`,
            MetricStat: {
              Metric: { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization' },
              Period: 300,
              Stat: 'Maximum',
            },
          })),
        }),
      );

    itIf(name === 'in memory')('takes no more than 500 queries in a call', async () => {
      await expect(many()).rejects.toThrow('must not have a size greater than 500');
    });

    itIf(name === 'local AWS')('MiniStack takes more than 500 queries, which AWS refuses', async () => {
      expect((await many()).MetricDataResults).toHaveLength(501);
    });
  });
}
