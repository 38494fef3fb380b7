import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBudgetsClient, createPricingClient, createRegionClients } from '../../lib/fleet/clients.ts';
import { PATIENCE } from '../../lib/fleet/patience.ts';
import { REGION, useEndpoint } from './fixtures.ts';

let silent: Server;
let restoreEnvironment: () => void;

beforeAll(async () => {
  silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  restoreEnvironment = useEndpoint(`http://127.0.0.1:${address.port}`);
});

afterAll(() => {
  restoreEnvironment();
  silent.closeAllConnections();
  silent.close();
});

it('a service that takes the request and never answers is given up after the time that is set', async () => {
  const client = new SQSClient({
    ...PATIENCE,
    maxAttempts: 1,
    requestHandler: { ...PATIENCE.requestHandler, requestTimeout: 50 },
  });
  await expect(client.send(new ListQueuesCommand({}))).rejects.toMatchObject({ name: 'TimeoutError' });
});

describe('every client', () => {
  const { ec2, cloudwatch, sagemaker, autoscaling } = createRegionClients(REGION);
  it.each([
    { name: 'EC2', config: ec2.config, attempts: 5 },
    { name: 'CloudWatch', config: cloudwatch.config, attempts: 5 },
    { name: 'SageMaker', config: sagemaker.config, attempts: 5 },
    { name: 'Application Auto Scaling', config: autoscaling.config, attempts: 5 },
    { name: 'Budgets', config: createBudgetsClient().config, attempts: 5 },
    { name: 'Pricing', config: createPricingClient().config, attempts: 3 },
  ])('of $name tries $attempts times', async ({ config, attempts }) => {
    expect(await config.maxAttempts()).toBe(attempts);
  });
});
