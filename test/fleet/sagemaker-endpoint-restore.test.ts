import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
  type ScalableTarget,
  type ScalingPolicy,
  type ScheduledAction,
} from '@aws-sdk/client-application-auto-scaling';
import {
  AddTagsCommand,
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointConfigOutput,
  type DescribeEndpointOutput,
  DescribeModelCommand,
  type EndpointStatus,
  ListTagsCommand,
  type ProductionVariantSummary,
  SageMakerClient,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { sagemakerEndpoint } from '../../lib/fleet/sagemaker-endpoint.ts';
import { awsError, contextOf, endpoint, endpointArn, NOW } from './fixtures.ts';

const sagemaker = mockClient(SageMakerClient);
const autoscaling = mockClient(ApplicationAutoScalingClient);

const CREATED = new Date('2026-11-20T08:00:00.000Z');
const CONFIG: DescribeEndpointConfigOutput = {
  EndpointConfigName: 'ranker-config',
  EndpointConfigArn: 'arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/ranker-config',
  ProductionVariants: [
    {
      VariantName: 'main',
      ModelName: 'ranker',
      InstanceType: 'ml.m5.xlarge',
      InitialInstanceCount: 1,
      InitialVariantWeight: 1,
    },
    { VariantName: 'canary', ModelName: 'next', InstanceType: 'ml.m5.xlarge', InitialInstanceCount: 1 },
  ],
  DataCaptureConfig: {
    EnableCapture: true,
    InitialSamplingPercentage: 50,
    DestinationS3Uri: 's3://b/c',
    CaptureOptions: [{ CaptureMode: 'Input' }],
  },
  KmsKeyId: 'alias/volumes',
  VpcConfig: { SecurityGroupIds: ['sg-1'], Subnets: ['subnet-1'] },
  EnableNetworkIsolation: true,
  CreationTime: CREATED,
};

const key = {
  ServiceNamespace: 'sagemaker',
  ResourceId: 'endpoint/ranker/variant/main',
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
} as const;
const TARGET: ScalableTarget = {
  ...key,
  MinCapacity: 1,
  MaxCapacity: 4,
  SuspendedState: { DynamicScalingInSuspended: true },
  RoleARN: 'arn:aws:iam::123456789012:role/aws-service-role/x',
  CreationTime: CREATED,
};
const TRACKING: ScalingPolicy = {
  ...key,
  PolicyName: 'by-invocations',
  PolicyARN: 'arn:aws:autoscaling:policy/1',
  PolicyType: 'TargetTrackingScaling',
  TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 },
  Alarms: [{ AlarmName: 'TargetTracking-x', AlarmARN: 'arn' }],
  CreationTime: CREATED,
};
const STEP: ScalingPolicy = {
  ...key,
  PolicyName: 'wake',
  PolicyARN: 'arn:aws:autoscaling:policy/2',
  PolicyType: 'StepScaling',
  StepScalingPolicyConfiguration: { AdjustmentType: 'ChangeInCapacity' },
  Alarms: [{ AlarmName: 'backlog-without-capacity', AlarmARN: 'arn' }],
  CreationTime: CREATED,
};
const NIGHTLY: ScheduledAction = {
  ...key,
  ScheduledActionName: 'nightly',
  ScheduledActionARN: 'arn',
  Schedule: 'cron(0 22 * * ? *)',
  StartTime: new Date('2026-11-21T00:00:00.000Z'),
  EndTime: new Date('2027-01-01T00:00:00.000Z'),
  ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 1 },
  CreationTime: CREATED,
};

const variants: readonly ProductionVariantSummary[] = [
  { VariantName: 'main', CurrentWeight: 1, CurrentInstanceCount: 1 },
  { VariantName: 'canary', CurrentWeight: 1, CurrentInstanceCount: 1 },
];

