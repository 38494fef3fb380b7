import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge.ts';

/**
 * What whoever uses the commands of `bursar` needs: to find the functions, and to invoke them. It is attached to
 * nobody. Whoever has it may ask for any stop, keep or restore that the policy file lets Bursar do at all.
 */
export function createOperatorPolicy(scope: Construct, functions: readonly IFunction[]): ManagedPolicy {
  const { partition, region, account, stackName } = Stack.of(scope);
  const policy = new ManagedPolicy(scope, 'OperatorPolicy', {
    description: 'Lets people use the commands of bursar: keep, stop, restore, status, audit',
    statements: [
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: functions.map(({ functionArn }) => functionArn),
      }),
      new PolicyStatement({
        actions: ['cloudformation:DescribeStacks'],
        // By its name a stack is asked for without the id that CloudFormation gave it.
        resources: [`arn:${partition}:cloudformation:${region}:${account}:stack/${stackName}/*`],
      }),
    ],
  });
  acknowledgeWildcards(policy, {
    [`Resource::arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/${stackName}/*`]:
      'The one stack, whatever id CloudFormation gave it; this only reads.',
  });
  return policy;
}
