import {
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  EC2Client,
  type Instance,
  StopInstancesCommand,
  type StopInstancesCommandInput,
  TerminateInstancesCommand,
  type TerminateInstancesCommandInput,
} from '@aws-sdk/client-ec2';
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
  expect(context.saved, 'how each was taken out of service is kept').toEqual(
    resources.map((resource) => ({ resource, record: { way: 'stop' } })),
  );
  return outcomes;
}

/** What DescribeInstances answers for each asked id, unless it is left out. */
function known(fields: ReadonlyMap<string, Partial<Instance>>): void {
  ec2.on(DescribeInstancesCommand).callsFake(({ Filters = [] }: DescribeInstancesCommandInput) => ({
    Reservations: [
      {
        Instances: (Filters[0]?.Values ?? []).map((InstanceId) => ({
          InstanceId,
          ...fields.get(InstanceId),
        })),
      },
    ],
  }));
}

beforeEach(() => {
  ec2.reset();
  known(new Map());
});

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

describe('what a restore needs', () => {
  it('is saved of every instance before the first is touched', async () => {
    refusing(new Map());
    const touchedAtSave: number[] = [];
    const context = stopContextOf();
    await ec2Instance.stop(some(60), {
      ...context,
      saveRestore: async () => {
        touchedAtSave.push(calls().length);
      },
    });
    expect(touchedAtSave).toEqual(Array.from({ length: 60 }, () => 0));
  });

  it('that cannot be saved leaves that instance alone, and the others go on', async () => {
    refusing(new Map());
    const bad = instance(instanceId(2));
    const context = stopContextOf();
    const outcomes = await ec2Instance.stop(some(3), {
      ...context,
      saveRestore: async (resource) => {
        if (resource.arn === bad.arn) throw awsError('ThrottlingException', 'Rate exceeded');
      },
    });
    expect(outcomes.get(bad.arn)).toEqual({
      status: 'failed',
      at: NOW,
      code: 'ThrottlingException',
      detail: 'Left alone, since what a restore needs could not be saved: Rate exceeded',
      retry: true,
    });
    expect(asked()).toEqual([[instanceId(1), instanceId(3)]]);
    expect([...outcomes.values()].filter(({ status }) => status === 'taken')).toHaveLength(2);
  });

  it('is saved at most ten at once', async () => {
    refusing(new Map());
    let open = 0;
    let most = 0;
    await ec2Instance.stop(some(40), {
      ...stopContextOf(),
      saveRestore: async () => {
        open += 1;
        most = Math.max(most, open);
        await new Promise((resolve) => setImmediate(resolve));
        open -= 1;
      },
    });
    expect(most).toBe(10);
  });
});

it('touches nothing where EC2 does not say which of them hibernate', async () => {
  refusing(new Map());
  ec2.on(DescribeInstancesCommand).rejects(awsError('RequestLimitExceeded', 'Request limit exceeded.'));
  const context = stopContextOf();
  const outcomes = await ec2Instance.stop(some(2), context);
  for (const outcome of outcomes.values()) expect(outcome).toMatchObject({ status: 'failed', retry: true });
  expect(outcomes.size).toBe(2);
  expect([calls(), context.saved]).toEqual([[], []]);
});

