import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeSpotInstanceRequestsCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import { readSpotPrice } from '../../lib/fleet/spot-prices.ts';
import { setSpotPrice } from '../../lib/simulate/account/ec2-spot-prices.ts';
import { ACCOUNT, ELSEWHERE, REGION } from '../../lib/simulate/account/state.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { usd } from '../fleet/fixtures.ts';
import { describeIf, type Side } from './both.ts';
import { contextOn, pick, putInstance, stopContextOn, terminate } from './ec2-put.ts';

const UNKNOWN = 'i-0123456789abcdef0';

const arnOf = (id: string): string => `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${id}`;

/** What the adapter of instances asks of EC2. */
export function instanceSuite(side: () => Side, name: Side['name']): void {
  const discovered = async (id: string): Promise<Resource> =>
    pick(await ec2Instance.discover(contextOn(side())), id);
  const stateOf = async (id: string) =>
    (await ec2Instance.describe([id], contextOn(side()))).map(({ state }) => state)[0];
  const ec2 = () => side().clients(REGION).ec2;

  describe('instances', () => {
    it('tell all that a decision needs', async () => {
      const id = await putInstance(side(), {
        type: 'g5.xlarge',
        tags: { project: 'recsys', owner: 'alice' },
      });
      expect(await discovered(id)).toEqual({
        kind: 'ec2-instance',
        arn: arnOf(id),
        id,
        account: ACCOUNT,
        region: REGION,
        tags: { project: 'recsys', owner: 'alice' },
        state: 'running',
        since: expect.any(Date),
        size: 'g5.xlarge',
        protections: [],
        hourly: usd('1.006'),
      });
    });

    it('are described by their ids, and one that is gone or unknown is absent', async () => {
      const [one, other, ended] = await Promise.all([
        putInstance(side()),
        putInstance(side()),
        putInstance(side()),
      ]);
      await terminate(side(), ended);
      const found = await ec2Instance.describe([one, ended, UNKNOWN], contextOn(side()));
      expect(found.map(({ id }) => id)).toEqual([one]);
      expect(found[0]?.tags).toEqual({});
      expect(await ec2Instance.describe([], contextOn(side()))).toEqual([]);
      expect(await discovered(other)).toMatchObject({ state: 'running' });
      const all = await ec2Instance.discover(contextOn(side()));
      expect(all.some(({ id }) => id === ended)).toBe(false);
    });

    it('are of their region alone', async () => {
      const [here, there] = await Promise.all([
        putInstance(side()),
        putInstance(side(), { region: ELSEWHERE, tags: { project: 'far' } }),
      ]);
      const far = await ec2Instance.discover(contextOn(side(), ELSEWHERE));
      expect(far.map(({ id }) => id)).toEqual([there]);
      expect(far[0]?.arn).toBe(`arn:aws:ec2:${ELSEWHERE}:${ACCOUNT}:instance/${there}`);
      expect(await ec2Instance.describe([here, there], contextOn(side()))).toMatchObject([{ id: here }]);
      await expect(ec2().send(new StopInstancesCommand({ InstanceIds: [there] }))).rejects.toMatchObject({
        name: 'InvalidInstanceID.NotFound',
      });
    });

    it('are stopped, found stopped, started, and found running', async () => {
      const id = await putInstance(side(), { tags: { project: 'recsys' } });
      const target = await discovered(id);
      const context = stopContextOn(side());
      expect((await ec2Instance.stop([target], context)).get(target.arn)).toMatchObject({
        status: 'taken',
        detail: 'Stopped; its volumes are kept.',
      });
      expect(context.saved).toEqual([{ resource: target, record: { way: 'stop' } }]);
      expect(await discovered(id)).toMatchObject({ state: 'stopped', tags: { project: 'recsys' } });
      expect((await ec2Instance.stop([target], context)).get(target.arn)).toMatchObject({
        status: 'skipped',
        code: 'AlreadyStopped',
      });
      expect(await ec2Instance.restore(target, { way: 'stop' }, context)).toMatchObject({
        outcome: { status: 'taken', detail: 'Started.' },
        finished: true,
      });
      expect(await stateOf(id)).toBe('running');
      expect(await ec2Instance.restore(target, { way: 'stop' }, context)).toMatchObject({
        outcome: { status: 'skipped', code: 'AlreadyRunning' },
        finished: true,
      });
    });

    it('answer how they were and what they are on their way to', async () => {
      const id = await putInstance(side());
      const stopped = await ec2().send(new StopInstancesCommand({ InstanceIds: [id] }));
      expect(stopped.StoppingInstances).toMatchObject([
        { InstanceId: id, PreviousState: { Code: 16, Name: 'running' } },
      ]);
      const started = await ec2().send(new StartInstancesCommand({ InstanceIds: [id] }));
      expect(started.StartingInstances).toMatchObject([
        { InstanceId: id, PreviousState: { Code: 80, Name: 'stopped' } },
      ]);
    });

    it('are not touched where one id of the call is unknown; the adapter stops the others', async () => {
      const ids = await Promise.all(Array.from({ length: 5 }, () => putInstance(side())));
      await expect(
        ec2().send(new StopInstancesCommand({ InstanceIds: [...ids, UNKNOWN] })),
      ).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
      const targets = await ec2Instance.describe(ids, contextOn(side()));
      expect(targets.map(({ state }) => state)).toEqual(ids.map(() => 'running'));
      const [first] = targets;
      if (first === undefined) throw new Error('nothing was put');
      const gone: Resource = { ...first, id: UNKNOWN, arn: arnOf(UNKNOWN) };
      const outcomes = await ec2Instance.stop([...targets, gone], stopContextOn(side()));
      expect(outcomes.get(gone.arn)).toMatchObject({ status: 'skipped', code: 'Gone' });
      const after = await ec2Instance.describe(ids, contextOn(side()));
      expect(after.map(({ state }) => state)).toEqual(ids.map(() => 'stopped'));
    });

    it('with stop protection are found by a look, and not stopped', async () => {
      const [free, guarded] = [
        await putInstance(side()),
        await putInstance(side(), { fault: 'stop-protected' }),
      ];
      const both = await ec2Instance.describe([free, guarded], contextOn(side()));
      const found = await ec2Instance.inspect?.(both, contextOn(side()));
      expect([...(found ?? [])]).toEqual([
        [arnOf(guarded), { code: 'stop-protection', detail: 'Its stop protection (disableApiStop) is on.' }],
      ]);
      const outcomes = await ec2Instance.stop(both, stopContextOn(side()));
      expect(outcomes.get(arnOf(free))).toMatchObject({ status: 'taken' });
      expect(outcomes.get(arnOf(guarded))).toMatchObject({
        status: 'failed',
        code: 'OperationNotPermitted',
        retry: false,
        detail: `Stop protection is on: The instance '${guarded}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
      });
    });

    it('of a one-time Spot request can only be ended, and do not come back', async () => {
      const id = await putInstance(side(), { type: 'g5.xlarge', fault: 'one-time-spot' });
      const target = await discovered(id);
      expect(target).toMatchObject({ consent: 'terminate-spot', protections: [] });
      await expect(ec2().send(new StopInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
        name: 'UnsupportedOperation',
        message: expect.stringContaining('one-time Spot Instance request'),
      });
      const context = stopContextOn(side());
      expect((await ec2Instance.stop([target], context)).get(target.arn)).toMatchObject({
        status: 'taken',
        restorable: false,
      });
      expect(await ec2Instance.describe([id], contextOn(side()))).toEqual([]);
      expect((await ec2Instance.restore(target, { way: 'terminate' }, context)).outcome).toMatchObject({
        status: 'skipped',
        code: 'Gone',
      });
    });

    it('of a Spot request are known by the id of the request', async () => {
      const id = await putInstance(side(), { fault: 'one-time-spot' });
      await putInstance(side(), { fault: 'one-time-spot' });
      const { Reservations } = await ec2().send(new DescribeInstancesCommand({ InstanceIds: [id] }));
      const instance = Reservations?.[0]?.Instances?.[0];
      expect(instance).toMatchObject({
        InstanceLifecycle: 'spot',
        SpotInstanceRequestId: expect.stringMatching(/^sir-/),
      });
      const { SpotInstanceRequests } = await ec2().send(
        new DescribeSpotInstanceRequestsCommand({
          Filters: [{ Name: 'spot-instance-request-id', Values: [instance?.SpotInstanceRequestId ?? ''] }],
        }),
      );
      expect(SpotInstanceRequests).toMatchObject([{ InstanceId: id, Type: 'one-time', State: 'active' }]);
    });

    it('that are unknown refuse what asks for them by parameter, and are left out by filter', async () => {
      const known = await putInstance(side());
      await expect(
        ec2().send(new DescribeInstancesCommand({ InstanceIds: [known, UNKNOWN] })),
      ).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
      await expect(
        ec2().send(
          new DescribeInstanceAttributeCommand({ InstanceId: UNKNOWN, Attribute: 'disableApiStop' }),
        ),
      ).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
      const { Reservations } = await ec2().send(
        new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [known, UNKNOWN] }] }),
      );
      expect(Reservations?.flatMap(({ Instances }) => Instances?.map((one) => one.InstanceId))).toEqual([
        known,
      ]);
    });

    it('are filtered by their state', async () => {
      const [on, off] = [await putInstance(side()), await putInstance(side())];
      await ec2().send(new StopInstancesCommand({ InstanceIds: [off] }));
      const { Reservations = [] } = await ec2().send(
        new DescribeInstancesCommand({ Filters: [{ Name: 'instance-state-name', Values: ['stopped'] }] }),
      );
      const ids = Reservations.flatMap(({ Instances = [] }) => Instances.map((one) => one.InstanceId));
      expect(ids).toContain(off);
      expect(ids).not.toContain(on);
    });

    it('are judged by CPU and network, and miss the GPU that no metric shows', async () => {
      const [plain, gpu] = [await putInstance(side()), await putInstance(side(), { type: 'g5.xlarge' })];
      const plans = await ec2Instance.signals(
        await ec2Instance.describe([plain, gpu], contextOn(side())),
        contextOn(side()),
      );
      const of = (id: string) => plans.get(arnOf(id));
      expect(of(plain)?.queries.map(({ metricName }) => metricName)).toEqual([
        'CPUUtilization',
        'NetworkIn',
        'NetworkOut',
      ]);
      expect(of(plain)?.missing).toEqual([]);
      expect(of(gpu)?.missing.map(({ signal }) => signal)).toEqual(['gpu']);
    });

    it('have a Spot price in each zone where their type has one', async () => {
      const now = new Date();
      const key = { region: REGION, zone: `${REGION}b`, instanceType: 'g5.xlarge', system: 'Linux' } as const;
      const on = side();
      // 40 % of the list price, as the local AWS has it.
      if (on.name === 'in memory') {
        const market = { zone: key.zone, instanceType: key.instanceType, product: 'Linux/UNIX' };
        setSpotPrice(on.account, market, { from: new Date(0), price: '0.9' });
        setSpotPrice(on.account, market, { from: new Date(now.getTime() - 60_000), price: '0.4024' });
      }
      expect(await readSpotPrice(ec2(), key, now)).toBe(usd('0.4024'));
      expect(await readSpotPrice(ec2(), { ...key, instanceType: 'x9.mega' }, now)).toBeUndefined();
    });

    // MiniStack stops what has ended and knows no pages.
    describeIf(name === 'in memory')('as AWS has them', () => {
      it('come in pages', async () => {
        for (let n = 0; n < 12; n += 1) await putInstance(side());
        const ids: (string | undefined)[] = [];
        let NextToken: string | undefined;
        do {
          const page = await ec2().send(
            new DescribeInstancesCommand({
              MaxResults: 5,
              ...(NextToken === undefined ? {} : { NextToken }),
            }),
          );
          const some = (page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
          expect(some.length).toBeLessThanOrEqual(5);
          ids.push(...some.map(({ InstanceId }) => InstanceId));
          ({ NextToken } = page);
        } while (NextToken !== undefined);
        const all = await ec2().send(new DescribeInstancesCommand({}));
        expect(ids).toEqual(
          all.Reservations?.flatMap(({ Instances = [] }) => Instances.map((one) => one.InstanceId)),
        );
      });

      it('that have ended are neither stopped nor started', async () => {
        const id = await putInstance(side());
        await terminate(side(), id);
        const refused = { name: 'IncorrectInstanceState' };
        await expect(ec2().send(new StopInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject(
          refused,
        );
        await expect(ec2().send(new StartInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject(
          refused,
        );
      });
    });
    describeIf(name === 'local AWS')('where the local AWS is kinder than AWS', () => {
      it('that have ended are stopped', async () => {
        const id = await putInstance(side());
        await terminate(side(), id);
        const { StoppingInstances } = await ec2().send(new StopInstancesCommand({ InstanceIds: [id] }));
        expect(StoppingInstances).toHaveLength(1);
      });

      it('come on one page, whatever its size', async () => {
        for (let n = 0; n < 6; n += 1) await putInstance(side());
        const { Reservations = [], NextToken } = await ec2().send(
          new DescribeInstancesCommand({ MaxResults: 5 }),
        );
        expect(Reservations.length).toBeGreaterThan(5);
        expect(NextToken).toBeUndefined();
      });
    });
  });
}
