import { ListEndpointsCommand } from '@aws-sdk/client-sagemaker';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FleetContext, Kind } from '../../lib/fleet/kind.ts';
import { sagemakerEndpoint } from '../../lib/fleet/sagemaker-endpoint.ts';
import { sagemakerProcessingJob } from '../../lib/fleet/sagemaker-job-processing.ts';
import { sagemakerTrainingJob } from '../../lib/fleet/sagemaker-job-training.ts';
import { sagemakerNotebook } from '../../lib/fleet/sagemaker-notebook.ts';
import { sagemakerStudioApp } from '../../lib/fleet/sagemaker-studio-app.ts';
import { createAccount } from '../../lib/simulate/account/account.ts';
import { adoptSagemaker } from '../../lib/simulate/account/adopt-sagemaker.ts';
import { putJob, putNotebook } from '../../lib/simulate/account/sagemaker-put.ts';
import { sagemakerUseOf } from '../../lib/simulate/account/sagemaker-use.ts';
import { ACCOUNT, ELSEWHERE, REGION } from '../../lib/simulate/account/state.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { fixedPrices, stopContextOf, usd } from '../fleet/fixtures.ts';

const NOW = new Date('2026-11-25T10:30:00.000Z');
const SINCE = new Date('2026-11-20T08:00:00.000Z');
const minutes = (count: number): Date => new Date(NOW.getTime() + count * 60_000);
const IDLE = () => ({ cpu: 0, invocations: 0 });

/** An account whose clock is set by hand. */
function world() {
  let now = NOW;
  const account = createAccount(() => now);
  const contextIn = (region: string): FleetContext => ({
    account: ACCOUNT,
    region,
    clients: account.clientsOf(region),
    prices: fixedPrices(),
    now: () => now,
  });
  return {
    account,
    contextIn,
    pass: (to: Date) => {
      now = to;
    },
  };
}

const resource = (fields: Partial<Resource> & Pick<Resource, 'kind' | 'id' | 'size'>): Resource => ({
  arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint/${fields.id}`,
  account: ACCOUNT,
  region: REGION,
  tags: { project: 'recsys' },
  state: 'running',
  since: SINCE,
  protections: [],
  hourly: undefined,
  ...fields,
});

const endpoint = (id: string, fields: Partial<Resource> = {}): Resource =>
  resource({
    kind: 'sagemaker-endpoint',
    id,
    size: '1 × ml.m5.xlarge',
    parts: [{ name: 'main', type: 'ml.m5.xlarge', count: 1 }],
    started: new Date('2026-11-01T08:00:00.000Z'),
    hourly: usd('0.23'),
    ...fields,
  });

const notebook = (id: string, fields: Partial<Resource> = {}): Resource =>
  resource({
    kind: 'sagemaker-notebook',
    arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:notebook-instance/${id.toLowerCase()}`,
    id,
    size: 'ml.p3.2xlarge',
    hourly: usd('3.825'),
    ...fields,
  });

const app = (id: string, fields: Partial<Resource> = {}): Resource =>
  resource({
    kind: 'sagemaker-studio-app',
    arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:app/d-1/ana/jupyterlab/default`,
    id,
    size: 'ml.g5.xlarge',
    neverIdle: expect.any(String),
    hourly: usd('1.408'),
    ...fields,
  });

const job = (kind: 'training' | 'processing', id: string, fields: Partial<Resource> = {}): Resource =>
  resource({
    kind: `sagemaker-${kind}-job`,
    arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:${kind}-job/${id}`,
    id,
    size: '2 × ml.p3.2xlarge',
    parts: [{ name: kind, type: 'ml.p3.2xlarge', count: 2 }],
    consent: 'stop-jobs',
    neverIdle: expect.any(String),
    hourly: usd('7.65'),
    ...fields,
  });

const managed = (detail: string) => [{ code: 'managed-elsewhere' as const, detail }];

