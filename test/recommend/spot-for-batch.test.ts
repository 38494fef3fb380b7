import {
  type Activity,
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeTrainingJobCommand,
  type DescribeTrainingJobResponse,
  ListTagsCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { interruptible } from '../../lib/recommend/interruptible.ts';
import { isShortLived, memberHours, readActivity } from '../../lib/recommend/member-hours.ts';
import { spotForBatch } from '../../lib/recommend/spot-for-batch.ts';
import { baseName } from '../../lib/recommend/spot-training.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { formatUsd } from '../../lib/types/money.ts';
import type { Recommendation } from '../../lib/types/recommendation.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { usd } from '../decide/fixtures.ts';
import { ACCOUNT, checkContext, daysAgo, NOW, REGION } from './support/context.ts';
import { clientsWith, dev, instanceOf } from './support/fleet.ts';

const PRICES = {
  hourly: { 'm5.xlarge': '0.192', 'ml.g5.xlarge': '1.408' },
  spot: { 'm5.xlarge': '0.07' },
};

const HOUR_MS = 3_600_000;

const short = ([one]: readonly Recommendation[]) =>
  one === undefined ? undefined : [one.title, formatUsd(one.monthly), one.risk, one.effort, one.confidence];

describe('training', () => {
  const config = { InstanceType: 'ml.g5.xlarge', InstanceCount: 2, VolumeSizeInGB: 50 } as const;
  const job = (
    name: string,
    change: Partial<DescribeTrainingJobResponse> = {},
  ): DescribeTrainingJobResponse => ({
    TrainingJobName: name,
    TrainingJobArn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:training-job/${name}`,
    ModelArtifacts: { S3ModelArtifacts: 's3://models/' },
    TrainingJobStatus: 'Completed',
    SecondaryStatus: 'Completed',
    AlgorithmSpecification: { TrainingInputMode: 'File' },
    ResourceConfig: config,
    StoppingCondition: { MaxRuntimeInSeconds: 43_200 },
    CreationTime: daysAgo(3),
    BillableTimeInSeconds: 36_000,
    CheckpointConfig: { S3Uri: 's3://checkpoints/churn' },
    ...change,
  });

  async function findWith(
    jobs: readonly DescribeTrainingJobResponse[],
    tags: Readonly<Record<string, string>> = dev,
  ): Promise<readonly Recommendation[]> {
    const sagemaker = new SageMakerClient({ region: REGION });
    const mock = mockClient(sagemaker);
    mock.on(ListTrainingJobsCommand).resolves({
      TrainingJobSummaries: jobs.map(
        ({ TrainingJobName, TrainingJobArn, TrainingJobStatus, CreationTime }) => ({
          TrainingJobName,
          TrainingJobArn,
          TrainingJobStatus,
          CreationTime,
        }),
      ),
    });
    for (const one of jobs) {
      mock.on(DescribeTrainingJobCommand, { TrainingJobName: one.TrainingJobName ?? '' }).resolves(one);
    }
    mock.on(ListTagsCommand).resolves({ Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) });
    const clients = { ...createAccount(() => NOW).clients, sagemaker };
    return spotForBatch.find(checkContext({ clients, prices: PRICES }));
  }

  it('with checkpoints is told once for all jobs of the same work', async () => {
    const found = await findWith([
      job('churn-2026-11-23-10-00-00-123'),
      job('churn-2026-11-22-10-00-00-456', { CreationTime: daysAgo(4) }),
      job('churn-2026-11-21-10-00-00-789', { CreationTime: daysAgo(5) }),
    ]);
    expect(found).toEqual([
      {
        id: `spot-for-batch arn:aws:sagemaker:${REGION}:${ACCOUNT}:training-job/churn*`,
        check: 'spot-for-batch',
        title: 'Train churn on managed Spot capacity.',
        resource: {
          arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:training-job/churn*`,
          id: 'churn',
          kind: 'SageMaker training job',
          region: REGION,
          project: 'recsys',
          owner: 'team-beta',
        },
        // 3 × 10 h × 2 × 1.408 = 84.48; half is 42.24; × 730 / 720 = 42.826667
        monthly: 42_826_667n,
        basis: '50% of $84.48 in 30 days × 730 / 720 h',
        risk: 'low',
        effort: 'low',
        confidence: 'medium',
        evidence: [
          '3 jobs of the last 30 days on 2 × ml.g5.xlarge cost $84.48 on demand.',
          'It saves checkpoints in s3://checkpoints/churn, from which it goes on.',
          'Taken to save 50%: AWS says up to 90% and publishes no price of it; each job tells afterwards what it saved.',
        ],
        keeps:
          'Instance types and results stay. A job may be broken off and wait for capacity, and so end later: up to 24 h with the limit below.',
        how: [
          {
            form: 'command',
            text: 'aws sagemaker create-training-job --region us-east-1 --training-job-name churn-1 --enable-managed-spot-training --stopping-condition MaxRuntimeInSeconds=43200,MaxWaitTimeInSeconds=86400 … (all else as `aws sagemaker describe-training-job --region us-east-1 --training-job-name churn-2026-11-23-10-00-00-123` shows)',
          },
          {
            form: 'cdk',
            text: 'EnableManagedSpotTraining: true, StoppingCondition: { MaxRuntimeInSeconds: 43200, MaxWaitTimeInSeconds: 86400 } in the parameters of CreateTrainingJob (SageMaker SDK: use_spot_instances=True, max_wait=86400)',
          },
        ],
      },
    ]);
  });

  it('without checkpoints is told where a tag states that it may be broken off', async () => {
    const { CheckpointConfig: _, ...without } = job('churn');
    expect(await findWith([without])).toEqual([]);
    const found = await findWith([without], { ...dev, interruptible: 'true' });
    // 28.16 / 2 × 730 / 720 = 14.2756
    expect(short(found)).toEqual([
      'Train churn on managed Spot capacity.',
      '$14.28',
      'medium',
      'medium',
      'low',
    ]);
    expect(found[0]?.keeps).toContain('without checkpoints it begins anew');
  });

  it.each<[string, DescribeTrainingJobResponse]>([
    ['is on Spot already', job('churn', { EnableManagedSpotTraining: true })],
    ['has a warm pool', job('churn', { ResourceConfig: { ...config, KeepAlivePeriodInSeconds: 600 } })],
    ['was paid beforehand', job('churn', { ResourceConfig: { ...config, TrainingPlanArn: 'arn:plan' } })],
    ['is of a tuning job', job('churn', { TuningJobArn: 'arn:tuning' })],
    ['has no price', job('churn', { ResourceConfig: { ...config, InstanceType: 'ml.p4d.24xlarge' } })],
    ['runs still', job('churn', { TrainingJobStatus: 'InProgress' })],
    ['ran long ago', job('churn', { CreationTime: daysAgo(31) })],
    ['costs next to nothing', job('churn', { BillableTimeInSeconds: 60 })],
  ])('is not told where it %s', async (_, one) => {
    expect(await findWith([one])).toEqual([]);
  });

  it('is not told where a tag says no', async () => {
    expect(await findWith([job('churn')], { ...dev, interruptible: 'false' })).toEqual([]);
  });

  it('has a name without what changes', () => {
    expect(baseName('churn-2026-11-23-10-00-00-123')).toBe('churn');
    expect(baseName('churn-model-v2-1')).toBe('churn-model');
    expect(baseName('churn-3fa9c1d2')).toBe('churn');
    expect(baseName('fraud-facade')).toBe('fraud-facade');
    expect(baseName('2026')).toBe('2026');
  });
});

