import {
  DescribeInstanceAttributeCommand,
  type DescribeInstanceAttributeCommandInput,
  DescribeInstancesCommand,
  DescribeSpotInstanceRequestsCommand,
  EC2Client,
  type Instance,
  type SpotInstanceRequest,
} from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import {
  ACCOUNT,
  awsError,
  contextOf,
  fixedPrices,
  instance,
  instanceArn,
  instanceId,
  REGION,
  SPOT_PRICES,
  usd,
} from './fixtures.ts';

// What moto does not keep of an instance: its tenancy, platform, root device and operator.
const ec2 = mockClient(EC2Client);
beforeEach(() => ec2.reset());

const ID = instanceId(1);

async function discover(fields: Partial<Instance>, owner = ACCOUNT) {
  ec2.on(DescribeInstancesCommand).resolves({
    Reservations: [
      {
        OwnerId: owner,
        Instances: [
          {
            InstanceId: ID,
            InstanceType: 'g5.xlarge',
            LaunchTime: new Date('2026-11-24T08:00:00.000Z'),
            State: { Name: 'running' },
            ...fields,
          },
        ],
      },
    ],
  });
  const prices = fixedPrices();
  const found = await ec2Instance.discover({ ...contextOf(), prices });
  return { found, asked: prices.asked, askedSpot: prices.askedSpot };
}

