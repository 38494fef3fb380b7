import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  type DescribeAutoScalingGroupsCommandInput,
  DescribeScheduledActionsCommand,
  type Instance as Member,
  type ScheduledUpdateGroupAction,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeInstancesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { autoScalingGroup } from '../../lib/fleet/auto-scaling-group.ts';
import type { Resource } from '../../lib/types/resource.ts';
import {
  ACCOUNT,
  awsError,
  contextOf,
  fixedPrices,
  instance,
  instanceId,
  NOW,
  REGION,
  stopContextOf,
  usd,
} from './fixtures.ts';

// The lifecycle states, the scale-in protection and the suspended processes that no emulator has.
const groups = mockClient(AutoScalingClient);
const ec2 = mockClient(EC2Client);
const cloudwatch = mockClient(CloudWatchClient);
beforeEach(() => {
  groups.reset();
  ec2.reset();
  cloudwatch.reset();
  groups.on(DescribeScheduledActionsCommand).resolves({});
});

const CREATED = new Date('2026-01-01T00:00:00.000Z');
const NAME = 'trainers';
const ARN = `arn:aws:autoscaling:${REGION}:${ACCOUNT}:autoScalingGroup:8b19:autoScalingGroupName/${NAME}`;

const member = (n: number, fields: Partial<Member> = {}): Member => ({
  InstanceId: instanceId(n),
  InstanceType: 'g5.xlarge',
  AvailabilityZone: 'us-east-1a',
  LifecycleState: 'InService',
  HealthStatus: 'Healthy',
  ProtectedFromScaleIn: false,
  ...fields,
});

const answer = (fields: Partial<AutoScalingGroup> = {}): AutoScalingGroup => ({
  AutoScalingGroupName: NAME,
  AutoScalingGroupARN: ARN,
  MinSize: 1,
  DesiredCapacity: 2,
  MaxSize: 4,
  DefaultCooldown: 300,
  AvailabilityZones: ['us-east-1a'],
  HealthCheckType: 'EC2',
  CreatedTime: CREATED,
  Instances: [member(1), member(2)],
  ...fields,
});

const answers = (...found: readonly AutoScalingGroup[]): void => {
  groups.on(DescribeAutoScalingGroupsCommand).resolves({ AutoScalingGroups: [...found] });
};

/** What EC2 says of the members; each was launched on its own day of November. */
const launched = (fields: Partial<Instance> = {}): void => {
  ec2.on(DescribeInstancesCommand).resolves({
    Reservations: [
      {
        Instances: [1, 2, 3].map((n) => ({
          InstanceId: instanceId(n),
          LaunchTime: new Date(`2026-11-0${n}T00:00:00.000Z`),
          ...fields,
        })),
      },
    ],
  });
};

async function discover(fields: Partial<AutoScalingGroup> = {}): Promise<Resource | undefined> {
  answers(answer(fields));
  return (await autoScalingGroup.discover(contextOf()))[0];
}

const group: Resource = {
  ...instance(NAME),
  kind: 'auto-scaling-group',
  arn: ARN,
  size: '2 × g5.xlarge',
  parts: [{ name: 'g5.xlarge', type: 'g5.xlarge', count: 2 }],
  consent: 'scale-to-zero',
};

const updates = () => groups.commandCalls(UpdateAutoScalingGroupCommand).map(({ args }) => args[0].input);