describe('an instance', () => {
  const findWith = async (tags: Readonly<Record<string, string>>, change: Partial<Resource> = {}) => {
    const fleet = [instanceOf('i-1', 'm5.xlarge', '0.192', { tags, ...change })];
    return spotForBatch.find(checkContext({ clients: clientsWith(fleet), fleet, prices: PRICES }));
  };

  it('that a tag states to be batch is told with what Spot costs in its zone now', async () => {
    const found = await findWith({ ...dev, workload: 'batch' });
    // (0.192 - 0.07) × 730 = 89.06
    expect(short(found)).toEqual([
      'Run EC2 instance i-1 (m5.xlarge) as a Spot instance.',
      '$89.06',
      'medium',
      'high',
      'high',
    ]);
    expect(found[0]?.evidence.slice(0, 2)).toEqual([
      'Its tag workload says batch.',
      'On demand it costs $0.192 an hour; Spot in us-east-1a costs $0.07 now.',
    ]);
    expect(found[0]?.how[1]?.text).toContain(
      "--instance-market-options 'MarketType=spot,SpotOptions={SpotInstanceType=persistent,InstanceInterruptionBehavior=stop}'",
    );
  });

  it('that is only named so is told with little confidence, and not in production', async () => {
    const named = { ...dev, Name: 'nightly-batch-1' };
    expect(short(await findWith(named))?.slice(2)).toEqual(['high', 'high', 'low']);
    expect(await findWith({ ...named, environment: 'prod' })).toEqual([]);
    expect(await findWith({ ...named, environment: 'prod', interruptible: 'true' })).toHaveLength(1);
    expect(await findWith({ ...named, interruptible: 'false' })).toEqual([]);
    expect(await findWith({ ...dev, Name: 'web-1' })).toEqual([]);
  });

  it('is left where it is young, managed, or not cheaper', async () => {
    const stated = { ...dev, interruptible: 'yes' };
    expect(await findWith(stated, { since: daysAgo(6.9) })).toEqual([]);
    expect(
      await findWith(stated, { protections: [{ code: 'eks', detail: 'It belongs to a cluster.' }] }),
    ).toEqual([]);
    expect(await findWith(stated, { hourly: usd('0.07') })).toEqual([]);
  });
});

