import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { createWake } from '../../lib/enforce/wake.ts';
import { awsError } from '../fleet/fixtures.ts';

/* EventBridge Scheduler answers by mocks here; `test/sandbox/wakes.test.ts` sees schedules fire on the local AWS. */

const scheduler = mockClient(SchedulerClient);
const NOW = new Date('2026-11-25T10:30:00.000Z');
const wake = createWake(new SchedulerClient({ region: 'us-east-1' }), {
  sweepFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:sweep',
  roleArn: 'arn:aws:iam::123456789012:role/sweeper',
  group: 'wakes',
  machineNow: () => NOW,
  aheadMs: 0,
});

/** What was asked of Scheduler: expressions, and names. */
async function asked(...times: readonly string[]) {
  for (const time of times) await wake(new Date(`2026-11-25T${time}Z`));
  return scheduler
    .commandCalls(CreateScheduleCommand)
    .map(({ args }) => ({ name: args[0].input.Name, at: args[0].input.ScheduleExpression }));
}

beforeEach(() => {
  scheduler.reset();
  scheduler.on(CreateScheduleCommand).resolves({});
});

it('never looks before the time: a keep that ends within a second has ended then', async () => {
  expect((await asked('12:00:17.123')).map(({ at }) => at)).toEqual(['at(2026-11-25T12:00:18)']);
  scheduler.resetHistory();
  expect((await asked('12:00:17.000')).map(({ at }) => at)).toEqual(['at(2026-11-25T12:00:17)']);
});

it('has another schedule for another time of the same minute, and one for the same time', async () => {
  const [first, second, third] = await asked('12:00:00', '12:00:17', '12:00:17');
  expect(second?.name).not.toBe(first?.name);
  expect(third?.name).toBe(second?.name);
  for (const one of [first, second]) expect(one?.name).toMatch(/^[0-9a-zA-Z-_.]{1,64}$/);
});

it('looks soon where the time has passed', async () => {
  expect((await asked('10:12:00')).map(({ at }) => at)).toEqual(['at(2026-11-25T10:30:05)']);
});

it('takes a schedule of that time for its own, and no other refusal', async () => {
  scheduler.on(CreateScheduleCommand).rejects(awsError('ConflictException', 'It exists.'));
  await wake(NOW);
  scheduler.on(CreateScheduleCommand).rejects(awsError('ServiceQuotaExceededException', 'Too many.'));
  await expect(wake(NOW)).rejects.toThrow('Too many.');
});
