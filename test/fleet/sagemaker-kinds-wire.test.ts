import {
  AddTagsCommand,
  CreateAppCommand,
  CreateProcessingJobCommand,
  CreateUserProfileCommand,
  DeleteNotebookInstanceCommand,
  DescribeAppCommand,
  DescribeNotebookInstanceCommand,
  DescribeTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import type { Kind } from '../../lib/fleet/kind.ts';
import { readMetrics } from '../../lib/fleet/metrics.ts';
import { sagemakerProcessingJob } from '../../lib/fleet/sagemaker-job-processing.ts';
import { sagemakerTrainingJob } from '../../lib/fleet/sagemaker-job-training.ts';
import { sagemakerNotebook } from '../../lib/fleet/sagemaker-notebook.ts';
import { sagemakerStudioApp } from '../../lib/fleet/sagemaker-studio-app.ts';
import {
  createDomain,
  createNotebook,
  putNotebookUse,
  startJupyterLab,
  startTrainingJob,
} from '../../lib/sandbox/seed-sagemaker.ts';
import type { Outcome } from '../../lib/types/outcome.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { startSageMaker } from '../support/sagemaker.ts';
import { ACCOUNT, contextOf, REGION, stopContextOf, usd, useEndpoint } from './fixtures.ts';

/*
 * On the wire against moto behind the sandbox's front. Both are kinder than AWS: everything is in service and
 * stopped at once, so that what lies between is covered by mocks in the tests of each kind.
 */
let server: Awaited<ReturnType<typeof startSageMaker>>;
let clients: RegionClients;
let restoreEnvironment: () => void;

beforeAll(async () => {
  server = await startSageMaker();
  restoreEnvironment = useEndpoint(server.endpoint);
  clients = createRegionClients(REGION);
}, 60_000);

afterAll(async () => {
  for (const client of Object.values(clients ?? {})) client.destroy();
  restoreEnvironment?.();
  await server?.stop();
});

const TAGS = { project: 'recsys', owner: 'ana', environment: 'dev' };

async function one(kind: Kind, id: string): Promise<Resource> {
  const [found] = await kind.describe([id], contextOf(clients));
  if (found === undefined) throw new Error(`${id} was not found`);
  return found;
}

const discovered = async (kind: Kind): Promise<readonly string[]> =>
  (await kind.discover(contextOf(clients))).map(({ id }) => id);

/** Stops it as the enforcer does: by what was found, with the record kept as JSON. */
async function stopped(kind: Kind, target: Resource) {
  const context = stopContextOf(contextOf(clients));
  const outcome: Outcome | undefined = (await kind.stop([target], context)).get(target.arn);
  const record: unknown = JSON.parse(JSON.stringify(context.saved[0]?.record ?? null));
  return { outcome, record };
}

describe('a notebook instance', () => {
  it('is found with its type, price and tags, stopped, and started again', async () => {
    await createNotebook(clients, { name: 'anas', type: 'ml.p3.2xlarge', tags: TAGS });
    const target = await one(sagemakerNotebook, 'anas');
    expect(target).toMatchObject({
      kind: 'sagemaker-notebook',
      arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:notebook-instance/anas`,
      state: 'running',
      tags: TAGS,
      size: 'ml.p3.2xlarge',
      protections: [],
      hourly: usd('3.825'),
    });
    expect(await sagemakerNotebook.discover(contextOf(clients))).toContainEqual(target);

    const { outcome, record } = await stopped(sagemakerNotebook, target);
    expect(outcome).toMatchObject({ status: 'taken' });
    expect((await one(sagemakerNotebook, 'anas')).state).toBe('stopped');

    const restored = await sagemakerNotebook.restore(target, record, contextOf(clients));
    expect(restored).toMatchObject({ finished: true, outcome: { status: 'taken', detail: 'Started.' } });
    expect((await one(sagemakerNotebook, 'anas')).state).toBe('running');
    expect(await sagemakerNotebook.restore(target, record, contextOf(clients))).toMatchObject({
      finished: true,
      outcome: { status: 'skipped', code: 'AlreadyRunning' },
    });
  });

  it('that was deleted is gone, for a stop, a restore and a look', async () => {
    await createNotebook(clients, { name: 'gone', type: 'ml.t3.medium', tags: TAGS });
    const target = await one(sagemakerNotebook, 'gone');
    const { record } = await stopped(sagemakerNotebook, target);
    await clients.sagemaker.send(new DeleteNotebookInstanceCommand({ NotebookInstanceName: 'gone' }));
    expect(await sagemakerNotebook.describe(['gone'], contextOf(clients))).toEqual([]);
    expect((await stopped(sagemakerNotebook, target)).outcome).toMatchObject({
      status: 'skipped',
      code: 'Gone',
    });
    expect(await sagemakerNotebook.restore(target, record, contextOf(clients))).toMatchObject({
      finished: true,
      outcome: { status: 'skipped', code: 'Gone' },
    });
    await expect(
      clients.sagemaker.send(new DescribeNotebookInstanceCommand({ NotebookInstanceName: 'gone' })),
    ).rejects.toMatchObject({ name: 'ValidationException', message: 'RecordNotFound' });
  });

  it('is judged by what the CloudWatch agent on it tells', async () => {
    await createNotebook(clients, { name: 'gpu', type: 'ml.p3.2xlarge', tags: TAGS });
    await createNotebook(clients, { name: 'dumb', type: 'ml.t3.medium', tags: TAGS });
    const to = new Date();
    const from = new Date(to.getTime() - 3_600_000);
    await putNotebookUse(clients, 'gpu', { cpu: 1.5, gpu: 97 }, from, to);
    const [gpu, dumb] = [await one(sagemakerNotebook, 'gpu'), await one(sagemakerNotebook, 'dumb')];
    const plans = await sagemakerNotebook.signals([gpu, dumb], contextOf(clients));
    expect(plans.get(dumb.arn)).toMatchObject({ queries: [], missing: [{ signal: 'cpu' }] });
    const plan = plans.get(gpu.arn);
    if (plan === undefined) throw new Error('no plan');
    expect(plan.missing).toEqual([]);
    const { evidence } = await readMetrics(
      [{ arn: gpu.arn, plan, windowSeconds: 1800, isBusy: () => false }],
      clients.cloudwatch,
      to,
    );
    // Moto lists a series once for each of its values, where AWS lists it once.
    const seen = new Map(
      (evidence.get(gpu.arn)?.readings ?? []).map(({ signal, samples }) => [signal, samples.at(0)?.value]),
    );
    expect([...seen]).toEqual([
      ['gpu', 97],
      ['cpu', 1.5],
    ]);
  });
});

describe('a Studio app', () => {
  it('is found by its space, shut down, and started again as it was', async () => {
    const domainId = await createDomain(clients, { name: 'lab', tags: { environment: 'dev', owner: 'it' } });
    const id = await startJupyterLab(clients, {
      domainId,
      space: 'anas-space',
      owner: 'ana',
      type: 'ml.g5.12xlarge',
      tags: { project: 'recsys' },
    });
    await clients.sagemaker.send(
      new CreateUserProfileCommand({
        DomainId: domainId,
        UserProfileName: 'ana',
        Tags: [{ Key: 'owner', Value: 'ana' }],
      }),
    );
    expect(id).toBe(`${domainId}/spaces/anas-space/JupyterLab/default`);
    expect(await discovered(sagemakerStudioApp)).toContain(id);
    const target = await one(sagemakerStudioApp, id);
    expect(target).toMatchObject({
      kind: 'sagemaker-studio-app',
      arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:app/${domainId}/anas-space/JupyterLab/default`,
      id,
      state: 'running',
      // Of the domain, of the owner of the space, and of the app.
      tags: { environment: 'dev', owner: 'ana', project: 'recsys' },
      size: 'ml.g5.12xlarge',
      hourly: usd('7.09'),
      neverIdle: expect.stringContaining('no metric'),
    });

    const { outcome, record } = await stopped(sagemakerStudioApp, target);
    expect(outcome).toMatchObject({
      status: 'taken',
      detail: expect.stringContaining('the volume of its space anas-space is kept'),
    });
    expect(await sagemakerStudioApp.describe([id], contextOf(clients))).toEqual([]);
    expect(await discovered(sagemakerStudioApp)).not.toContain(id);
    expect((await stopped(sagemakerStudioApp, target)).outcome?.status).not.toBe('failed');

    expect(await sagemakerStudioApp.restore(target, record, contextOf(clients))).toMatchObject({
      finished: true,
      outcome: { status: 'taken', detail: 'Started again on ml.g5.12xlarge.' },
    });
    expect(await one(sagemakerStudioApp, id)).toEqual(target);
    expect(await sagemakerStudioApp.restore(target, record, contextOf(clients))).toMatchObject({
      outcome: { status: 'skipped', code: 'AlreadyRunning' },
    });
  });

  it('that costs nothing, or is of another kind, is left out', async () => {
    const domainId = await createDomain(clients, { name: 'classic', tags: {} });
    const user = { DomainId: domainId, UserProfileName: 'ben' };
    await clients.sagemaker.send(new CreateUserProfileCommand(user));
    for (const [AppType, AppName, InstanceType] of [
      ['JupyterServer', 'default', 'system'],
      ['KernelGateway', 'small', 'system'],
      ['Canvas', 'default', 'ml.t3.medium'],
      ['KernelGateway', 'datascience', 'ml.t3.medium'],
    ] as const) {
      await clients.sagemaker.send(
        new CreateAppCommand({ ...user, AppType, AppName, ResourceSpec: { InstanceType } }),
      );
    }
    const found = await discovered(sagemakerStudioApp);
    expect(found.filter((id) => id.startsWith(domainId))).toEqual([
      `${domainId}/users/ben/KernelGateway/datascience`,
    ]);
    const target = await one(sagemakerStudioApp, `${domainId}/users/ben/KernelGateway/datascience`);
    const { outcome } = await stopped(sagemakerStudioApp, target);
    expect(outcome).toMatchObject({ status: 'taken', detail: expect.stringContaining('files of its user') });
    const app = { ...user, AppType: 'KernelGateway', AppName: 'datascience' } as const;
    expect((await clients.sagemaker.send(new DescribeAppCommand(app))).Status).toBe('Deleted');
  });
});

describe('a training job', () => {
  it('is found while it runs, and stopped for good', async () => {
    await startTrainingJob(clients, { name: 'finetune', type: 'ml.p3.2xlarge', count: 2, tags: TAGS });
    expect(await discovered(sagemakerTrainingJob)).toEqual(['finetune']);
    const target = await one(sagemakerTrainingJob, 'finetune');
    expect(target).toMatchObject({
      arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:training-job/finetune`,
      state: 'running',
      tags: TAGS,
      size: '2 × ml.p3.2xlarge',
      consent: 'stop-jobs',
      neverIdle: expect.stringContaining('ends by itself'),
      protections: [],
      hourly: usd('7.65'),
    });
    const { outcome, record } = await stopped(sagemakerTrainingJob, target);
    expect(outcome).toMatchObject({
      status: 'taken',
      restorable: false,
      detail: expect.stringContaining('Its checkpoints are kept in s3://models/finetune/checkpoints.'),
    });
    expect(await discovered(sagemakerTrainingJob)).toEqual([]);
    const { TrainingJobStatus } = await clients.sagemaker.send(
      new DescribeTrainingJobCommand({ TrainingJobName: 'finetune' }),
    );
    expect(TrainingJobStatus).toBe('Stopped');
    expect((await stopped(sagemakerTrainingJob, target)).outcome).toMatchObject({
      status: 'skipped',
      code: 'Gone',
    });
    expect(await sagemakerTrainingJob.restore(target, record, contextOf(clients))).toMatchObject({
      finished: true,
      outcome: {
        status: 'skipped',
        code: 'CannotRestore',
        detail: expect.stringContaining(
          `aws sagemaker describe-training-job --region ${REGION} --training-job-name finetune`,
        ),
      },
    });
  });
});

describe('a processing job', () => {
  it('is found while it runs, and left alone where a pipeline runs it', async () => {
    const { ProcessingJobArn } = await clients.sagemaker.send(
      new CreateProcessingJobCommand({
        ProcessingJobName: 'features',
        AppSpecification: { ImageUri: 'image' },
        RoleArn: `arn:aws:iam::${ACCOUNT}:role/ml`,
        ProcessingResources: {
          ClusterConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 3, VolumeSizeInGB: 30 },
        },
      }),
    );
    const target = await one(sagemakerProcessingJob, 'features');
    expect(target).toMatchObject({
      size: '3 × ml.m5.xlarge',
      hourly: usd('0.69'),
      consent: 'stop-jobs',
      protections: [],
    });
    const execution = `arn:aws:sagemaker:${REGION}:${ACCOUNT}:pipeline/nightly/execution/abc123`;
    await clients.sagemaker.send(
      new AddTagsCommand({
        ResourceArn: ProcessingJobArn,
        Tags: [{ Key: 'sagemaker:pipeline-execution-arn', Value: execution }],
      }),
    );
    expect((await one(sagemakerProcessingJob, 'features')).protections).toEqual([
      {
        code: 'managed-elsewhere',
        detail: 'It is a step of pipeline execution abc123, which would fail or start it again: stop that.',
      },
    ]);
    expect((await stopped(sagemakerProcessingJob, target)).outcome).toMatchObject({
      status: 'taken',
      restorable: false,
    });
    expect(await discovered(sagemakerProcessingJob)).toEqual([]);
    expect(await sagemakerProcessingJob.describe(['features', 'none'], contextOf(clients))).toEqual([]);
  });
});