// No emulator hibernates: moto and MiniStack take the flag and stop.
describe('hibernation', () => {
  const SET_UP: Partial<Instance> = { HibernationOptions: { Configured: true } };
  const warm = instance(instanceId(2));

  /** Refuses to hibernate; a normal stop is accepted. */
  function refusingToHibernate(error: Error): void {
    ec2
      .on(StopInstancesCommand)
      .callsFake(({ InstanceIds = [], Hibernate = false }: StopInstancesCommandInput) => {
        if (Hibernate) throw error;
        return {
          StoppingInstances: InstanceIds.map((InstanceId) => ({
            InstanceId,
            PreviousState: { Name: 'running' },
          })),
        };
      });
  }

  beforeEach(() => known(new Map([[warm.id, SET_UP]])));

  it('is asked for those that are set up for it, in a call of its own', async () => {
    refusing(new Map());
    const context = stopContextOf();
    const outcomes = await ec2Instance.stop(some(3), context);
    expect(calls().map(({ args }) => args[0].input)).toEqual([
      { InstanceIds: [instanceId(1), instanceId(3)] },
      { InstanceIds: [warm.id], Hibernate: true },
    ]);
    expect(outcomes.get(warm.arn)).toEqual({
      status: 'taken',
      at: NOW,
      detail: 'Hibernated; its memory and its volumes are kept.',
    });
    expect(context.saved.find(({ resource }) => resource.arn === warm.arn)?.record).toEqual({
      way: 'hibernate',
    });
  });

  it.each([
    awsError(
      'UnsupportedHibernationConfiguration',
      "The instance can't be hibernated because it was not configured at launch for hibernation.",
    ),
    awsError('UnsupportedOperation', 'Instance is not ready to hibernate yet, retry in a few minutes'),
  ])('that AWS refuses becomes a normal stop, which says so: $name', async (error) => {
    refusingToHibernate(error);
    const outcomes = await ec2Instance.stop(some(3), stopContextOf());
    expect(outcomes.get(warm.arn)).toEqual({
      status: 'taken',
      at: NOW,
      detail: `Stopped; its volumes are kept. It was not hibernated: ${error.message}`,
    });
  });

  it('that AWS refuses for one does not cost the others their memory', async () => {
    known(new Map(some(4).map(({ id }) => [id, SET_UP])));
    const young = instanceId(3);
    ec2
      .on(StopInstancesCommand)
      .callsFake(({ InstanceIds = [], Hibernate = false }: StopInstancesCommandInput) => {
        if (Hibernate && InstanceIds.includes(young)) {
          throw awsError('UnsupportedOperation', 'Instance is not ready to hibernate yet');
        }
        return {
          StoppingInstances: InstanceIds.map((InstanceId) => ({
            InstanceId,
            PreviousState: { Name: 'running' },
          })),
        };
      });
    const outcomes = await ec2Instance.stop(some(4), stopContextOf());
    const details = [...outcomes.values()].map(({ detail }) => detail.startsWith('Hibernated'));
    expect(details).toEqual([true, true, false, true]);
  });

  it('that is refused for lack of permission is not tried as a stop', async () => {
    refusingToHibernate(awsError('UnauthorizedOperation', 'You are not authorized.'));
    const outcomes = await ec2Instance.stop([warm], stopContextOf());
    expect(outcomes.get(warm.arn)).toMatchObject({ status: 'failed', code: 'UnauthorizedOperation' });
    expect(calls()).toHaveLength(1);
  });
});

describe('a Spot instance that a policy allows to be ended', () => {
  const spot = instance(instanceId(9), { consent: 'terminate-spot' });
  const ends = () => ec2.commandCalls(TerminateInstancesCommand);

  function ending(bad: ReadonlyMap<string, Error> = new Map()): void {
    ec2.on(TerminateInstancesCommand).callsFake(({ InstanceIds = [] }: TerminateInstancesCommandInput) => {
      for (const id of InstanceIds) {
        const error = bad.get(id);
        if (error !== undefined) throw error;
      }
      return {
        TerminatingInstances: InstanceIds.map((InstanceId) => ({
          InstanceId,
          PreviousState: { Name: 'running' },
        })),
      };
    });
  }

  it('is ended, and the others are stopped', async () => {
    refusing(new Map());
    ending();
    const context = stopContextOf();
    const outcomes = await ec2Instance.stop([...some(2), spot], context);
    expect(asked()).toEqual([[instanceId(1), instanceId(2)]]);
    expect(ends().map(({ args }) => args[0].input)).toEqual([{ InstanceIds: [spot.id] }]);
    expect(outcomes.get(spot.arn)).toEqual({
      status: 'taken',
      at: NOW,
      detail: 'Ended for good, since this Spot instance cannot be stopped. It cannot be restored.',
      restorable: false,
    });
    expect(context.saved.at(-1)).toEqual({ resource: spot, record: { way: 'terminate' } });
  });

  it('is never ended where only its stop was asked for', async () => {
    refusing(
      new Map([[spot.id, awsError('UnsupportedOperation', "You can't stop a one-time Spot instance.")]]),
    );
    ending();
    const { consent: _, ...plain } = spot;
    const outcomes = await ec2Instance.stop([plain], stopContextOf());
    expect(outcomes.get(spot.arn)).toMatchObject({ status: 'failed', code: 'UnsupportedOperation' });
    expect(ends()).toEqual([]);
  });

  it('keeps none other from being ended where AWS refuses', async () => {
    const other = instance(instanceId(10), { consent: 'terminate-spot' });
    ending(new Map([[spot.id, awsError('OperationNotPermitted', 'The instance may not be terminated.')]]));
    const outcomes = await ec2Instance.stop([spot, other], stopContextOf());
    expect(outcomes.get(spot.arn)).toMatchObject({ status: 'failed', retry: false });
    expect(outcomes.get(other.arn)).toMatchObject({ status: 'taken' });
  });

  it('that has ended by itself is gone', async () => {
    ec2.on(TerminateInstancesCommand).resolves({
      TerminatingInstances: [{ InstanceId: spot.id, PreviousState: { Name: 'terminated' } }],
    });
    const outcomes = await ec2Instance.stop([spot], stopContextOf());
    expect(outcomes.get(spot.arn)).toMatchObject({ status: 'skipped', code: 'Gone' });
  });
});
