import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeSpotInstanceRequestsCommand,
  EC2Client,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readSpotPrice } from '../../lib/fleet/spot-prices.ts';
import { type Ec2Faults, setEc2Clock, setEc2Faults, startEc2Front } from '../../lib/sandbox/ec2-front.ts';
import type { LoopbackServer } from '../../lib/sandbox/loopback.ts';
import { type MiniStack, startMiniStack } from '../support/ministack.ts';

let ministack: MiniStack;
let front: LoopbackServer;
let ec2: EC2Client;
let ids: readonly string[];

const clientOf = (maxAttempts: number) =>
  new EC2Client({
    region: 'us-east-1',
    endpoint: front.url,
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'b' },
    maxAttempts,
  });

beforeAll(async () => {
  ministack = await startMiniStack();
  front = await startEc2Front(ministack.endpoint);
  ec2 = clientOf(1);
}, 60_000);

afterAll(async () => {
  ec2?.destroy();
  await front?.stop();
  await ministack?.stop();
});

beforeEach(async () => {
  await setEc2Faults(front.url, {});
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-0abcdef1234567890',
      InstanceType: 'm5.xlarge',
      MinCount: 3,
      MaxCount: 3,
    }),
  );
  ids = Instances.flatMap(({ InstanceId: id }) => id ?? []);
});

type Fault = 'stop-protected' | 'one-time-spot' | 'gone';

/** Gives the second of the three instances a fault. @returns its id. */
async function fault(kind: Fault, shown = true): Promise<string> {
  const [, id = ''] = ids;
  await setEc2Faults(front.url, { instances: { [id]: { fault: kind, shown } } });
  return id;
}

const stop = (InstanceIds: readonly string[] = ids) =>
  ec2.send(new StopInstancesCommand({ InstanceIds: [...InstanceIds] }));

async function described() {
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [...ids] }] }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

const states = async () => (await described()).map(({ State }) => State?.Name);

it('passes on what it was told nothing of', async () => {
  const { StoppingInstances = [] } = await stop();
  expect(StoppingInstances.map(({ InstanceId }) => InstanceId)).toEqual(ids);
  expect(await states()).toEqual(['stopped', 'stopped', 'stopped']);
});

it('honours the filter instance-id, which MiniStack alone does not', async () => {
  expect((await described()).map(({ InstanceId }) => InstanceId)).toEqual(ids);
  const none = await ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: ['i-0123456789abcdef0'] }] }),
  );
  expect(none.Reservations ?? []).toEqual([]);
  const all = await ec2.send(new DescribeInstancesCommand({}));
  expect(all.Reservations?.length).toBeGreaterThanOrEqual(3);
});

describe.each<{ readonly kind: Fault; readonly code: string; readonly says: RegExp }>([
  { kind: 'stop-protected', code: 'OperationNotPermitted', says: /Modify its 'disableApiStop'/ },
  { kind: 'one-time-spot', code: 'UnsupportedOperation', says: /one-time Spot Instance request/ },
  { kind: 'gone', code: 'InvalidInstanceID.NotFound', says: /does not exist/ },
])('an instance that is $kind', ({ kind, code, says }) => {
  it.each([true, false])('refuses the stop of all that are asked with it (shown: %s)', async (shown) => {
    const id = await fault(kind, shown);
    await expect(stop()).rejects.toMatchObject({ name: code, message: expect.stringMatching(says) });
    await expect(stop()).rejects.toThrow(id);
    expect(await states()).toEqual(['running', 'running', 'running']);
  });

  it('lets the others stop, and is itself again when the fault is over', async () => {
    const id = await fault(kind);
    await stop(ids.filter((one) => one !== id));
    expect(await states()).toEqual(['stopped', 'running', 'stopped']);
    await setEc2Faults(front.url, {});
    await stop([id]);
    expect(await states()).toEqual(['stopped', 'stopped', 'stopped']);
  });
});

it('shows stop protection, of that instance alone, unless it shall not be seen', async () => {
  const isProtected = async (InstanceId: string) =>
    (await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'disableApiStop' })))
      .DisableApiStop?.Value === true;
  const id = await fault('stop-protected');
  expect(await Promise.all(ids.map(isProtected))).toEqual([false, true, false]);
  await fault('stop-protected', false);
  expect(await isProtected(id)).toBe(false);
});