describe('the state', () => {
  const pending = member(1, { LifecycleState: 'Pending' });
  const leaving = member(2, { LifecycleState: 'Terminating:Wait' });
  const guarded = member(3, { ProtectedFromScaleIn: true });
  const standby = member(3, { LifecycleState: 'Standby' });

  it.each<{ what: string; desired: number; Instances: Member[]; state: string }>([
    { what: 'all in service', desired: 2, Instances: [member(1), member(2)], state: 'running' },
    { what: 'one in service, others come', desired: 2, Instances: [member(2), pending], state: 'running' },
    { what: 'one in service, others go', desired: 2, Instances: [member(1), leaving], state: 'running' },
    { what: 'all still to come', desired: 1, Instances: [pending], state: 'transitional' },
    { what: 'none there yet', desired: 1, Instances: [], state: 'transitional' },
    { what: 'the last still there', desired: 0, Instances: [member(1)], state: 'transitional' },
    { what: 'the last leaving', desired: 0, Instances: [leaving, guarded], state: 'transitional' },
    { what: 'none left', desired: 0, Instances: [], state: 'stopped' },
    {
      what: 'none left but what terminated',
      desired: 0,
      Instances: [member(1, { LifecycleState: 'Terminated' })],
      state: 'stopped',
    },
    {
      what: 'a warm pool alone',
      desired: 0,
      Instances: [member(1, { LifecycleState: 'Warmed:Stopped' })],
      state: 'stopped',
    },
    { what: 'only what outlives zero', desired: 0, Instances: [guarded, standby], state: 'running' },
  ])('with $what is $state', async ({ desired, Instances, state }) => {
    launched();
    expect((await discover({ DesiredCapacity: desired, Instances }))?.state).toBe(state);
  });
});

describe('what is found', () => {
  it('runs since the launch of its oldest member in service, whoever joins', async () => {
    launched();
    const since = new Date('2026-11-02T00:00:00.000Z');
    const oldest = [member(1, { LifecycleState: 'Terminating' }), member(2)];
    expect((await discover({ Instances: oldest }))?.since).toEqual(since);
    expect((await discover({ Instances: [...oldest, member(3)] }))?.since).toEqual(since);
  });

  it('has cost what it costs since the launch of its youngest member in service', async () => {
    launched();
    const members = [member(2), member(1), member(3, { LifecycleState: 'Pending' })];
    expect((await discover({ Instances: members }))?.pricedSince).toEqual(
      new Date('2026-11-02T00:00:00.000Z'),
    );
    expect(await discover({ Instances: [member(1)] })).not.toHaveProperty('pricedSince');
  });

  it('without members runs since its creation', async () => {
    expect((await discover({ Instances: [], DesiredCapacity: 0 }))?.since).toEqual(CREATED);
    expect(ec2.commandCalls(DescribeInstancesCommand), 'there is nobody to ask for').toEqual([]);
  });

  it('costs what its members in service cost', async () => {
    launched();
    const Instances = [
      member(1),
      member(2),
      member(3, { InstanceType: 'p3.8xlarge' }),
      member(4, { LifecycleState: 'Standby' }),
    ];
    const found = await discover({ Instances });
    expect(found?.hourly).toBe(usd('14.252'));
    expect(found?.size).toBe('2 × g5.xlarge, 1 × p3.8xlarge');
  });

  it('costs the Spot price of those of its members that are Spot instances', async () => {
    const described = (n: number, fields: Partial<Instance>): Instance => ({
      InstanceId: instanceId(n),
      LaunchTime: new Date('2026-11-01T00:00:00.000Z'),
      Placement: { AvailabilityZone: 'us-east-1a' },
      ...fields,
    });
    ec2.on(DescribeInstancesCommand).resolves({
      Reservations: [
        {
          Instances: [
            described(1, {}),
            described(2, { InstanceLifecycle: 'spot' }),
            described(3, { InstanceLifecycle: 'spot' }),
            described(4, { InstanceLifecycle: 'spot', Placement: { AvailabilityZone: 'us-east-1b' } }),
          ],
        },
      ],
    });
    answers(answer({ Instances: [1, 2, 3, 4].map((n) => member(n)) }));
    const prices = fixedPrices();
    const [found] = await autoScalingGroup.discover({ ...contextOf(), prices });
    // 1.006 on demand and three at 0.4512.
    expect(found?.hourly).toBe(usd('2.3596'));
    expect(prices.askedSpot.map(({ zone }) => zone).sort()).toEqual(['us-east-1a', 'us-east-1b']);
  });

  it.each<{ what: string; Instances: Member[]; ec2: Partial<Instance> }>([
    {
      what: 'a Spot instance without a price',
      Instances: [member(1, { InstanceType: 'x9.mega' }), member(2)],
      ec2: { InstanceLifecycle: 'spot', Placement: { AvailabilityZone: 'us-east-1a' } },
    },
    {
      what: 'a type without a price',
      Instances: [member(1), member(2, { InstanceType: 'x9.mega' })],
      ec2: {},
    },
    { what: 'a dedicated host', Instances: [member(1)], ec2: { Placement: { Tenancy: 'host' } } },
    { what: 'no members', Instances: [], ec2: {} },
  ])('is unpriced with $what', async ({ Instances, ec2: fields }) => {
    launched(fields);
    expect((await discover({ Instances }))?.hourly).toBeUndefined();
  });

  it('asks for one price a type, by what the members are billed as', async () => {
    launched({ PlatformDetails: 'Windows' });
    answers(answer());
    const prices = fixedPrices();
    await autoScalingGroup.discover({ ...contextOf(), prices });
    expect(prices.asked).toEqual([
      { service: 'ec2', region: REGION, instanceType: 'g5.xlarge', system: 'Windows' },
    ]);
  });

  it('is read by every page, 50 names a call', async () => {
    groups
      .on(DescribeAutoScalingGroupsCommand)
      .callsFake(({ NextToken, AutoScalingGroupNames }: DescribeAutoScalingGroupsCommandInput) =>
        AutoScalingGroupNames === undefined && NextToken === undefined
          ? { AutoScalingGroups: [answer({ Instances: [] })], NextToken: 'more' }
          : { AutoScalingGroups: [answer({ AutoScalingGroupName: 'other', Instances: [] })] },
      );
    const found = await autoScalingGroup.discover(contextOf());
    expect(found.map(({ id }) => id)).toEqual([NAME, 'other']);

    groups.resetHistory();
    await autoScalingGroup.describe(
      Array.from({ length: 120 }, (_, n) => `group ${n}`),
      contextOf(),
    );
    const asked = groups.commandCalls(DescribeAutoScalingGroupsCommand).map(({ args }) => args[0].input);
    expect(asked.map(({ AutoScalingGroupNames }) => AutoScalingGroupNames?.length)).toEqual([50, 50, 20]);
  });

  it('is left out while it is being deleted', async () => {
    expect(await discover({ Status: 'Delete in progress' })).toBeUndefined();
  });
});

