import { CreateScheduleGroupCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWake } from '../../lib/enforce/wake.ts';
import { fireWakes, listWakes } from '../../lib/sandbox/wakes.ts';
import { type MiniStack, startMiniStack } from '../support/ministack.ts';

const GROUP = 'wakes';
let aws: MiniStack;
let scheduler: SchedulerClient;
let sqs: SQSClient;

beforeAll(async () => {
  aws = await startMiniStack();
  const settings = {
    endpoint: aws.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'sandbox' },
  };
  scheduler = new SchedulerClient(settings);
  sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  await scheduler.send(new CreateScheduleGroupCommand({ Name: GROUP }));
});
afterAll(() => aws?.stop());

/** A queue in the sweep's place, so that what fired can be seen. */
async function queueFor(): Promise<{ readonly arn: string; readonly url: string }> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'swept' }));
  return { arn: 'arn:aws:sqs:us-east-1:123456789012:swept', url: QueueUrl };
}

it('fires those that it is told to, once, and leaves the others', async () => {
  const { arn, url } = await queueFor();
  const wake = createWake(scheduler, {
    sweepFunctionArn: arn,
    roleArn: 'arn:aws:iam::123456789012:role/sweeper',
    group: GROUP,
    machineNow: () => new Date(),
    aheadMs: 0,
  });
  const thisSecond = Math.floor(Date.now() / 1000) * 1000;
  const inAnHour = new Date(thisSecond + 3_600_000);
  const inTwo = new Date(thisSecond + 7_200_000);
  await wake(inTwo);
  await wake(inAnHour);
  await wake(inAnHour);

  const made = await listWakes(scheduler, GROUP);
  expect(made.map(({ at }) => at)).toEqual([inAnHour, inTwo]);

  const [first, second] = made.map(({ name }) => name);
  await fireWakes(scheduler, GROUP, [first ?? '']);
  expect((await listWakes(scheduler, GROUP)).map(({ name }) => name)).toEqual([second]);
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }),
  );
  expect(Messages.map(({ Body }) => Body)).toEqual(['{}']);
}, 90_000);
