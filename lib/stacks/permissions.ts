import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Permission } from '../fleet/kind.ts';
import type { Policy } from '../policy/policy.ts';
import { acknowledgeWildcards } from './acknowledge.ts';

/** The tag that what is acted on must carry, whatever its value, and one that it must not carry. */
export interface Bound {
  readonly has: string;
  readonly lacks?: string;
}

/**
 * Grants a kind's permissions. What is bound to tagged resources is allowed only where the resource carries
 * the tag of `bound`, the project's where none is given; what makes something, where the request gives it that tag.
 * What only a policy with `allow` would need is granted only where there is one.
 */
export function grantPermissions(
  role: IRole,
  permissions: readonly Permission[],
  { tags, policies }: Pick<Policy, 'tags' | 'policies'>,
  bound: Bound = { has: tags.project },
): void {
  const { partition } = Stack.of(role);
  const isNeeded = ({ consent }: Permission): boolean =>
    consent === undefined || policies.some(({ allow }) => allow.includes(consent));
  for (const permission of permissions.filter(isNeeded)) {
    const { actions, resources } = permission;
    const conditions = conditionsOf(permission, bound);
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
          .map((resource) => [`Resource::arn:<AWS::Partition>:${resource}`, reasonOf(permission, bound)]),
      ),
    );
  }
}

function conditionsOf(
  { taggedOnly, requestTagged, conditions = {} }: Permission,
  bound: Bound,
): Record<string, Record<string, string>> {
  const tags = {
    ...(taggedOnly ? carrying('aws:ResourceTag', bound) : {}),
    ...(requestTagged === true ? carrying('aws:RequestTag', bound) : {}),
  };
  const operators = {
    ...conditions,
    ...(Object.keys(tags).length === 0 ? {} : { Null: { ...conditions.Null, ...tags } }),
  };
  return Object.fromEntries(Object.entries(operators).map(([operator, keys]) => [operator, { ...keys }]));
}

/** By the operator `Null`: false = it is there, true = it is not. */
const carrying = (key: 'aws:ResourceTag' | 'aws:RequestTag', { has, lacks }: Bound) => ({
  [`${key}/${has}`]: 'false',
  ...(lacks === undefined ? {} : { [`${key}/${lacks}`]: 'true' }),
});

function reasonOf({ taggedOnly, requestTagged, conditions = {} }: Permission, { has }: Bound): string {
  const bound = [
    ...(taggedOnly ? [`what carries the tag ${has}`] : []),
    ...(requestTagged === true ? [`requests that set the tag ${has}`] : []),
    ...Object.entries(conditions)
      .filter(([operator]) => operator !== 'Null')
      .flatMap(([, keys]) => Object.entries(keys).map(([key, value]) => `${key} ${value}`)),
  ];
  return bound.length === 0
    ? 'The fleet changes by the hour; these actions only read.'
    : `The fleet changes by the hour; the statement is bound to ${bound.join(' and ')}.`;
}
