import { DescribeVolumesCommand } from '@aws-sdk/client-ec2';
import { DescribeTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { ebsVolume } from '../../lib/fleet/ebs-volume.ts';
import { loadBalancer } from '../../lib/fleet/load-balancer.ts';
import { natGateway } from '../../lib/fleet/nat-gateway.ts';
import { ACCOUNT, ELSEWHERE, REGION } from '../../lib/simulate/account/state.ts';
import { usd } from '../fleet/fixtures.ts';
import type { Side } from './both.ts';
import { contextOn, pick, putBalancer, putGateway, putVolume } from './ec2-put.ts';

const TAGS = { project: 'recsys' };

/** What is metered and never stopped. */
export function besideSuite(side: () => Side): void {
  describe('volumes', () => {
    it('tell all that the meter needs', async () => {
      const id = await putVolume(side(), { type: 'gp3', gib: 500, tags: TAGS });
      expect(pick(await ebsVolume.discover(contextOn(side())), id)).toEqual({
        kind: 'ebs-volume',
        arn: `arn:aws:ec2:${REGION}:${ACCOUNT}:volume/${id}`,
        id,
        account: ACCOUNT,
        region: REGION,
        tags: TAGS,
        state: 'running',
        since: expect.any(Date),
        size: '500 GiB gp3',
        protections: [],
        hourly: usd('0.054795'),
      });
    });

    it.each([
      { type: 'io1', gib: 100, iops: 5_000, size: '100 GiB io1, 5000 IOPS', price: '0.462329' },
      { type: 'gp2', gib: 50, size: '50 GiB gp2', price: '0.006849' },
      { type: 'st1', gib: 500, size: '500 GiB st1', price: '0.030822' },
      { type: 'standard', gib: 10, size: '10 GiB standard', price: '0.000685' },
    ] as const)('of type $type say what is paid for', async ({ size, price, ...volume }) => {
      const id = await putVolume(side(), volume);
      expect(pick(await ebsVolume.discover(contextOn(side())), id)).toMatchObject({
        size,
        hourly: usd(price),
      });
    });

    it('are of their region alone, and refuse a call that names an unknown one', async () => {
      const id = await putVolume(side(), { type: 'gp3', gib: 8 });
      const far = await ebsVolume.discover(contextOn(side(), ELSEWHERE));
      expect(far.some((one) => one.id === id)).toBe(false);
      await expect(
        side()
          .clients(REGION)
          .ec2.send(new DescribeVolumesCommand({ VolumeIds: ['vol-0123456789abcdef0'] })),
      ).rejects.toMatchObject({ name: 'InvalidVolume.NotFound' });
    });
  });

  describe('NAT gateways', () => {
    it('tell all that the meter needs', async () => {
      const id = await putGateway(side(), TAGS);
      expect(pick(await natGateway.discover(contextOn(side())), id)).toEqual({
        kind: 'nat-gateway',
        arn: `arn:aws:ec2:${REGION}:${ACCOUNT}:natgateway/${id}`,
        id,
        account: ACCOUNT,
        region: REGION,
        tags: TAGS,
        state: 'running',
        since: expect.any(Date),
        size: 'NAT gateway',
        protections: [],
        hourly: usd('0.045'),
      });
    });
  });

  describe('load balancers', () => {
    it.each(['application', 'network'] as const)('of type %s tell all that the meter needs', async (type) => {
      const id = `front-${type}`;
      const arn = await putBalancer(side(), id, type, TAGS);
      expect(pick(await loadBalancer.discover(contextOn(side())), id)).toEqual({
        kind: 'load-balancer',
        arn,
        id,
        account: ACCOUNT,
        region: REGION,
        tags: TAGS,
        state: 'running',
        since: expect.any(Date),
        size: `${type} load balancer`,
        protections: [],
        hourly: usd('0.0225'),
      });
    });

    it('are read more than one call of their tags takes', async () => {
      const names = Array.from({ length: 21 }, (_, n) => `many-${n}`);
      for (const id of names) await putBalancer(side(), id, 'application', { n: id });
      const found = await loadBalancer.discover(contextOn(side()));
      expect(names.map((id) => pick(found, id).tags)).toEqual(names.map((id) => ({ n: id })));
    });

    const unknown = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/app/gone/50dc6c495c0c9188`;
    const tagsOf = (...arns: readonly string[]) =>
      side()
        .clients(REGION)
        .balancers.send(new DescribeTagsCommand({ ResourceArns: [...arns] }));

    it('that are gone fail the reading of all tags', async () => {
      const arn = await putBalancer(side(), 'stays', 'application', TAGS);
      await expect(tagsOf(arn, unknown)).rejects.toMatchObject({ name: 'LoadBalancerNotFoundException' });
    });
  });
}