describe('an Auto Scaling group', () => {
  const arn = `arn:aws:autoscaling:${REGION}:${ACCOUNT}:autoScalingGroup:1:autoScalingGroupName/crunch`;

  interface Setup {
    readonly tags?: Readonly<Record<string, string>>;
    readonly group?: Partial<AutoScalingGroup>;
    readonly activities?: readonly Activity[];
    readonly launched?: Date;
  }

  async function findWith({ tags = dev, group = {}, activities = [], launched = daysAgo(20) }: Setup) {
    const member = instanceOf('i-m1', 'm5.xlarge', '0.192', { since: launched });
    const groups = new AutoScalingClient({ region: REGION });
    mockClient(groups)
      .on(DescribeAutoScalingGroupsCommand)
      .resolves({
        AutoScalingGroups: [
          {
            AutoScalingGroupName: 'crunch',
            MinSize: 1,
            MaxSize: 4,
            DesiredCapacity: 1,
            DefaultCooldown: 300,
            AvailabilityZones: ['us-east-1a'],
            HealthCheckType: 'EC2',
            CreatedTime: daysAgo(60),
            LaunchTemplate: { LaunchTemplateName: 'crunch', Version: '3' },
            Instances: [
              {
                InstanceId: 'i-m1',
                InstanceType: 'm5.xlarge',
                AvailabilityZone: 'us-east-1a',
                LifecycleState: 'InService',
                HealthStatus: 'Healthy',
                ProtectedFromScaleIn: false,
              },
            ],
            ...group,
          },
        ],
      })
      .on(DescribeScalingActivitiesCommand)
      .resolves({ Activities: [...activities] });
    const resource: Resource = {
      kind: 'auto-scaling-group',
      arn,
      id: 'crunch',
      account: ACCOUNT,
      region: REGION,
      tags,
      state: 'running',
      since: launched,
      size: '1 × m5.xlarge',
      protections: [],
      hourly: usd('0.192'),
    };
    const clients = { ...clientsWith([member]), groups };
    return spotForBatch.find(checkContext({ clients, fleet: [resource], prices: PRICES }));
  }

  const activity = (id: string, what: 'Launching a new' | 'Terminating', at: Date): Activity => ({
    ActivityId: `${id}-${what}`,
    AutoScalingGroupName: 'crunch',
    Cause: 'a schedule',
    Description: `${what} EC2 instance: ${id}`,
    StartTime: at,
    StatusCode: 'Successful',
  });
  /** Ten instances that lived for six hours each, a day apart. */
  const short10 = Array.from({ length: 10 }, (_, n) => [
    activity(`i-0${n}`, 'Launching a new', daysAgo(n + 2)),
    activity(`i-0${n}`, 'Terminating', new Date(daysAgo(n + 2).getTime() + 6 * HOUR_MS)),
  ]).flat();

  it('that a tag states to be interruptible is told with the hours of its members', async () => {
    const found = await findWith({ tags: { ...dev, interruptible: 'true' } });
    // One member all of 336 hours: (0.192 - 0.07) × 730 = 89.06
    expect(short(found)).toEqual([
      'Run Auto Scaling group crunch on Spot instances.',
      '$89.06',
      'medium',
      'low',
      'high',
    ]);
    expect(found[0]?.how[0]?.text).toBe(
      `aws autoscaling update-auto-scaling-group --region us-east-1 --auto-scaling-group-name crunch --mixed-instances-policy '{"LaunchTemplate":{"LaunchTemplateSpecification":{"LaunchTemplateName":"crunch","Version":"3"}},"InstancesDistribution":{"OnDemandBaseCapacity":0,"OnDemandPercentageAboveBaseCapacity":0,"SpotAllocationStrategy":"price-capacity-optimized"}}'`,
    );
  });

  it('whose members never live for a day is told too', async () => {
    const launched = new Date(NOW.getTime() - 6 * HOUR_MS);
    const found = await findWith({ activities: short10, launched });
    // 10 × 6 h and 6 h: 66 of 336 hours, 143 h a month; 0.122 × 143 = 17.446
    expect(short(found)).toEqual([
      'Run Auto Scaling group crunch on Spot instances.',
      '$17.45',
      'high',
      'low',
      'medium',
    ]);
    const nine = await findWith({ activities: short10.slice(2), launched });
    expect(nine).toEqual([]);
    expect(await findWith({ activities: short10, launched, tags: { ...dev, environment: 'prod' } })).toEqual(
      [],
    );
  });

  it('is left where nothing says so, where it mixes already, or where it is new', async () => {
    expect(await findWith({})).toEqual([]);
    const tags = { ...dev, interruptible: 'true' };
    expect(await findWith({ tags, group: { MixedInstancesPolicy: {} } })).toEqual([]);
    expect(await findWith({ tags, group: { CreatedTime: daysAgo(6) } })).toEqual([]);
  });
});

