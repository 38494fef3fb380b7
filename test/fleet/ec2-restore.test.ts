import {
  DescribeInstancesCommand,
  EC2Client,
  type Instance,
  StartInstancesCommand,
} from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import { awsError, contextOf, instance, instanceId, NOW } from './fixtures.ts';

// The states and refusals that an emulator does not stay in or does not know.
const ec2 = mockClient(EC2Client);
beforeEach(() => ec2.reset());

const target = instance(instanceId(1));
const started = () => ec2.commandCalls(StartInstancesCommand);

async function restore(found: Partial<Instance> | undefined, record: unknown = { way: 'stop' }) {
  ec2.on(DescribeInstancesCommand).resolves({
    Reservations: found === undefined ? [] : [{ Instances: [{ InstanceId: target.id, ...found }] }],
  });
  return ec2Instance.restore(target, record, contextOf());
}

describe('restore', () => {
  it('starts what is stopped', async () => {
    const { outcome, finished } = await restore({ State: { Name: 'stopped' }, InstanceType: 'm5.large' });
    expect(outcome).toEqual({ status: 'taken', at: NOW, detail: 'Started.' });
    expect(finished).toBe(true);
    expect(started().map(({ args }) => args[0].input)).toEqual([{ InstanceIds: [target.id] }]);
  });

  it('says that somebody has changed its type', async () => {
    const { outcome } = await restore({ State: { Name: 'stopped' }, InstanceType: 'm5.4xlarge' });
    expect(outcome.detail).toBe('Started. Somebody made it m5.4xlarge since; it was m5.large.');
  });

  it.each([
    {
      name: 'running' as const,
      detail: 'It runs since 2026-11-25T10:00:00.000Z, so there was nothing to start.',
    },
    {
      name: 'pending' as const,
      detail: 'It has been starting since 2026-11-25T10:00:00.000Z, so there was nothing to start.',
    },
  ])('leaves what is $name as it is', async ({ name, detail }) => {
    const LaunchTime = new Date('2026-11-25T10:00:00.000Z');
    const { outcome, finished } = await restore({ State: { Name: name }, LaunchTime });
    expect(outcome).toEqual({ status: 'skipped', at: NOW, code: 'AlreadyRunning', detail });
    expect(finished).toBe(true);
    expect(started()).toEqual([]);
  });

  it.each<Partial<Instance> | undefined>([
    { State: { Name: 'terminated' } },
    { State: { Name: 'shutting-down' } },
    undefined,
  ])('cannot bring back what was ended: %o', async (found) => {
    const { outcome, finished } = await restore(found);
    expect(outcome).toMatchObject({
      status: 'skipped',
      code: 'Gone',
      detail: 'It was ended meanwhile, so it cannot be started.',
    });
    expect(finished).toBe(true);
    expect(started()).toEqual([]);
  });

  it('says of a Spot instance that Bursar has ended that this was for good', async () => {
    const { outcome } = await restore({ State: { Name: 'terminated' } }, { way: 'terminate' });
    expect(outcome.detail).toBe(
      'It was a Spot instance that could only be ended for good: it cannot be restored.',
    );
  });

  it('waits for what is still stopping', async () => {
    const { outcome, finished } = await restore({ State: { Name: 'stopping' } });
    expect(outcome).toMatchObject({ status: 'failed', code: 'IncorrectInstanceState', retry: true });
    expect(finished).toBe(false);
    expect(started()).toEqual([]);
  });

  it.each([
    { error: awsError('InsufficientInstanceCapacity', 'We do not have capacity.', 'server'), retry: true },
    { error: awsError('IncorrectInstanceState', 'not in a state'), retry: true },
    { error: awsError('RequestLimitExceeded', 'slow down'), retry: true },
    { error: awsError('InvalidInstanceID.NotFound', 'no such'), retry: undefined },
    { error: awsError('UnauthorizedOperation', 'no'), retry: false },
    { error: awsError('VcpuLimitExceeded', 'no'), retry: false },
  ])('tells of a refusal: $error.name', async ({ error, retry }) => {
    ec2.on(StartInstancesCommand).rejects(error);
    const { outcome } = await restore({ State: { Name: 'stopped' } });
    expect(outcome).toMatchObject(
      retry === undefined
        ? { status: 'skipped', code: 'Gone' }
        : { status: 'failed', code: error.name, retry },
    );
  });

  it('says in words that AWS has no capacity', async () => {
    ec2.on(StartInstancesCommand).rejects(awsError('InsufficientInstanceCapacity', 'No c5 left.', 'server'));
    const { outcome } = await restore({ State: { Name: 'stopped' } });
    expect(outcome.detail).toBe(
      'AWS has no capacity for its type in its Availability Zone now; another try may succeed. No c5 left.',
    );
  });

  it('never throws, also where it cannot look', async () => {
    ec2.on(DescribeInstancesCommand).rejects(awsError('InternalError', 'oops', 'server'));
    const { outcome, finished } = await ec2Instance.restore(target, null, contextOf());
    expect(outcome).toMatchObject({ status: 'failed', code: 'InternalError', retry: true });
    expect(finished).toBe(false);
  });
});
