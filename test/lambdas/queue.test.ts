import { Logger } from '@aws-lambda-powertools/logger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eachMessage, type QueueMessage } from '../../lambdas/queue.ts';
import { context, quietConsole, sqsRecord } from './fixtures.ts';

let quiet: ReturnType<typeof quietConsole>;
beforeEach(() => {
  process.env.POWERTOOLS_DEV = 'true';
  quiet = quietConsole();
});
afterEach(() => {
  delete process.env.POWERTOOLS_DEV;
  quiet.restore();
});

const tools = () => ({ logger: new Logger({ serviceName: 'test' }) });
const three = { Records: ['a', 'b', 'c'].map((id) => sqsRecord(id, `body of ${id}`)) };

describe('each message', () => {
  it('is worked through in turn, with its body and its deliveries', async () => {
    const seen: QueueMessage[] = [];
    let atWork = 0;
    const answer = await eachMessage(
      { Records: [sqsRecord('a', 'one'), sqsRecord('b', 'two', 4)] },
      context,
      tools(),
      async (message) => {
        atWork += 1;
        expect(atWork, 'one after the other').toBe(1);
        await Promise.resolve();
        seen.push(message);
        atWork -= 1;
      },
    );
    expect(seen).toEqual([
      { id: 'a', body: 'one', deliveries: 1 },
      { id: 'b', body: 'two', deliveries: 4 },
    ]);
    expect(answer).toEqual({ batchItemFailures: [] });
  });

  it('that fails comes back alone, and is logged with its cause', async () => {
    const done: string[] = [];
    const answer = await eachMessage(three, context, tools(), async ({ id }) => {
      if (id === 'b') throw new Error('no such budget today');
      done.push(id);
    });
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }] });
    expect(done).toEqual(['a', 'c']);
    const logged = quiet.lines.filter((line) => line.includes('could not be worked through'));
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('no such budget today');
    expect(logged[0]).toContain('"b"');
  });

  it('comes back where all fail, without failing the function', async () => {
    const answer = await eachMessage(three, context, tools(), async () => {
      throw new Error('out');
    });
    expect(answer).toEqual({
      batchItemFailures: ['a', 'b', 'c'].map((itemIdentifier) => ({ itemIdentifier })),
    });
  });
});

it.each([
  ['no event', {}],
  [
    'a message without a body',
    { Records: [{ messageId: 'a', attributes: { ApproximateReceiveCount: '1' } }] },
  ],
  ['a message never received', { Records: [sqsRecord('a', 'x', 0)] }],
])('%s is an error, never a success', async (_, event) => {
  await expect(async () => eachMessage(event, context, tools(), async () => {})).rejects.toThrow();
});