describe('what tells of batch', () => {
  it('is a tag, or a whole word of a name', () => {
    expect(interruptible(undefined, { interruptible: 'TRUE' })?.by).toBe('stated');
    expect(interruptible('etl', {})?.by).toBe('named');
    expect(interruptible('job-3', {})?.by).toBe('named');
    expect(interruptible('batchelor', {})).toBeUndefined();
    expect(interruptible('worker-1', {})).toBeUndefined();
    expect(interruptible(undefined, {})).toBeUndefined();
  });

  it('is the life of members', () => {
    const at = (hours: number) => new Date(NOW.getTime() - hours * HOUR_MS);
    const lives = [
      { id: 'i-a', what: 'launched', at: at(10) },
      { id: 'i-a', what: 'ended', at: at(7) },
      // Its launch is not told of.
      { id: 'i-b', what: 'ended', at: at(330) },
      // Its end is not told of, and it is not there.
      { id: 'i-c', what: 'launched', at: at(100) },
    ] as const;
    const present = [{ id: 'i-d', launched: at(2) }];
    // 3 + 6 + 2 hours.
    expect(memberHours(lives, present, daysAgo(14), NOW)).toBe(11);
    expect(isShortLived(lives, present, NOW)).toBe(false);
    expect(
      readActivity({ Description: 'Launching a new EC2 instance: i-1', StartTime: NOW }),
    ).toBeUndefined();
  });
});

it('says nothing of an empty account', async () => {
  expect(await spotForBatch.find(checkContext())).toEqual([]);
});
