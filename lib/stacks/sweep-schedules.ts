import { Duration, Names, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnScheduleGroup, Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge.ts';
import { serviceForThisAccount } from './this-account.ts';

/**
 * What starts a sweep: every 5 minutes, and at the minutes that people were told. For those the handlers, the sweep among them, make
 * one-time schedules in a group of their own; deleting the stack deletes the group with all that is in it.
 * Schedules hold no data (their input is empty) and are encrypted by a key that AWS owns, as all are.
 */
export class SweepSchedules extends Construct {
  /** What the sweep needs to make one-time schedules; it knows itself what it is called. */
  readonly environment: { readonly WAKE_ROLE_ARN: string; readonly WAKE_GROUP: string };
  readonly #role: Role;
  readonly #groupName: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#role = new Role(this, 'Role', {
      assumedBy: serviceForThisAccount(this, 'scheduler.amazonaws.com'),
      description: 'Bursar: starts sweeps',
    });
    this.#groupName = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' });
    const group = new CfnScheduleGroup(this, 'Wakes', { name: this.#groupName });
    this.environment = { WAKE_ROLE_ARN: this.#role.roleArn, WAKE_GROUP: group.ref };
  }

  /** What another handler than the sweep needs to make one-time schedules. */
  environmentFor(sweep: IFunction) {
    return { ...this.environment, SWEEP_FUNCTION_ARN: sweep.functionArn };
  }

  /** Has the sweep started every 5 minutes, and at the minutes that handlers ask for. */
  start(sweep: IFunction): void {
    this.#role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [sweep.functionArn] }),
    );
    new Schedule(this, 'Regular', {
      description: 'Bursar: a sweep every 5 minutes',
      schedule: ScheduleExpression.rate(Duration.minutes(5)),
      // A sweep that failed is not repeated: the next one sees the same and more.
      target: new LambdaInvoke(sweep, {
        // Without policy updates: CDK would let it invoke every version as well.
        role: this.#role.withoutPolicyUpdates(),
        retryAttempts: 0,
        maxEventAge: Duration.minutes(4),
      }),
    });
  }

  /** Lets a role make schedules of the group, which can start nothing but the sweep; not change or delete them. */
  grantWake(role: Role): void {
    const { partition, region, account } = Stack.of(this);
    role.addToPolicy(
      new PolicyStatement({
        actions: ['scheduler:CreateSchedule'],
        resources: [`arn:${partition}:scheduler:${region}:${account}:schedule/${this.#groupName}/*`],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [this.#role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      }),
    );
    acknowledgeWildcards(role, {
      [`Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/${this.#groupName}/*`]:
        'One-time schedules are named by their time; the group is of these alone.',
    });
  }
}