describe('protections', () => {
  const codes = (found: Resource | undefined) => found?.protections.map(({ code }) => code);
  const tagged = (...tags: readonly [string, string][]) =>
    discover({ Tags: tags.map(([Key, Value]) => ({ Key, Value })) });

  beforeEach(() => launched());

  it('none of a plain group, which asks for consent', async () => {
    const found = await tagged(['project', 'recsys']);
    expect([codes(found), found?.consent]).toEqual([[], 'scale-to-zero']);
  });

  it.each([
    { key: 'eks:nodegroup-name', value: 'gpu', code: 'eks', name: 'EKS node group gpu' },
    { key: 'kubernetes.io/cluster/ml', value: 'owned', code: 'eks', name: 'Kubernetes cluster ml' },
    { key: 'k8s.io/cluster-autoscaler/enabled', value: 'true', code: 'eks', name: 'a Kubernetes cluster' },
    { key: 'alpha.eksctl.io/cluster-name', value: 'ml', code: 'eks', name: 'Kubernetes cluster ml' },
    { key: 'AWSBatchServiceTag', value: 'batch', code: 'batch', name: 'AWS Batch compute environment batch' },
    { key: 'aws:elasticmapreduce:job-flow-id', value: 'j-1', code: 'emr', name: 'EMR cluster j-1' },
    { key: 'AmazonECSManaged', value: 'true', code: 'managed-elsewhere', name: 'an ECS capacity provider' },
    {
      key: 'elasticbeanstalk:environment-name',
      value: 'web',
      code: 'managed-elsewhere',
      name: 'Elastic Beanstalk environment web',
    },
    {
      key: 'sagemaker:cluster-name',
      value: 'pod',
      code: 'managed-elsewhere',
      name: 'SageMaker HyperPod cluster pod',
    },
  ])('of one that $name sizes, by its tag $key', async ({ key, value, code, name }) => {
    expect((await tagged([key, value]))?.protections).toEqual([
      { code, detail: `It belongs to ${name}, which sets its size.` },
    ]);
  });

  it('of one whose members alone carry the tag', async () => {
    launched({
      Tags: [
        { Key: 'aws:autoscaling:groupName', Value: NAME },
        { Key: 'AWSBatchServiceTag', Value: 'batch' },
      ],
    });
    expect(codes(await tagged())).toEqual(['batch']);
  });

  it('name a cluster once, however many tags name it', async () => {
    const found = await tagged(['eks:cluster-name', 'ml'], ['kubernetes.io/cluster/ml', 'owned']);
    expect(codes(found)).toEqual(['eks']);
  });

  it('of one that a service operates', async () => {
    expect((await discover({ Operator: { Principal: 'x.amazonaws.com' } }))?.protections).toEqual([
      { code: 'managed-elsewhere', detail: 'It is managed by x.amazonaws.com.' },
    ]);
  });

  it('of one that ends no instance, since that is suspended', async () => {
    const suspended = (ProcessName: string) => discover({ SuspendedProcesses: [{ ProcessName }] });
    expect(codes(await suspended('Terminate'))).toEqual(['managed-elsewhere']);
    expect(codes(await suspended('AZRebalance'))).toEqual([]);
  });

  it('of one at zero whose members run on: there is nothing more to do', async () => {
    const Instances = [member(1, { ProtectedFromScaleIn: true })];
    expect((await discover({ DesiredCapacity: 0, MinSize: 0, Instances }))?.protections).toEqual([
      {
        code: 'managed-elsewhere',
        detail: 'It is at zero already; members that stand by or are protected from scale-in run on: 1.',
      },
    ]);
    expect(codes(await discover({ Instances })), 'not while it can still be scaled to zero').toEqual([]);
  });
});

