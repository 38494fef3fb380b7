import {
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribeScheduledActionsCommand,
  UpdateAutoScalingGroupCommand,
  type UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { autoScalingGroup } from '../../lib/fleet/auto-scaling-group.ts';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import { ACCOUNT, ELSEWHERE, REGION } from '../../lib/simulate/account/state.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { usd } from '../fleet/fixtures.ts';
import { describeIf, type Side } from './both.ts';
import { contextOn, pick, putGroup, stopContextOn } from './ec2-put.ts';

/** What the adapter of Auto Scaling groups asks of EC2 Auto Scaling and of EC2. */
export function groupSuite(side: () => Side, name: Side['name']): void {
  const groups = () => side().clients(REGION).groups;
  const one = async (id: string): Promise<Resource> =>
    pick(await autoScalingGroup.describe([id], contextOn(side())), id);
  const live = async (id: string): Promise<AutoScalingGroup | undefined> => {
    const { AutoScalingGroups } = await groups().send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [id] }),
    );
    return AutoScalingGroups?.[0];
  };
  const sizes = async (id: string) => {
    const found = await live(id);
    return [found?.MinSize, found?.DesiredCapacity, found?.MaxSize];
  };
  const update = (id: string, input: Partial<UpdateAutoScalingGroupCommandInput>) =>
    groups().send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: id, ...input }));
  const membersOf = async (id: string) =>
    ((await live(id))?.Instances ?? []).map(({ InstanceId }) => InstanceId ?? '');

  describe('Auto Scaling groups', () => {
    it('tell all that a decision needs, whatever their name', async () => {
      const id = 'train it/all';
      await putGroup(side(), id);
      const found = pick(await autoScalingGroup.discover(contextOn(side())), id);
      expect(found).toEqual({
        kind: 'auto-scaling-group',
        arn: expect.stringMatching(
          new RegExp(
            `^arn:aws:autoscaling:${REGION}:${ACCOUNT}:autoScalingGroup:[^:]+:autoScalingGroupName/${id}$`,
          ),
        ),
        id,
        account: ACCOUNT,
        region: REGION,
        tags: { project: 'recsys' },
        state: 'running',
        since: expect.any(Date),
        size: '3 × g5.xlarge',
        parts: [{ name: 'g5.xlarge', type: 'g5.xlarge', count: 3 }],
        protections: [],
        consent: 'scale-to-zero',
        hourly: usd('3.018'),
      });
    });

    it('are described by their names, in their region alone', async () => {
      await putGroup(side(), 'kept');
      const found = await autoScalingGroup.describe(['kept', 'never was'], contextOn(side()));
      expect(found.map(({ id }) => id)).toEqual(['kept']);
      expect(await autoScalingGroup.describe([], contextOn(side()))).toEqual([]);
      expect(await autoScalingGroup.discover(contextOn(side(), ELSEWHERE))).toEqual([]);
    });

    it('are scaled to zero and up again; twice changes nothing', async () => {
      await putGroup(side(), 'round trip');
      const target = await one('round trip');
      const context = stopContextOn(side());
      expect((await autoScalingGroup.stop([target], context)).get(target.arn)).toMatchObject({
        status: 'taken',
        detail: 'Scaled to zero; its sizes were min 1, desired 3, max 5.',
      });
      expect(await sizes('round trip')).toEqual([0, 0, 5]);
      expect(await one('round trip')).toMatchObject({ state: 'stopped', size: 'no instances', parts: [] });
      expect((await autoScalingGroup.stop([target], context)).get(target.arn)).toMatchObject({
        status: 'skipped',
        code: 'AlreadyStopped',
      });
      const record = context.saved[0]?.record;
      expect(await autoScalingGroup.restore(target, record, context)).toMatchObject({
        outcome: { status: 'taken', detail: 'Scaled up again: min 1, desired 3, max 5.' },
        finished: true,
      });
      expect(await one('round trip')).toMatchObject({ state: 'running', size: '3 × g5.xlarge' });
      expect(await autoScalingGroup.restore(target, record, context)).toMatchObject({
        outcome: { status: 'skipped', code: 'AlreadyRunning' },
      });
    });

    it('keep the sizes that somebody has set since', async () => {
      await putGroup(side(), 'by hand');
      const target = await one('by hand');
      const context = stopContextOn(side());
      await autoScalingGroup.stop([target], context);
      await update('by hand', { DesiredCapacity: 1 });
      expect(
        (await autoScalingGroup.restore(target, context.saved[0]?.record, context)).outcome,
      ).toMatchObject({ status: 'skipped', code: 'ChangedByHand' });
      expect(await sizes('by hand')).toEqual([0, 1, 5]);
    });

    it('that are gone are neither scaled nor restored', async () => {
      await putGroup(side(), 'model');
      const target = { ...(await one('model')), id: 'never was' };
      const context = stopContextOn(side());
      const gone = { status: 'skipped', code: 'Gone' };
      expect((await autoScalingGroup.stop([target], context)).get(target.arn)).toMatchObject(gone);
      const record = { min: 1, desired: 1, max: 1, suspended: [] };
      expect((await autoScalingGroup.restore(target, record, context)).outcome).toMatchObject(gone);
      await expect(update('never was', { MinSize: 0 })).rejects.toMatchObject({
        name: 'ValidationError',
        message: expect.stringMatching(/not found/),
      });
    });

    it('keep the members that fit, and launch new ones', async () => {
      await putGroup(side(), 'sizes');
      const three = await membersOf('sizes');
      expect(new Set(three).size).toBe(3);
      await update('sizes', { DesiredCapacity: 5 });
      const five = await membersOf('sizes');
      expect(five).toHaveLength(5);
      expect(five).toEqual(expect.arrayContaining(three));
      await update('sizes', { DesiredCapacity: 2 });
      const two = await membersOf('sizes');
      expect(two).toHaveLength(2);
      expect(five).toEqual(expect.arrayContaining(two));
      await update('sizes', { MinSize: 0, DesiredCapacity: 0 });
      expect(await membersOf('sizes')).toEqual([]);
      await update('sizes', { DesiredCapacity: 1 });
      const [newcomer] = await membersOf('sizes');
      expect(five).not.toContain(newcomer);
    });

    it('move the size that is desired into new bounds', async () => {
      await putGroup(side(), 'bounds');
      await update('bounds', { MinSize: 4 });
      expect(await sizes('bounds')).toEqual([4, 4, 5]);
      await update('bounds', { MinSize: 1, MaxSize: 2 });
      expect(await sizes('bounds')).toEqual([1, 2, 2]);
    });

    it('come in pages', async () => {
      await Promise.all(['page 1', 'page 2', 'page 3'].map((id) => putGroup(side(), id)));
      const names: (string | undefined)[] = [];
      let NextToken: string | undefined;
      do {
        const page = await groups().send(
          new DescribeAutoScalingGroupsCommand({
            MaxRecords: 2,
            ...(NextToken === undefined ? {} : { NextToken }),
          }),
        );
        expect(page.AutoScalingGroups?.length).toBeLessThanOrEqual(2);
        names.push(...(page.AutoScalingGroups ?? []).map((group) => group.AutoScalingGroupName));
        NextToken = page.NextToken;
      } while (NextToken !== undefined && NextToken !== '');
      expect(new Set(names).size, 'none twice').toBe(names.length);
      expect(names).toEqual(expect.arrayContaining(['page 1', 'page 2', 'page 3']));
    });

    it('without scheduled actions have none', async () => {
      await putGroup(side(), 'unscheduled');
      const { ScheduledUpdateGroupActions } = await groups().send(
        new DescribeScheduledActionsCommand({ AutoScalingGroupName: 'unscheduled' }),
      );
      expect(ScheduledUpdateGroupActions ?? []).toEqual([]);
    });

    it('are judged by the metrics of the group, and miss the GPUs of members that no metric shows', async () => {
      await putGroup(side(), 'signals');
      const target = await one('signals');
      const plan = (await autoScalingGroup.signals([target], contextOn(side()))).get(target.arn);
      expect(plan?.queries.map(({ dimensions }) => dimensions)).toEqual(
        Array.from({ length: 3 }, () => ({ AutoScalingGroupName: 'signals' })),
      );
      expect(plan?.missing.map(({ signal }) => signal)).toEqual(['gpu']);
    });

    // The groups of the local AWS are moto's and its instances MiniStack's, which knows no members; moto takes sizes that
    // contradict each other.
    describeIf(name === 'in memory')('as AWS has them', () => {
      it('have members that are instances, protected by their group', async () => {
        await putGroup(side(), 'members', { project: 'fraud' });
        const all = await ec2Instance.discover(contextOn(side()));
        const members = all.filter(({ tags }) => tags['aws:autoscaling:groupName'] === 'members');
        expect(members.map(({ id }) => id)).toEqual(await membersOf('members'));
        for (const member of members) {
          expect(member).toMatchObject({
            size: 'g5.xlarge',
            tags: { project: 'fraud' },
            protections: [{ code: 'auto-scaling-group' }],
          });
        }
        expect((await one('members')).since).toEqual(members[0]?.since);
      });

      it('replace a member that is stopped', async () => {
        await putGroup(side(), 'replaced');
        const [first = '', ...others] = await membersOf('replaced');
        await side()
          .clients(REGION)
          .ec2.send(new StopInstancesCommand({ InstanceIds: [first] }));
        const after = await membersOf('replaced');
        expect(after).toHaveLength(3);
        expect(after).not.toContain(first);
        expect(after).toEqual(expect.arrayContaining(others));
        const group = await one('replaced');
        expect(group.pricedSince?.getTime()).toBeGreaterThan(group.since.getTime());
      });

      it('refuse sizes that contradict each other', async () => {
        await putGroup(side(), 'refused');
        const invalid = { name: 'ValidationError' };
        await expect(update('refused', { DesiredCapacity: 9 })).rejects.toMatchObject(invalid);
        await expect(update('refused', { MinSize: 9 })).rejects.toMatchObject(invalid);
        expect(await sizes('refused')).toEqual([1, 3, 5]);
      });
    });
    describeIf(name === 'local AWS')('where the local AWS is unlike AWS', () => {
      it('have members that EC2 does not know', async () => {
        await putGroup(side(), 'members');
        const [InstanceId = ''] = await membersOf('members');
        const { Reservations } = await side()
          .clients(REGION)
          .ec2.send(
            new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [InstanceId] }] }),
          );
        expect(Reservations ?? []).toEqual([]);
      });

      it('take sizes that contradict each other', async () => {
        await putGroup(side(), 'refused');
        await update('refused', { DesiredCapacity: 9 });
        expect(await sizes('refused')).toEqual([1, 9, 5]);
      });
    });
  });
}
