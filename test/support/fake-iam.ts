import {
  AttachRolePolicyCommand,
  type AttachRolePolicyCommandInput,
  DetachRolePolicyCommand,
  type DetachRolePolicyCommandInput,
  IAMClient,
  IAMServiceException,
  ListEntitiesForPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';

export const DENY_POLICY = 'arn:aws:iam::111122223333:policy/bursar-deny-launches';

/** IAM in memory behind mocked clients: the roles that exist, and those that the one policy is attached to. */
export function createFakeIam(roles: readonly string[]) {
  const denied = new Set<string>();
  /** What IAM answers for a role instead of doing as asked. */
  const refusals = new Map<string, string>();
  /** `attach a`, in order. */
  const calls: string[] = [];
  const iam = new IAMClient({ region: 'us-east-1' });
  const sts = new STSClient({ region: 'us-east-1' });
  const refused = (name: string) =>
    new IAMServiceException({ name, message: 'IAM says no.', $fault: 'client', $metadata: {} });
  const check = (what: string, role: string): void => {
    calls.push(`${what} ${role}`);
    const refusal = roles.includes(role) ? refusals.get(role) : 'NoSuchEntityException';
    if (refusal !== undefined) throw refused(refusal);
  };
  const mock = mockClient(iam);
  mock.on(AttachRolePolicyCommand).callsFake(({ RoleName = '' }: AttachRolePolicyCommandInput) => {
    check('attach', RoleName);
    denied.add(RoleName);
    return {};
  });
  mock.on(DetachRolePolicyCommand).callsFake(({ RoleName = '' }: DetachRolePolicyCommandInput) => {
    check('detach', RoleName);
    if (!denied.delete(RoleName)) throw refused('NoSuchEntityException');
    return {};
  });
  mock.on(ListEntitiesForPolicyCommand).callsFake(() => {
    calls.push('list');
    return { PolicyRoles: [...denied].map((RoleName) => ({ RoleName })), IsTruncated: false };
  });
  mockClient(sts)
    .on(GetCallerIdentityCommand)
    .resolves({ Arn: 'arn:aws:sts::111122223333:assumed-role/bursar-enforce/bursar-enforce' });
  return { iam, sts, denied, refusals, calls };
}