/** What a stop saves of the endpoint `ranker`; it comes back from JSON. */
const saved = (fields: object = {}): unknown =>
  JSON.parse(
    JSON.stringify({
      endpointName: 'ranker',
      endpointConfigName: 'ranker-config',
      endpointConfig: CONFIG,
      variants,
      shadowVariants: [],
      models: ['ranker', 'next'],
      tags: { project: 'recsys', owner: 'alice', 'aws:cloudformation:stack-name': 'ml' },
      scalableTargets: [],
      scalingPolicies: [],
      scheduledActions: [],
      ...fields,
    }),
  );
const SCALED = { scalableTargets: [TARGET], scalingPolicies: [TRACKING], scheduledActions: [NIGHTLY] };
const OWN_TAGS = [
  { Key: 'project', Value: 'recsys' },
  { Key: 'owner', Value: 'alice' },
];

const missing = (what: string) => awsError('ValidationException', `Could not find ${what} "arn".`);
const denied = awsError('AccessDeniedException', 'not authorized');
const throttled = awsError('ThrottlingException', 'Rate exceeded');

/** Lets the endpoint exist. */
function live(fields: Partial<DescribeEndpointOutput> = {}): void {
  sagemaker.on(DescribeEndpointCommand).resolves({
    EndpointName: 'ranker',
    EndpointArn: endpointArn('ranker'),
    EndpointConfigName: 'ranker-config',
    EndpointStatus: 'InService',
    ProductionVariants: [...variants],
    ...fields,
  });
}

/** Lets its scaling exist. */
function scaledBy(targets: ScalableTarget[], policies: ScalingPolicy[], actions: ScheduledAction[]): void {
  autoscaling.on(DescribeScalableTargetsCommand).resolves({ ScalableTargets: targets });
  autoscaling.on(DescribeScalingPoliciesCommand).resolves({ ScalingPolicies: policies });
  autoscaling.on(DescribeScheduledActionsCommand).resolves({ ScheduledActions: actions });
}

beforeEach(() => {
  sagemaker.reset();
  autoscaling.reset();
  autoscaling.onAnyCommand().resolves({});
  sagemaker.on(DescribeEndpointCommand).rejects(missing('endpoint'));
  sagemaker.on(DescribeEndpointConfigCommand).resolves(CONFIG);
  sagemaker.on(DescribeModelCommand).resolves({});
  sagemaker.on(ListTagsCommand).resolves({ Tags: OWN_TAGS });
  sagemaker.on(CreateEndpointConfigCommand).resolves({});
  sagemaker.on(CreateEndpointCommand).resolves({});
  sagemaker.on(AddTagsCommand).resolves({});
  sagemaker.on(UpdateEndpointWeightsAndCapacitiesCommand).resolves({});
});

const restore = (record = saved()) => sagemakerEndpoint.restore(endpoint('ranker'), record, contextOf());

const created = () => sagemaker.commandCalls(CreateEndpointCommand).map(({ args }) => args[0].input);
const updated = () =>
  sagemaker.commandCalls(UpdateEndpointWeightsAndCapacitiesCommand).map(({ args }) => args[0].input);
const changes = () => [
  ...sagemaker.calls().filter(({ args }) => !/^(Describe|List)/.test(args[0].constructor.name)),
  ...autoscaling.calls().filter(({ args }) => !/^Describe/.test(args[0].constructor.name)),
];

