import {
  AttachRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  ListEntitiesForPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createLaunchDenial } from '../../lib/fleet/launch-denial.ts';
import { awsError, NOW } from './fixtures.ts';

// Refusals and pages that MiniStack does not make; the rest is in launch-denial-wire.test.ts.
const iam = new IAMClient({ region: 'us-east-1' });
const sts = new STSClient({ region: 'us-east-1' });
const iamMock = mockClient(iam);
const stsMock = mockClient(sts);
const policyArn = 'arn:aws:iam::111122223333:policy/bursar-deny';
const OWN = 'Bursar-EnforceServiceRole-1X';

let denial: ReturnType<typeof createLaunchDenial>;
beforeEach(() => {
  iamMock.reset();
  stsMock.reset();
  stsMock
    .on(GetCallerIdentityCommand)
    .resolves({ Arn: `arn:aws:sts::111122223333:assumed-role/${OWN}/Bursar-Enforce-2Y` });
  denial = createLaunchDenial({ iam, sts, policyArn, now: () => NOW });
});

it('names the roles of all pages', async () => {
  iamMock
    .on(ListEntitiesForPolicyCommand, { PolicyArn: policyArn, EntityFilter: 'Role' })
    .resolvesOnce({ PolicyRoles: [{ RoleName: 'a' }], IsTruncated: true, Marker: 'next' })
    .resolvesOnce({ PolicyRoles: [{ RoleName: 'b' }, {}], IsTruncated: false });
  expect(await denial.deniedRoles()).toEqual(new Set(['a', 'b']));
  const [first, second] = iamMock.commandCalls(ListEntitiesForPolicyCommand);
  expect([first?.args[0].input.Marker, second?.args[0].input.Marker]).toEqual([undefined, 'next']);
});

describe('deny', () => {
  it('attaches the policy', async () => {
    iamMock.on(AttachRolePolicyCommand).resolves({});
    expect(await denial.deny('fraud-developers')).toEqual({
      status: 'taken',
      at: NOW,
      detail: 'Role fraud-developers may launch nothing.',
    });
    expect(iamMock.commandCalls(AttachRolePolicyCommand)[0]?.args[0].input).toEqual({
      RoleName: 'fraud-developers',
      PolicyArn: policyArn,
    });
  });

  it.each([
    { name: 'LimitExceededException', retry: false, says: /as many policies as IAM allows/ },
    { name: 'NoSuchEntityException', retry: false, says: /no such role/ },
    { name: 'UnmodifiableEntityException', retry: false, says: /no/ },
    { name: 'AccessDenied', retry: false, says: /no/ },
    { name: 'Throttling', retry: true, says: /no/ },
    { name: 'ServiceFailureException', retry: true, says: /no/, fault: 'server' as const },
  ])('$name is tried again: $retry', async ({ name, retry, says, fault }) => {
    iamMock.on(AttachRolePolicyCommand).rejects(awsError(name, 'no', fault));
    expect(await denial.deny('a')).toMatchObject({
      status: 'failed',
      code: name,
      detail: expect.stringMatching(says),
      retry,
    });
  });

  it.each([
    'AWSServiceRoleForAmazonSageMakerNotebooks',
    'cdk-hnb659fds-deploy-role-111122223333-us-east-1',
    OWN,
  ])('never touches %s', async (role) => {
    expect(await denial.deny(role)).toMatchObject({
      status: 'failed',
      code: 'RoleNotDeniable',
      detail: expect.stringContaining('take it out of freezeRoles'),
      retry: false,
    });
    expect(iamMock.calls()).toHaveLength(0);
  });

  it('touches nothing where it cannot know its own role', async () => {
    stsMock.on(GetCallerIdentityCommand).rejects(awsError('TimeoutError', 'too slow'));
    expect(await denial.deny('a')).toMatchObject({ status: 'failed', code: 'TimeoutError', retry: true });
    expect(iamMock.calls()).toHaveLength(0);
  });

  it('asks for its own role once', async () => {
    iamMock.on(AttachRolePolicyCommand).resolves({});
    await denial.deny('a');
    await denial.deny('b');
    expect(stsMock.calls()).toHaveLength(1);
  });
});

describe('allow', () => {
  it.each([
    { name: 'NoSuchEntityException', outcome: { status: 'skipped', code: 'NotDenied' } },
    { name: 'Throttling', outcome: { status: 'failed', retry: true } },
    { name: 'AccessDenied', outcome: { status: 'failed', retry: false } },
  ])('$name is $outcome.status', async ({ name, outcome }) => {
    iamMock.on(DetachRolePolicyCommand).rejects(awsError(name, 'no'));
    expect(await denial.allow('a')).toMatchObject(outcome);
  });
});
