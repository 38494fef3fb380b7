import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeNotebookInstanceCommand,
  type DescribeNotebookInstanceOutput,
  ListNotebookInstancesCommand,
  ListTagsCommand,
  type NotebookInstanceStatus,
  SageMakerClient,
  StartNotebookInstanceCommand,
  StopNotebookInstanceCommand,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { sagemakerNotebook } from '../../lib/fleet/sagemaker-notebook.ts';
import { LedgerError } from '../../lib/ledger/errors.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { ACCOUNT, awsError, contextOf, instance, NOW, REGION, stopContextOf, usd } from './fixtures.ts';

/* What moto cannot do: the states between, refusals, pages, and what ListMetrics finds. */
const sagemaker = mockClient(SageMakerClient);
const cloudwatch = mockClient(CloudWatchClient);

const arn = (name: string) => `arn:aws:sagemaker:${REGION}:${ACCOUNT}:notebook-instance/${name}`;
const STARTED = new Date('2026-11-25T08:00:00.000Z');

const live = (status: NotebookInstanceStatus, fields: Partial<DescribeNotebookInstanceOutput> = {}) => ({
  NotebookInstanceName: 'anas',
  NotebookInstanceArn: arn('anas'),
  NotebookInstanceStatus: status,
  InstanceType: 'ml.p3.2xlarge' as const,
  CreationTime: new Date('2026-09-01T08:00:00.000Z'),
  LastModifiedTime: STARTED,
  ...fields,
});

const notebook = (name: string, size = 'ml.p3.2xlarge'): Resource => ({
  ...instance(name),
  kind: 'sagemaker-notebook',
  arn: arn(name),
  size,
});

const NONE = awsError('ValidationException', 'RecordNotFound');
const refused = (status: string, to: string) =>
  awsError(
    'ValidationException',
    `Status (${status}) not in ([InService]). Unable to transition to (${to}) for Notebook Instance (${arn('anas')}).`,
  );

beforeEach(() => {
  sagemaker.reset();
  cloudwatch.reset();
  sagemaker.on(ListTagsCommand).resolves({ Tags: [{ Key: 'project', Value: 'recsys' }] });
  sagemaker.on(DescribeNotebookInstanceCommand).resolves(live('InService'));
  sagemaker.on(StopNotebookInstanceCommand).resolves({});
  sagemaker.on(StartNotebookInstanceCommand).resolves({});
});

const stops = () => sagemaker.commandCalls(StopNotebookInstanceCommand);
const starts = () => sagemaker.commandCalls(StartNotebookInstanceCommand);

describe('discovery', () => {
  it('reads all pages, with the tags of each', async () => {
    sagemaker
      .on(ListNotebookInstancesCommand)
      .resolvesOnce({ NotebookInstances: [live('InService')], NextToken: 'more' })
      .resolves({
        NotebookInstances: [
          { ...live('Stopped'), NotebookInstanceName: 'bens', NotebookInstanceArn: arn('bens') },
        ],
      });
    const found = await sagemakerNotebook.discover(contextOf());
    expect(found).toMatchObject([
      { id: 'anas', state: 'running', since: STARTED, tags: { project: 'recsys' }, hourly: usd('3.825') },
      { id: 'bens', state: 'stopped' },
    ]);
  });

  it.each([
    ['InService', 'running'],
    ['Stopped', 'stopped'],
    ['Failed', 'failed'],
    ['Pending', 'transitional'],
    ['Stopping', 'transitional'],
    ['Updating', 'transitional'],
    ['InMaintenance', 'transitional'],
  ] as const)('of one that is %s finds it %s', async (status, state) => {
    sagemaker.on(DescribeNotebookInstanceCommand).resolves(live(status));
    expect(await sagemakerNotebook.describe(['anas'], contextOf())).toMatchObject([{ state }]);
  });

  it('leaves out what is being deleted or went while it was read', async () => {
    sagemaker.on(DescribeNotebookInstanceCommand).resolvesOnce(live('Deleting')).resolves(live('InService'));
    sagemaker.on(ListTagsCommand).rejects(NONE);
    expect(await sagemakerNotebook.describe(['anas', 'bens'], contextOf())).toEqual([]);
  });

  it('fails as a whole where AWS does not answer', async () => {
    sagemaker.on(DescribeNotebookInstanceCommand).rejects(awsError('ThrottlingException', 'Rate exceeded'));
    await expect(sagemakerNotebook.describe(['anas'], contextOf())).rejects.toThrow('Rate exceeded');
  });

  it('leaves a type without a price unpriced', async () => {
    sagemaker
      .on(DescribeNotebookInstanceCommand)
      .resolves(live('InService', { InstanceType: 'ml.c5.9xlarge' }));
    const [found] = await sagemakerNotebook.describe(['anas'], contextOf());
    expect(found?.hourly).toBeUndefined();
  });
});