describe('signals', () => {
  const plan = async (fields: Partial<Resource> = {}) =>
    (await autoScalingGroup.signals([{ ...group, ...fields }], contextOf())).get(ARN);

  const series = (...ids: readonly string[]): void => {
    cloudwatch.on(ListMetricsCommand).resolves({
      Metrics: ids.map((id) => ({ Dimensions: [{ Name: 'InstanceId', Value: id }] })),
    });
  };

  const parts = (...types: readonly string[]) => types.map((type) => ({ name: type, type, count: 1 }));

  it('of a group without GPUs are those of EC2 for the group, and cost no call', async () => {
    const found = await plan({ parts: parts('m5.large', 'm5.24xlarge') });
    expect(found?.missing).toEqual([]);
    expect(
      found?.queries.map(({ metricName, statistic, dimensions }) => [metricName, statistic, dimensions]),
    ).toEqual([
      ['CPUUtilization', 'Maximum', { AutoScalingGroupName: NAME }],
      ['NetworkIn', 'Sum', { AutoScalingGroupName: NAME }],
      ['NetworkOut', 'Sum', { AutoScalingGroupName: NAME }],
    ]);
    expect(found?.queries[0]?.ceiling, 'half a core of 96').toBeCloseTo(50 / 96);
    expect(groups.calls()).toEqual([]);
    expect(cloudwatch.calls()).toEqual([]);
  });

  it('read the GPUs of every member, first of all', async () => {
    answers(answer());
    series(instanceId(1), instanceId(2), instanceId(9));
    const found = await plan();
    expect(found?.missing).toEqual([]);
    expect(found?.queries.slice(0, 2).map(({ signal, dimensions }) => [signal, dimensions])).toEqual([
      ['gpu', { InstanceId: instanceId(1) }],
      ['gpu', { InstanceId: instanceId(2) }],
    ]);
    expect(found?.queries.filter(({ signal }) => signal === 'gpu')).toHaveLength(2);
  });

  it.each([
    { seen: [instanceId(1)], why: /GPUs of 1 of its members \(g5.xlarge\)/ },
    { seen: [], why: /GPUs of its members \(g5.xlarge\)/ },
  ])('are missing where a member shows no GPU: $seen', async ({ seen, why }) => {
    answers(answer());
    series(...seen);
    const found = await plan();
    expect(found?.missing.map(({ signal }) => signal)).toEqual(['gpu']);
    expect(found?.missing[0]?.why).toMatch(why);
  });

  it('are missing where the group has gone meanwhile', async () => {
    answers();
    series(instanceId(1));
    expect((await plan())?.missing).toHaveLength(1);
  });

  it('are missing of accelerators that no metric shows', async () => {
    const found = await plan({ parts: parts('m5.large', 'trn1.2xlarge') });
    expect(found?.missing[0]?.why).toMatch(/accelerators \(trn1.2xlarge\)\. Set idle: off/);
  });
});

