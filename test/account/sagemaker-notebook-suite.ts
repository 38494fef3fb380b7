import {
  AddTagsCommand,
  CreateAppCommand,
  CreateDomainCommand,
  DeleteNotebookInstanceCommand,
  DescribeAppCommand,
  DescribeNotebookInstanceCommand,
  DescribeSpaceCommand,
  ListAppsCommand,
  ListNotebookInstancesCommand,
  ListTagsCommand,
  StartNotebookInstanceCommand,
  StopNotebookInstanceCommand,
} from '@aws-sdk/client-sagemaker';
import { describe, expect, it } from 'vitest';
import { isAbsent } from '../../lib/fleet/sagemaker-attempt.ts';
import { sagemakerNotebook } from '../../lib/fleet/sagemaker-notebook.ts';
import { sagemakerStudioApp } from '../../lib/fleet/sagemaker-studio-app.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import { usd } from '../fleet/fixtures.ts';
import { itIf } from './both.ts';
import { contextOn, putApp, putNotebook, settle } from './sagemaker-put.ts';
import { arnOf, errorOf, TAGS, type Tools } from './sagemaker-tools.ts';

/** What holds of notebook instances and of the apps of Studio. */
export function notebookSuite(tools: Tools): void {
  const { side, inMemory, sagemaker, find, get, discovered, stop, restore } = tools;

  describe('a notebook instance', () => {
    const send = {
      start: (NotebookInstanceName: string) =>
        sagemaker().send(new StartNotebookInstanceCommand({ NotebookInstanceName })),
      stop: (NotebookInstanceName: string) =>
        sagemaker().send(new StopNotebookInstanceCommand({ NotebookInstanceName })),
      delete: (NotebookInstanceName: string) =>
        sagemaker().send(new DeleteNotebookInstanceCommand({ NotebookInstanceName })),
      describe: (NotebookInstanceName: string) =>
        sagemaker().send(new DescribeNotebookInstanceCommand({ NotebookInstanceName })),
    };

    it('is discovered with all that a decision needs', async () => {
      await putNotebook(side(), 'anas', { type: 'ml.p3.2xlarge', tags: TAGS });
      const found = (await discovered(sagemakerNotebook)).find(({ id }) => id === 'anas');
      expect(found).toEqual({
        kind: 'sagemaker-notebook',
        arn: arnOf('notebook-instance/anas'),
        id: 'anas',
        account: ACCOUNT,
        region: REGION,
        tags: TAGS,
        state: 'running',
        since: expect.any(Date),
        size: 'ml.p3.2xlarge',
        protections: [],
        hourly: usd('3.825'),
      });
      expect(await get(sagemakerNotebook, 'anas')).toEqual(found);
    });

    it('is stopped, and started again', async () => {
      await putNotebook(side(), 'bens', { tags: TAGS });
      const target = await get(sagemakerNotebook, 'bens');
      const { outcome, record } = await stop(sagemakerNotebook, target);
      expect(outcome).toMatchObject({ status: 'taken' });
      settle(side());
      expect(await get(sagemakerNotebook, 'bens')).toMatchObject({ state: 'stopped', tags: TAGS });
      const again = await stop(sagemakerNotebook, target);
      // The local AWS stops it once more.
      if (inMemory) expect(again.outcome).toMatchObject({ status: 'skipped', code: 'AlreadyStopped' });
      expect(await restore(sagemakerNotebook, target, record)).toEqual(['Started.']);
      expect((await get(sagemakerNotebook, 'bens')).state).toBe('running');
      const restored = await sagemakerNotebook.restore(target, record, contextOn(side()));
      expect(restored).toMatchObject({ finished: true, outcome: { code: 'AlreadyRunning' } });
    });

    itIf(inMemory)('takes minutes, and refuses what its state does not allow, as on AWS', async () => {
      await putNotebook(side(), 'slow');
      const status = async () => (await send.describe('slow')).NotebookInstanceStatus;
      const refusal = (from: string, allowed: string, to: string) => ({
        name: 'ValidationException',
        message: `Status (${from}) not in ([${allowed}]). Unable to transition to (${to}) for Notebook Instance (${arnOf('notebook-instance/slow')}).`,
      });
      await expect(send.start('slow')).rejects.toMatchObject(
        refusal('InService', 'Stopped, Failed', 'Pending'),
      );
      await expect(send.delete('slow')).rejects.toMatchObject(
        refusal('InService', 'Stopped, Failed', 'Deleting'),
      );
      await send.stop('slow');
      expect(await status()).toBe('Stopping');
      expect((await get(sagemakerNotebook, 'slow')).state).toBe('transitional');
      await expect(send.stop('slow')).rejects.toMatchObject(refusal('Stopping', 'InService', 'Stopping'));
      settle(side());
      expect(await status()).toBe('Stopped');
      await send.start('slow');
      expect(await status()).toBe('Pending');
      settle(side());
      expect(await status()).toBe('InService');
    });

    it('that is not there is told by RecordNotFound', async () => {
      await putNotebook(side(), 'gone');
      const target = await get(sagemakerNotebook, 'gone');
      const { record } = await stop(sagemakerNotebook, target);
      settle(side());
      await send.delete('gone');
      for (const call of Object.values(send)) {
        await expect(call('gone')).rejects.toMatchObject({
          name: 'ValidationException',
          message: 'RecordNotFound',
        });
      }
      expect(await find(sagemakerNotebook, 'gone')).toBeUndefined();
      expect((await stop(sagemakerNotebook, target)).outcome).toMatchObject({
        status: 'skipped',
        code: 'Gone',
      });
      expect(await restore(sagemakerNotebook, target, record)).toEqual([
        'It was deleted meanwhile, so it cannot be started.',
      ]);
    });

    it('is listed once, on one page or another', async () => {
      for (const one of ['n-1', 'n-2', 'n-3']) await putNotebook(side(), one);
      const seen: string[] = [];
      let NextToken: string | undefined;
      do {
        const page = await sagemaker().send(
          new ListNotebookInstancesCommand({
            MaxResults: 2,
            ...(NextToken === undefined ? {} : { NextToken }),
          }),
        );
        seen.push(
          ...(page.NotebookInstances ?? []).map(({ NotebookInstanceName = '' }) => NotebookInstanceName),
        );
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      expect(seen).toEqual(expect.arrayContaining(['n-1', 'n-2', 'n-3']));
      expect(new Set(seen).size).toBe(seen.length);
    });

    it('takes tags, which replace what it has', async () => {
      await putNotebook(side(), 'tagged', { tags: { project: 'old', owner: 'ana' } });
      const ResourceArn = arnOf('notebook-instance/tagged');
      await sagemaker().send(new AddTagsCommand({ ResourceArn, Tags: [{ Key: 'project', Value: 'new' }] }));
      const { Tags = [] } = await sagemaker().send(new ListTagsCommand({ ResourceArn }));
      expect(Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))).toEqual({
        project: 'new',
        owner: 'ana',
      });
    });
  });

  describe('a Studio app', () => {
    const domain = 'd-1a2b';
    const app = (SpaceName: string) =>
      ({ DomainId: domain, SpaceName, AppType: 'JupyterLab', AppName: 'default' }) as const;

    it('is discovered with the tags of its domain, its user profile and its own, shut down, and started again', async () => {
      const id = await putApp(side(), {
        domain: await domainOf(tools),
        space: 'anas-space',
        owner: 'ana',
        type: 'ml.p3.2xlarge',
        tags: { project: 'recsys' },
      });
      const [DomainId = ''] = id.split('/');
      if (inMemory) {
        await sagemaker().send(
          new AddTagsCommand({
            ResourceArn: arnOf(`domain/${DomainId}`),
            Tags: [{ Key: 'environment', Value: 'dev' }],
          }),
        );
      }
      await sagemaker().send(
        new AddTagsCommand({
          ResourceArn: arnOf(`user-profile/${DomainId}/ana`),
          Tags: [{ Key: 'owner', Value: 'ana' }],
        }),
      );
      const target = (await discovered(sagemakerStudioApp)).find((one) => one.id === id);
      expect(target).toEqual({
        kind: 'sagemaker-studio-app',
        arn: arnOf(`app/${DomainId}/anas-space/JupyterLab/default`),
        id,
        account: ACCOUNT,
        region: REGION,
        tags: { environment: 'dev', project: 'recsys', owner: 'ana' },
        state: 'running',
        since: expect.any(Date),
        size: 'ml.p3.2xlarge',
        protections: [],
        neverIdle: expect.stringContaining('no metric'),
        hourly: usd('3.825'),
      });
      if (target === undefined) throw new Error('no app');
      expect(await get(sagemakerStudioApp, id)).toEqual(target);

      const { outcome, record } = await stop(sagemakerStudioApp, target);
      expect(outcome).toMatchObject({
        status: 'taken',
        detail: expect.stringContaining('the volume of its space anas-space is kept'),
      });
      settle(side());
      expect(await find(sagemakerStudioApp, id)).toBeUndefined();
      expect((await discovered(sagemakerStudioApp)).map((one) => one.id)).not.toContain(id);
      const described = await sagemaker().send(new DescribeAppCommand({ ...app('anas-space'), DomainId }));
      expect(described.Status).toBe('Deleted');
      expect((await stop(sagemakerStudioApp, target)).outcome?.status).not.toBe('failed');

      expect(await restore(sagemakerStudioApp, target, record)).toEqual(['Started again on ml.p3.2xlarge.']);
      expect(await get(sagemakerStudioApp, id)).toEqual(target);
      await expect(
        sagemaker().send(new CreateAppCommand({ ...app('anas-space'), DomainId })),
      ).rejects.toMatchObject({ name: 'ResourceInUse' });
    });

    it('tells whose private space it is in', async () => {
      await putApp(side(), { domain, space: 'bens-space', owner: 'ben' });
      const space = await sagemaker().send(
        new DescribeSpaceCommand({ DomainId: domain, SpaceName: 'bens-space' }),
      );
      expect(space.OwnershipSettings?.OwnerUserProfileName).toBe('ben');
      const { Apps = [] } = await sagemaker().send(new ListAppsCommand({ DomainIdEquals: domain }));
      expect(Apps).toMatchObject([{ ...app('bens-space'), Status: 'InService' }]);
    });

    it('that is not there is told so, as is its space', async () => {
      const errors = await Promise.all(
        [
          sagemaker().send(new DescribeAppCommand(app('none'))),
          sagemaker().send(new DescribeSpaceCommand({ DomainId: domain, SpaceName: 'none' })),
          sagemaker().send(new CreateAppCommand(app('none'))),
        ].map(errorOf),
      );
      expect(errors.map((error) => isAbsent(error))).toEqual([true, true, true]);
    });

    itIf(inMemory)('takes minutes to shut down and to start, as on AWS', async () => {
      const id = await putApp(side(), { domain, space: 'slow-space', owner: 'ben', tags: TAGS });
      const target = await get(sagemakerStudioApp, id);
      const { record } = await stop(sagemakerStudioApp, target);
      expect((await get(sagemakerStudioApp, id)).state).toBe('transitional');
      expect(await sagemakerStudioApp.restore(target, record, contextOn(side()))).toMatchObject({
        finished: false,
        outcome: { code: 'IncorrectState', retry: true },
      });
      settle(side());
      await sagemakerStudioApp.restore(target, record, contextOn(side()));
      expect(await get(sagemakerStudioApp, id)).toMatchObject({ state: 'transitional', tags: TAGS });
      settle(side());
      expect((await get(sagemakerStudioApp, id)).state).toBe('running');
    });
  });
}

/** A domain of its own; the local AWS must be told of one, with its tags, before it can be asked for them. */
async function domainOf({ inMemory, sagemaker }: Tools): Promise<string> {
  if (inMemory) return 'd-3c4d';
  const { DomainArn } = await sagemaker().send(
    new CreateDomainCommand({
      DomainName: 'lab',
      AuthMode: 'IAM',
      DefaultUserSettings: { ExecutionRole: `arn:aws:iam::${ACCOUNT}:role/studio` },
      SubnetIds: ['subnet-1'],
      VpcId: 'vpc-1',
      Tags: [{ Key: 'environment', Value: 'dev' }],
    }),
  );
  return DomainArn?.split('/').at(-1) ?? '';
}
