import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-organizations';
import type { Construct } from 'constructs';
import { DENIED_LAUNCHES } from './denied-launches.ts';

export interface ScpStackProps extends StackProps {
  /** Ids of accounts, organizational units or the root that it is attached to. @default none */
  readonly targets?: readonly string[];
}

/**
 * For the management account of an organization: a service control policy under which nobody of an account may launch
 * anything, but Bursar, which brings back what people ask it for. Bursar attaches it to nothing by itself: see
 * docs/organisation-scp.md.
 */
export class ScpStack extends Stack {
  constructor(scope: Construct, id: string, { targets = [], ...props }: ScpStackProps = {}) {
    super(scope, id, props);
    new CfnPolicy(this, 'Policy', {
      name: 'bursar-launch-freeze',
      description: 'Bursar: while it is attached, nobody of the account may launch anything',
      type: 'SERVICE_CONTROL_POLICY',
      content: {
        Version: '2012-10-17',
        Statement: DENIED_LAUNCHES.map(({ actions, except }) => ({
          Effect: 'Deny',
          Action: actions,
          ...(except === undefined
            ? { Resource: '*' }
            : { NotResource: except.map((resource) => `arn:*:${resource}`) }),
          Condition: { ArnNotLike: { 'aws:PrincipalArn': ENFORCER } },
        })),
      },
      ...(targets.length === 0 ? {} : { targetIds: [...targets] }),
    });
  }
}

/** The role of the enforcer, by the name that CloudFormation begins it with in the stack `Bursar`. */
const ENFORCER = 'arn:*:iam::*:role/Bursar-EnforcerEnforceRole*';