describe('scaling to zero', () => {
  async function stop(fields: Partial<AutoScalingGroup> = {}) {
    answers(answer(fields));
    groups.on(UpdateAutoScalingGroupCommand).resolves({});
    const context = stopContextOf();
    const outcomes = await autoScalingGroup.stop([group], context);
    return { outcome: outcomes.get(ARN), saved: context.saved.map(({ record }) => record) };
  }

  it('saves the sizes as they are now, and keeps the largest', async () => {
    const { outcome, saved } = await stop({ SuspendedProcesses: [{ ProcessName: 'AZRebalance' }] });
    expect(outcome).toEqual({
      status: 'taken',
      at: NOW,
      detail: 'Scaled to zero; its sizes were min 1, desired 2, max 4.',
    });
    expect(saved).toEqual([{ min: 1, desired: 2, max: 4, suspended: ['AZRebalance'] }]);
    expect(updates()).toEqual([{ AutoScalingGroupName: NAME, MinSize: 0, DesiredCapacity: 0 }]);
  });

  it('of one at zero changes nothing, and saves no zeros over the sizes', async () => {
    const { outcome, saved } = await stop({
      MinSize: 0,
      DesiredCapacity: 0,
      Instances: [member(1, { ProtectedFromScaleIn: true })],
    });
    expect(outcome).toMatchObject({
      status: 'skipped',
      code: 'AlreadyStopped',
      detail:
        'It was at zero already (min 0, desired 0, max 4). One member that stands by or is protected from scale-in runs on.',
    });
    expect([saved, updates()]).toEqual([[], []]);
  });

  it('tells what runs on and what brings it back', async () => {
    const actions: ScheduledUpdateGroupAction[] = [
      { ScheduledActionName: 'morning', DesiredCapacity: 2, StartTime: new Date('2026-11-26T08:00:00.000Z') },
      { ScheduledActionName: 'noon', MinSize: 1, StartTime: new Date('2026-11-25T12:00:00.000Z') },
      { ScheduledActionName: 'night', MinSize: 0, DesiredCapacity: 0 },
    ];
    groups.on(DescribeScheduledActionsCommand).resolves({ ScheduledUpdateGroupActions: actions });
    const { outcome } = await stop({
      Instances: [
        member(1),
        member(2, { LifecycleState: 'Standby' }),
        member(3, { ProtectedFromScaleIn: true }),
      ],
      WarmPoolConfiguration: { PoolState: 'Running' },
    });
    expect(outcome?.detail).toBe(
      'Scaled to zero; its sizes were min 1, desired 2, max 4. 2 members that stand by or are protected from scale-in run on. Its warm pool (Running) stays, and may grow. Its scheduled actions morning, noon will scale it up again, first at 2026-11-25T12:00:00.000Z.',
    );
  });

  it('touches nothing where the sizes could not be saved', async () => {
    answers(answer());
    const outcomes = await autoScalingGroup.stop([group], {
      ...stopContextOf(),
      saveRestore: async () => {
        throw awsError('ThrottlingException', 'Rate exceeded');
      },
    });
    expect(outcomes.get(ARN)).toMatchObject({ status: 'failed', retry: true });
    expect(updates()).toEqual([]);
  });

  it.each([
    {
      error: awsError('ScalingActivityInProgressFault', 'busy'),
      expected: { status: 'failed', retry: true },
    },
    { error: awsError('ResourceContentionFault', 'busy'), expected: { status: 'failed', retry: true } },
    { error: awsError('Throttling', 'slow down'), expected: { status: 'failed', retry: true } },
    { error: awsError('AccessDenied', 'no'), expected: { status: 'failed', retry: false } },
    {
      error: awsError('ValidationError', 'Max bound is wrong'),
      expected: { status: 'failed', retry: false },
    },
    {
      error: awsError('ValidationError', 'AutoScalingGroup name not found - null'),
      expected: { status: 'skipped', code: 'Gone' },
    },
  ])('is refused: $error.name $error.message', async ({ error, expected }) => {
    answers(answer());
    groups.on(UpdateAutoScalingGroupCommand).rejects(error);
    const outcomes = await autoScalingGroup.stop([group], stopContextOf());
    expect(outcomes.get(ARN)).toMatchObject(expected);
  });
});

