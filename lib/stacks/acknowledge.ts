import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Says why findings of the cdk-nag rule AwsSolutions-IAM5 (wildcards) are right where they are. Each finding
 * is named by itself, so that a new wildcard is found again.
 */
export function acknowledgeWildcards(scope: IConstruct, findings: Readonly<Record<string, string>>): void {
  Validations.of(scope).acknowledge(
    ...Object.entries(findings).map(([finding, reason]) => ({ id: `AwsSolutions-IAM5[${finding}]`, reason })),
  );
}
