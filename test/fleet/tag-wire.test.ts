import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateDBInstanceCommand } from '@aws-sdk/client-rds';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRegionClients, type RegionClients } from '../../lib/fleet/clients.ts';
import { ec2Instance } from '../../lib/fleet/ec2-instance.ts';
import { rdsInstance } from '../../lib/fleet/rds-instance.ts';
import { sagemakerEndpoint } from '../../lib/fleet/sagemaker-endpoint.ts';
import { tagResources } from '../../lib/fleet/tag.ts';
import type { LoopbackServer } from '../../lib/sandbox/loopback.ts';
import { startTaggingFront } from '../../lib/sandbox/tagging-front.ts';
import { type MiniStack, startMiniStack } from '../support/ministack.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { ACCOUNT, contextOf, endpointArn, instanceArn, NOW, REGION, useEndpoint } from './fixtures.ts';

/*
 * The front of the sandbox takes the place of the tagging API itself, of which no emulator knows instances: what is
 * tested is that a tag that the product writes is the tag that it reads, and what it makes of refusals.
 */

let ministack: MiniStack;
let moto: Moto;
let front: LoopbackServer;
let clients: RegionClients;
let restoreEnvironment: () => void;

beforeAll(async () => {
  [ministack, moto] = await Promise.all([startMiniStack(), startMoto()]);
  front = await startTaggingFront({
    ec2: ministack.endpoint,
    rds: ministack.endpoint,
    sagemaker: moto.endpoint,
    groups: moto.endpoint,
    others: ministack.endpoint,
    account: ACCOUNT,
  });
  restoreEnvironment = useEndpoint(ministack.endpoint);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SAGEMAKER: moto.endpoint,
    AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API: front.url,
    AWS_ACCESS_KEY_ID: ACCOUNT,
  });
  clients = createRegionClients(REGION);
}, 60_000);

afterAll(async () => {
  for (const client of Object.values(clients ?? {})) client.destroy();
  delete process.env.AWS_ENDPOINT_URL_SAGEMAKER;
  delete process.env.AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API;
  restoreEnvironment?.();
  await front?.stop();
  await Promise.all([ministack?.stop(), moto?.stop()]);
});

const tag = (arns: readonly string[], tags: Readonly<Record<string, string>>) =>
  tagResources(arns, tags, { tagging: clients.tagging, now: () => NOW });

async function instances(count: number): Promise<readonly string[]> {
  const { Instances = [] } = await clients.ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12c6146b',
      InstanceType: 'm5.large',
      MinCount: count,
      MaxCount: count,
    }),
  );
  return Instances.flatMap(({ InstanceId: id }) => id ?? []);
}

it('is read by the kind that it tagged: EC2 instances, more than one call takes', async () => {
  const ids = await instances(23);
  const outcomes = await tag(ids.map(instanceArn), { 'bursar:creator': 'ana' });
  expect(outcomes.size).toBe(23);
  expect(new Set([...outcomes.values()].map(({ status }) => status))).toEqual(new Set(['taken']));
  const found = await ec2Instance.describe(ids, contextOf(clients));
  expect(found.map(({ tags }) => tags)).toEqual(ids.map(() => ({ 'bursar:creator': 'ana' })));
});

it('a database and an endpoint', async () => {
  const db = `arn:aws:rds:${REGION}:${ACCOUNT}:db:orders`;
  await clients.rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'orders',
      DBInstanceClass: 'db.m5.large',
      Engine: 'postgres',
    }),
  );
  await createEndpoint('churn');
  const outcomes = await tag([db, endpointArn('churn')], { owner: 'team-beta' });
  expect([...outcomes].map(([arn, { status }]) => [arn, status])).toEqual([
    [db, 'taken'],
    [endpointArn('churn'), 'taken'],
  ]);
  expect((await rdsInstance.describe(['orders'], contextOf(clients)))[0]?.tags).toMatchObject({
    owner: 'team-beta',
  });
  expect((await sagemakerEndpoint.describe(['churn'], contextOf(clients)))[0]?.tags).toMatchObject({
    owner: 'team-beta',
  });
});

async function createEndpoint(name: string): Promise<void> {
  const role = `arn:aws:iam::${ACCOUNT}:role/r`;
  await clients.sagemaker.send(
    new CreateModelCommand({ ModelName: name, ExecutionRoleArn: role, PrimaryContainer: { Image: 'i' } }),
  );
  await clients.sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: name,
      ProductionVariants: [
        { VariantName: 'main', ModelName: name, InstanceType: 'ml.m5.xlarge', InitialInstanceCount: 1 },
      ],
    }),
  );
  await clients.sagemaker.send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: name }));
}

it('what a service refuses is told of that one alone', async () => {
  const [id = ''] = await instances(1);
  const lambda = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:x`;
  const outcomes = await tag([lambda, instanceArn(id)], { owner: 'a' });
  expect(outcomes.get(instanceArn(id))?.status).toBe('taken');
  expect(outcomes.get(lambda)).toMatchObject({ status: 'failed', retry: false });
});

it('one that is no ARN does not spoil the others', async () => {
  const ids = await instances(3);
  const outcomes = await tag([...ids.map(instanceArn), 'orders'], { owner: 'a' });
  expect([...outcomes.values()].map(({ status }) => status)).toEqual(['taken', 'taken', 'taken', 'failed']);
  expect(outcomes.get('orders')).toMatchObject({ code: 'InvalidParameterException', retry: false });
});
