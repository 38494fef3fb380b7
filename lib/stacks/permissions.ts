import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Permission } from '../fleet/kind.ts';
import { acknowledgeWildcards } from './acknowledge.ts';

/**
 * Grants a kind's permissions. What is bound to tagged resources is allowed only where the resource carries
 * the project tag, whatever its value.
 */
export function grantPermissions(role: IRole, permissions: readonly Permission[], projectTag: string): void {
  const { partition } = Stack.of(role);
  for (const { actions, resources, taggedOnly } of permissions) {
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: resources.map((resource) => (resource === '*' ? '*' : `arn:${partition}:${resource}`)),
        ...(taggedOnly ? { conditions: { Null: { [`aws:ResourceTag/${projectTag}`]: 'false' } } } : {}),
      }),
    );
    const reason = taggedOnly
      ? `The fleet changes by the hour; the statement is bound to what carries the tag ${projectTag}.`
      : 'The fleet changes by the hour; these actions only read.';
    acknowledgeWildcards(
      role,
      Object.fromEntries(
        resources
          .filter((resource) => resource !== '*')
          .map((resource) => [`Resource::arn:<AWS::Partition>:${resource}`, reason]),
      ),
    );
  }
}
