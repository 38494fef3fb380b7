import { describe, expect, it } from 'vitest';
import type { Change, ChangeItem } from '../../lib/estimate/estimate.ts';
import { priceChange } from '../../lib/estimate/price-change.ts';
import {
  isSageMaker,
  readJobs,
  readPipelineItems,
  readSageMaker,
  type SageMakerOptions,
} from '../../lib/estimate/sagemaker.ts';
import { parseUsage } from '../../lib/estimate/usage-file.ts';
import { formatUsd, parseUsd, sumUsd, type Usd } from '../../lib/types/money.ts';

const options: SageMakerOptions = { file: 'jobs/train.json', region: 'us-east-1', projectTag: 'project' };

const usage = (resources: string) => parseUsage(`version: 1\nresources:\n${resources}`, 'bursar-usage.yaml');

/** USD an hour; a GiB of volume costs $0.14 a month, a million seconds of a serverless endpoint $40. */
const HOURLY: Readonly<Record<string, string>> = {
  'ml.p3.2xlarge': '3.825',
  'ml.m5.xlarge': '0.23',
  'ml.g5.xlarge': '1.408',
  'ml.t3.medium': '0.05',
};

async function costOf(change: Change): Promise<string> {
  const { items } = await priceChange(change, {
    prices: {
      hourly: async ({ instanceType }) => parseUsd(HOURLY[instanceType] ?? ''),
      unit: async ({ service }) => parseUsd(service === 'sagemaker-volume' ? '0.14' : '40'),
    },
  });
  return formatUsd(sumUsd(items.map(({ cost }): Usd => cost)));
}

const only = ({ items }: Change): ChangeItem => {
  const [item] = items;
  if (item === undefined || items.length !== 1) throw new Error(`expected one item, got ${items.length}`);
  return item;
};

const TRAINING = {
  TrainingJobName: 'fraud-train',
  ResourceConfig: { InstanceType: 'ml.p3.2xlarge', InstanceCount: 2, VolumeSizeInGB: 73 },
  StoppingCondition: { MaxRuntimeInSeconds: 36_000 },
  Tags: [{ Key: 'project', Value: 'fraud' }],
};