describe('a resource that was discovered elsewhere is discovered here as the same', () => {
  it.each<readonly [string, Kind, Resource]>([
    ['an endpoint', sagemakerEndpoint, endpoint('ranker')],
    [
      'an endpoint of several variants',
      sagemakerEndpoint,
      endpoint('pair', {
        size: '2 × ml.m5.xlarge, 1 × ml.p3.2xlarge',
        parts: [
          { name: 'blue', type: 'ml.m5.xlarge', count: 2 },
          { name: 'green', type: 'ml.p3.2xlarge', count: 1 },
        ],
        hourly: usd('4.285'),
      }),
    ],
    [
      'an endpoint that is being created',
      sagemakerEndpoint,
      endpoint('new', { state: 'transitional', size: '', parts: [], started: SINCE, hourly: usd('0') }),
    ],
    ['an endpoint that is updating', sagemakerEndpoint, endpoint('moving', { state: 'transitional' })],
    ['an endpoint that has failed', sagemakerEndpoint, endpoint('broken', { state: 'failed' })],
    [
      'an asynchronous endpoint without an instance',
      sagemakerEndpoint,
      endpoint('queue', {
        state: 'stopped',
        form: 'asynchronous',
        size: '0 × ml.m5.xlarge',
        parts: [{ name: 'main', type: 'ml.m5.xlarge', count: 0 }],
        hourly: usd('0'),
      }),
    ],
    [
      'an asynchronous endpoint whose instance is on its way',
      sagemakerEndpoint,
      endpoint('waking', {
        state: 'transitional',
        form: 'asynchronous',
        size: '0 × ml.m5.xlarge',
        parts: [{ name: 'main', type: 'ml.m5.xlarge', count: 0 }],
        hourly: usd('0'),
      }),
    ],
    [
      'a serverless endpoint that costs nothing',
      sagemakerEndpoint,
      endpoint('free', {
        form: 'serverless',
        size: '0 × serverless',
        parts: [{ name: 'main', type: 'serverless', count: 0 }],
        protections: managed('It is a serverless endpoint, which costs nothing while it is idle.'),
        hourly: undefined,
      }),
    ],
    [
      'a serverless endpoint with provisioned concurrency',
      sagemakerEndpoint,
      endpoint('warm', {
        form: 'serverless',
        size: '3 × serverless',
        parts: [{ name: 'main', type: 'serverless', count: 3 }],
        hourly: undefined,
      }),
    ],
    [
      'an endpoint of inference components',
      sagemakerEndpoint,
      endpoint('host', { form: 'inference components' }),
    ],
    [
      'an endpoint of inference components that are scaled to zero',
      sagemakerEndpoint,
      endpoint('empty-host', {
        form: 'inference components',
        state: 'stopped',
        size: '0 × ml.m5.xlarge',
        parts: [{ name: 'main', type: 'ml.m5.xlarge', count: 0 }],
        hourly: usd('0'),
      }),
    ],
    [
      'an endpoint of inference components that keeps instances',
      sagemakerEndpoint,
      endpoint('kept-host', {
        form: 'inference components',
        size: '2 × ml.m5.xlarge',
        parts: [{ name: 'main', type: 'ml.m5.xlarge', count: 2 }],
        protections: managed(
          'It hosts inference components, and its variant main keeps 2 instances even without any: give it ManagedInstanceScaling with MinInstanceCount 0, so that it can be scaled to zero.',
        ),
        hourly: usd('0.46'),
      }),
    ],
    [
      'an endpoint whose configuration was deleted',
      sagemakerEndpoint,
      endpoint('lost', {
        size: '1 × unknown',
        parts: [{ name: 'main', type: 'unknown', count: 1 }],
        protections: managed('Its endpoint configuration was deleted, so it could not be created again.'),
        hourly: undefined,
      }),
    ],
    ['a notebook, whose ARN is in small letters', sagemakerNotebook, notebook('Anas-Notebook')],
    ['a notebook that is stopped', sagemakerNotebook, notebook('off', { state: 'stopped' })],
    ['a notebook that has failed', sagemakerNotebook, notebook('bad', { state: 'failed' })],
    ['a notebook that starts', sagemakerNotebook, notebook('soon', { state: 'transitional' })],
    ['an app in a space', sagemakerStudioApp, app('d-1/spaces/ana/JupyterLab/default')],
    ['an app of a user profile', sagemakerStudioApp, app('d-1/users/ana/JupyterLab/default')],
    [
      'an app of a type that is not known',
      sagemakerStudioApp,
      app('d-1/users/ana/JupyterLab/default', { size: 'unknown', hourly: undefined }),
    ],
    [
      'an app that starts',
      sagemakerStudioApp,
      app('d-1/spaces/ana/JupyterLab/default', { state: 'transitional' }),
    ],
    [
      'an app that has failed',
      sagemakerStudioApp,
      app('d-1/spaces/ana/JupyterLab/default', { state: 'failed' }),
    ],
    ['a training job', sagemakerTrainingJob, job('training', 'churn')],
    [
      'a training job of several groups',
      sagemakerTrainingJob,
      job('training', 'mixed', {
        size: '2 × ml.p3.2xlarge, 1 × ml.m5.xlarge',
        parts: [
          { name: 'gpu', type: 'ml.p3.2xlarge', count: 2 },
          { name: 'cpu', type: 'ml.m5.xlarge', count: 1 },
        ],
        hourly: usd('7.88'),
      }),
    ],
    ['a training job on Spot', sagemakerTrainingJob, job('training', 'spot', { hourly: undefined })],
    [
      'a training job of a tuning job',
      sagemakerTrainingJob,
      job('training', 'trial', {
        protections: managed(
          'It belongs to hyperparameter tuning job tune-1, which would start another in its place: stop that.',
        ),
      }),
    ],
    [
      'a training job in a training plan',
      sagemakerTrainingJob,
      job('training', 'planned', {
        hourly: undefined,
        protections: managed('It runs in training plan plan-1, which is paid for whether it runs or not.'),
      }),
    ],
    [
      'a training job of a pipeline',
      sagemakerTrainingJob,
      job('training', 'step', {
        tags: {
          'sagemaker:pipeline-execution-arn': `arn:aws:sagemaker:${REGION}:${ACCOUNT}:pipeline/p/execution/e1`,
        },
        protections: managed(
          'It is a step of pipeline execution e1, which would fail or start it again: stop that.',
        ),
      }),
    ],
    ['a processing job', sagemakerProcessingJob, job('processing', 'features')],
    [
      'a processing job whose instances AWS chooses',
      sagemakerProcessingJob,
      job('processing', 'chosen', { size: 'serverless', parts: [], hourly: undefined }),
    ],
    [
      'a processing job that a schedule starts',
      sagemakerProcessingJob,
      job('processing', 'monitor', {
        protections: managed('It belongs to monitoring schedule drift, which starts it again: stop that.'),
      }),
    ],
    [
      'a processing job that watches a training job',
      sagemakerProcessingJob,
      job('processing', 'watcher', {
        protections: managed('It watches training job churn and ends with it.'),
      }),
    ],
  ])('%s', async (_, kind, one) => {
    for (const region of [REGION, ELSEWHERE]) {
      const { account, contextIn } = world();
      const there = { ...one, region, arn: one.arn.replace(REGION, region) };
      adoptSagemaker(account, there, { use: IDLE });
      // What its tags name is still in the first region.
      expect(await kind.discover(contextIn(region))).toEqual([there]);
      expect(await kind.describe([one.id], contextIn(region))).toEqual([there]);
      expect(account.takeTouched()).toContainEqual({ kind: one.kind, region, id: one.id });
      const other = region === REGION ? ELSEWHERE : REGION;
      expect(await kind.discover(contextIn(other))).toEqual([]);
      expect(await kind.describe([one.id], contextIn(other))).toEqual([]);
    }
  });

  it('but for a job that stops, which AWS no longer lists: it is asked for by its name', async () => {
    const { account, contextIn } = world();
    const one = job('training', 'ending', { state: 'transitional' });
    adoptSagemaker(account, one, { use: IDLE });
    expect(await sagemakerTrainingJob.describe(['ending'], contextIn(REGION))).toEqual([one]);
    expect(await sagemakerTrainingJob.discover(contextIn(REGION))).toEqual([]);
  });

  it('whatever its variants, tags and times', async () => {
    const part = fc.record({
      type: fc.constantFrom('ml.m5.xlarge', 'ml.g5.2xlarge', 'ml.p3.2xlarge'),
      count: fc.integer({ min: 1, max: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.dictionary(fc.string({ minLength: 1 }), fc.string()),
        fc.date({ min: new Date(0), max: NOW, noInvalidDate: true }),
        async (some, tags, since) => {
          const { account, contextIn } = world();
          const parts = some.map((each, index) => ({ name: `v${index}`, ...each }));
          const one = endpoint('any', { tags, since, started: since, parts });
          adoptSagemaker(account, one, { use: IDLE });
          const [found] = await sagemakerEndpoint.discover(contextIn(REGION));
          expect(found).toMatchObject({ tags: { ...tags }, since, started: since, parts });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('of the same name in two regions, each in its own', async () => {
    const { account, contextIn } = world();
    const inRegion = (region: string) => ({
      ...endpoint('ranker'),
      region,
      tags: { region },
      arn: `arn:aws:sagemaker:${region}:${ACCOUNT}:endpoint/ranker`,
    });
    for (const region of [REGION, ELSEWHERE]) adoptSagemaker(account, inRegion(region), { use: IDLE });
    for (const region of [REGION, ELSEWHERE]) {
      expect(await sagemakerEndpoint.discover(contextIn(region))).toEqual([inRegion(region)]);
    }
    account.takeTouched();
    const context = stopContextOf(contextIn(ELSEWHERE));
    await sagemakerEndpoint.stop([inRegion(ELSEWHERE)], context);
    expect(account.takeTouched()).toContainEqual({
      kind: 'sagemaker-endpoint',
      region: ELSEWHERE,
      id: 'ranker',
    });
    expect(await sagemakerEndpoint.discover(contextIn(ELSEWHERE))).toEqual([]);
    expect(await sagemakerEndpoint.discover(contextIn(REGION))).toEqual([inRegion(REGION)]);
  });

  it('refuses what is not of SageMaker', () => {
    const { account } = world();
    const other = resource({ kind: 'ec2-instance', id: 'i-1', size: 'm5.large' });
    expect(() => adoptSagemaker(account, other, { use: IDLE })).toThrow('none of SageMaker');
  });
});

describe('what changes by itself', () => {
  it('is told when its time has come, and not before', async () => {
    const { account, contextIn, pass } = world();
    adoptSagemaker(account, endpoint('moving', { state: 'transitional' }), { use: IDLE });
    putJob(account, {
      kind: 'sagemaker-training-job',
      name: 'churn',
      type: 'ml.m5.xlarge',
      count: 1,
      tags: {},
      since: SINCE,
      endsAt: minutes(30),
      use: IDLE,
    });
    putNotebook(account, { name: 'anas', type: 'ml.t3.medium', tags: {}, since: minutes(2), use: IDLE });
    const told = () => account.takeTouched().map(({ id }) => id);
    const states = async (kind: Kind) => (await kind.discover(contextIn(REGION))).map(({ state }) => state);
    expect(told().sort()).toEqual(['anas', 'churn', 'moving']);
    expect(await states(sagemakerNotebook)).toEqual(['transitional']);
    pass(minutes(1));
    expect(told()).toEqual([]);
    pass(minutes(2));
    expect(told()).toEqual(['anas']);
    expect(await states(sagemakerNotebook)).toEqual(['running']);
    pass(minutes(29));
    expect(told()).toEqual(['moving']);
    expect(await states(sagemakerEndpoint)).toEqual(['running']);
    expect(await states(sagemakerTrainingJob)).toEqual(['running']);
    pass(minutes(30));
    expect(told()).toEqual(['churn']);
    expect(await states(sagemakerTrainingJob)).toEqual([]);
  });

  it('is told of all that a stop and a restore bring about', async () => {
    const { account, contextIn, pass } = world();
    const told = () => account.takeTouched().map(({ kind }) => kind);
    const all: readonly (readonly [Kind, Resource])[] = [
      [sagemakerEndpoint, endpoint('ranker')],
      [sagemakerNotebook, notebook('anas')],
      [sagemakerStudioApp, app('d-1/spaces/ana/JupyterLab/default')],
    ];
    for (const [kind, one] of all) {
      adoptSagemaker(account, one, { use: IDLE });
      told();
      const context = stopContextOf(contextIn(REGION));
      await kind.stop([one], context);
      expect(told()).toEqual([one.kind]);
      pass(new Date(context.now().getTime() + 10 * 60_000));
      told();
      await kind.restore(one, context.saved[0]?.record, contextIn(REGION));
      expect(told(), 'it starts').toEqual([one.kind]);
      pass(new Date(context.now().getTime() + 10 * 60_000));
      expect(told(), 'it has started').toEqual([one.kind]);
    }
  });
});

describe('whose use a metric tells', () => {
  it('is found by its dimensions', () => {
    const { account } = world();
    adoptSagemaker(
      account,
      endpoint('ranker', { size: '', parts: [{ name: 'blue', type: 'ml.p3.8xlarge', count: 1 }] }),
      {
        use: IDLE,
      },
    );
    adoptSagemaker(account, endpoint('host', { form: 'inference components' }), { use: IDLE });
    adoptSagemaker(account, notebook('anas'), { use: IDLE });
    const use = (namespace: string, dimensions: Readonly<Record<string, string>>, region?: string) =>
      sagemakerUseOf(account, namespace, dimensions, region);
    const variant = { EndpointName: 'ranker', VariantName: 'blue' };
    expect(use('/aws/sagemaker/Endpoints', variant)).toMatchObject({ cores: 32, gpus: 1 });
    expect(use('AWS/SageMaker', variant, REGION)?.member.since).toEqual(SINCE);
    expect(use('AWS/SageMaker', { EndpointName: 'ranker' })?.member.type).toBe('ml.p3.8xlarge');
    expect(use('AWS/SageMaker', { InferenceComponentName: 'host-component' })?.member.type).toBe(
      'ml.m5.xlarge',
    );
    expect(use('SageMakerNotebookInstances', { notebook_instance_name: 'anas' })).toMatchObject({ cores: 8 });
    for (const none of [
      use('AWS/SageMaker', { ...variant, VariantName: 'main' }),
      use('AWS/SageMaker', { EndpointName: 'none' }),
      use('AWS/SageMaker', variant, ELSEWHERE),
      use('AWS/EC2', variant),
    ]) {
      expect(none).toBeUndefined();
    }
  });

  it('has none after its end', async () => {
    const { account, contextIn } = world();
    adoptSagemaker(account, endpoint('ranker'), { use: IDLE });
    await sagemakerEndpoint.stop([endpoint('ranker')], stopContextOf(contextIn(REGION)));
    const found = sagemakerUseOf(account, 'AWS/SageMaker', { EndpointName: 'ranker', VariantName: 'main' });
    expect(found?.member.use(minutes(-1))).toEqual(IDLE());
    expect(found?.member.use(NOW)).toBeUndefined();
  });
});

it('ten thousand endpoints are listed and asked for within seconds', async () => {
  const { account, contextIn } = world();
  for (let n = 0; n < 10_000; n++) adoptSagemaker(account, endpoint(`e-${n}`), { use: IDLE });
  const began = performance.now();
  let pages = 0;
  let NextToken: string | undefined;
  const { sagemaker } = account.clientsOf(REGION);
  do {
    const page = await sagemaker.send(
      new ListEndpointsCommand({ MaxResults: 100, ...(NextToken === undefined ? {} : { NextToken }) }),
    );
    pages += 1;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(pages).toBe(100);
  expect(await sagemakerEndpoint.discover(contextIn(REGION))).toHaveLength(10_000);
  expect(performance.now() - began).toBeLessThan(10_000);
});
