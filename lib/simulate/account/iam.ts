import {
  AttachRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  IAMServiceException,
  ListAttachedRolePoliciesCommand,
  ListEntitiesForPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { answering } from './answering.ts';
import { ACCOUNT } from './state.ts';

export const DENY_POLICY = `arn:aws:iam::${ACCOUNT}:policy/bursar-deny-launches`;

/** On one page, where nobody says how many (IAM API reference). */
const PER_PAGE = 100;

/** IAM in memory behind clients that ask nobody: the roles that exist, and those that the one policy is attached to. */
export function createIam(roles: readonly string[]) {
  const denied = new Set<string>();
  /** What IAM answers for a role instead of doing as asked. */
  const refusals = new Map<string, string>();
  /** `attach a`, in order. */
  const calls: string[] = [];
  const refused = (name: string, message = 'IAM says no.') =>
    new IAMServiceException({ name, message, $fault: 'client', $metadata: {} });
  const mustExist = (role: string): void => {
    if (roles.includes(role)) return;
    throw refused('NoSuchEntityException', `The role with name ${role} cannot be found.`);
  };
  const check = (what: string, role: string, policy: string | undefined): void => {
    calls.push(`${what} ${role}`);
    mustExist(role);
    const refusal = refusals.get(role);
    if (refusal !== undefined) throw refused(refusal);
    if (policy !== DENY_POLICY) {
      throw refused('NoSuchEntityException', `Policy ${policy} does not exist or is not attachable.`);
    }
  };
  const { client: iam } = answering(new IAMClient({ region: 'us-east-1' }))
    // Attaching what is attached already is no error.
    .on(AttachRolePolicyCommand, ({ RoleName = '', PolicyArn }) => {
      check('attach', RoleName, PolicyArn);
      denied.add(RoleName);
      return {};
    })
    .on(DetachRolePolicyCommand, ({ RoleName = '', PolicyArn }) => {
      check('detach', RoleName, PolicyArn);
      if (!denied.delete(RoleName)) {
        throw refused('NoSuchEntityException', `Policy ${PolicyArn} was not found.`);
      }
      return {};
    })
    .on(ListAttachedRolePoliciesCommand, ({ RoleName = '' }) => {
      mustExist(RoleName);
      const [, PolicyName = ''] = DENY_POLICY.split('/');
      return {
        AttachedPolicies: denied.has(RoleName) ? [{ PolicyName, PolicyArn: DENY_POLICY }] : [],
        IsTruncated: false,
      };
    })
    .on(ListEntitiesForPolicyCommand, ({ PolicyArn, EntityFilter, Marker, MaxItems = PER_PAGE }) => {
      calls.push('list');
      if (PolicyArn !== DENY_POLICY) {
        throw refused('NoSuchEntityException', `Policy ${PolicyArn} was not found.`);
      }
      const all = EntityFilter === undefined || EntityFilter === 'Role' ? [...denied] : [];
      const start = Marker === undefined ? 0 : Number(Marker);
      const end = start + MaxItems;
      return {
        PolicyGroups: [],
        PolicyUsers: [],
        PolicyRoles: all.slice(start, end).map((RoleName) => ({ RoleName })),
        IsTruncated: end < all.length,
        ...(end < all.length ? { Marker: `${end}` } : {}),
      };
    });
  const { client: sts } = answering(new STSClient({ region: 'us-east-1' })).on(
    GetCallerIdentityCommand,
    () => ({
      UserId: 'AROAEXAMPLE:bursar-enforce',
      Account: ACCOUNT,
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/bursar-enforce/bursar-enforce`,
    }),
  );
  return { iam, sts, denied, refusals, calls };
}
