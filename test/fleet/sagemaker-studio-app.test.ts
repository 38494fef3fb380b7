import {
  type AppStatus,
  CreateAppCommand,
  DeleteAppCommand,
  DescribeAppCommand,
  type DescribeAppResponse,
  DescribeSpaceCommand,
  ListAppsCommand,
  ListTagsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { sagemakerStudioApp } from '../../lib/fleet/sagemaker-studio-app.ts';
import { appId, namesOf } from '../../lib/fleet/sagemaker-studio-names.ts';
import { LedgerError } from '../../lib/ledger/errors.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { ACCOUNT, awsError, contextOf, instance, NOW, REGION, stopContextOf } from './fixtures.ts';

/* What the front of the sandbox cannot do: the states between, refusals, pages, missing parents. */
const sagemaker = mockClient(SageMakerClient);

const arn = (resource: string) => `arn:aws:sagemaker:${REGION}:${ACCOUNT}:${resource}`;
const ID = 'd-1/spaces/anas/JupyterLab/default';
const APP_ARN = arn('app/d-1/anas/JupyterLab/default');
const SPACE = { DomainId: 'd-1', SpaceName: 'anas', AppType: 'JupyterLab', AppName: 'default' } as const;

const live = (Status: AppStatus, fields: Partial<DescribeAppResponse> = {}): DescribeAppResponse => ({
  ...SPACE,
  AppArn: APP_ARN,
  Status,
  CreationTime: new Date('2026-11-24T08:00:00.000Z'),
  ResourceSpec: { InstanceType: 'ml.g5.xlarge' },
  ...fields,
});

const app = (fields: Partial<Resource> = {}): Resource => ({
  ...instance('app'),
  kind: 'sagemaker-studio-app',
  id: ID,
  arn: APP_ARN,
  size: 'ml.g5.xlarge',
  ...fields,
});

const NONE = awsError('ResourceNotFound', 'App does not exist.');
const tagged = (resource: string, tags: Readonly<Record<string, string>>) =>
  sagemaker.on(ListTagsCommand, { ResourceArn: arn(resource) }).resolves({
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  });

beforeEach(() => {
  sagemaker.reset();
  sagemaker.on(ListTagsCommand).resolves({ Tags: [] });
  sagemaker.on(DescribeSpaceCommand).resolves({ OwnershipSettings: { OwnerUserProfileName: 'ana' } });
  sagemaker.on(DescribeAppCommand).resolves(live('InService'));
  sagemaker.on(DeleteAppCommand).resolves({});
  sagemaker.on(CreateAppCommand).resolves({ AppArn: APP_ARN });
});

const deletions = () => sagemaker.commandCalls(DeleteAppCommand);
const creations = () => sagemaker.commandCalls(CreateAppCommand);

describe('an id', () => {
  it.each([ID, 'd-1/users/ben/KernelGateway/datascience-1-0', 'd-1/spaces/anas/CodeEditor/default'])(
    '%s is read back',
    (id) => {
      const key = namesOf(id);
      expect(key && appId(key)).toBe(id);
    },
  );

  it.each([
    '',
    'd-1',
    'd-1/spaces/anas/JupyterLab',
    'd-1/spaces/anas/JupyterLab/default/more',
    'd-1/somewhere/anas/JupyterLab/default',
    'd-1/spaces/anas/Canvas/default',
    'd-1/spaces//JupyterLab/default',
  ])('"%s" is none', async (id) => {
    expect(namesOf(id)).toBeUndefined();
    expect(await sagemakerStudioApp.describe([id], contextOf())).toEqual([]);
    const outcomes = await sagemakerStudioApp.stop([app({ id })], stopContextOf());
    expect(outcomes.get(APP_ARN)).toMatchObject({ status: 'skipped', code: 'Gone' });
  });
});

describe('discovery', () => {
  it('reads all pages and leaves out what has ended, without describing it', async () => {
    sagemaker
      .on(ListAppsCommand)
      .resolvesOnce({ Apps: [{ ...SPACE, Status: 'Deleted', AppName: 'old' }], NextToken: 'more' })
      .resolves({ Apps: [{ ...SPACE, Status: 'InService' }] });
    expect(await sagemakerStudioApp.discover(contextOf())).toMatchObject([{ id: ID, arn: APP_ARN }]);
    expect(sagemaker.commandCalls(DescribeAppCommand)).toHaveLength(1);
  });

  it.each([
    ['InService', 'running'],
    ['Pending', 'transitional'],
    ['Deleting', 'transitional'],
    ['Failed', 'failed'],
  ] as const)('of one that is %s finds it %s', async (status, state) => {
    sagemaker.on(DescribeAppCommand).resolves(live(status));
    expect(await sagemakerStudioApp.describe([ID], contextOf())).toMatchObject([{ state }]);
  });

  it('leaves out what was deleted, and what is not there', async () => {
    sagemaker.on(DescribeAppCommand).resolvesOnce(live('Deleted')).rejects(NONE);
    expect(await sagemakerStudioApp.describe([ID, ID], contextOf())).toEqual([]);
  });

  it('leaves one whose type is not known unpriced', async () => {
    sagemaker.on(DescribeAppCommand).resolves(live('InService', { ResourceSpec: {} }));
    const [found] = await sagemakerStudioApp.describe([ID], contextOf());
    expect(found).toMatchObject({ size: 'unknown', hourly: undefined });
  });

  it('takes the tags of the domain, the owner, the space and the app, the nearest first', async () => {
    tagged('domain/d-1', { a: 'domain', b: 'domain', c: 'domain', d: 'domain' });
    tagged('user-profile/d-1/ana', { b: 'profile', c: 'profile', d: 'profile' });
    tagged('space/d-1/anas', { c: 'space', d: 'space' });
    tagged('app/d-1/anas/JupyterLab/default', { d: 'app' });
    const [found] = await sagemakerStudioApp.describe([ID], contextOf());
    expect(found?.tags).toEqual({ a: 'domain', b: 'profile', c: 'space', d: 'app' });
  });

  it('reads the tags that apps share once', async () => {
    await sagemakerStudioApp.describe([ID, ID, ID], contextOf());
    const read = sagemaker.commandCalls(ListTagsCommand).map(({ args }) => args[0].input.ResourceArn);
    expect(read.filter((one) => one !== APP_ARN).sort()).toEqual(
      [arn('domain/d-1'), arn('space/d-1/anas'), arn('user-profile/d-1/ana')].sort(),
    );
  });

  it('of a shared space has no owner, and a space that is gone no tags', async () => {
    sagemaker.on(DescribeSpaceCommand).resolves({});
    sagemaker
      .on(ListTagsCommand, { ResourceArn: arn('space/d-1/anas') })
      .rejects(awsError('ResourceNotFound', 'Space does not exist.'));
    tagged('domain/d-1', { project: 'recsys' });
    const [found] = await sagemakerStudioApp.describe([ID], contextOf());
    expect(found?.tags).toEqual({ project: 'recsys' });
  });

  it('fails as a whole where tags cannot be read: no tag is not the same as not knowing', async () => {
    sagemaker
      .on(ListTagsCommand, { ResourceArn: arn('domain/d-1') })
      .rejects(awsError('ThrottlingException', 'Rate exceeded'));
    await expect(sagemakerStudioApp.describe([ID], contextOf())).rejects.toThrow('Rate exceeded');
  });

  it('never gives it a signal to be idle by', async () => {
    const plan = (await sagemakerStudioApp.signals([app()], contextOf())).get(APP_ARN);
    expect(plan).toMatchObject({ queries: [], missing: [{ signal: 'cpu' }] });
  });
});

describe('a stop', () => {
  async function stop(context = stopContextOf()) {
    return (await sagemakerStudioApp.stop([app()], context)).get(APP_ARN);
  }

  it('saves what starts it again, without the tags that AWS keeps', async () => {
    tagged('app/d-1/anas/JupyterLab/default', {
      project: 'recsys',
      'sagemaker:domain-arn': arn('domain/d-1'),
      'aws:cloudformation:stack-name': 'lab',
    });
    const context = stopContextOf();
    expect(await stop(context)).toMatchObject({ status: 'taken' });
    expect(context.saved.map(({ record }) => record)).toEqual([
      {
        domainId: 'd-1',
        owner: { in: 'space', name: 'anas' },
        type: 'JupyterLab',
        name: 'default',
        resourceSpec: { InstanceType: 'ml.g5.xlarge' },
        tags: { project: 'recsys' },
      },
    ]);
    expect(deletions().map(({ args }) => args[0].input)).toEqual([SPACE]);
  });

  it('touches nothing where the record cannot be saved', async () => {
    const context = {
      ...stopContextOf(),
      saveRestore: async () => {
        throw new LedgerError('the table is out');
      },
    };
    expect(await stop(context)).toMatchObject({ status: 'failed', code: 'LedgerError' });
    expect(deletions()).toHaveLength(0);
  });

  it.each([
    ['Deleted', { status: 'skipped', code: 'Gone' }],
    ['Deleting', { status: 'failed', retry: true }],
    ['Pending', { status: 'failed', retry: true }],
    ['InService', { status: 'failed', retry: false }],
  ] as const)('that is refused of one that is %s is understood by looking again', async (status, outcome) => {
    sagemaker.on(DeleteAppCommand).rejects(awsError('ResourceInUse', 'The app is in use.'));
    sagemaker.on(DescribeAppCommand).resolves(live(status));
    expect(await stop()).toMatchObject(outcome);
  });

  it('of one that is gone is a skip', async () => {
    sagemaker.on(DeleteAppCommand).rejects(NONE);
    expect(await stop()).toMatchObject({ status: 'skipped', code: 'Gone' });
  });

  it('that IAM refuses, for want of a tag of its own, says how to mend it', async () => {
    sagemaker.on(DeleteAppCommand).rejects(awsError('AccessDeniedException', 'not authorized.'));
    expect(await stop()).toMatchObject({
      status: 'failed',
      code: 'AccessDeniedException',
      detail: expect.stringMatching(/^not authorized\. .*TagPropagation/),
      retry: false,
    });
  });
});

describe('a restore', () => {
  const RECORD = {
    domainId: 'd-1',
    owner: { in: 'space', name: 'anas' },
    type: 'JupyterLab',
    name: 'default',
    resourceSpec: { InstanceType: 'ml.g5.xlarge', LifecycleConfigArn: 'lcc' },
    tags: { project: 'recsys' },
  };
  const restore = (record: unknown = RECORD) => sagemakerStudioApp.restore(app(), record, contextOf());

  it.each(['Deleted', 'Failed'] as const)('starts one that is %s as it was', async (status) => {
    sagemaker.on(DescribeAppCommand).resolves(live(status));
    expect(await restore()).toEqual({
      finished: true,
      outcome: { status: 'taken', at: NOW, detail: 'Started again on ml.g5.xlarge.' },
    });
    expect(creations().map(({ args }) => args[0].input)).toEqual([
      { ...SPACE, ResourceSpec: RECORD.resourceSpec, Tags: [{ Key: 'project', Value: 'recsys' }] },
    ]);
  });

  it('starts one of which AWS has forgotten', async () => {
    sagemaker.on(DescribeAppCommand).rejects(NONE);
    expect(await restore()).toMatchObject({ outcome: { status: 'taken' } });
  });

  it('names the image once, by its version', async () => {
    sagemaker.on(DescribeAppCommand).rejects(NONE);
    const image = { SageMakerImageArn: 'image', SageMakerImageVersionAlias: '2.0' };
    await restore({ ...RECORD, resourceSpec: image });
    await restore({ ...RECORD, resourceSpec: { ...image, SageMakerImageVersionArn: 'image/7' } });
    expect(creations().map(({ args }) => args[0].input.ResourceSpec)).toEqual([
      image,
      { SageMakerImageArn: 'image', SageMakerImageVersionArn: 'image/7' },
    ]);
  });

  it.each([
    ['InService', { status: 'skipped', code: 'AlreadyRunning' }, true],
    ['Pending', { status: 'skipped', code: 'AlreadyRunning' }, true],
    ['Deleting', { status: 'failed', retry: true }, false],
  ] as const)('starts nothing of one that is %s', async (status, outcome, finished) => {
    sagemaker.on(DescribeAppCommand).resolves(live(status));
    expect(await restore()).toMatchObject({ outcome, finished });
    expect(creations()).toHaveLength(0);
  });

  it('whose space was deleted says so', async () => {
    sagemaker.on(DescribeAppCommand).rejects(NONE);
    sagemaker.on(CreateAppCommand).rejects(awsError('ResourceNotFound', 'Space does not exist.'));
    expect(await restore()).toMatchObject({
      finished: true,
      outcome: { status: 'skipped', code: 'Gone', detail: 'Its space anas no longer exists.' },
    });
  });

  it.each([
    ['ResourceInUse', true],
    ['ResourceLimitExceeded', false],
    ['ThrottlingException', true],
  ])('that is refused by %s is tried again: %s', async (code, retry) => {
    sagemaker.on(DescribeAppCommand).resolves(live('Deleted'));
    sagemaker.on(CreateAppCommand).rejects(awsError(code, 'no'));
    expect(await restore()).toMatchObject({ finished: false, outcome: { status: 'failed', code, retry } });
  });

  it('from a record that cannot be read touches nothing', async () => {
    expect(await restore({ domainId: 'd-1' })).toMatchObject({
      finished: true,
      outcome: { status: 'failed', code: 'NoRecord', retry: false },
    });
    expect(sagemaker.calls()).toHaveLength(0);
  });
});
