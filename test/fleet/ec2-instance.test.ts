import { DescribeInstancesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import { ACCOUNT, contextOf, fixedPrices, instanceArn, instanceId, REGION } from './fixtures.ts';

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
  return { found, asked: prices.asked };
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

  it.each([
    { fields: { RootDeviceType: 'instance-store' }, code: 'instance-store-root' },
    { fields: { InstanceLifecycle: 'spot' }, code: 'spot' },
    { fields: { Operator: { Managed: true, Principal: 'eks.amazonaws.com' } }, code: 'managed-elsewhere' },
  ] as const)('is protected: $code', async ({ fields, code }) => {
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
