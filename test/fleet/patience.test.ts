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
  const whole = { attempts: 5, time: PATIENCE.requestHandler };
  const hasty = {
    attempts: 3,
    time: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  };
  it.each([
    { name: 'EC2', config: ec2.config, ...whole },
    { name: 'CloudWatch', config: cloudwatch.config, ...whole },
    { name: 'SageMaker', config: sagemaker.config, ...whole },
    { name: 'Application Auto Scaling', config: autoscaling.config, ...whole },
    { name: 'Budgets', config: createBudgetsClient().config, ...whole },
    { name: 'Pricing', config: createPricingClient().config, ...hasty },
  ])('of $name waits a while, and throws then', async ({ config, attempts, time }) => {
    expect(await config.maxAttempts()).toBe(attempts);
    expect(config.requestHandler.httpHandlerConfigs()).toMatchObject(time);
  });
});
