import { EC2Client, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { awsError, instance, instanceId, NOW, stopContextOf } from './fixtures.ts';

const ec2 = mockClient(EC2Client);

/** Refuses a whole call as soon as one id is bad, as EC2 does; moto refuses none of these. */
function refusing(bad: ReadonlyMap<string, Error>): void {
  ec2.on(StopInstancesCommand).callsFake(({ InstanceIds = [] }: { InstanceIds?: string[] }) => {
    for (const id of InstanceIds) {
      const error = bad.get(id);
      if (error !== undefined) throw error;
    }
    return {
      StoppingInstances: InstanceIds.map((InstanceId) => ({
        InstanceId,
        PreviousState: { Name: 'running' },
        CurrentState: { Name: 'stopping' },
      })),
    };
  });
}

const calls = () => ec2.commandCalls(StopInstancesCommand);
const asked = () => calls().map(({ args }) => args[0].input.InstanceIds ?? []);

const some = (count: number): readonly Resource[] =>
  Array.from({ length: count }, (_, n) => instance(instanceId(n + 1)));

async function stop(resources: readonly Resource[]) {
  const context = stopContextOf();
  const outcomes = await ec2Instance.stop(resources, context);
  expect(context.saved, 'nothing is lost by a stop, so nothing needs saving').toEqual([]);
  return outcomes;
}

beforeEach(() => ec2.reset());

describe('a batch that EC2 refuses', () => {
  it('is halved until the bad ids stand alone: 50 ids, 3 bad ones, 47 stopped in 27 calls', async () => {
    const resources = some(50);
    const spot = instanceId(7);
    const guarded = instanceId(8);
    const gone = instanceId(40);
    refusing(
      new Map([
        [spot, awsError('UnsupportedOperation', "You can't stop a one-time Spot instance.")],
        [
          guarded,
          awsError('OperationNotPermitted', 'The instance may not be stopped. Modify disableApiStop.'),
        ],
        [gone, awsError('InvalidInstanceID.NotFound', `The instance ID '${gone}' does not exist`)],
      ]),
    );

    const outcomes = await stop(resources);

    expect(outcomes.size).toBe(50);
    expect([...outcomes.values()].filter(({ status }) => status === 'taken')).toHaveLength(47);
    expect(outcomes.get(instance(spot).arn)).toEqual({
      status: 'failed',
      at: NOW,
      code: 'UnsupportedOperation',
      detail: "You can't stop a one-time Spot instance.",
      retry: false,
    });
    expect(outcomes.get(instance(guarded).arn)).toMatchObject({
      status: 'failed',
      code: 'OperationNotPermitted',
      detail: 'Stop protection is on: The instance may not be stopped. Modify disableApiStop.',
      retry: false,
    });
    expect(outcomes.get(instance(gone).arn)).toEqual({
      status: 'skipped',
      at: NOW,
      code: 'Gone',
      detail: 'It no longer exists.',
    });
    // Thirteen refused batches are halved: the first call and two more for each.
    expect(calls()).toHaveLength(27);
    const stopped = asked().filter((ids) => ![spot, guarded, gone].some((id) => ids.includes(id)));
    expect(stopped.flat().sort(), 'each good id is stopped exactly once').toEqual(
      resources.map(({ id }) => id).filter((id) => ![spot, guarded, gone].includes(id)),
    );
  });

  it('of one id is asked once', async () => {
    refusing(new Map([[instanceId(1), awsError('UnsupportedOperation', 'no')]]));
    await stop(some(1));
    expect(calls()).toHaveLength(1);
  });

  it('for a state that is still changing is worth another try', async () => {
    const message = `The instance '${instanceId(1)}' is not in a state from which it can be stopped.`;
    refusing(new Map([[instanceId(1), awsError('IncorrectInstanceState', message)]]));
    const outcomes = await stop(some(2));
    expect(outcomes.get(instance(instanceId(1)).arn)).toMatchObject({
      status: 'failed',
      code: 'IncorrectInstanceState',
      detail: message,
      retry: true,
    });
    expect(outcomes.get(instance(instanceId(2)).arn)).toMatchObject({ status: 'taken' });
  });

  it('for lack of permission on one instance does not keep the others running', async () => {
    refusing(new Map([[instanceId(3), awsError('UnauthorizedOperation', 'You are not authorized.')]]));
    const outcomes = await stop(some(4));
    expect(outcomes.get(instance(instanceId(3)).arn)).toMatchObject({
      status: 'failed',
      code: 'UnauthorizedOperation',
      retry: false,
    });
    expect([...outcomes.values()].filter(({ status }) => status === 'taken')).toHaveLength(3);
  });
});

describe('a fault of the service', () => {
  it.each([
    awsError('RequestLimitExceeded', 'Request limit exceeded.'),
    awsError('InternalError', 'An internal error has occurred', 'server'),
    Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
  ])('does not halve the batch and is worth another try: $message', async (error) => {
    ec2.on(StopInstancesCommand).rejects(error);
    const outcomes = await stop(some(50));
    expect(calls(), 'halving would ask 99 times of a service that asks for less').toHaveLength(1);
    expect([...outcomes.values()]).toHaveLength(50);
    for (const outcome of outcomes.values()) expect(outcome).toMatchObject({ status: 'failed', retry: true });
  });

  it('of one batch does not keep the next from being tried', async () => {
    ec2
      .on(StopInstancesCommand)
      .rejectsOnce(awsError('RequestLimitExceeded', 'Request limit exceeded.'))
      .resolves({ StoppingInstances: [{ InstanceId: instanceId(51), PreviousState: { Name: 'running' } }] });
    const outcomes = await stop(some(51));
    expect(outcomes.get(instance(instanceId(1)).arn)).toMatchObject({ status: 'failed', retry: true });
    expect(outcomes.get(instance(instanceId(51)).arn)).toMatchObject({ status: 'taken' });
  });

  it('that is none of these is final', async () => {
    ec2.on(StopInstancesCommand).rejects(awsError('InvalidParameterValue', 'no'));
    const outcomes = await stop(some(2));
    for (const outcome of outcomes.values()) {
      expect(outcome).toMatchObject({ status: 'failed', code: 'InvalidParameterValue', retry: false });
    }
    expect(calls()).toHaveLength(1);
  });
});

describe('an answer of EC2', () => {
  it('that an instance was stopped already is success without an effect', async () => {
    ec2.on(StopInstancesCommand).resolves({
      StoppingInstances: [{ InstanceId: instanceId(1), PreviousState: { Name: 'stopped' } }],
    });
    const outcomes = await stop(some(1));
    expect(outcomes.get(instance(instanceId(1)).arn)).toEqual({
      status: 'skipped',
      at: NOW,
      code: 'AlreadyStopped',
      detail: 'It was stopped already.',
    });
  });

  it('that leaves an id out says nothing about it', async () => {
    ec2.on(StopInstancesCommand).resolves({
      StoppingInstances: [{ InstanceId: instanceId(1), PreviousState: { Name: 'running' } }],
    });
    const outcomes = await stop(some(2));
    expect(outcomes.get(instance(instanceId(1)).arn)).toMatchObject({ status: 'taken' });
    expect(outcomes.get(instance(instanceId(2)).arn)).toMatchObject({
      status: 'failed',
      code: 'NoAnswer',
      retry: true,
    });
  });
});

it('asks for at most 50 instances at a time', async () => {
  refusing(new Map());
  const outcomes = await stop(some(120));
  expect(asked().map((ids) => ids.length)).toEqual([50, 50, 20]);
  expect(outcomes.size).toBe(120);
});