describe('a deleted endpoint', () => {
  it('is created with its configuration and its tags, but for those of AWS; more is left to do', async () => {
    expect(await restore(saved(SCALED))).toEqual({
      finished: false,
      outcome: {
        status: 'taken',
        at: NOW,
        detail: 'It is being created; its scaling follows when it is in service.',
      },
    });
    expect(created()).toEqual([
      { EndpointName: 'ranker', EndpointConfigName: 'ranker-config', Tags: OWN_TAGS },
    ]);
    expect(changes()).toHaveLength(1);
  });

  it('is not created without its models', async () => {
    sagemaker.on(DescribeModelCommand, { ModelName: 'next' }).rejects(missing('model'));
    expect(await restore()).toEqual({
      finished: true,
      outcome: {
        status: 'failed',
        at: NOW,
        code: 'ModelMissing',
        detail: 'Its model next was deleted, so it could not be created again.',
        retry: false,
      },
    });
    expect(changes()).toEqual([]);
  });

  it('waits for its own deletion to end', async () => {
    live({ EndpointStatus: 'Deleting' });
    expect(await restore()).toMatchObject({
      finished: false,
      outcome: { status: 'skipped', code: 'InProgress' },
    });
    expect(changes()).toEqual([]);
  });

  it('that somebody else creates at that moment is looked at again', async () => {
    sagemaker
      .on(CreateEndpointCommand)
      .rejects(awsError('ValidationException', 'Cannot create already existing endpoint "arn".'));
    expect(await restore()).toMatchObject({
      finished: false,
      outcome: { status: 'skipped', code: 'InProgress' },
    });
  });

  it.each([
    { error: denied, retry: false },
    { error: awsError('ResourceLimitExceeded', 'The account-level limit is 0'), retry: false },
    { error: throttled, retry: true },
  ])('is told where AWS refuses it: $error.name', async ({ error, retry }) => {
    sagemaker.on(CreateEndpointCommand).rejects(error);
    expect(await restore()).toEqual({
      finished: !retry,
      outcome: { status: 'failed', at: NOW, code: error.name, detail: error.message, retry },
    });
  });
});

describe('its configuration', () => {
  it('is created again where it was deleted too, whole and with the endpoint’s tags', async () => {
    sagemaker.on(DescribeEndpointConfigCommand).rejects(missing('endpoint configuration'));
    expect(await restore()).toMatchObject({
      finished: false,
      outcome: { detail: expect.stringContaining('Its configuration ranker-config was created again too.') },
    });
    const { EndpointConfigArn, CreationTime, ...input } = CONFIG;
    expect(sagemaker.commandCalls(CreateEndpointConfigCommand)[0]?.args[0].input).toEqual({
      ...input,
      Tags: OWN_TAGS,
    });
    expect(created()).toHaveLength(1);
  });

  it('that AWS does not find yet is worth another try', async () => {
    sagemaker.on(DescribeEndpointConfigCommand).rejects(missing('endpoint configuration'));
    sagemaker.on(CreateEndpointCommand).rejects(missing('endpoint configuration'));
    expect(await restore()).toMatchObject({ finished: false, outcome: { status: 'failed', retry: true } });
  });

  it('is not created again where it carries a role: Bursar passes none on', async () => {
    sagemaker.on(DescribeEndpointConfigCommand).rejects(missing('endpoint configuration'));
    const ExecutionRoleArn = 'arn:aws:iam::123456789012:role/model';
    expect(await restore(saved({ endpointConfig: { ...CONFIG, ExecutionRoleArn } }))).toMatchObject({
      finished: true,
      outcome: {
        status: 'failed',
        code: 'EndpointConfigMissing',
        detail: expect.stringContaining(ExecutionRoleArn),
        retry: false,
      },
    });
    expect(changes()).toEqual([]);
  });

  it('that was made anew with other content is not used', async () => {
    sagemaker.on(DescribeEndpointConfigCommand).resolves({
      ...CONFIG,
      ProductionVariants: CONFIG.ProductionVariants?.map((one) => ({
        ...one,
        InstanceType: 'ml.p4d.24xlarge' as const,
      })),
    });
    expect(await restore()).toMatchObject({
      finished: true,
      outcome: { status: 'skipped', code: 'ChangedByHand' },
    });
    expect(changes()).toEqual([]);
  });

  it('that was made anew as it was is used', async () => {
    sagemaker.on(DescribeEndpointConfigCommand).resolves({ ...CONFIG, CreationTime: NOW });
    expect(await restore()).toMatchObject({ outcome: { status: 'taken' } });
    expect(created()).toHaveLength(1);
  });
});

