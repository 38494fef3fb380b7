import {
  AttachRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  IAMServiceException,
  ListEntitiesForPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { answering } from './answering.ts';

export const DENY_POLICY = 'arn:aws:iam::111122223333:policy/bursar-deny-launches';

/** IAM in memory behind clients that ask nobody: the roles that exist, and those that the one policy is attached to. */
export function createIam(roles: readonly string[]) {
  const denied = new Set<string>();
  /** What IAM answers for a role instead of doing as asked. */
  const refusals = new Map<string, string>();
  /** `attach a`, in order. */
  const calls: string[] = [];
  const refused = (name: string) =>
    new IAMServiceException({ name, message: 'IAM says no.', $fault: 'client', $metadata: {} });
  const check = (what: string, role: string): void => {
    calls.push(`${what} ${role}`);
    const refusal = roles.includes(role) ? refusals.get(role) : 'NoSuchEntityException';
    if (refusal !== undefined) throw refused(refusal);
  };
  const { client: iam } = answering(new IAMClient({ region: 'us-east-1' }))
    .on(AttachRolePolicyCommand, ({ RoleName = '' }) => {
      check('attach', RoleName);
      denied.add(RoleName);
      return {};
    })
    .on(DetachRolePolicyCommand, ({ RoleName = '' }) => {
      check('detach', RoleName);
      if (!denied.delete(RoleName)) throw refused('NoSuchEntityException');
      return {};
    })
    .on(ListEntitiesForPolicyCommand, () => {
      calls.push('list');
      return { PolicyRoles: [...denied].map((RoleName) => ({ RoleName })), IsTruncated: false };
    });
  const { client: sts } = answering(new STSClient({ region: 'us-east-1' })).on(
    GetCallerIdentityCommand,
    () => ({
      Arn: 'arn:aws:sts::111122223333:assumed-role/bursar-enforce/bursar-enforce',
    }),
  );
  return { iam, sts, denied, refusals, calls };
}
