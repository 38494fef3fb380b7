import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Permission } from '../../lib/fleet/kind.ts';
import { kinds } from '../../lib/fleet/registry.ts';
import { changedPolicy, EVERYTHING, templates } from './fixtures.ts';
import { DocumentSchema, grantsByRole, resourcesOf, type Statement } from './read-template.ts';

const { enforcer } = templates(EVERYTHING);
const grants = grantsByRole(enforcer);
const ENFORCE = 'EnforcerEnforceRole';
const LOOKING = ['EnforcerSweepRole', 'EnforcerBudgetAlertRole', ENFORCE];

const grantsOf = (role: string): readonly Statement[] => {
  const found = grants.get(role);
  if (found === undefined) throw new Error(`no role ${role} among ${[...grants.keys()].join(', ')}`);
  return found;
};
const allowing = (action: string, statements: readonly Statement[]): readonly Statement[] =>
  statements.filter((one) => one.effect === 'Allow' && one.actions.includes(action));

/** True where one statement allows the action on every one of the resources, under exactly that condition. */
const grantsThat = (
  { resources, taggedOnly }: Permission,
  action: string,
  role: string,
  tag = 'project',
): boolean =>
  allowing(action, grantsOf(role)).some(
    (one) =>
      resources.every((resource) =>
        one.resources.includes(resource === '*' ? '*' : `arn:<AWS::Partition>:${resource}`),
      ) &&
      JSON.stringify(one.condition) ===
        (taggedOnly ? JSON.stringify({ Null: { [`aws:ResourceTag/${tag}`]: 'false' } }) : undefined),
  );

describe('what stops something', () => {
  it.each([
    ['ec2:StopInstances', 'arn:<AWS::Partition>:ec2:*:*:instance/*'],
    ['sagemaker:DeleteEndpoint', 'arn:<AWS::Partition>:sagemaker:*:*:endpoint/*'],
  ])('%s is bound to the project tag, by the enforce role alone', (action, arn) => {
    const holders = [...grants].filter(([, statements]) => allowing(action, statements).length > 0);
    expect(holders.map(([role]) => role)).toEqual([ENFORCE]);
    expect(allowing(action, grantsOf(ENFORCE))).toEqual([
      {
        effect: 'Allow',
        actions: [action],
        resources: [arn],
        principal: undefined,
        condition: { Null: { 'aws:ResourceTag/project': 'false' } },
      },
    ]);
  });

  it('follows the tag key of the policy', () => {
    const file = changedPolicy('tags: { project: project,', 'tags: { project: "acme:cost-unit",');
    const enforce = grantsByRole(templates({ policyFile: file }).enforcer).get(ENFORCE) ?? [];
    for (const action of ['ec2:StopInstances', 'sagemaker:DeleteEndpoint']) {
      expect(allowing(action, enforce).map(({ condition }) => condition)).toEqual([
        { Null: { 'aws:ResourceTag/acme:cost-unit': 'false' } },
      ]);
    }
  });

  it('is allowed to no other role by any name', () => {
    const changing =
      /^(ec2|sagemaker|autoscaling|application-autoscaling|budgets):(?!(Describe|List|Get|View)[A-Z])/;
    const holders = [...grants].flatMap(([role, statements]) =>
      statements.flatMap(({ actions }) => actions.filter((one) => changing.test(one)).map(() => role)),
    );
    expect(new Set(holders)).toEqual(new Set([ENFORCE]));
  });
});

describe.each(kinds)('the permissions of $kind', ({ permissions }) => {
  it('to act are the enforce role’s', () => {
    expect(permissions.act).not.toHaveLength(0);
    for (const permission of permissions.act)
      for (const action of permission.actions)
        expect(grantsThat(permission, action, ENFORCE), action).toBe(true);
  });

  it.each(LOOKING)('to observe are those of %s', (role) => {
    expect(permissions.observe).not.toHaveLength(0);
    for (const permission of permissions.observe)
      for (const action of permission.actions)
        expect(grantsThat(permission, action, role), action).toBe(true);
  });

  it('that change anything are bound to tagged resources', () => {
    for (const { actions, resources, taggedOnly } of permissions.act) {
      const reads = actions.every((action) => /:(Describe|List|Get)[A-Z]/.test(action));
      expect(reads || (taggedOnly && !resources.includes('*')), actions.join()).toBe(true);
    }
  });
});