describe('a training job', () => {
  it('costs instances × count × maximum runtime, and its volumes', async () => {
    const change = readSageMaker(TRAINING, options);
    const item = only(change);
    expect(item).toMatchObject({
      id: 'fraud-train',
      type: 'AWS::SageMaker::TrainingJob',
      project: 'fraud',
      frequency: 'once',
      unpriced: [],
      choice: {
        instanceType: 'ml.p3.2xlarge',
        service: 'sagemaker-training',
        at: { file: 'jobs/train.json', path: ['ResourceConfig', 'InstanceType'] },
        interruptible: false,
      },
    });
    expect(item.parts.map(({ what }) => what)).toEqual([
      '2 × ml.p3.2xlarge for 10 h',
      '2 × 73 GiB of volume',
    ]);
    // 2 × 3.825 × 10 = 76.50; 146 GiB × 10 h / 730 h = 2 GiB months = 0.28.
    expect(await costOf(change)).toBe('$76.78');
  });

  it('may run for a day where it states no maximum, and says so', async () => {
    const { StoppingCondition: _, ...open } = TRAINING;
    const change = readSageMaker(open, options);
    expect(only(change).parts[0]?.what).toBe(
      '2 × ml.p3.2xlarge for 24 h (AWS’s default, as no maximum runtime is stated)',
    );
    expect(only(change).parts[0]).toMatchObject({ count: 2, hours: 24 });
  });

  it('takes what the usage file states where that is less, and counts its runs of a month', async () => {
    const stated = {
      ...options,
      usage: usage('  fraud-train: { maxHours: 4, runsPerMonth: 5, interruptible: true }'),
    };
    const item = only(readSageMaker(TRAINING, stated));
    expect(item.frequency).toBe('month');
    expect(item.choice?.interruptible).toBe(true);
    expect(item.parts[0]).toMatchObject({
      count: 2,
      hours: 20,
      what: '2 × ml.p3.2xlarge for 4 h (as stated), 5 times a month',
    });
    const longer = { ...options, usage: usage('  fraud-train: { maxHours: 40 }') };
    expect(only(readSageMaker(TRAINING, longer)).parts[0]).toMatchObject({ hours: 10 });
  });

  it('of several groups counts each, and has no one type to choose', async () => {
    const groups = {
      ...TRAINING,
      ResourceConfig: {
        VolumeSizeInGB: 73,
        InstanceGroups: [
          { InstanceGroupName: 'gpu', InstanceType: 'ml.p3.2xlarge', InstanceCount: 1 },
          { InstanceGroupName: 'cpu', InstanceType: 'ml.m5.xlarge', InstanceCount: 4 },
        ],
      },
    };
    const change = readSageMaker(groups, options);
    expect(only(change).choice).toBeUndefined();
    // (3.825 + 4 × 0.23) × 10 = 47.45; 5 × 73 GiB × 10 / 730 = 5 GiB months = 0.70.
    expect(await costOf(change)).toBe('$48.15');
    expect(readJobs(groups, options).read[0]?.shape?.size).toBe('1 × ml.p3.2xlarge, 4 × ml.m5.xlarge');
  });

  it('on managed Spot is counted at the price on demand, and may take as long as it may wait', () => {
    const spot = {
      ...TRAINING,
      EnableManagedSpotTraining: true,
      StoppingCondition: { MaxRuntimeInSeconds: 3_600, MaxWaitTimeInSeconds: 7_200 },
    };
    const [read] = readJobs(spot, options).read;
    expect(read?.item.parts[0]).toMatchObject({ hours: 1 });
    expect(read?.item.parts[0]?.what).toContain('managed Spot');
    expect(read?.item.choice?.interruptible).toBe(true);
    expect(read?.shape).toEqual({
      kind: 'sagemaker-training-job',
      name: 'fraud-train',
      jobs: 1,
      size: '2 × ml.p3.2xlarge',
      maxSeconds: 7_200,
    });
  });

  it('is charged for machines kept warm, and for no volume where the machine has disks', () => {
    const warm = {
      ...TRAINING,
      ResourceConfig: {
        InstanceType: 'ml.g5.xlarge',
        InstanceCount: 1,
        VolumeSizeInGB: 100,
        KeepAlivePeriodInSeconds: 1_800,
      },
      StoppingCondition: { MaxRuntimeInSeconds: 1_800 },
    };
    const { parts } = only(readSageMaker(warm, options));
    expect(parts).toHaveLength(1);
    expect(parts[0]).toMatchObject({
      hours: 1,
      what: '1 × ml.g5.xlarge for 30 min, and kept warm for 30 min',
    });
  });

  it('in a training plan is paid for', async () => {
    const planned = {
      ...TRAINING,
      ResourceConfig: {
        ...TRAINING.ResourceConfig,
        TrainingPlanArn: 'arn:aws:sagemaker:us-east-1:1:training-plan/p',
      },
    };
    expect(await costOf(readSageMaker(planned, options))).toBe('$0.00');
    expect(only(readSageMaker(planned, options)).parts[0]?.what).toContain('paid for beforehand');
  });

  it('without a type, or with a list of them, is unpriced', () => {
    const untyped = { ...TRAINING, ResourceConfig: { InstanceCount: 1 } };
    expect(only(readSageMaker(untyped, options)).unpriced).toEqual([
      'fraud-train names no instance type, so that it has no price.',
    ]);
    const listed = {
      ...TRAINING,
      ResourceConfig: {
        InstancePreferences: [{ InstanceType: 'ml.p3.2xlarge' }, { InstanceType: 'ml.g5.xlarge' }],
      },
    };
    expect(only(readSageMaker(listed, options)).unpriced[0]).toContain('ml.p3.2xlarge, ml.g5.xlarge');
  });

  it('stands where its text says, and belongs to whom it is said to where it has no tag', () => {
    const text = `{\n  "TrainingJobName": "t",\n  "ResourceConfig": { "InstanceType": "ml.m5.xlarge" }\n}`;
    const item = only(readSageMaker(JSON.parse(text), { ...options, text, defaultProject: 'recsys' }));
    expect(item.place).toEqual({ file: 'jobs/train.json', line: 1, col: 1 });
    expect(item.project).toBe('recsys');
  });
});

