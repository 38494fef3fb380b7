import {
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  CreateLaunchConfigurationCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { autoScalingGroup } from '../../lib/fleet/auto-scaling-group.ts';
import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { startMiniStack } from '../support/ministack.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { ACCOUNT, contextOf, REGION, stopContextOf, usd, useEndpoint } from './fixtures.ts';

// Both change the members at once, where AWS takes minutes. The members that MiniStack names are no instances, and it
// does not tell their type; neither emulator answers scheduled actions of a group as AWS does in every case, so those
// are in auto-scaling-group.test.ts.
describe.each([
  { name: 'moto', start: startMoto },
  { name: 'MiniStack', start: startMiniStack },
])('Auto Scaling on $name', ({ name, start }) => {
  let server: Moto;
  let clients: RegionClients;
  let restoreEnvironment: () => void;

  beforeAll(async () => {
    server = await start();
    restoreEnvironment = useEndpoint(server.endpoint);
    clients = createRegionClients(REGION);
    await clients.groups.send(
      new CreateLaunchConfigurationCommand({
        LaunchConfigurationName: 'gpu',
        ImageId: 'ami-12c6146b',
        InstanceType: 'g5.xlarge',
      }),
    );
  }, 60_000);

  afterAll(async () => {
    for (const client of Object.values(clients ?? {})) client.destroy();
    restoreEnvironment?.();
    await server?.stop();
  });

  async function create(
    group: string,
    input: Partial<CreateAutoScalingGroupCommandInput> = {},
  ): Promise<Resource> {
    const tag = { ResourceId: group, ResourceType: 'auto-scaling-group', PropagateAtLaunch: true };
    await clients.groups.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: group,
        LaunchConfigurationName: 'gpu',
        MinSize: 1,
        DesiredCapacity: 3,
        MaxSize: 5,
        AvailabilityZones: ['us-east-1a'],
        Tags: [{ ...tag, Key: 'project', Value: 'recsys' }],
        ...input,
      }),
    );
    return one(group);
  }

  async function one(group: string): Promise<Resource> {
    const [found] = await autoScalingGroup.describe([group], contextOf(clients));
    if (found === undefined) throw new Error(`${group} was not found`);
    return found;
  }

  async function sizes(group: string): Promise<readonly (number | undefined)[]> {
    const { AutoScalingGroups: [found] = [] } = await clients.groups.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
    );
    return [found?.MinSize, found?.DesiredCapacity, found?.MaxSize];
  }

  it('discovers all that a decision needs, whatever its name', async () => {
    const group = 'train it/all';
    await create(group);
    const found = (await autoScalingGroup.discover(contextOf(clients))).find(({ id }) => id === group);
    const type = name === 'moto' ? 'g5.xlarge' : 'unknown';
    expect(found).toEqual({
      kind: 'auto-scaling-group',
      arn: expect.stringMatching(
        new RegExp(
          `^arn:aws:autoscaling:${REGION}:${ACCOUNT}:autoScalingGroup:[^:]+:autoScalingGroupName/${group}$`,
        ),
      ),
      id: group,
      account: ACCOUNT,
      region: REGION,
      tags: { project: 'recsys' },
      state: 'running',
      since: expect.any(Date),
      size: `3 × ${type}`,
      parts: [{ name: type, type, count: 3 }],
      protections: [],
      consent: 'scale-to-zero',
      hourly: name === 'moto' ? usd('3.018') : undefined,
    });
  });

  it('describes the given ones, and one that is gone is absent', async () => {
    await create('kept');
    const found = await autoScalingGroup.describe(['kept', 'never was'], contextOf(clients));
    expect(found.map(({ id }) => id)).toEqual(['kept']);
    expect(await autoScalingGroup.describe([], contextOf(clients))).toEqual([]);
  });

  it('is scaled to zero and up again; twice changes nothing', async () => {
    const target = await create('round trip');
    const context = stopContextOf(contextOf(clients));
    const first = await autoScalingGroup.stop([target], context);
    expect(first.get(target.arn)).toMatchObject({
      status: 'taken',
      detail: 'Scaled to zero; its sizes were min 1, desired 3, max 5.',
    });
    expect(await sizes('round trip')).toEqual([0, 0, 5]);
    expect(await one('round trip')).toMatchObject({ state: 'stopped', size: 'no instances' });

    const second = await autoScalingGroup.stop([target], context);
    expect(second.get(target.arn)).toMatchObject({ status: 'skipped', code: 'AlreadyStopped' });
    expect(context.saved, 'the zeros are not saved over the sizes').toHaveLength(1);

    const record: unknown = JSON.parse(JSON.stringify(context.saved[0]?.record));
    expect(await autoScalingGroup.restore(target, record, context)).toMatchObject({
      outcome: { status: 'taken', detail: 'Scaled up again: min 1, desired 3, max 5.' },
      finished: true,
    });
    expect(await sizes('round trip')).toEqual([1, 3, 5]);
    expect((await one('round trip')).state).toBe('running');
    expect(await autoScalingGroup.restore(target, record, context)).toMatchObject({
      outcome: { status: 'skipped', code: 'AlreadyRunning' },
      finished: true,
    });
  });

  it('leaves the sizes alone that somebody has set since', async () => {
    const target = await create('by hand');
    const context = stopContextOf(contextOf(clients));
    await autoScalingGroup.stop([target], context);
    await clients.groups.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'by hand', DesiredCapacity: 1 }),
    );
    expect((await autoScalingGroup.restore(target, context.saved[0]?.record, context)).outcome).toMatchObject(
      {
        status: 'skipped',
        code: 'ChangedByHand',
        detail:
          'Somebody has changed its sizes to min 0, desired 1, max 5, so they were left alone. Before the stop they were min 1, desired 3, max 5.',
      },
    );
    expect(await sizes('by hand')).toEqual([0, 1, 5]);
  });

  it('finds that one is gone', async () => {
    const target = await create('gone', { MinSize: 0, DesiredCapacity: 0 });
    await clients.groups.send(
      new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'gone', ForceDelete: true }),
    );
    const context = stopContextOf(contextOf(clients));
    expect((await autoScalingGroup.stop([target], context)).get(target.arn)).toMatchObject({
      status: 'skipped',
      code: 'Gone',
    });
    const record = { min: 1, desired: 1, max: 1, suspended: [] };
    expect((await autoScalingGroup.restore(target, record, context)).outcome).toMatchObject({
      status: 'skipped',
      code: 'Gone',
    });
  });

  // MiniStack starts no instances for a group.
  it.runIf(name === 'moto')(
    'its members are protected, and it runs since its oldest was launched',
    async () => {
      const group = await create('members', { MinSize: 2, DesiredCapacity: 2 });
      const members = (await ec2Instance.discover(contextOf(clients))).filter(
        ({ tags }) => tags['aws:autoscaling:groupName'] === 'members',
      );
      expect(members).toHaveLength(2);
      for (const { protections } of members) {
        expect(protections.map(({ code }) => code)).toEqual(['auto-scaling-group']);
      }
      expect(group.since.getTime()).toBe(Math.min(...members.map(({ since }) => since.getTime())));
    },
  );
});