describe('an endpoint that exists', () => {
  it('with another configuration is left as it is', async () => {
    live({ EndpointConfigName: 'ranker-v2' });
    expect(await restore(saved(SCALED))).toEqual({
      finished: true,
      outcome: {
        status: 'skipped',
        at: NOW,
        code: 'ChangedByHand',
        detail:
          'An endpoint of that name exists with the configuration ranker-v2, not ranker-config: it is left as it is.',
      },
    });
    expect(changes()).toEqual([]);
  });

  it.each<EndpointStatus>(['Creating', 'Updating', 'SystemUpdating', 'RollingBack'])(
    'and is %s is waited for',
    async (EndpointStatus) => {
      live({ EndpointStatus });
      expect(await restore(saved(SCALED))).toMatchObject({
        finished: false,
        outcome: { status: 'skipped', code: 'InProgress' },
      });
      expect(changes()).toEqual([]);
    },
  );

  it.each<EndpointStatus>(['Failed', 'OutOfService', 'UpdateRollbackFailed'])(
    'and is %s is a failure, with the reason',
    async (EndpointStatus) => {
      live({ EndpointStatus, FailureReason: 'Unable to provision requested ML compute capacity.' });
      expect(await restore(saved(SCALED))).toMatchObject({
        finished: true,
        outcome: {
          status: 'failed',
          code: EndpointStatus,
          detail: expect.stringContaining('Unable to provision requested ML compute capacity.'),
          retry: false,
        },
      });
      expect(changes()).toEqual([]);
    },
  );

  it('and lacks nothing runs already', async () => {
    live();
    scaledBy([TARGET], [TRACKING], [NIGHTLY]);
    expect(await restore(saved(SCALED))).toEqual({
      finished: true,
      outcome: {
        status: 'skipped',
        at: NOW,
        code: 'AlreadyRunning',
        detail: 'It is in service with its configuration; nothing was missing.',
      },
    });
    expect(changes()).toEqual([]);
  });

  it('gets the tags that it lacks; one that was changed stays', async () => {
    live();
    sagemaker.on(ListTagsCommand).resolves({ Tags: [{ Key: 'owner', Value: 'bob' }] });
    expect(await restore()).toMatchObject({
      finished: true,
      outcome: { status: 'taken', detail: 'It is in service; put back: 1 tag.' },
    });
    expect(sagemaker.commandCalls(AddTagsCommand)[0]?.args[0].input).toEqual({
      ResourceArn: endpointArn('ranker'),
      Tags: [{ Key: 'project', Value: 'recsys' }],
    });
  });
});

