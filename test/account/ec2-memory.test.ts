import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeSpotInstanceRequestsCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { TagResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import { beforeEach, describe, expect, it } from 'vitest';
import { autoScalingGroup } from '../../lib/fleet/auto-scaling-group.ts';
import { ebsVolume } from '../../lib/fleet/ebs-volume.ts';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import type { FleetContext } from '../../lib/fleet/kind.ts';
import { loadBalancer } from '../../lib/fleet/load-balancer.ts';
import { natGateway } from '../../lib/fleet/nat-gateway.ts';
import { createAccount, type MemoryAccount } from '../../lib/simulate/account/account.ts';
import { type MemoryGroup, memberOf, membersOf } from '../../lib/simulate/account/auto-scaling.ts';
import type { Ec2Entry } from '../../lib/simulate/account/ec2-entry.ts';
import { ACCOUNT, ELSEWHERE, REGION } from '../../lib/simulate/account/state.ts';
import { fixedPrices, stopContextOf } from '../fleet/fixtures.ts';

// What the account in memory answers as AWS does, and the local AWS cannot show.

const START = new Date('2026-11-10T10:00:00.000Z');
const minutes = (n: number): Date => new Date(START.getTime() + n * 60_000);

let now: Date;
let account: MemoryAccount;
let context: FleetContext;

beforeEach(() => {
  now = START;
  account = createAccount(() => now);
  context = {
    account: ACCOUNT,
    region: REGION,
    clients: account.clients,
    prices: fixedPrices(),
    now: () => now,
  };
});

const common = { tags: { project: 'recsys' }, since: minutes(-60), use: () => undefined };

function put(id: string, more: Partial<Ec2Entry> = {}): void {
  const entry: Ec2Entry = { ...common, id, type: 'g5.xlarge', ...more };
  account.instances.set(id, entry);
}

function putGroup(name: string, more: Partial<MemoryGroup> = {}): MemoryGroup {
  const group = { ...common, name, type: 'g5.xlarge', min: 1, max: 5, desired: 3, ...more };
  account.groups.set(name, group);
  return group;
}

const found = async (id: string) => (await ec2Instance.describe([id], context))[0];
const group = async (name: string) => (await autoScalingGroup.describe([name], context))[0];
const stop = (...InstanceIds: string[]) =>
  account.clients.ec2.send(new StopInstancesCommand({ InstanceIds }));

describe('what comes into service later', () => {
  it('is between two states until then, which is told when it comes', async () => {
    put('i-1', { since: minutes(5) });
    putGroup('web', { since: minutes(6) });
    account.volumes.set('vol-1', { ...common, since: minutes(7), id: 'vol-1', type: 'gp3', gib: 8 });
    account.gateways.set('nat-1', { ...common, since: minutes(8), id: 'nat-1', type: 'zonal' });
    const arn = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/net/front/1`;
    account.balancers.set(arn, { ...common, since: minutes(9), arn, name: 'front', type: 'network' });
    const all = async () => [
      (await found('i-1'))?.state,
      (await group('web'))?.state,
      (await ebsVolume.discover(context))[0]?.state,
      (await natGateway.discover(context))[0]?.state,
      (await loadBalancer.discover(context))[0]?.state,
    ];
    account.takeTouched();
    expect(await all()).toEqual(Array.from({ length: 5 }, () => 'transitional'));
    await all();
    await expect(stop('i-1')).rejects.toMatchObject({ name: 'IncorrectInstanceState' });
    expect(account.takeTouched(), 'nothing has come yet').toEqual([]);
    const told: unknown[] = [];
    for (let minute = 5; minute <= 9; minute += 1) {
      now = minutes(minute);
      told.push(account.takeTouched().map(({ kind, region, id }) => [kind, region, id]));
    }
    expect(told).toEqual([
      [['ec2-instance', REGION, 'i-1']],
      [['auto-scaling-group', REGION, 'web']],
      [['ebs-volume', REGION, 'vol-1']],
      [['nat-gateway', REGION, 'nat-1']],
      [['load-balancer', REGION, arn]],
    ]);
    expect(await all()).toEqual(Array.from({ length: 5 }, () => 'running'));
  });
});

describe('an instance', () => {
  it('that has ended is told of for an hour', async () => {
    put('i-1');
    put('i-2');
    await account.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: ['i-1', 'i-2'] }));
    const described = () => account.clients.ec2.send(new DescribeInstancesCommand({ InstanceIds: ['i-1'] }));
    now = minutes(59);
    expect((await described()).Reservations?.[0]?.Instances?.[0]?.State).toEqual({
      Code: 48,
      Name: 'terminated',
    });
    now = minutes(60);
    await expect(described()).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: "The instance ID 'i-1' does not exist",
    });
  });

  it('that is stopped can still be ended', async () => {
    put('i-1');
    await stop('i-1');
    const ended = await account.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: ['i-1'] }));
    expect(ended.TerminatingInstances).toEqual([
      {
        InstanceId: 'i-1',
        PreviousState: { Code: 80, Name: 'stopped' },
        CurrentState: { Code: 32, Name: 'shutting-down' },
      },
    ]);
    expect(await found('i-1')).toBeUndefined();
  });

  it.each<{ what: string; more: Partial<Ec2Entry>; code: string }>([
    { what: 'an instance store', more: { rootDevice: 'instance-store' }, code: 'UnsupportedOperation' },
    {
      what: 'a persistent request that was cancelled',
      more: { spot: true, request: { type: 'persistent', state: 'cancelled' } },
      code: 'UnsupportedOperation',
    },
    {
      what: 'a launch group',
      more: { spot: true, request: { type: 'persistent', launchGroup: 'blue' } },
      code: 'UnsupportedOperation',
    },
  ])('of $what is not stopped', async ({ more, code }) => {
    put('i-1', more);
    put('i-2');
    await expect(stop('i-1', 'i-2')).rejects.toMatchObject({ name: code });
    expect((await found('i-2'))?.state).toBe('running');
  });

  it('of a persistent Spot request is stopped and started, and its request says so', async () => {
    put('i-1', { spot: true, request: { type: 'persistent' } });
    const target = await found('i-1');
    if (target === undefined) throw new Error('it is not there');
    expect(target).toMatchObject({ protections: [] });
    expect(target.consent).toBeUndefined();
    const request = async () =>
      (await account.clients.ec2.send(new DescribeSpotInstanceRequestsCommand({}))).SpotInstanceRequests;
    expect(await request()).toMatchObject([{ Type: 'persistent', State: 'active' }]);
    const stops = stopContextOf(context);
    expect((await ec2Instance.stop([target], stops)).get(target.arn)).toMatchObject({ status: 'taken' });
    expect(await request()).toMatchObject([{ State: 'disabled' }]);
    await ec2Instance.restore(target, { way: 'stop' }, stops);
    expect(await found('i-1')).toMatchObject({ state: 'running', since: START });
  });

  it('is hibernated where it is set up for it, and else refuses that', async () => {
    put('i-1', { hibernates: true });
    put('i-2');
    const targets = await ec2Instance.describe(['i-1', 'i-2'], context);
    const stops = stopContextOf(context);
    const outcomes = await ec2Instance.stop(targets, stops);
    expect([...outcomes.values()].map(({ detail }) => detail).toSorted()).toEqual([
      'Hibernated; its memory and its volumes are kept.',
      'Stopped; its volumes are kept.',
    ]);
    put('i-3');
    await expect(
      account.clients.ec2.send(new StopInstancesCommand({ InstanceIds: ['i-3'], Hibernate: true })),
    ).rejects.toMatchObject({ name: 'UnsupportedHibernationConfiguration' });
  });

  it('of a one-time Spot request with termination protection is left alone', async () => {
    put('i-1', { spot: true, isTerminationProtected: true });
    const targets = await ec2Instance.describe(['i-1'], context);
    const looked = await ec2Instance.inspect?.(targets, context);
    expect([...(looked ?? [])][0]?.[1].detail).toContain('disableApiTermination');
    const outcomes = await ec2Instance.stop(targets, stopContextOf(context));
    expect([...outcomes.values()]).toMatchObject([{ status: 'failed', code: 'OperationNotPermitted' }]);
    const { DisableApiTermination } = await account.clients.ec2.send(
      new DescribeInstanceAttributeCommand({ InstanceId: 'i-1', Attribute: 'disableApiTermination' }),
    );
    expect(DisableApiTermination).toEqual({ Value: true });
  });

  it('has no price where its platform or tenancy has none', async () => {
    put('i-1', { platform: 'Windows with SQL Server Standard' });
    put('i-2', { tenancy: 'dedicated' });
    put('i-3', { platform: 'Windows' });
    const all = await ec2Instance.describe(['i-1', 'i-2', 'i-3'], context);
    expect(all.map(({ hourly }) => hourly !== undefined)).toEqual([false, false, true]);
  });

  it('is filtered as AWS filters, and a filter that AWS knows not is refused', async () => {
    put('i-1', { tags: { team: 'blue' } });
    put('i-2', { tags: { team: 'black' }, type: 'm5.large' });
    const ids = async (Name: string, ...Values: string[]) => {
      const { Reservations = [] } = await account.clients.ec2.send(
        new DescribeInstancesCommand({ Filters: [{ Name, Values }] }),
      );
      return Reservations.flatMap(({ Instances = [] }) => Instances.map((one) => one.InstanceId));
    };
    expect(await ids('tag:team', 'blue', 'red')).toEqual(['i-1']);
    expect(await ids('tag:team', 'bl*')).toEqual(['i-1', 'i-2']);
    expect(await ids('tag-key', 'owner')).toEqual([]);
    expect(await ids('instance-type', 'm5.?arge')).toEqual(['i-2']);
    await expect(ids('tenacity', 'default')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

describe('a group', () => {
  it('is found by the id of a member, as long as it is one', async () => {
    const web = putGroup('web');
    const [first, second] = membersOf(account, web);
    expect(memberOf(account, first?.id ?? '')).toBe(web);
    expect(memberOf(account, 'i-1')).toBeUndefined();
    await stop(first?.id ?? '');
    expect(memberOf(account, first?.id ?? '')).toBeUndefined();
    expect(memberOf(account, second?.id ?? '')?.name).toBe('web');
    account.groups.delete('web');
    expect(memberOf(account, second?.id ?? '')).toBeUndefined();
  });

  it('is told of with each member that comes or goes', async () => {
    putGroup('web');
    const target = await group('web');
    if (target === undefined) throw new Error('it is not there');
    account.takeTouched();
    await autoScalingGroup.stop([target], stopContextOf(context));
    const touched = account.takeTouched();
    expect(touched.map(({ kind }) => kind).toSorted()).toEqual([
      'auto-scaling-group',
      ...Array.from({ length: 3 }, () => 'ec2-instance'),
    ]);
    expect(account.effects).toEqual([{ at: START, id: 'web' }]);
  });

  it('keeps what is protected from scale-in or stands by', async () => {
    putGroup('web', {
      desired: 2,
      members: [
        { id: 'i-1', since: minutes(-60), stays: 'protected' },
        { id: 'i-2', since: minutes(-30) },
        { id: 'i-3', since: minutes(-20), stays: 'standby' },
      ],
    });
    const target = await group('web');
    if (target === undefined) throw new Error('it is not there');
    expect(target).toMatchObject({ size: '2 × g5.xlarge', pricedSince: minutes(-30) });
    const outcomes = await autoScalingGroup.stop([target], stopContextOf(context));
    expect(outcomes.get(target.arn)?.detail).toContain('2 members that stand by or are protected');
    expect(await group('web')).toMatchObject({
      state: 'running',
      protections: [{ code: 'managed-elsewhere' }],
    });
  });

  it('ends nothing while its process Terminate is suspended', async () => {
    putGroup('web', { suspended: ['Terminate'] });
    const target = await group('web');
    if (target === undefined) throw new Error('it is not there');
    expect(target.protections).toMatchObject([{ code: 'managed-elsewhere' }]);
    await autoScalingGroup.stop([target], stopContextOf(context));
    expect(await group('web')).toMatchObject({ state: 'transitional', size: '3 × g5.xlarge' });
  });

  it('gives new tags to no member that is there', async () => {
    putGroup('web');
    const target = await group('web');
    await account.clients.tagging.send(
      new TagResourcesCommand({ ResourceARNList: [target?.arn ?? ''], Tags: { project: 'fraud' } }),
    );
    expect((await group('web'))?.tags).toEqual({ project: 'fraud' });
    const members = await ec2Instance.discover(context);
    expect(members.map(({ tags }) => tags.project)).toEqual(['recsys', 'recsys', 'recsys']);
  });
});

it('tags are refused where they are those of AWS, and of another region', async () => {
  put('i-1', { region: ELSEWHERE });
  const arn = `arn:aws:ec2:${ELSEWHERE}:${ACCOUNT}:instance/i-1`;
  const tag = (region: string, Tags: Record<string, string>) =>
    account.clientsOf(region).tagging.send(new TagResourcesCommand({ ResourceARNList: [arn], Tags }));
  await expect(tag(ELSEWHERE, { 'aws:x': 'y' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  expect(Object.keys((await tag(REGION, { owner: 'a' })).FailedResourcesMap ?? {})).toEqual([arn]);
  expect((await tag(ELSEWHERE, { owner: 'a' })).FailedResourcesMap).toEqual({});
  expect(account.instances.get('i-1')?.tags).toEqual({ project: 'recsys', owner: 'a' });
});

it('of 10,000 instances and 1,000 groups it answers by id without looking at all of them', async () => {
  for (let n = 0; n < 10_000; n += 1) put(`i-${n}`);
  for (let n = 0; n < 1_000; n += 1) putGroup(`g-${n}`);
  const member = membersOf(account, putGroup('g-500'))[0]?.id ?? '';
  let walked = 0;
  for (const map of [account.instances, account.groups]) {
    const { values } = map;
    Object.assign(map, {
      values: () => {
        walked += 1;
        return Reflect.apply(values, map, []);
      },
    });
  }
  expect(await ec2Instance.describe(['i-5', 'i-9999', member], context)).toHaveLength(3);
  await stop('i-5');
  expect(await autoScalingGroup.describe(['g-7'], context)).toHaveLength(1);
  expect(walked).toBe(0);
  expect(await ec2Instance.discover(context)).toHaveLength(13_000);
  expect(walked, 'the groups once a page').toBeGreaterThan(0);
});
