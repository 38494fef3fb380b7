import { BootstraplessSynthesizer, DefaultStackSynthesizer, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { LaunchEvents } from './launch-events.ts';
import { readPolicy } from './policy-asset.ts';
import { serviceForThisAccount } from './this-account.ts';

export interface LaunchEventsStackProps extends StackProps {
  /** Path of `bursar.yaml`. */
  readonly policyFile: string;
  /** Where the enforcer is: a rule of EventBridge sees the events of its own region alone. */
  readonly mainRegion: string;
}

/**
 * Sends what happens in one more region to the default event bus of the enforcer's, where it meets the same rules.
 * It needs no bootstrap of its region: it has no assets, and is deployed by the roles of the enforcer's region.
 */
export class LaunchEventsStack extends Stack {
  constructor(scope: Construct, id: string, props: LaunchEventsStackProps) {
    super(scope, id, { synthesizer: new RolesOfRegion(props.mainRegion), ...props });
    const bus = `arn:${this.partition}:events:${props.mainRegion}:${this.account}:event-bus/default`;
    const role = new Role(this, 'Role', {
      assumedBy: serviceForThisAccount(this, 'events.amazonaws.com'),
      description: `Bursar: sends events of this region to ${props.mainRegion}`,
    });
    role.addToPolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus] }));
    new LaunchEvents(this, 'Events', {
      tags: readPolicy(props.policyFile).tags,
      target: { bind: () => ({ arn: bus, role }) },
    });
  }
}

/** IAM knows no regions, so the roles that `cdk bootstrap` made in one can deploy to every other. */
class RolesOfRegion extends BootstraplessSynthesizer {
  constructor(region: string) {
    const inRegion = (arn: string): string => arn.replace(/\$\{AWS::Region\}$/, region);
    super({
      deployRoleArn: inRegion(DefaultStackSynthesizer.DEFAULT_DEPLOY_ROLE_ARN),
      cloudFormationExecutionRoleArn: inRegion(DefaultStackSynthesizer.DEFAULT_CLOUDFORMATION_ROLE_ARN),
    });
  }

  // By CDK's own types these may be `undefined`, which its stacks do not take.
  override get bootstrapQualifier(): string {
    return super.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  }
  override get cloudFormationExecutionRole(): string {
    return super.cloudFormationExecutionRole ?? DefaultStackSynthesizer.DEFAULT_CLOUDFORMATION_ROLE_ARN;
  }
  override get lookupRole(): string {
    return super.lookupRole ?? DefaultStackSynthesizer.DEFAULT_LOOKUP_ROLE_ARN;
  }
}