describe('every role', () => {
  it('has no policy but its own', () => {
    const InlineSchema = z.object({
      ManagedPolicyArns: z.undefined().optional(),
      Policies: z.undefined().optional(),
    });
    for (const { id, properties } of resourcesOf(enforcer, 'AWS::IAM::Role'))
      expect(InlineSchema.safeParse(properties).success, id).toBe(true);
  });

  it('names its actions, but for the two of one key that CDK grants by prefix', () => {
    const wild = [...grants.values()]
      .flat()
      .flatMap(({ actions, resources }) =>
        actions.filter((action) => action.includes('*')).map((action) => `${action} on ${resources.join()}`),
      );
    expect(new Set(wild)).toEqual(
      new Set(['kms:GenerateDataKey* on <EnforcerKey.Arn>', 'kms:ReEncrypt* on <EnforcerKey.Arn>']),
    );
  });

  it('may be taken by its one service, the schedule’s for this account alone', () => {
    const RoleSchema = z.object({ AssumeRolePolicyDocument: DocumentSchema });
    const trust = resourcesOf(enforcer, 'AWS::IAM::Role').map(({ id, properties }) => ({
      id,
      trusts: RoleSchema.parse(properties).AssumeRolePolicyDocument.map(({ principal, condition }) => ({
        principal,
        condition,
      })),
    }));
    const lambda = { principal: { Service: 'lambda.amazonaws.com' }, condition: undefined };
    expect(trust).toEqual([
      { id: 'EnforcerSweepRole', trusts: [lambda] },
      {
        id: 'EnforcerSchedulerRole',
        trusts: [
          {
            principal: { Service: 'scheduler.amazonaws.com' },
            condition: { StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' } },
          },
        ],
      },
      { id: 'EnforcerBudgetAlertRole', trusts: [lambda] },
      { id: 'EnforcerEnforceRole', trusts: [lambda] },
      { id: 'EnforcerNotifyRole', trusts: [lambda] },
    ]);
  });

  it('does what this table says, and no more', () => {
    const table = [...grants].map(([role, statements]) =>
      [
        role,
        ...statements
          .map(({ effect, actions, resources, condition }) =>
            [
              `  ${effect === 'Allow' ? '' : 'never '}${actions.join(' ')}`,
              `    on ${resources.join(' ').replaceAll(/[0-9a-f]{64}/g, '<hash>')}`,
              ...(condition === undefined ? [] : [`    if ${JSON.stringify(condition)}`]),
            ].join('\n'),
          )
          .sort(),
      ].join('\n'),
    );
    expect(table.join('\n\n')).toMatchInlineSnapshot(`
      "EnforcerSweepRole
        budgets:ViewBudget
          on arn:<AWS::Partition>:budgets::<AWS::AccountId>:budget/*
        dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:Query
          on <EnforcerLedger.Arn> <EnforcerLedger.Arn>/index/gsi1
        ec2:DescribeInstances cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        kms:Decrypt kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:DescribeKey
          on <EnforcerKey.Arn>
        logs:CreateLogStream logs:PutLogEvents
          on <EnforcerSweepLogs.Arn>
        pricing:GetProducts
          on *
        s3:GetObject
          on arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/<hash>.yaml
        sagemaker:DescribeEndpoint sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/*
        sagemaker:DescribeEndpointConfig
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint-config/*
        sagemaker:ListEndpoints cloudwatch:GetMetricData
          on *
        sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl
          on <EnforcerCommandsQueue.Arn>
        xray:PutTraceSegments xray:PutTelemetryRecords
          on *

      EnforcerSchedulerRole
        lambda:InvokeFunction
          on <EnforcerSweep.Arn>

      EnforcerBudgetAlertRole
        budgets:ViewBudget
          on arn:<AWS::Partition>:budgets::<AWS::AccountId>:budget/*
        dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:Query
          on <EnforcerLedger.Arn> <EnforcerLedger.Arn>/index/gsi1
        ec2:DescribeInstances cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        kms:Decrypt
          on <EnforcerKey.Arn>
        kms:Decrypt kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:Decrypt kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:DescribeKey
          on <EnforcerKey.Arn>
        logs:CreateLogStream logs:PutLogEvents
          on <EnforcerBudgetAlertLogs.Arn>
        pricing:GetProducts
          on *
        s3:GetObject
          on arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/<hash>.yaml
        sagemaker:DescribeEndpoint sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/*
        sagemaker:DescribeEndpointConfig
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint-config/*
        sagemaker:ListEndpoints cloudwatch:GetMetricData
          on *
        sns:Publish
          on <EnforcerAlerts>
        sqs:ReceiveMessage sqs:ChangeMessageVisibility sqs:GetQueueUrl sqs:DeleteMessage sqs:GetQueueAttributes
          on <EnforcerSignalsQueue.Arn>
        sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl
          on <EnforcerCommandsQueue.Arn>
        sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl
          on <EnforcerSignalsQueueDeadLetters.Arn>
        xray:PutTraceSegments xray:PutTelemetryRecords
          on *

      EnforcerEnforceRole
        application-autoscaling:DescribeScalableTargets application-autoscaling:DescribeScalingPolicies application-autoscaling:DescribeScheduledActions
          on *
        dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:Query
          on <EnforcerLedger.Arn> <EnforcerLedger.Arn>/index/gsi1
        ec2:DescribeInstances cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        ec2:StopInstances
          on arn:<AWS::Partition>:ec2:*:*:instance/*
          if {"Null":{"aws:ResourceTag/project":"false"}}
        kms:Decrypt
          on <EnforcerKey.Arn>
        kms:Decrypt kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:Decrypt kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:DescribeKey
          on <EnforcerKey.Arn>
        logs:CreateLogStream logs:PutLogEvents
          on <EnforcerEnforceLogs.Arn>
        pricing:GetProducts
          on *
        s3:GetObject
          on arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/<hash>.yaml
        sagemaker:DeleteEndpoint
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/*
          if {"Null":{"aws:ResourceTag/project":"false"}}
        sagemaker:DescribeEndpoint sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/*
        sagemaker:DescribeEndpointConfig
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint-config/*
        sagemaker:DescribeModel
          on arn:<AWS::Partition>:sagemaker:*:*:model/*
        sagemaker:ListEndpoints cloudwatch:GetMetricData
          on *
        sns:Publish
          on <EnforcerAlerts>
        sqs:ReceiveMessage sqs:ChangeMessageVisibility sqs:GetQueueUrl sqs:DeleteMessage sqs:GetQueueAttributes
          on <EnforcerCommandsQueue.Arn>
        xray:PutTraceSegments xray:PutTelemetryRecords
          on *

      EnforcerNotifyRole
        dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:Query
          on <EnforcerLedger.Arn> <EnforcerLedger.Arn>/index/gsi1
        kms:Decrypt
          on <EnforcerKey.Arn>
        kms:Decrypt kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:DescribeKey
          on <EnforcerKey.Arn>
        logs:CreateLogStream logs:PutLogEvents
          on <EnforcerNotifyLogs.Arn>
        secretsmanager:GetSecretValue secretsmanager:DescribeSecret
          on arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:bursar/slack-??????
        sqs:ReceiveMessage sqs:ChangeMessageVisibility sqs:GetQueueUrl sqs:DeleteMessage sqs:GetQueueAttributes
          on <EnforcerAlertsQueue.Arn>
        xray:PutTraceSegments xray:PutTelemetryRecords
          on *"
    `);
  });
});

describe('the ledger', () => {
  it('is never scanned, and no table is changed or deleted as such', () => {
    const actions = [...grants.values()].flat().flatMap((one) => one.actions);
    expect(new Set(actions.filter((one) => one.startsWith('dynamodb:')))).toEqual(
      new Set(
        ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'Query'].map(
          (name) => `dynamodb:${name}`,
        ),
      ),
    );
  });
});

describe('the schedule', () => {
  it('may invoke the sweep, and nothing else', () => {
    expect(grantsOf('EnforcerSchedulerRole')).toEqual([
      {
        effect: 'Allow',
        actions: ['lambda:InvokeFunction'],
        resources: ['<EnforcerSweep.Arn>'],
        principal: undefined,
        condition: undefined,
      },
    ]);
  });
});

describe('Slack', () => {
  it('is told by a role that may read the one secret', () => {
    const reading = [...grants].flatMap(([role, statements]) =>
      statements
        .filter(({ actions }) => actions.some((one) => one.startsWith('secretsmanager:')))
        .map(({ actions, resources }) => ({ role, actions, resources })),
    );
    expect(reading).toEqual([
      {
        role: 'EnforcerNotifyRole',
        actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
        resources: [
          'arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:bursar/slack-??????',
        ],
      },
    ]);
  });
});