describe('the scaling of an endpoint that is in service', () => {
  beforeEach(() => live());

  it('is put back as it was: the target first, then what needs it', async () => {
    expect(await restore(saved(SCALED))).toEqual({
      finished: true,
      outcome: {
        status: 'taken',
        at: NOW,
        detail: 'It is in service; put back: 1 scalable target, 1 scaling policy, 1 scheduled action.',
      },
    });
    expect(changes().map(({ args }) => [args[0].constructor.name, args[0].input])).toEqual([
      [
        'RegisterScalableTargetCommand',
        { ...key, MinCapacity: 1, MaxCapacity: 4, SuspendedState: { DynamicScalingInSuspended: true } },
      ],
      [
        'PutScalingPolicyCommand',
        {
          ...key,
          PolicyName: 'by-invocations',
          PolicyType: 'TargetTrackingScaling',
          TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 },
        },
      ],
      [
        'PutScheduledActionCommand',
        {
          ...key,
          ScheduledActionName: 'nightly',
          Schedule: 'cron(0 22 * * ? *)',
          // Its start has passed.
          EndTime: NIGHTLY.EndTime,
          ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 1 },
        },
      ],
    ]);
  });

  it('is left as it is where people have made one', async () => {
    scaledBy(
      [{ ...TARGET, MaxCapacity: 20 }],
      [{ ...TRACKING, TargetTrackingScalingPolicyConfiguration: { TargetValue: 5 } }],
      [],
    );
    expect(await restore(saved(SCALED))).toMatchObject({
      outcome: { detail: 'It is in service; put back: 1 scheduled action.' },
    });
    expect(changes().map(({ args }) => args[0].constructor.name)).toEqual(['PutScheduledActionCommand']);
  });

  it('of one variant is not taken for that of another', async () => {
    scaledBy([{ ...TARGET, ResourceId: 'endpoint/ranker/variant/canary' }], [], []);
    await restore(saved({ scalableTargets: [TARGET] }));
    expect(autoscaling.commandCalls(RegisterScalableTargetCommand)).toHaveLength(1);
  });

  it('by steps needs a hand: the alarm names a policy that is no more', async () => {
    const { outcome } = await restore(saved({ scalableTargets: [TARGET], scalingPolicies: [STEP] }));
    expect(outcome.detail).toBe(
      'It is in service; put back: 1 scalable target, 1 scaling policy. Its scaling policy wake has a new ARN: point the alarm backlog-without-capacity at it.',
    );
    expect(autoscaling.commandCalls(PutScalingPolicyCommand)[0]?.args[0].input).toEqual({
      ...key,
      PolicyName: 'wake',
      PolicyType: 'StepScaling',
      StepScalingPolicyConfiguration: { AdjustmentType: 'ChangeInCapacity' },
    });
  });

  it.each([
    { what: 'whose end has passed', action: { EndTime: new Date('2026-11-25T10:00:00.000Z') }, put: 0 },
    { what: 'for a time that has passed', action: { Schedule: 'at(2026-11-24T22:00:00)' }, put: 0 },
    { what: 'for a time that is to come', action: { Schedule: 'at(2026-11-25T22:00:00)' }, put: 1 },
    {
      what: 'for a time that may be to come where its zone is',
      action: { Schedule: 'at(2026-11-24T22:00:00)', Timezone: 'America/Los_Angeles' },
      put: 1,
    },
    {
      what: 'for a time that has passed everywhere',
      action: { Schedule: 'at(2026-11-24T08:00:00)', Timezone: 'America/Los_Angeles' },
      put: 0,
    },
  ])('$what is put back $put times', async ({ action, put }) => {
    const { StartTime, EndTime, ...plain } = NIGHTLY;
    await restore(saved({ scheduledActions: [{ ...plain, ...action }] }));
    expect(autoscaling.commandCalls(PutScheduledActionCommand)).toHaveLength(put);
  });

  it.each([
    { error: denied, retry: false },
    { error: throttled, retry: true },
    { error: awsError('ObjectNotFoundException', 'No scalable target registered'), retry: true },
  ])('that is refused is told: $error.name', async ({ error, retry }) => {
    autoscaling.on(PutScalingPolicyCommand).rejects(error);
    expect(await restore(saved(SCALED))).toMatchObject({
      finished: !retry,
      outcome: { status: 'failed', code: error.name, retry },
    });
  });
});

