import { describe, expect, it } from 'vitest';
import { autoScalingGroup } from '../../lib/fleet/auto-scaling-group.ts';
import { ebsVolume } from '../../lib/fleet/ebs-volume.ts';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import { tagResources } from '../../lib/fleet/tag.ts';
import { ACCOUNT, REGION } from '../../lib/simulate/account/state.ts';
import { itIf, type Side } from './both.ts';
import { contextOn, pick, putGroup, putInstance, putVolume } from './ec2-put.ts';

const arnOf = (id: string): string => `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${id}`;

/** What writes tags: a tag that is written is the tag that the kinds read. */
export function taggingSuite(side: () => Side, name: Side['name']): void {
  const tag = (arns: readonly string[], tags: Readonly<Record<string, string>>) =>
    tagResources(arns, tags, { tagging: side().clients(REGION).tagging, now: () => new Date() });

  describe('tags', () => {
    it('are written on more instances than one call takes, beside what is there', async () => {
      const ids = await Promise.all(
        Array.from({ length: 23 }, () => putInstance(side(), { tags: { project: 'recsys' } })),
      );
      const outcomes = await tag(ids.map(arnOf), { 'bursar:creator': 'ana' });
      expect([...outcomes.values()].map(({ status }) => status)).toEqual(ids.map(() => 'taken'));
      const found = await ec2Instance.describe(ids, contextOn(side()));
      expect(found.map(({ tags }) => tags)).toEqual(
        ids.map(() => ({ project: 'recsys', 'bursar:creator': 'ana' })),
      );
    });

    it('replace the value that is there', async () => {
      const id = await putInstance(side(), { tags: { owner: 'a', project: 'recsys' } });
      await tag([arnOf(id)], { owner: 'b' });
      const [found] = await ec2Instance.describe([id], contextOn(side()));
      expect(found?.tags).toEqual({ owner: 'b', project: 'recsys' });
    });

    it('are written on groups and volumes', async () => {
      await putGroup(side(), 'tagged', { project: 'recsys' });
      const group = pick(await autoScalingGroup.describe(['tagged'], contextOn(side())), 'tagged');
      const volume = await putVolume(side(), { type: 'gp3', gib: 8, tags: { owner: 'a' } });
      const arn = `arn:aws:ec2:${REGION}:${ACCOUNT}:volume/${volume}`;
      const outcomes = await tag([group.arn, arn], { owner: 'ana' });
      expect([...outcomes.values()].map(({ status }) => status)).toEqual(['taken', 'taken']);
      expect(pick(await autoScalingGroup.describe(['tagged'], contextOn(side())), 'tagged').tags).toEqual({
        project: 'recsys',
        owner: 'ana',
      });
      expect(pick(await ebsVolume.discover(contextOn(side())), volume).tags).toEqual({ owner: 'ana' });
    });

    it('that cannot be written are told of that resource alone', async () => {
      const id = await putInstance(side());
      const lambda = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:x`;
      const outcomes = await tag([lambda, arnOf(id)], { owner: 'a' });
      expect(outcomes.get(arnOf(id))).toMatchObject({ status: 'taken' });
      expect(outcomes.get(lambda)).toMatchObject({ status: 'failed' });
    });

    const unknown = arnOf('i-0123456789abcdef0');
    itIf(name === 'in memory')('cannot be written on an instance that is not there', async () => {
      expect((await tag([unknown], { owner: 'a' })).get(unknown)).toMatchObject({
        status: 'failed',
        code: 'InvalidInstanceID.NotFound',
        retry: false,
      });
    });
    itIf(name === 'local AWS')(
      'are written on what is not there, where the local AWS is kinder',
      async () => {
        expect((await tag([unknown], { owner: 'a' })).get(unknown)).toMatchObject({ status: 'taken' });
      },
    );

    it('of what is no ARN do not spoil the others', async () => {
      const ids = await Promise.all([putInstance(side()), putInstance(side())]);
      const outcomes = await tag([...ids.map(arnOf), 'orders'], { owner: 'a' });
      expect([...outcomes.values()].map(({ status }) => status)).toEqual(['taken', 'taken', 'failed']);
      expect(outcomes.get('orders')).toMatchObject({ code: 'InvalidParameterException', retry: false });
    });
  });
}
