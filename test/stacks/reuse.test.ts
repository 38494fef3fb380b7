import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import { describe, expect, it } from 'vitest';
import { BudgetEnforcer, ProjectBudgets } from '../../lib/stacks/index.ts';
import { bothStacks, changedPolicy, EVERYTHING, POLICY_FILE, unbundledApp } from './fixtures.ts';
import { resourcesOf } from './read-template.ts';

describe('the constructs in stacks of others', () => {
  const app = unbundledApp();
  const first = new Stack(app, 'Costs');
  const bursar = new BudgetEnforcer(first, 'Guard', { policyFile: POLICY_FILE });
  new ProjectBudgets(first, 'Limits', { policyFile: POLICY_FILE, signalsTopic: bursar.signalsTopic });
  bursar.alertsTopic.addSubscription(new SqsSubscription(new Queue(first, 'TheirQueue')));
  const second = new Stack(app, 'Research');
  new BudgetEnforcer(second, 'Watch', { policyFile: changedPolicy('budget: 4000 USD', 'budget: 1 USD') });
  const texts = [first, second].map((stack) => JSON.stringify(Template.fromStack(stack).toJSON()));

  it('synthesise in one app', () => {
    expect(app.synth().stacks.map(({ stackName }) => stackName)).toEqual(['Costs', 'Research']);
  });

  it('name nothing themselves that must be unique in an account, but the budgets', () => {
    // Each of these would clash with the other stack in the account.
    const names =
      /"(FunctionName|QueueName|TopicName|TableName|RoleName|AlarmName|AliasName|LogGroupName)":"/;
    for (const text of texts) expect(text).not.toMatch(names);
    const dashboards = [first, second].flatMap((stack) =>
      resourcesOf(Template.fromStack(stack), 'AWS::CloudWatch::Dashboard').map((one) => one.properties),
    );
    for (const dashboard of dashboards) expect(dashboard).not.toHaveProperty('DashboardName');
  });

  it('refer to their own stack alone', () => {
    for (const text of texts) expect(text).not.toContain('Fn::ImportValue');
  });

  it('give each stack its own policy', () => {
    const [one, other] = texts.map((text) => /[0-9a-f]{64}\.yaml/.exec(text)?.[0]);
    expect(one).toBeDefined();
    expect(other).toBeDefined();
    expect(one).not.toBe(other);
  });
});

describe('an app with the feature flags that `cdk init` sets', () => {
  it.each([
    ['of any account', {}],
    ['of a given one', { env: { account: '123456789012', region: 'eu-west-1' } }],
  ])('takes stacks %s', (_, props) => {
    const app = unbundledApp();
    for (const [flag, value] of Object.entries(CURRENTLY_RECOMMENDED_FLAGS)) app.node.setContext(flag, value);
    bothStacks(app, { ...EVERYTHING, ...props });
    expect(app.synth().stacks).toHaveLength(2);
  });
});