describe('the variants of an endpoint that is in service', () => {
  const moved = [
    { VariantName: 'main', CurrentWeight: 0.9, DesiredWeight: 0.9, CurrentInstanceCount: 3 },
    { VariantName: 'canary', CurrentWeight: 0.1, CurrentInstanceCount: 1, DesiredInstanceCount: 2 },
  ];

  it('get their live weights and counts back, one a call, before the scaling', async () => {
    const record = saved({ ...SCALED, variants: moved });
    live();
    expect(await restore(record)).toMatchObject({ finished: false, outcome: { status: 'taken' } });
    live({
      ProductionVariants: [
        // As it comes back from single precision.
        { VariantName: 'main', CurrentWeight: 0.8999999761581421, CurrentInstanceCount: 3 },
        { VariantName: 'canary', CurrentWeight: 1, CurrentInstanceCount: 1 },
      ],
    });
    expect(await restore(record)).toMatchObject({ finished: false, outcome: { status: 'taken' } });
    live({
      ProductionVariants: [
        { VariantName: 'main', CurrentWeight: 0.8999999761581421, CurrentInstanceCount: 3 },
        { VariantName: 'canary', CurrentWeight: 0.10000000149011612, CurrentInstanceCount: 2 },
      ],
    });
    expect(await restore(record)).toMatchObject({ finished: true, outcome: { status: 'taken' } });
    expect(updated().map(({ DesiredWeightsAndCapacities }) => DesiredWeightsAndCapacities)).toEqual([
      [{ VariantName: 'main', DesiredWeight: 0.9, DesiredInstanceCount: 3 }],
      [{ VariantName: 'canary', DesiredWeight: 0.1, DesiredInstanceCount: 2 }],
    ]);
    expect(autoscaling.commandCalls(RegisterScalableTargetCommand)).toHaveLength(1);
  });

  it('that people have changed meanwhile stay', async () => {
    live({
      ProductionVariants: [
        { VariantName: 'main', CurrentWeight: 0, CurrentInstanceCount: 1 },
        { VariantName: 'canary', CurrentWeight: 1, CurrentInstanceCount: 5 },
      ],
    });
    expect(await restore(saved({ variants: moved }))).toMatchObject({
      finished: true,
      outcome: { code: 'AlreadyRunning' },
    });
    expect(updated()).toEqual([]);
  });

  it('are not tried for ever where SageMaker took the update back', async () => {
    live({ FailureReason: 'Insufficient capacity.' });
    expect(await restore(saved({ ...SCALED, variants: moved }))).toMatchObject({
      finished: true,
      outcome: { status: 'taken', detail: expect.stringContaining('Insufficient capacity.') },
    });
    expect(updated()).toEqual([]);
  });

  it('that had no instance at that moment scale by themselves', async () => {
    live();
    await restore(saved({ variants: [{ VariantName: 'main', CurrentWeight: 1, CurrentInstanceCount: 0 }] }));
    expect(updated()).toEqual([]);
  });

  it('that are serverless get their provisioned concurrency back', async () => {
    const made = { MemorySizeInMB: 2048, MaxConcurrency: 20, ProvisionedConcurrency: 5 };
    const wanted = { MemorySizeInMB: 2048, MaxConcurrency: 20, ProvisionedConcurrency: 8 };
    live({
      ProductionVariants: [{ VariantName: 'main', CurrentWeight: 1, CurrentServerlessConfig: made }],
    });
    await restore(
      saved({
        endpointConfig: {
          ...CONFIG,
          ProductionVariants: [{ VariantName: 'main', ModelName: 'ranker', ServerlessConfig: made }],
        },
        variants: [{ VariantName: 'main', CurrentWeight: 1, CurrentServerlessConfig: wanted }],
      }),
    );
    expect(updated()[0]?.DesiredWeightsAndCapacities).toEqual([
      {
        VariantName: 'main',
        DesiredWeight: 1,
        ServerlessUpdateConfig: { MaxConcurrency: 20, ProvisionedConcurrency: 8 },
      },
    ]);
  });

  it('that are shadows are told of: no call is known that sets them', async () => {
    live({
      ShadowProductionVariants: [{ VariantName: 'shadow', CurrentWeight: 1, CurrentInstanceCount: 1 }],
    });
    const shadowVariants = [{ VariantName: 'shadow', CurrentWeight: 0.5, CurrentInstanceCount: 2 }];
    const { outcome } = await restore(saved({ shadowVariants }));
    expect(outcome.detail).toContain(
      'Its shadow variant shadow had weight 0.5 and 2 instances before: set that by hand.',
    );
    expect(updated()).toEqual([]);
  });
});

it.each([
  { what: 'of an older form', record: { endpointName: 'ranker', endpointConfigName: 'ranker-config' } },
  { what: 'without a configuration', record: saved({ endpointConfig: null }) },
  { what: 'that is none', record: undefined },
])('a record $what is a clear failure, and nothing is touched', async ({ record }) => {
  const { finished, outcome } = await sagemakerEndpoint.restore(endpoint('ranker'), record, contextOf());
  expect(finished).toBe(true);
  expect(outcome).toMatchObject({ status: 'failed', code: 'UnreadableRecord', retry: false });
  expect(outcome.detail).toMatch(
    /^What was saved of ranker is of a form that this version cannot read \(.+\)\.$/,
  );
  expect(changes()).toEqual([]);
});

it('an endpoint that cannot be looked at is a failure, not an absence', async () => {
  sagemaker.on(DescribeEndpointCommand).rejects(denied);
  expect(await restore()).toMatchObject({
    finished: true,
    outcome: { status: 'failed', code: 'AccessDeniedException' },
  });
  expect(changes()).toEqual([]);
});
