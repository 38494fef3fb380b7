import {
  CreatePolicyCommand,
  CreateRoleCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIamClient } from '../../lib/fleet/clients.ts';
import { createLaunchDenial, type LaunchDenial } from '../../lib/fleet/launch-denial.ts';
import { startMiniStack } from '../support/ministack.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { NOW, REGION, useEndpoint } from './fixtures.ts';

describe.each([
  { name: 'moto', start: startMoto },
  { name: 'MiniStack', start: startMiniStack },
])('IAM on $name', ({ start }) => {
  let server: Moto;
  let iam: IAMClient;
  let sts: STSClient;
  let denial: LaunchDenial;
  let restoreEnvironment: () => void;

  beforeAll(async () => {
    server = await start();
    restoreEnvironment = useEndpoint(server.endpoint);
    iam = createIamClient();
    sts = new STSClient({ region: REGION });
    const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const { Policy } = await iam.send(
      new CreatePolicyCommand({
        PolicyName: 'deny-launches',
        PolicyDocument: document({ Effect: 'Deny', Action: 'ec2:RunInstances', Resource: '*' }),
      }),
    );
    for (const RoleName of ['developers', 'trainers']) {
      await iam.send(
        new CreateRoleCommand({
          RoleName,
          AssumeRolePolicyDocument: document({
            Effect: 'Allow',
            Principal: { Service: 'ec2.amazonaws.com' },
            Action: 'sts:AssumeRole',
          }),
        }),
      );
    }
    denial = createLaunchDenial({ iam, sts, policyArn: Policy?.Arn ?? '', now: () => NOW });
  }, 60_000);

  afterAll(async () => {
    iam?.destroy();
    sts?.destroy();
    restoreEnvironment?.();
    await server?.stop();
  });

  const policiesOf = async (RoleName: string) => {
    const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    return AttachedPolicies.map(({ PolicyName }) => PolicyName);
  };

  it('denies, however often, knows whom, and lets go again', async () => {
    expect(await denial.deniedRoles()).toEqual(new Set());
    expect((await denial.deny('developers')).status).toBe('taken');
    expect((await denial.deny('developers')).status).toBe('taken');
    expect((await denial.deny('trainers')).status).toBe('taken');
    expect(await policiesOf('developers')).toEqual(['deny-launches']);
    expect(await denial.deniedRoles()).toEqual(new Set(['developers', 'trainers']));
    expect((await denial.allow('developers')).status).toBe('taken');
    expect(await denial.allow('developers')).toMatchObject({ status: 'skipped', code: 'NotDenied' });
    expect(await policiesOf('developers')).toEqual([]);
    expect(await denial.deniedRoles()).toEqual(new Set(['trainers']));
  });

  it('a role that does not exist can be denied nothing, and has nothing taken off it', async () => {
    expect(await denial.deny('nobody')).toMatchObject({
      status: 'failed',
      code: 'NoSuchEntityException',
      retry: false,
    });
    expect(await denial.allow('nobody')).toMatchObject({ status: 'skipped', code: 'NotDenied' });
  });
});