describe('other requests', () => {
  it('processing: its cluster, a day where nothing is said', async () => {
    const change = readSageMaker(
      {
        ProcessingJobName: 'features',
        ProcessingResources: {
          ClusterConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 3, VolumeSizeInGB: 0 },
        },
      },
      options,
    );
    // 3 × 0.23 × 24 = 16.56
    expect(await costOf(change)).toBe('$16.56');
  });

  it('batch transform has no maximum runtime, so it must be stated', async () => {
    const request = {
      TransformJobName: 'score',
      TransformResources: { InstanceType: 'ml.m5.xlarge', InstanceCount: 2 },
    };
    expect(only(readSageMaker(request, options)).unpriced).toEqual([
      'Nothing limits how long score runs: state its maxHours in the usage file.',
    ]);
    const stated = { ...options, usage: usage('  score: { maxHours: 3 }') };
    expect(await costOf(readSageMaker(request, stated))).toBe('$1.38');
    expect(only(readSageMaker(request, stated)).parts[0]).toMatchObject({
      key: { service: 'sagemaker-transform' },
    });
  });

  const tuning = (limits: object) => ({
    HyperParameterTuningJobName: 'sweep',
    HyperParameterTuningJobConfig: { ResourceLimits: limits },
    TrainingJobDefinition: {
      ResourceConfig: { InstanceType: 'ml.p3.2xlarge', InstanceCount: 1, VolumeSizeInGB: 0 },
      StoppingCondition: { MaxRuntimeInSeconds: 7_200 },
    },
  });

  it('tuning: every training job that it may start', async () => {
    const change = readSageMaker(
      tuning({ MaxNumberOfTrainingJobs: 20, MaxParallelTrainingJobs: 4 }),
      options,
    );
    // 20 × 2 h × 3.825
    expect(await costOf(change)).toBe('$153.00');
    expect(only(change).parts[0]?.what).toBe('1 × ml.p3.2xlarge for 2 h, 20 times');
    const [read] = readJobs(
      tuning({ MaxNumberOfTrainingJobs: 20, MaxParallelTrainingJobs: 4 }),
      options,
    ).read;
    expect(read?.shape).toMatchObject({ kind: 'sagemaker-training-job', name: 'sweep', jobs: 20 });
  });

  it('tuning: or those at once for as long as it may take, where that is less', async () => {
    const limits = { MaxNumberOfTrainingJobs: 20, MaxParallelTrainingJobs: 4, MaxRuntimeInSeconds: 10_800 };
    // 4 × 3 h × 3.825
    expect(await costOf(readSageMaker(tuning(limits), options))).toBe('$45.90');
    const { MaxNumberOfTrainingJobs: _, ...span } = limits;
    expect(await costOf(readSageMaker(tuning(span), options))).toBe('$45.90');
  });

  it('tuning that nothing limits is unpriced', () => {
    const { unpriced } = only(readSageMaker(tuning({ MaxParallelTrainingJobs: 4 }), options));
    expect(unpriced).toEqual([
      'Nothing limits how many training jobs sweep starts: set MaxNumberOfTrainingJobs or MaxRuntimeInSeconds of its ResourceLimits.',
    ]);
  });

  it('an endpoint configuration counts for a month, a serverless variant by its requests', async () => {
    const request = {
      EndpointConfigName: 'scorer',
      ProductionVariants: [
        { VariantName: 'a', InstanceType: 'ml.g5.xlarge', InitialInstanceCount: 2 },
        { VariantName: 'b', ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 } },
      ],
      Tags: [{ Key: 'project', Value: 'fraud' }],
    };
    const open = only(readSageMaker(request, options));
    expect(open.frequency).toBe('month');
    expect(open.unpriced[0]).toContain('state requests, durationMs and dataGb');
    const stated = {
      ...options,
      usage: usage('  scorer: { requests: 1000000, durationMs: 300, dataGb: 0 }'),
    };
    // 2 × 1.408 × 730 = 2055.68; 0.3 million seconds × 40 = 12.00
    expect(await costOf(readSageMaker(request, stated))).toBe('$2,067.68');
  });

  it('a notebook instance counts for a month, with its volume of 5 GiB at least', async () => {
    const change = readSageMaker(
      { NotebookInstanceName: 'lab', InstanceType: 'ml.t3.medium', RoleArn: 'r' },
      options,
    );
    // 730 × 0.05 + 5 × 0.14
    expect(await costOf(change)).toBe('$37.20');
  });

  it('anything else is refused with what it would take', () => {
    expect(() => readSageMaker({ hello: 1 }, options)).toThrow(
      /^jobs\/train\.json: it is no SageMaker request, pipeline definition or state machine/,
    );
    expect(isSageMaker({ Resources: {} })).toBe(false);
    expect(isSageMaker(TRAINING)).toBe(true);
  });
});

