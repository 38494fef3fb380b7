import {
  CreatePolicyCommand,
  CreateRoleCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIamClient } from '../../lib/fleet/clients.ts';
import { createLaunchDenial, type LaunchDenial } from '../../lib/fleet/launch-denial.ts';
import { ACCOUNT, REGION } from '../../lib/sandbox/local-aws.ts';
import { createIam, DENY_POLICY } from '../../lib/simulate/account/iam.ts';
import { NOW } from '../fleet/fixtures.ts';
import { itIf, type Side } from './both.ts';

const ROLES = ['developers', 'trainers'];

/** The roles, and the policy that denies launches. */
async function createRoles(iam: IAMClient): Promise<void> {
  const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const { Policy } = await iam.send(
    new CreatePolicyCommand({
      PolicyName: 'bursar-deny-launches',
      PolicyDocument: document({ Effect: 'Deny', Action: 'ec2:RunInstances', Resource: '*' }),
    }),
  );
  expect(Policy?.Arn).toBe(DENY_POLICY);
  for (const RoleName of ROLES) {
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
}

/** All that IAM and STS are asked. */
export function iamSuite(side: () => Side, name: Side['name']): void {
  describe('IAM', () => {
    let iam: IAMClient;
    let sts: STSClient;
    const denialBy = (policyArn: string): LaunchDenial =>
      createLaunchDenial({ iam, sts, policyArn, now: () => NOW });
    beforeAll(async () => {
      if (side().name === 'in memory') ({ iam, sts } = createIam(ROLES));
      else {
        iam = createIamClient();
        sts = new STSClient({ region: REGION });
        await createRoles(iam);
      }
    });
    afterAll(() => {
      iam?.destroy();
      sts?.destroy();
    });
    const policiesOf = async (RoleName: string) => {
      const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
      return AttachedPolicies.map(({ PolicyArn }) => PolicyArn);
    };

    it('denies launches to a role, however often, knows whom, and lets go again', async () => {
      const denial = denialBy(DENY_POLICY);
      expect(await denial.deniedRoles()).toEqual(new Set());
      expect((await denial.deny('developers')).status).toBe('taken');
      expect((await denial.deny('developers')).status).toBe('taken');
      expect((await denial.deny('trainers')).status).toBe('taken');
      expect(await policiesOf('developers')).toEqual([DENY_POLICY]);
      expect(await denial.deniedRoles()).toEqual(new Set(ROLES));
      expect((await denial.allow('developers')).status).toBe('taken');
      expect(await denial.allow('developers')).toMatchObject({ status: 'skipped', code: 'NotDenied' });
      expect(await policiesOf('developers')).toEqual([]);
      expect(await denial.deniedRoles()).toEqual(new Set(['trainers']));
    });

    it('denies nothing to a role that is not there', async () => {
      const denial = denialBy(DENY_POLICY);
      expect(await denial.deny('nobody')).toMatchObject({ status: 'failed', code: 'NoSuchEntityException' });
      expect(await denial.allow('nobody')).toMatchObject({ status: 'skipped', code: 'NotDenied' });
      await expect(policiesOf('nobody')).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    });

    const other = () => denialBy(`${DENY_POLICY}-too`);

    it('knows nobody whom a policy denies that is not there', async () => {
      await expect(other().deniedRoles()).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    });

    itIf(name === 'in memory')('denies nothing by a policy that is not there', async () => {
      expect(await other().deny('developers')).toMatchObject({ code: 'NoSuchEntityException' });
    });

    itIf(name === 'local AWS')('MiniStack attaches a policy that is not there, AWS does not', async () => {
      expect((await other().deny('developers')).status).toBe('taken');
    });

    it('says whose account it is', async () => {
      expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: ACCOUNT });
    });
  });
}