describe('a stop', () => {
  async function stop(context = stopContextOf()) {
    return (await sagemakerNotebook.stop([notebook('anas')], context)).get(arn('anas'));
  }

  it('saves the record first', async () => {
    const context = stopContextOf();
    expect(await stop(context)).toEqual({
      status: 'taken',
      at: NOW,
      detail: 'Stopped; its volume is kept, what ran in its kernels is not.',
    });
    expect(context.saved).toMatchObject([{ record: { instanceType: 'ml.p3.2xlarge' } }]);
  });

  it('touches nothing where the record cannot be saved', async () => {
    const context = {
      ...stopContextOf(),
      saveRestore: async () => {
        throw new LedgerError('the table is out');
      },
    };
    expect(await stop(context)).toMatchObject({ status: 'failed', code: 'LedgerError' });
    expect(stops()).toHaveLength(0);
  });

  it.each([
    ['Stopped', { status: 'skipped', code: 'AlreadyStopped' }],
    ['Stopping', { status: 'failed', retry: true }],
    ['Pending', { status: 'failed', retry: true }],
    ['Updating', { status: 'failed', retry: true }],
    ['Failed', { status: 'failed', retry: false }],
    ['Deleting', { status: 'skipped', code: 'Gone' }],
    ['InService', { status: 'failed', retry: false }],
  ] as const)('that is refused of one that is %s is understood by looking again', async (status, outcome) => {
    sagemaker.on(StopNotebookInstanceCommand).rejects(refused(status, 'Stopping'));
    sagemaker.on(DescribeNotebookInstanceCommand).resolves(live(status));
    expect(await stop()).toMatchObject(outcome);
  });

  it('of one that is gone is a skip', async () => {
    sagemaker.on(StopNotebookInstanceCommand).rejects(NONE);
    expect(await stop()).toMatchObject({ status: 'skipped', code: 'Gone' });
  });

  it.each([
    [awsError('AccessDeniedException', 'not authorized'), false],
    [awsError('ThrottlingException', 'Rate exceeded'), true],
    [awsError('InternalFailure', 'oops', 'server'), true],
  ])('that fails otherwise is no state of the notebook: %s', async (error, retry) => {
    sagemaker.on(StopNotebookInstanceCommand).rejects(error);
    sagemaker.on(DescribeNotebookInstanceCommand).resolves(live('Stopped'));
    expect(await stop()).toMatchObject({ status: 'failed', code: error.name, retry });
  });

  it('that is refused while it cannot be looked at has failed', async () => {
    sagemaker.on(StopNotebookInstanceCommand).rejects(refused('Stopped', 'Stopping'));
    sagemaker.on(DescribeNotebookInstanceCommand).rejects(awsError('ThrottlingException', 'Rate exceeded'));
    expect(await stop()).toMatchObject({ status: 'failed', code: 'ValidationException', retry: false });
  });
});

