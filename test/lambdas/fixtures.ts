import type { Context } from 'aws-lambda';
import { vi } from 'vitest';

/** What Lambda gives a handler beside the event. */
export const context: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'bursar',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:391613010373:function:bursar',
  memoryLimitInMB: '256',
  awsRequestId: '8d2f7a3e-0000-4000-8000-000000000000',
  logGroupName: '/aws/lambda/bursar',
  logStreamName: 'stream',
  getRemainingTimeInMillis: () => 60_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};

/** A message as Lambda hands it over from a queue. */
export const sqsRecord = (messageId: string, body: string, deliveries = 1) => ({
  messageId,
  receiptHandle: `handle-${messageId}`,
  body,
  attributes: {
    ApproximateReceiveCount: String(deliveries),
    SentTimestamp: '1795602600000',
    SenderId: 'AIDAEXAMPLE',
    ApproximateFirstReceiveTimestamp: '1795602600001',
  },
  messageAttributes: {},
  md5OfBody: 'd41d8cd98f00b204e9800998ecf8427e',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:us-east-1:391613010373:signals',
  awsRegion: 'us-east-1',
});

/** Keeps what the logger of Powertools writes to the console out of the test's output, and hands it over. */
export function quietConsole() {
  const lines: string[] = [];
  const keep = (line: unknown) => {
    lines.push(String(line));
  };
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation(keep),
  );
  return {
    lines,
    restore: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}
