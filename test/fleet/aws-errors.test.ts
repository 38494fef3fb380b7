import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ListEndpointsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCode, errorMessage, isTransient } from '../../lib/fleet/aws-errors.ts';
import { LedgerError } from '../../lib/ledger/errors.ts';
import { awsError } from './fixtures.ts';

// What the SDK makes of an answer must be seen on the wire: a mock throws what the test believes.
let server: Server;
let answer: { readonly status: number; readonly body: string };
let options: {
  readonly endpoint: string;
  readonly region: string;
  readonly maxAttempts: number;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

beforeAll(async () => {
  server = createServer((_, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' }).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  options = {
    endpoint: `http://127.0.0.1:${address.port}`,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const ec2Error = (code: string) =>
  `<Response><Errors><Error><Code>${code}</Code><Message>It is so.</Message></Error></Errors><RequestID>1</RequestID></Response>`;

const thrownBy = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('an error of EC2 on the wire', () => {
  it.each([
    { status: 503, code: 'RequestLimitExceeded', transient: true },
    { status: 500, code: 'InternalError', transient: true },
    { status: 503, code: 'Unavailable', transient: true },
    { status: 400, code: 'UnsupportedOperation', transient: false },
    { status: 400, code: 'IncorrectInstanceState', transient: false },
    { status: 403, code: 'UnauthorizedOperation', transient: false },
  ])('$status $code is transient: $transient', async ({ status, code, transient }) => {
    answer = { status, body: ec2Error(code) };
    const client = new EC2Client(options);
    const error = await thrownBy(client.send(new DescribeInstancesCommand({})));
    client.destroy();
    expect(errorCode(error)).toBe(code);
    expect(errorMessage(error)).toBe('It is so.');
    expect(isTransient(error)).toBe(transient);
  });
});

describe('an error of SageMaker on the wire', () => {
  it.each([
    { status: 400, code: 'ThrottlingException', transient: true },
    { status: 500, code: 'InternalFailure', transient: true },
    { status: 400, code: 'ValidationException', transient: false },
    { status: 400, code: 'AccessDeniedException', transient: false },
  ])('$status $code is transient: $transient', async ({ status, code, transient }) => {
    answer = { status, body: JSON.stringify({ __type: code, message: 'It is so.' }) };
    const client = new SageMakerClient(options);
    const error = await thrownBy(client.send(new ListEndpointsCommand({})));
    client.destroy();
    expect(errorCode(error)).toBe(code);
    expect(errorMessage(error)).toBe('It is so.');
    expect(isTransient(error)).toBe(transient);
  });
});

it('a port that nobody listens on is transient', async () => {
  const client = new EC2Client({ ...options, endpoint: 'http://127.0.0.1:1' });
  const error = await thrownBy(client.send(new DescribeInstancesCommand({})));
  client.destroy();
  expect(isTransient(error)).toBe(true);
});

describe('an error of the ledger', () => {
  it('is as transient as its cause', () => {
    const throttled = awsError('ProvisionedThroughputExceededException', 'slow down');
    expect(isTransient(new LedgerError('out', { cause: throttled }))).toBe(true);
    expect(isTransient(new LedgerError('out', { cause: awsError('ValidationException', 'no') }))).toBe(false);
    expect(isTransient(new LedgerError('too large'))).toBe(false);
  });
});

it.each([undefined, 'text', 7, {}, new Error('plain')])('%o is not transient', (error) => {
  expect(isTransient(error)).toBe(false);
  expect(typeof errorMessage(error)).toBe('string');
  expect(errorCode(error)).toBe('Error');
});