describe('scaling up again', () => {
  const RECORD = { min: 1, desired: 2, max: 4, suspended: [] };

  async function restore(fields: Partial<AutoScalingGroup>, record: unknown = RECORD) {
    answers(answer({ MinSize: 0, DesiredCapacity: 0, Instances: [], ...fields }));
    groups.on(UpdateAutoScalingGroupCommand).resolves({});
    return (await autoScalingGroup.restore(group, record, contextOf())).outcome;
  }

  it('gives the sizes back, and leaves a larger largest size that somebody has set', async () => {
    expect((await restore({ MaxSize: 9 })).detail).toBe('Scaled up again: min 1, desired 2, max 9.');
    expect(updates()).toEqual([{ AutoScalingGroupName: NAME, MinSize: 1, DesiredCapacity: 2 }]);
  });

  it('is not done where the largest size has no room any more', async () => {
    expect(await restore({ MaxSize: 1 })).toMatchObject({ status: 'skipped', code: 'ChangedByHand' });
    expect(updates()).toEqual([]);
  });

  it('says that nothing comes while launches are suspended', async () => {
    const { detail } = await restore({ SuspendedProcesses: [{ ProcessName: 'Launch' }] });
    expect(detail).toMatch(/Its process Launch is suspended: instances come once it is resumed\.$/);
  });

  it.each([{}, null, { min: -1, desired: 2, max: 4, suspended: [] }])(
    'needs a record that can be read: %o',
    async (record) => {
      expect(await restore({}, record)).toMatchObject({
        status: 'failed',
        code: 'UnreadableRecord',
        retry: false,
      });
      expect(updates()).toEqual([]);
    },
  );

  it('never throws, also where it cannot look', async () => {
    groups.on(DescribeAutoScalingGroupsCommand).rejects(awsError('InternalFailure', 'oops', 'server'));
    expect(await autoScalingGroup.restore(group, RECORD, contextOf())).toMatchObject({
      outcome: { status: 'failed', retry: true },
      finished: false,
    });
  });
});

it('has no single command that undoes it', () => {
  expect(autoScalingGroup.undo([NAME], REGION)).toBeUndefined();
});
