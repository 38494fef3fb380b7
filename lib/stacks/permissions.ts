import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Permission } from '../fleet/kind.ts';
import type { Policy } from '../policy/policy.ts';
import { acknowledgeWildcards } from './acknowledge.ts';

/**
 * Grants a kind's permissions. What is bound to tagged resources is allowed only where the resource carries
 * the project tag, whatever its value; what makes something, where the request gives it that tag. What only a policy
 * with `allow` would need is granted only where there is one.
 */
export function grantPermissions(
  role: IRole,
  permissions: readonly Permission[],
  { tags, policies }: Pick<Policy, 'tags' | 'policies'>,
): void {
  const { partition } = Stack.of(role);
  const projectTag = tags.project;
  const isNeeded = ({ consent }: Permission): boolean =>
    consent === undefined || policies.some(({ allow }) => allow.includes(consent));
  for (const permission of permissions.filter(isNeeded)) {
    const { actions, resources } = permission;
    const conditions = conditionsOf(permission, projectTag);
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: resources.map((resource) => (resource === '*' ? '*' : `arn:${partition}:${resource}`)),
        ...(Object.keys(conditions).length === 0 ? {} : { conditions }),
      }),
    );
    acknowledgeWildcards(
      role,
      Object.fromEntries(
        resources
          .filter((resource) => resource !== '*')
          .map((resource) => [
            `Resource::arn:<AWS::Partition>:${resource}`,
            reasonOf(permission, projectTag),
          ]),
      ),
    );
  }
}

function conditionsOf(
  { taggedOnly, requestTagged, conditions = {} }: Permission,
  projectTag: string,
): Record<string, Record<string, string>> {
  const tags = {
    ...(taggedOnly ? { [`aws:ResourceTag/${projectTag}`]: 'false' } : {}),
    ...(requestTagged === true ? { [`aws:RequestTag/${projectTag}`]: 'false' } : {}),
  };
  const operators = {
    ...conditions,
    ...(Object.keys(tags).length === 0 ? {} : { Null: { ...conditions.Null, ...tags } }),
  };
  return Object.fromEntries(Object.entries(operators).map(([operator, keys]) => [operator, { ...keys }]));
}

function reasonOf({ taggedOnly, requestTagged, conditions }: Permission, projectTag: string): string {
  const bound = [
    ...(taggedOnly ? [`what carries the tag ${projectTag}`] : []),
    ...(requestTagged === true ? [`requests that set the tag ${projectTag}`] : []),
    ...Object.values(conditions ?? {}).flatMap((keys) =>
      Object.entries(keys).map(([key, value]) => `${key} ${value}`),
    ),
  ];
  return bound.length === 0
    ? 'The fleet changes by the hour; these actions only read.'
    : `The fleet changes by the hour; the statement is bound to ${bound.join(' and ')}.`;
}