const PIPELINE = {
  Version: '2020-12-01',
  Parameters: [
    { Name: 'TrainType', Type: 'String', DefaultValue: 'ml.p3.2xlarge' },
    { Name: 'Count', Type: 'Integer', DefaultValue: 2 },
    { Name: 'NoDefault', Type: 'String' },
  ],
  Steps: [
    {
      Name: 'Prepare',
      Type: 'Processing',
      Arguments: {
        ProcessingResources: {
          ClusterConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1, VolumeSizeInGB: 0 },
        },
        StoppingCondition: { MaxRuntimeInSeconds: 3_600 },
      },
    },
    {
      Name: 'Train',
      Type: 'Training',
      Arguments: {
        ResourceConfig: {
          InstanceType: { Get: 'Parameters.TrainType' },
          InstanceCount: { Get: 'Parameters.Count' },
        },
        StoppingCondition: { MaxRuntimeInSeconds: 18_000 },
      },
    },
    {
      Name: 'IsGood',
      Type: 'Condition',
      Arguments: {
        Conditions: [],
        IfSteps: [
          { Name: 'Register', Type: 'RegisterModel', Arguments: {} },
          {
            Name: 'Score',
            Type: 'Transform',
            Arguments: {
              TransformResources: { InstanceType: { Get: 'Parameters.NoDefault' }, InstanceCount: 1 },
            },
          },
        ],
        ElseSteps: [
          {
            Name: 'Retrain',
            Type: 'Training',
            Arguments: {
              ResourceConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1 },
              StoppingCondition: { MaxRuntimeInSeconds: 3_600 },
            },
          },
        ],
      },
    },
    { Name: 'Cluster', Type: 'EMR', Arguments: {} },
    { Name: 'New', Type: 'Telepathy', Arguments: {} },
  ],
};

describe('a pipeline definition', () => {
  const file = 'pipelines/churn.json';

  it('counts each step that starts a job, of conditions both branches', async () => {
    const change = readSageMaker(PIPELINE, { ...options, file });
    expect(change.items.map(({ id }) => id)).toEqual([
      'churn/Prepare',
      'churn/Train',
      'churn/Score',
      'churn/Retrain',
      'churn/Cluster',
      'churn/New',
    ]);
    expect(change.free).toBe(2);
    // 0.23 + 2 × 5 × 3.825 + 0.23
    expect(await costOf(change)).toBe('$38.71');
    expect(change.items[3]?.parts[0]?.what).toBe(
      '1 × ml.m5.xlarge for 1 h; in one branch of IsGood, of which both are counted',
    );
  });

  it('reads parameters by their defaults, and picks are written there', () => {
    const train = readSageMaker(PIPELINE, { ...options, file }).items[1];
    expect(train?.choice?.at.path).toEqual(['Parameters', 0, 'DefaultValue']);
  });

  it('says what is only known when it runs, and what it does not know', () => {
    const { items } = readSageMaker(PIPELINE, { ...options, file });
    expect(items[2]?.unpriced).toEqual([
      'Nothing limits how long churn/Score runs: state its maxHours in the usage file.',
      'On which instance type churn/Score runs is only known then (Parameters.NoDefault): give it a default, or state it.',
    ]);
    expect(items[4]?.unpriced).toEqual(['Step Cluster runs on an EMR cluster, which is not priced here.']);
    expect(items[5]?.unpriced).toEqual(['Step New is of the type Telepathy, which is not known here.']);
  });

  it('takes usage by the name of a step as well', () => {
    const stated = { ...options, file, usage: usage('  Train: { runsPerMonth: 4 }') };
    expect(readSageMaker(PIPELINE, stated).items[1]).toMatchObject({
      frequency: 'month',
      parts: [{ hours: 20 }],
    });
  });

  it('within a CreatePipeline request belongs to whom its tags say, and cannot be written to', () => {
    const change = readSageMaker(
      {
        PipelineName: 'Churn',
        PipelineDefinition: JSON.stringify(PIPELINE),
        Tags: [{ Key: 'project', Value: 'crm' }],
      },
      options,
    );
    expect(change.items[1]).toMatchObject({ id: 'Churn/Train', project: 'crm' });
    expect(change.items.every(({ choice }) => choice === undefined)).toBe(true);
    expect(() => readSageMaker({ PipelineName: 'x', PipelineDefinition: '{' }, options)).toThrow(
      /^jobs\/train\.json: its pipeline definition is no JSON/,
    );
  });

  it('within a template is read for the reader of templates', () => {
    const place = { file: 'stack.json', line: 7, col: 3 };
    const read = readPipelineItems('project');
    const within = {
      what: 'pipeline',
      id: 'Stack/Pipe',
      region: 'us-east-1',
      project: 'crm',
      place,
      statedOf: (part: string) => (part === 'Train' ? { runsPerMonth: 4 } : {}),
    } as const;
    const items = read(JSON.stringify(PIPELINE), within);
    expect(items[1]).toMatchObject({ id: 'Stack/Pipe/Train', project: 'crm', place, frequency: 'month' });
    expect(items.every(({ choice }) => choice === undefined)).toBe(true);
    const request = { ResourceConfig: { InstanceType: '<Ref Type>', InstanceCount: 1 } };
    const Train = {
      Type: 'Task',
      Resource: 'arn:aws:states:::sagemaker:createTrainingJob',
      Parameters: request,
    };
    const job = read(
      { StartAt: 'Train', States: { Train } },
      { ...within, what: 'states', id: 'Stack/Machine' },
    );
    expect(job).toMatchObject([{ id: 'Stack/Machine/Train', type: 'AWS::SageMaker::TrainingJob' }]);
    expect(job[0]?.unpriced[0]).toContain('only known then (Ref Type)');
    expect(() => read('{', within)).toThrow(/^stack\.json: Stack\/Pipe: its pipeline definition is no JSON/);
  });
});

