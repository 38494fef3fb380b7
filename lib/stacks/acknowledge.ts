import { Stack, Token, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Says why findings of the cdk-nag rule AwsSolutions-IAM5 (wildcards) are right where they are. Each finding
 * is named by itself, so that a new wildcard is found again.
 */
export function acknowledgeWildcards(scope: IConstruct, findings: Readonly<Record<string, string>>): void {
  Validations.of(scope).acknowledge(
    ...Object.entries(findings).map(([finding, reason]) => ({
      id: `AwsSolutions-IAM5[${asFound(finding, scope)}]`,
      reason,
    })),
  );
}

/** cdk-nag writes what a stack with an `env` knows as its value, and the rest as `<AWS::AccountId>`. */
function asFound(finding: string, scope: IConstruct): string {
  const { partition, region, account } = Stack.of(scope);
  const pseudo = { '<AWS::Partition>': partition, '<AWS::Region>': region, '<AWS::AccountId>': account };
  return Object.entries(pseudo).reduce(
    (text, [name, value]) => (Token.isUnresolved(value) ? text : text.replaceAll(name, value)),
    finding,
  );
}