describe('the price that is asked', () => {
  it.each([
    { details: undefined, system: 'Linux' },
    { details: 'Linux/UNIX', system: 'Linux' },
    { details: 'Windows', system: 'Windows' },
    { details: 'Red Hat Enterprise Linux', system: 'RHEL' },
    { details: 'SUSE Linux', system: 'SUSE' },
  ])('of $details is that of $system', async ({ details, system }) => {
    const { asked } = await discover(details === undefined ? {} : { PlatformDetails: details });
    expect(asked).toEqual([{ service: 'ec2', region: REGION, instanceType: 'g5.xlarge', system }]);
  });

  it.each<Partial<Instance>>([
    { PlatformDetails: 'Windows with SQL Server Enterprise' },
    { Placement: { Tenancy: 'dedicated' } },
    { Placement: { Tenancy: 'host' } },
  ])('is none where on-demand, shared-tenancy prices do not apply: %o', async (fields) => {
    const { found, asked } = await discover(fields);
    expect(found[0]?.hourly).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('of a Spot instance is the Spot price of its zone', async () => {
    const { found, asked, askedSpot } = await discover({
      InstanceLifecycle: 'spot',
      PlatformDetails: 'Windows',
      Placement: { Tenancy: 'default', AvailabilityZone: 'us-east-1c' },
    });
    expect(found[0]?.hourly).toBe(usd(SPOT_PRICES['g5.xlarge']));
    expect(asked).toEqual([]);
    expect(askedSpot).toEqual([
      { region: REGION, zone: 'us-east-1c', instanceType: 'g5.xlarge', system: 'Windows' },
    ]);
  });

  it.each<Partial<Instance>>([
    { InstanceLifecycle: 'spot', Placement: { Tenancy: 'dedicated', AvailabilityZone: 'us-east-1c' } },
    { InstanceLifecycle: 'spot' },
    { InstanceLifecycle: 'capacity-block' },
    { InstanceLifecycle: 'scheduled' },
  ])('is none where it is paid for in another way, or nobody knows where it runs: %o', async (fields) => {
    const { found, asked, askedSpot } = await discover(fields);
    expect(found[0]?.hourly).toBeUndefined();
    expect([...asked, ...askedSpot]).toEqual([]);
  });
});

describe('what is found', () => {
  it.each([
    { state: 'pending' as const, as: 'transitional' },
    { state: 'running' as const, as: 'running' },
    { state: 'stopping' as const, as: 'transitional' },
    { state: 'stopped' as const, as: 'stopped' },
  ])('$state is $as', async ({ state, as }) => {
    const { found } = await discover({ State: { Name: state } });
    expect(found[0]?.state).toBe(as);
  });

  it.each<Partial<Instance>>([
    { State: { Name: 'shutting-down' } },
    { State: { Name: 'terminated' } },
    { InstanceId: undefined },
    { LaunchTime: undefined },
    { InstanceType: undefined },
  ])('is left out where it is gone or cannot be judged: %o', async (fields) => {
    expect((await discover(fields)).found).toEqual([]);
  });

  it('bears the account of its owner, not the one that looks', async () => {
    const { found } = await discover({}, '999988887777');
    expect(found[0]?.account).toBe('999988887777');
    expect(found[0]?.arn).toBe(instanceArn(ID).replace(ACCOUNT, '999988887777'));
  });

  it('of which nobody says more than EC2 must, has no protections', async () => {
    expect((await discover({})).found[0]?.protections).toEqual([]);
  });

  it.each<{ fields: Partial<Instance>; code: string }>([
    { fields: { RootDeviceType: 'instance-store' }, code: 'instance-store-root' },
    // Without a request that is known, nobody can say what a stop would do.
    { fields: { InstanceLifecycle: 'spot' }, code: 'spot' },
    {
      fields: { Tags: [{ Key: 'aws:ec2spot:fleet-request-id', Value: 'sfr-1' }] },
      code: 'managed-elsewhere',
    },
    { fields: { Operator: { Managed: true, Principal: 'eks.amazonaws.com' } }, code: 'managed-elsewhere' },
  ])('is protected: $code', async ({ fields, code }) => {
    const { found } = await discover(fields);
    expect(found[0]?.protections.map((one) => one.code)).toEqual([code]);
  });

  it('tells every protection there is', async () => {
    const { found } = await discover({
      InstanceLifecycle: 'spot',
      Tags: [
        { Key: 'aws:autoscaling:groupName', Value: 'nodes' },
        { Key: 'aws:eks:cluster-name', Value: 'ml' },
      ],
    });
    expect(new Set(found[0]?.protections.map(({ code }) => code))).toEqual(
      new Set(['eks', 'auto-scaling-group', 'spot']),
    );
  });
});

// moto names no Spot request of an instance, not even of one that a request has started.
describe('a Spot instance', () => {
  const SPOT: Partial<Instance> = { InstanceLifecycle: 'spot', SpotInstanceRequestId: 'sir-1' };

  async function spot(request: Partial<SpotInstanceRequest>, fields: Partial<Instance> = SPOT) {
    ec2.on(DescribeSpotInstanceRequestsCommand).resolves({
      SpotInstanceRequests: [{ SpotInstanceRequestId: 'sir-1', State: 'active', ...request }],
    });
    const [found] = (await discover(fields)).found;
    return { consent: found?.consent, protections: found?.protections.map(({ code }) => code) };
  }

  it.each<{ request: Partial<SpotInstanceRequest>; what: string }>([
    { request: { Type: 'one-time' }, what: 'a one-time request' },
    { request: { Type: 'persistent', State: 'cancelled' }, what: 'a persistent request that was cancelled' },
  ])('of $what can only be ended, which a policy must allow', async ({ request }) => {
    expect(await spot(request)).toEqual({ consent: 'terminate-spot', protections: [] });
  });

  it('of a persistent request can be stopped like any other', async () => {
    const request = { Type: 'persistent', InstanceInterruptionBehavior: 'stop' } as const;
    expect(await spot(request)).toEqual({ consent: undefined, protections: [] });
  });

  it.each<Partial<SpotInstanceRequest>>([
    { Type: 'persistent', LaunchGroup: 'trio' },
    { Type: 'persistent', AvailabilityZoneGroup: 'us-east-1a' },
    { SpotInstanceRequestId: 'sir-other', Type: 'one-time' },
    {},
  ])('that can neither be stopped nor ended for good is left alone: %o', async (request) => {
    expect(await spot(request)).toEqual({ consent: undefined, protections: ['spot'] });
  });

  it('costs one call, and none where there is no such instance', async () => {
    await spot({ Type: 'one-time' });
    expect(ec2.commandCalls(DescribeSpotInstanceRequestsCommand).map(({ args }) => args[0].input)).toEqual([
      { Filters: [{ Name: 'spot-instance-request-id', Values: ['sir-1'] }] },
    ]);
    ec2.reset();
    await discover({});
    expect(ec2.commandCalls(DescribeSpotInstanceRequestsCommand)).toEqual([]);
  });
});

describe('inspect', () => {
  const inspect = (fields: Parameters<typeof instance>[1] = {}) =>
    ec2Instance.inspect?.([instance(ID, fields)], contextOf());

  const on = (attribute: string): void => {
    ec2
      .on(DescribeInstanceAttributeCommand)
      .callsFake(({ Attribute }: DescribeInstanceAttributeCommandInput) => ({
        DisableApiStop: { Value: Attribute === attribute && Attribute === 'disableApiStop' },
        DisableApiTermination: { Value: Attribute === attribute && Attribute === 'disableApiTermination' },
      }));
  };

  it('finds stop protection', async () => {
    on('disableApiStop');
    expect(await inspect()).toEqual(
      new Map([
        [instanceArn(ID), { code: 'stop-protection', detail: 'Its stop protection (disableApiStop) is on.' }],
      ]),
    );
  });

  it('finds nothing where nothing is on', async () => {
    on('');
    expect(await inspect()).toEqual(new Map());
  });

  it('asks for termination protection of those alone that would be ended', async () => {
    on('disableApiTermination');
    expect(await inspect()).toEqual(new Map());
    expect((await inspect({ consent: 'terminate-spot' }))?.get(instanceArn(ID))).toEqual({
      code: 'stop-protection',
      detail: 'Its termination protection (disableApiTermination) is on.',
    });
  });

  it('finds nothing of what is gone', async () => {
    ec2.on(DescribeInstanceAttributeCommand).rejects(awsError('InvalidInstanceID.NotFound', 'no'));
    expect(await inspect()).toEqual(new Map());
  });

  it('throws where AWS cannot be asked: not knowing is no leave to stop', async () => {
    ec2.on(DescribeInstanceAttributeCommand).rejects(awsError('UnauthorizedOperation', 'no'));
    await expect(inspect()).rejects.toThrow('no');
  });
});