describe('a state machine', () => {
  const train = (instanceType: object) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::sagemaker:createTrainingJob.sync',
    Parameters: {
      'TrainingJobName.$': '$.name',
      ResourceConfig: { ...instanceType, InstanceCount: 1, VolumeSizeInGB: 0 },
      StoppingCondition: { MaxRuntimeInSeconds: 7_200 },
    },
    End: true,
  });

  it('counts the tasks that start jobs, in branches, choices and maps', async () => {
    const change = readSageMaker(
      {
        StartAt: 'Ask',
        States: {
          Ask: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Next: 'Which' },
          Which: { Type: 'Choice', Choices: [], Default: 'Both' },
          Both: {
            Type: 'Parallel',
            Branches: [
              { StartAt: 'A', States: { A: train({ InstanceType: 'ml.p3.2xlarge' }) } },
              { StartAt: 'B', States: { B: train({ 'InstanceType.$': '$.type' }) } },
            ],
            Next: 'Each',
          },
          Each: {
            Type: 'Map',
            ItemProcessor: { StartAt: 'C', States: { C: train({ InstanceType: 'ml.m5.xlarge' }) } },
            End: true,
          },
          Jsonata: {
            Type: 'Task',
            Resource: 'arn:aws:states:::aws-sdk:sagemaker:createProcessingJob',
            Arguments: {
              ProcessingResources: {
                ClusterConfig: { InstanceType: '{% $states.input.type %}', InstanceCount: 1 },
              },
            },
          },
        },
      },
      { ...options, file: 'machines/nightly.asl.json' },
    );
    expect(change.items.map(({ id }) => id)).toEqual([
      'nightly/A',
      'nightly/B',
      'nightly/C',
      'nightly/Jsonata',
    ]);
    expect(change.free).toBe(1);
    // 2 × 3.825 + 2 × 0.23
    expect(await costOf(change)).toBe('$8.11');
    expect(change.items[0]?.parts[0]?.what).toContain('all branches of choices are counted');
    expect(change.items[1]?.unpriced[0]).toContain('($.type)');
    expect(change.items[2]?.unpriced[0]).toContain('once for each item of a Map');
    expect(change.items[3]?.unpriced[0]).toContain('($states.input.type)');
  });
});