describe('a restore', () => {
  const restore = (record: unknown = { instanceType: 'ml.p3.2xlarge' }) =>
    sagemakerNotebook.restore(notebook('anas'), record, contextOf());

  it.each(['Stopped', 'Failed'] as const)('starts one that is %s', async (status) => {
    sagemaker.on(DescribeNotebookInstanceCommand).resolves(live(status));
    expect(await restore()).toEqual({
      finished: true,
      outcome: { status: 'taken', at: NOW, detail: 'Started.' },
    });
    expect(starts()).toHaveLength(1);
  });

  it('says where somebody gave it another type', async () => {
    sagemaker.on(DescribeNotebookInstanceCommand).resolves(live('Stopped', { InstanceType: 'ml.t3.medium' }));
    expect((await restore()).outcome.detail).toBe(
      'Started. Somebody made it ml.t3.medium since; it was ml.p3.2xlarge.',
    );
    expect((await restore('no record')).outcome.detail).toBe('Started.');
  });

  it.each([
    ['InService', { status: 'skipped', code: 'AlreadyRunning' }, true],
    ['Pending', { status: 'skipped', code: 'AlreadyRunning' }, true],
    ['Deleting', { status: 'skipped', code: 'Gone' }, true],
    ['Stopping', { status: 'failed', retry: true }, false],
    ['Updating', { status: 'failed', retry: true }, false],
  ] as const)('starts nothing of one that is %s', async (status, outcome, finished) => {
    sagemaker.on(DescribeNotebookInstanceCommand).resolves(live(status));
    expect(await restore()).toMatchObject({ outcome, finished });
    expect(starts()).toHaveLength(0);
  });

  it('of one that was deleted says so', async () => {
    sagemaker.on(DescribeNotebookInstanceCommand).rejects(NONE);
    expect(await restore()).toMatchObject({ finished: true, outcome: { status: 'skipped', code: 'Gone' } });
  });

  it('throws nothing', async () => {
    sagemaker.on(DescribeNotebookInstanceCommand).resolves(live('Stopped'));
    sagemaker
      .on(StartNotebookInstanceCommand)
      .rejects(awsError('ResourceLimitExceeded', 'The account-level service limit is 0.'));
    expect(await restore()).toMatchObject({
      finished: false,
      outcome: { status: 'failed', code: 'ResourceLimitExceeded', retry: false },
    });
  });

  it('is one command, for one and for several', () => {
    expect(sagemakerNotebook.undo(['anas'], 'us-east-1')).toBe(
      'aws sagemaker start-notebook-instance --region us-east-1 --notebook-instance-name anas',
    );
    expect(sagemakerNotebook.undo(['anas', 'bens'], 'us-east-1')).toBe(
      'for name in anas bens; do aws sagemaker start-notebook-instance --region us-east-1 --notebook-instance-name "$name"; done',
    );
  });
});

describe('signals', () => {
  const series = (name: string, dimensions: Readonly<Record<string, string>> = {}) => ({
    Dimensions: Object.entries({ notebook_instance_name: name, ...dimensions }).map(([Name, Value]) => ({
      Name,
      Value,
    })),
  });
  const listed = (MetricName: string, Metrics: readonly ReturnType<typeof series>[]) =>
    cloudwatch.on(ListMetricsCommand, { MetricName }).resolves({ Metrics: [...Metrics] });
  const planOf = async (one: Resource) => (await sagemakerNotebook.signals([one], contextOf())).get(one.arn);

  it('are the CPU of all cores and every GPU', async () => {
    const total = { cpu: 'cpu-total', host: 'ip-10-0-0-1' };
    listed('cpu_usage_active', [
      series('anas', total),
      series('anas', { cpu: 'cpu0', host: 'ip-10-0-0-1' }),
      series('bens', total),
    ]);
    listed('nvidia_smi_utilization_gpu', [series('anas', { index: '0' }), series('anas', { index: '1' })]);
    const plan = await planOf(notebook('anas'));
    expect(plan?.missing).toEqual([]);
    expect(plan?.queries).toMatchObject([
      { signal: 'gpu', dimensions: { notebook_instance_name: 'anas', index: '0' } },
      { signal: 'gpu', dimensions: { notebook_instance_name: 'anas', index: '1' } },
      {
        signal: 'cpu',
        namespace: 'SageMakerNotebookInstances',
        metricName: 'cpu_usage_active',
        dimensions: { notebook_instance_name: 'anas', ...total },
        statistic: 'Maximum',
        absence: 'unknown',
        // Half a core of eight.
        ceiling: 6.25,
      },
    ]);
  });

  it('of a GPU without its metric are missing, though its CPU is known', async () => {
    listed('cpu_usage_active', [series('anas')]);
    listed('nvidia_smi_utilization_gpu', []);
    const plan = await planOf(notebook('anas'));
    expect(plan?.queries.map(({ signal }) => signal)).toEqual(['cpu']);
    expect(plan?.missing).toMatchObject([{ signal: 'gpu', why: expect.stringContaining('nvidia_gpu') }]);
  });

  it('without an agent are missing altogether, and the way to it is told', async () => {
    listed('cpu_usage_active', [series('bens')]);
    expect(await planOf(notebook('anas', 'ml.t3.medium'))).toEqual({
      queries: [],
      missing: [
        {
          signal: 'cpu',
          why: 'No CloudWatch agent on it tells of its use. docs/notebook-metrics.md says how to let it.',
        },
      ],
    });
    expect(cloudwatch.commandCalls(ListMetricsCommand)).toHaveLength(1);
  });

  it('of single cores alone do not tell the whole', async () => {
    listed('cpu_usage_active', [series('anas', { cpu: 'cpu0' })]);
    const plan = await planOf(notebook('anas', 'ml.t3.medium'));
    expect(plan).toMatchObject({ queries: [], missing: [{ signal: 'cpu' }] });
  });
});