it('knows a Spot price of what has a list price', async () => {
  const price = (instanceType: string) =>
    readSpotPrice(
      ec2,
      { region: 'us-east-1', zone: 'us-east-1a', instanceType, system: 'Linux' },
      new Date(),
    );
  // 40 % of $12.24.
  expect(await price('p3.8xlarge')).toBe(4_896_000n);
  expect(await price('x9.unheard')).toBeUndefined();
});

it('shows a Spot instance and its request, unless it shall not be seen', async () => {
  const requests = async (...Values: string[]) =>
    (
      await ec2.send(
        new DescribeSpotInstanceRequestsCommand({ Filters: [{ Name: 'spot-instance-request-id', Values }] }),
      )
    ).SpotInstanceRequests ?? [];
  const id = await fault('one-time-spot');
  const [before, spot, after] = await described();
  expect([before, after].map((one) => one?.InstanceLifecycle)).toEqual([undefined, undefined]);
  expect(spot).toMatchObject({
    InstanceId: id,
    InstanceLifecycle: 'spot',
    SpotInstanceRequestId: `sir-${id.slice(-8)}`,
    InstanceType: 'm5.xlarge',
  });
  expect(await requests(`sir-${id.slice(-8)}`)).toMatchObject([
    { InstanceId: id, Type: 'one-time', State: 'active' },
  ]);
  expect(await requests('sir-other000')).toEqual([]);
  await fault('one-time-spot', false);
  expect((await described()).map((one) => one.InstanceLifecycle)).toEqual([undefined, undefined, undefined]);
  expect(await requests(`sir-${id.slice(-8)}`)).toEqual([]);
});

it('still describes one that is gone, and neither starts nor ends it', async () => {
  const id = await fault('gone');
  expect((await described()).map(({ InstanceId }) => InstanceId)).toContain(id);
  const name = { InstanceIds: [id] };
  await expect(ec2.send(new StartInstancesCommand(name))).rejects.toThrow('does not exist');
  await expect(ec2.send(new TerminateInstancesCommand(name))).rejects.toThrow('does not exist');
});

it('ends a Spot instance, which cannot be stopped', async () => {
  const id = await fault('one-time-spot');
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  expect(await states()).toEqual(['running', 'terminated', 'running']);
});

describe('throttling', () => {
  const throttle = (faults: Ec2Faults['throttle']) => setEc2Faults(front.url, { throttle: faults });

  it('refuses so many calls of that action, and no others', async () => {
    await throttle({ StopInstances: 2 });
    expect(await states()).toEqual(['running', 'running', 'running']);
    for (const _ of [1, 2]) {
      await expect(stop()).rejects.toMatchObject({
        name: 'RequestLimitExceeded',
        $metadata: { httpStatusCode: 503 },
      });
    }
    await stop();
    expect(await states()).toEqual(['stopped', 'stopped', 'stopped']);
  });

  it('is waited out by a client with patience', async () => {
    await throttle({ StopInstances: 2 });
    const patient = clientOf(5);
    await patient.send(new StopInstancesCommand({ InstanceIds: [...ids] }));
    patient.destroy();
    expect(await states()).toEqual(['stopped', 'stopped', 'stopped']);
  });
});

it('dates what is launched from then on by another clock, and nothing else', async () => {
  const HOUR_MS = 3_600_000;
  await setEc2Clock(front.url, 30 * HOUR_MS);
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-0abcdef1234567890', MinCount: 1, MaxCount: 1 }),
  );
  await setEc2Clock(front.url, undefined);
  const [late = ''] = Instances.flatMap(({ InstanceId: id }) => id ?? []);
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  const ages = new Map(
    Reservations.flatMap(({ Instances: some = [] }) => some).map(({ InstanceId, LaunchTime }) => [
      InstanceId ?? '',
      Date.now() - (LaunchTime?.getTime() ?? 0),
    ]),
  );
  expect(Math.round((ages.get(late) ?? 0) / HOUR_MS)).toBe(-30);
  expect(ids.map((id) => Math.round((ages.get(id) ?? 1) / HOUR_MS))).toEqual([0, 0, 0]);
});

it('refuses faults that it does not know', async () => {
  const answer = await fetch(`${front.url}/_front/faults`, {
    method: 'PUT',
    body: JSON.stringify({ instances: { 'i-1': { fault: 'tired' } } }),
  });
  expect(answer.status).toBe(400);
});
