import { isDeepStrictEqual } from 'node:util';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Permission } from '../../lib/fleet/kind.ts';
import { meteredKinds } from '../../lib/fleet/metered-kinds.ts';
import { kinds } from '../../lib/fleet/registry.ts';
import { grantActing } from '../../lib/stacks/grants.ts';
import { grantPermissions } from '../../lib/stacks/permissions.ts';
import { CONSENTS } from '../../lib/types/resource.ts';
import { changedPolicy, EVERYTHING, templates } from './fixtures.ts';
import { DocumentSchema, grantsByRole, resourcesOf, type Statement } from './read-template.ts';

const { enforcer } = templates(EVERYTHING);
const grants = grantsByRole(enforcer);
const ENFORCE = 'EnforcerEnforceRole';
const GUARD = 'EnforcerLaunchGuardHandlerRole';
const REPORT = 'EnforcerReportsReportRole';
const LOOKING = [
  'EnforcerSweepRole',
  'EnforcerBudgetAlertRole',
  'EnforcerRequestRole',
  GUARD,
  ENFORCE,
  REPORT,
];
/** What is done to Bursar's own queues, topics, table and key; which role may do it is in the table below. */
const OWN =
  /^(dynamodb|iam|lambda|logs|s3|scheduler|secretsmanager|sns|sqs|xray):|^kms:(Decrypt|Encrypt|ReEncrypt|GenerateDataKey)/;
/** What loses work for good. */
const ENDING = ['ec2:TerminateInstances', 'sagemaker:StopTrainingJob', 'sagemaker:StopProcessingJob'];
const READS = /^[a-z0-9-]+:(Describe|List|Get|View|Lookup)[A-Z]/;
/** True for what changes something that is not Bursar's own: stops, starts, deletes, creates, updates. */
const changes = (action: string): boolean => !OWN.test(action) && !READS.test(action);

const TAGS = {
  project: 'project',
  owner: 'owner',
  environment: 'environment',
  keepUntil: 'keep',
  model: 'model',
  creator: 'creator',
};
const NOTHING = {
  name: 'all',
  match: {},
  idle: 'off',
  budget: [],
  launch: 'notify',
  restore: 'by-hand',
} as const;

/** The shipped policy, whose development resources may be treated so. */
const allowingPolicy = (allow: string): string =>
  changedPolicy(
    '    idle: { after: 30m, warn: 10m, do: stop }',
    `    allow: [${allow}]\n    idle: { after: 30m, warn: 10m, do: stop }`,
  );
/** What is granted where policies allow all that there is to allow. */
const allowed = grantsByRole(
  templates({ ...EVERYTHING, policyFile: allowingPolicy(CONSENTS.join(', ')) }).enforcer,
);

const grantsOf = (role: string): readonly Statement[] => {
  const found = grants.get(role);
  if (found === undefined) throw new Error(`no role ${role} among ${[...grants.keys()].join(', ')}`);
  return found;
};
const allowing = (action: string, statements: readonly Statement[]): readonly Statement[] =>
  statements.filter((one) => one.effect === 'Allow' && one.actions.includes(action));

/** As a permission says it, but for what the tag is called. */
function conditionOf(
  { taggedOnly, requestTagged, conditions }: Omit<Permission, 'actions' | 'resources'>,
  tag: string,
) {
  const tags = {
    ...(taggedOnly ? { [`aws:ResourceTag/${tag}`]: 'false' } : {}),
    ...(requestTagged === true ? { [`aws:RequestTag/${tag}`]: 'false' } : {}),
  };
  if (Object.keys(tags).length === 0) return conditions;
  return { ...conditions, Null: { ...conditions?.Null, ...tags } };
}

/** True where one statement allows the action on every one of the resources, under exactly that condition. */
const grantsThat = (
  { resources, ...bound }: Permission,
  action: string,
  role: string,
  tag = 'project',
): boolean =>
  allowing(action, allowed.get(role) ?? []).some(
    (one) =>
      resources.every((resource) =>
        one.resources.includes(resource === '*' ? '*' : `arn:<AWS::Partition>:${resource}`),
      ) && isDeepStrictEqual(one.condition, conditionOf(bound, tag)),
  );

describe('what stops something', () => {
  it.each([
    ['ec2:StopInstances', 'arn:<AWS::Partition>:ec2:*:*:instance/*'],
    ['sagemaker:DeleteEndpoint', 'arn:<AWS::Partition>:sagemaker:*:*:endpoint/*'],
  ])('%s is bound to the project tag, by the enforce role alone', (action, arn) => {
    const holders = [...grants].filter(([, statements]) => allowing(action, statements).length > 0);
    expect(holders.map(([role]) => role)).toEqual([ENFORCE]);
    for (const { resources, condition } of allowing(action, grantsOf(ENFORCE))) {
      expect(resources).toEqual([arn]);
      expect(condition).toEqual({ Null: { 'aws:ResourceTag/project': 'false' } });
    }
  });

  it('and ends it for good, is granted only where a policy allows it', () => {
    const granted = (allow: string): readonly string[] => {
      const enforce =
        grantsByRole(templates({ policyFile: allowingPolicy(allow) }).enforcer).get(ENFORCE) ?? [];
      return ENDING.filter((action) => allowing(action, enforce).length > 0);
    };
    expect(ENDING.filter((action) => allowing(action, grantsOf(ENFORCE)).length > 0)).toEqual([]);
    expect(granted('terminate-spot')).toEqual(['ec2:TerminateInstances']);
    expect(granted('stop-jobs')).toEqual(['sagemaker:StopTrainingJob', 'sagemaker:StopProcessingJob']);
  });

  it('is bound to the project tag, whatever its key', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_.:/=+@-]{1,40}$/), (key) => {
        fc.pre(!key.startsWith('aws:'));
        const role = new Role(new Stack(), 'Role', {
          assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        });
        const policy = { tags: { ...TAGS, project: key }, policies: [{ ...NOTHING, allow: CONSENTS }] };
        grantPermissions(
          role,
          kinds.flatMap(({ permissions }) => permissions.act),
          policy,
        );
        const [statements = []] = grantsByRole(Template.fromStack(Stack.of(role))).values();
        const stopping = statements.filter(({ actions }) =>
          actions.some((action) =>
            /:(Stop|Delete|Terminate|UpdateAutoScalingGroup|UpdateInference)/.test(action),
          ),
        );
        expect(stopping.length).toBeGreaterThan(6);
        for (const { actions, condition } of stopping) {
          if (actions.every((action) => /^(application-autoscaling|cloudwatch):/.test(action))) continue;
          expect(condition, actions.join()).toMatchObject({ Null: { [`aws:ResourceTag/${key}`]: 'false' } });
        }
      }),
      { numRuns: 50 },
    );
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

  it('and what starts, creates or updates anything, is allowed to no other role by any name', () => {
    const holders = [...grants].filter(([, statements]) =>
      statements.some(({ actions }) => actions.some(changes)),
    );
    expect(holders.map(([role]) => role)).toEqual([ENFORCE]);
    expect(changes('ec2:StartInstances') && changes('rds:StopDBInstance') && changes('budgets:*')).toBe(true);
  });

  it('is bound to the project tag, but for what carries none', () => {
    const unbound = grantsOf(ENFORCE)
      .filter(({ actions }) => actions.some(changes))
      .filter(({ resources, condition }) => {
        const keys = condition?.Null ?? {};
        // What is made has no tags yet: the request must set it.
        const tags = [keys['aws:ResourceTag/project'], keys['aws:RequestTag/project']];
        return resources.includes('*') || !tags.includes('false');
      });
    const said = unbound.map(({ actions, resources, condition }) =>
      [actions.join(' '), `on ${resources.join(' ')}`, `if ${JSON.stringify(condition ?? {})}`].join('\n  '),
    );
    expect(said.sort().join('\n')).toMatchInlineSnapshot(`
      "application-autoscaling:RegisterScalableTarget application-autoscaling:PutScalingPolicy application-autoscaling:PutScheduledAction application-autoscaling:DeregisterScalableTarget
        on arn:<AWS::Partition>:application-autoscaling:*:*:scalable-target/*
        if {"StringEquals":{"application-autoscaling:service-namespace":"sagemaker"}}
      autoscaling:CreateOrUpdateTags
        on arn:<AWS::Partition>:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*
        if {"ForAllValues:StringEquals":{"aws:TagKeys":"bursar:creator"},"Null":{"aws:TagKeys":"false"}}
      cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms
        on arn:<AWS::Partition>:cloudwatch:*:*:alarm:TargetTracking-*
        if {}
      ec2:CreateTags
        on arn:<AWS::Partition>:ec2:*:*:instance/*
        if {"ForAllValues:StringEquals":{"aws:TagKeys":"bursar:creator"},"Null":{"aws:TagKeys":"false"}}
      kms:CreateGrant
        on arn:<AWS::Partition>:kms:*:*:key/*
        if {"Bool":{"kms:GrantIsForAWSResource":"true"},"StringLike":{"kms:ViaService":"sagemaker.*.amazonaws.com*"}}
      rds:AddTagsToResource
        on arn:<AWS::Partition>:rds:*:*:db:*
        if {"ForAllValues:StringEquals":{"aws:TagKeys":"bursar:creator"},"Null":{"aws:TagKeys":"false"}}
      sagemaker:AddTags
        on arn:<AWS::Partition>:sagemaker:*:*:app/*
        if {"StringEquals":{"sagemaker:TaggingAction":"CreateApp"}}
      sagemaker:AddTags
        on arn:<AWS::Partition>:sagemaker:*:*:endpoint/* arn:<AWS::Partition>:sagemaker:*:*:notebook-instance/* arn:<AWS::Partition>:sagemaker:*:*:app/* arn:<AWS::Partition>:sagemaker:*:*:training-job/* arn:<AWS::Partition>:sagemaker:*:*:processing-job/*
        if {"ForAllValues:StringEquals":{"aws:TagKeys":"bursar:creator"},"Null":{"aws:TagKeys":"false"}}
      tag:TagResources
        on *
        if {}"
    `);
  });
});

describe('what nobody has tagged', () => {
  const KEY = fc.stringMatching(/^[A-Za-z0-9_.:/=+@-]{1,40}$/).filter((key) => !key.startsWith('aws:'));
  /** What a role gets that acts by such a policy. */
  const acting = (project: string, creator: string, what: 'notify' | 'stop'): readonly Statement[] => {
    const stack = new Stack();
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    grantActing(role, {
      tags: { ...TAGS, project, creator },
      policies: [{ ...NOTHING, allow: CONSENTS }],
      untagged: { afterSeconds: 3600, warnSeconds: 600, do: what },
    });
    return [...grantsByRole(Template.fromStack(stack)).values()][0] ?? [];
  };
  const TAGGING = /^(ec2:CreateTags|rds:AddTagsToResource|autoscaling:CreateOrUpdateTags)$/;

  it('is stopped only where it carries the creator tag and no project, whatever their keys', () => {
    fc.assert(
      fc.property(fc.uniqueArray(KEY, { minLength: 2, maxLength: 2 }), ([project = '', creator = '']) => {
        const ofCreator = [`aws:ResourceTag/${creator}`, `aws:RequestTag/${creator}`];
        const more = acting(project, creator, 'stop').filter(({ condition }) =>
          Object.keys(condition?.Null ?? {}).some((key) => ofCreator.includes(key)),
        );
        const actions = more.flatMap((one) => one.actions);
        expect(actions).toEqual(
          expect.arrayContaining(['ec2:StopInstances', 'rds:StopDBInstance', 'sagemaker:DeleteEndpoint']),
        );
        // What is stopped can be brought back.
        expect(actions).toEqual(expect.arrayContaining(['ec2:StartInstances', 'sagemaker:CreateEndpoint']));
        for (const ending of ENDING) expect(actions).not.toContain(ending);
        for (const { effect, resources, condition } of more) {
          expect(effect).toBe('Allow');
          expect(resources).not.toContain('*');
          const keys = Object.entries(condition?.Null ?? {});
          expect(keys.map(([key, value]) => `${key} ${value}`)).toEqual(
            keys[0]?.[0].startsWith('aws:ResourceTag/')
              ? [`aws:ResourceTag/${creator} false`, `aws:ResourceTag/${project} true`]
              : [`aws:RequestTag/${creator} false`, `aws:RequestTag/${project} true`],
          );
        }
      }),
      { numRuns: 15 },
    );
  });

  it('is tagged with its creator, whatever the key, and with nothing else', () => {
    fc.assert(
      fc.property(KEY, (creator) => {
        fc.pre(creator !== TAGS.project);
        const statements = acting(TAGS.project, creator, 'notify').filter(({ actions }) =>
          actions.some((action) => TAGGING.test(action) || action === 'sagemaker:AddTags'),
        );
        expect(statements.flatMap(({ actions }) => actions)).toEqual(
          expect.arrayContaining(['ec2:CreateTags', 'rds:AddTagsToResource', 'sagemaker:AddTags']),
        );
        for (const { actions, resources, condition } of statements) {
          expect(resources).not.toContain('*');
          // SageMaker's are also bound to the project tag, by what the kinds say.
          if (actions.includes('sagemaker:AddTags') && condition?.['ForAllValues:StringEquals'] === undefined)
            continue;
          expect(condition).toEqual({
            'ForAllValues:StringEquals': { 'aws:TagKeys': creator },
            Null: { 'aws:TagKeys': 'false' },
          });
        }
      }),
      { numRuns: 15 },
    );
  });

  it('is not stopped where it is only told of', () => {
    expect(JSON.stringify(acting('project', 'maker', 'notify'))).not.toMatch(
      /aws:Re(source|quest)Tag\/maker/,
    );
  });
});

describe('what only looks', () => {
  const holders = (action: string): readonly string[] =>
    [...grants].flatMap(([role, statements]) => (allowing(action, statements).length > 0 ? [role] : []));

  it('at what was billed, and who made what, is the sweep, and at the bill whoever writes the report', () => {
    expect(holders('ce:GetCostAndUsage')).toEqual(['EnforcerSweepRole', REPORT]);
    expect(holders('cloudtrail:LookupEvents')).toEqual(['EnforcerSweepRole']);
  });

  it('at what is metered and never stopped, is the sweep and who answers people', () => {
    for (const { permissions } of meteredKinds)
      for (const { actions } of permissions.observe)
        for (const action of actions)
          expect(holders(action)).toEqual(
            expect.arrayContaining(['EnforcerSweepRole', 'EnforcerRequestRole', REPORT]),
          );
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

  it('that change anything are bound to something', () => {
    for (const { actions, resources } of permissions.act) {
      const reads = actions.every((action) => /:(Describe|List|Get)[A-Z]/.test(action));
      expect(reads || !resources.includes('*'), actions.join()).toBe(true);
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

  it('may be taken by its one service, the schedules’ for this account alone', () => {
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
      {
        id: 'EnforcerSchedulesRole',
        trusts: [
          {
            principal: { Service: 'scheduler.amazonaws.com' },
            condition: { StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' } },
          },
        ],
      },
      { id: 'EnforcerSweepRole', trusts: [lambda] },
      { id: 'EnforcerBudgetAlertRole', trusts: [lambda] },
      { id: 'EnforcerEnforceRole', trusts: [lambda] },
      { id: 'EnforcerRequestRole', trusts: [lambda] },
      { id: 'EnforcerLaunchGuardHandlerRole', trusts: [lambda] },
      { id: 'EnforcerGateHandlerRole', trusts: [lambda] },
      { id: 'EnforcerReportsLinkRole', trusts: [lambda] },
      { id: 'EnforcerReportsReportRole', trusts: [lambda] },
      {
        id: 'EnforcerReportsScheduleRole',
        trusts: [
          {
            principal: { Service: 'scheduler.amazonaws.com' },
            condition: { StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' } },
          },
        ],
      },
      { id: 'EnforcerNotifyRole', trusts: [lambda] },
      { id: 'EnforcerChatRole', trusts: [lambda] },
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
      "EnforcerSchedulesRole
        lambda:InvokeFunction
          on <EnforcerSweep.Arn>

      EnforcerSweepRole
        autoscaling:DescribeAutoScalingGroups autoscaling:DescribeScheduledActions ec2:DescribeInstances ec2:DescribeSpotPriceHistory cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        budgets:ViewBudget
          on arn:<AWS::Partition>:budgets::<AWS::AccountId>:budget/*
        ce:GetCostAndUsage cloudtrail:LookupEvents
          on *
        dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:Query
          on <EnforcerLedger.Arn> <EnforcerLedger.Arn>/index/gsi1
        ec2:DescribeInstances ec2:DescribeInstanceAttribute ec2:DescribeSpotInstanceRequests ec2:DescribeSpotPriceHistory cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        ec2:DescribeNatGateways
          on *
        ec2:DescribeVolumes
          on *
        elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeTags
          on *
        iam:PassRole
          on <EnforcerSchedulesRole.Arn>
          if {"StringEquals":{"iam:PassedToService":"scheduler.amazonaws.com"}}
        kms:Decrypt kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:DescribeKey
          on <EnforcerKey.Arn>
        logs:CreateLogStream logs:PutLogEvents
          on <EnforcerSweepLogs.Arn>
        pricing:GetProducts
          on *
        rds:DescribeDBInstances cloudwatch:GetMetricData
          on *
        s3:GetObject
          on arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/<hash>.yaml
        sagemaker:DescribeApp sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:app/*
        sagemaker:DescribeEndpoint sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/*
        sagemaker:DescribeEndpointConfig
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint-config/*
        sagemaker:DescribeNotebookInstance sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:notebook-instance/*
        sagemaker:DescribeProcessingJob sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:processing-job/*
        sagemaker:DescribeSpace sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:space/*
        sagemaker:DescribeTrainingJob sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:training-job/*
        sagemaker:ListApps
          on *
        sagemaker:ListEndpoints sagemaker:ListInferenceComponents cloudwatch:GetMetricData
          on *
        sagemaker:ListNotebookInstances cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        sagemaker:ListProcessingJobs
          on *
        sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:user-profile/* arn:<AWS::Partition>:sagemaker:*:*:domain/*
        sagemaker:ListTrainingJobs
          on *
        scheduler:CreateSchedule
          on arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/Bursar-Enforcer-Schedules-51DFB708/*
        sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl
          on <EnforcerCommandsQueue.Arn>
        xray:PutTraceSegments xray:PutTelemetryRecords
          on *

      EnforcerBudgetAlertRole
        autoscaling:DescribeAutoScalingGroups autoscaling:DescribeScheduledActions ec2:DescribeInstances ec2:DescribeSpotPriceHistory cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        budgets:ViewBudget
          on arn:<AWS::Partition>:budgets::<AWS::AccountId>:budget/*
        dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:Query
          on <EnforcerLedger.Arn> <EnforcerLedger.Arn>/index/gsi1
        ec2:DescribeInstances ec2:DescribeInstanceAttribute ec2:DescribeSpotInstanceRequests ec2:DescribeSpotPriceHistory cloudwatch:GetMetricData cloudwatch:ListMetrics
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
        rds:DescribeDBInstances cloudwatch:GetMetricData
          on *
        s3:GetObject
          on arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/<hash>.yaml
        sagemaker:DescribeApp sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:app/*
        sagemaker:DescribeEndpoint sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/*
        sagemaker:DescribeEndpointConfig
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint-config/*
        sagemaker:DescribeNotebookInstance sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:notebook-instance/*
        sagemaker:DescribeProcessingJob sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:processing-job/*
        sagemaker:DescribeSpace sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:space/*
        sagemaker:DescribeTrainingJob sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:training-job/*
        sagemaker:ListApps
          on *
        sagemaker:ListEndpoints sagemaker:ListInferenceComponents cloudwatch:GetMetricData
          on *
        sagemaker:ListNotebookInstances cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        sagemaker:ListProcessingJobs
          on *
        sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:user-profile/* arn:<AWS::Partition>:sagemaker:*:*:domain/*
        sagemaker:ListTrainingJobs
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
        application-autoscaling:DescribeScalableTargets application-autoscaling:DescribeScalingPolicies application-autoscaling:DescribeScheduledActions cloudwatch:DescribeAlarms
          on *
        application-autoscaling:RegisterScalableTarget application-autoscaling:PutScalingPolicy application-autoscaling:PutScheduledAction application-autoscaling:DeregisterScalableTarget
          on arn:<AWS::Partition>:application-autoscaling:*:*:scalable-target/*
          if {"StringEquals":{"application-autoscaling:service-namespace":"sagemaker"}}
        autoscaling:CreateOrUpdateTags
          on arn:<AWS::Partition>:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*
          if {"ForAllValues:StringEquals":{"aws:TagKeys":"bursar:creator"},"Null":{"aws:TagKeys":"false"}}
        autoscaling:DescribeAutoScalingGroups autoscaling:DescribeScheduledActions ec2:DescribeInstances ec2:DescribeSpotPriceHistory cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        autoscaling:UpdateAutoScalingGroup
          on arn:<AWS::Partition>:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*
          if {"Null":{"aws:ResourceTag/project":"false"}}
        cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms
          on arn:<AWS::Partition>:cloudwatch:*:*:alarm:TargetTracking-*
        dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:Query
          on <EnforcerLedger.Arn> <EnforcerLedger.Arn>/index/gsi1
        ec2:CreateTags
          on arn:<AWS::Partition>:ec2:*:*:instance/*
          if {"ForAllValues:StringEquals":{"aws:TagKeys":"bursar:creator"},"Null":{"aws:TagKeys":"false"}}
        ec2:DescribeInstances ec2:DescribeInstanceAttribute ec2:DescribeSpotInstanceRequests ec2:DescribeSpotPriceHistory cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        ec2:StopInstances ec2:StartInstances
          on arn:<AWS::Partition>:ec2:*:*:instance/*
          if {"Null":{"aws:ResourceTag/project":"false"}}
        iam:PassRole
          on <EnforcerSchedulesRole.Arn>
          if {"StringEquals":{"iam:PassedToService":"scheduler.amazonaws.com"}}
        kms:CreateGrant
          on arn:<AWS::Partition>:kms:*:*:key/*
          if {"Bool":{"kms:GrantIsForAWSResource":"true"},"StringLike":{"kms:ViaService":"sagemaker.*.amazonaws.com*"}}
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
        rds:AddTagsToResource
          on arn:<AWS::Partition>:rds:*:*:db:*
          if {"ForAllValues:StringEquals":{"aws:TagKeys":"bursar:creator"},"Null":{"aws:TagKeys":"false"}}
        rds:DescribeDBInstances cloudwatch:GetMetricData
          on *
        rds:StopDBInstance rds:StartDBInstance
          on arn:<AWS::Partition>:rds:*:*:db:*
          if {"Null":{"aws:ResourceTag/project":"false"}}
        s3:GetObject
          on arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/<hash>.yaml
        sagemaker:AddTags
          on arn:<AWS::Partition>:sagemaker:*:*:app/*
          if {"StringEquals":{"sagemaker:TaggingAction":"CreateApp"}}
        sagemaker:AddTags
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint-config/*
          if {"StringEquals":{"sagemaker:TaggingAction":"CreateEndpointConfig"},"Null":{"aws:RequestTag/project":"false"}}
        sagemaker:AddTags
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/*
          if {"Null":{"aws:ResourceTag/project":"false"}}
        sagemaker:AddTags
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/*
          if {"StringEquals":{"sagemaker:TaggingAction":"CreateEndpoint"},"Null":{"aws:RequestTag/project":"false"}}
        sagemaker:AddTags
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/* arn:<AWS::Partition>:sagemaker:*:*:notebook-instance/* arn:<AWS::Partition>:sagemaker:*:*:app/* arn:<AWS::Partition>:sagemaker:*:*:training-job/* arn:<AWS::Partition>:sagemaker:*:*:processing-job/*
          if {"ForAllValues:StringEquals":{"aws:TagKeys":"bursar:creator"},"Null":{"aws:TagKeys":"false"}}
        sagemaker:CreateApp
          on arn:<AWS::Partition>:sagemaker:*:*:app/*
          if {"Null":{"aws:RequestTag/project":"false"}}
        sagemaker:CreateEndpoint
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/* arn:<AWS::Partition>:sagemaker:*:*:endpoint-config/*
          if {"Null":{"aws:RequestTag/project":"false"}}
        sagemaker:CreateEndpointConfig
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint-config/*
          if {"Null":{"aws:RequestTag/project":"false"}}
        sagemaker:DeleteApp
          on arn:<AWS::Partition>:sagemaker:*:*:app/*
          if {"Null":{"aws:ResourceTag/project":"false"}}
        sagemaker:DeleteEndpoint sagemaker:UpdateEndpointWeightsAndCapacities
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/*
          if {"Null":{"aws:ResourceTag/project":"false"}}
        sagemaker:DescribeApp sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:app/*
        sagemaker:DescribeEndpoint sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/*
        sagemaker:DescribeEndpointConfig
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint-config/*
        sagemaker:DescribeInferenceComponent
          on arn:<AWS::Partition>:sagemaker:*:*:inference-component/*
        sagemaker:DescribeModel
          on arn:<AWS::Partition>:sagemaker:*:*:model/*
        sagemaker:DescribeNotebookInstance sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:notebook-instance/*
        sagemaker:DescribeProcessingJob sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:processing-job/*
        sagemaker:DescribeSpace sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:space/*
        sagemaker:DescribeTrainingJob sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:training-job/*
        sagemaker:ListApps
          on *
        sagemaker:ListEndpoints sagemaker:ListInferenceComponents cloudwatch:GetMetricData
          on *
        sagemaker:ListNotebookInstances cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        sagemaker:ListProcessingJobs
          on *
        sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:user-profile/* arn:<AWS::Partition>:sagemaker:*:*:domain/*
        sagemaker:ListTrainingJobs
          on *
        sagemaker:StopNotebookInstance sagemaker:StartNotebookInstance
          on arn:<AWS::Partition>:sagemaker:*:*:notebook-instance/*
          if {"Null":{"aws:ResourceTag/project":"false"}}
        sagemaker:UpdateInferenceComponentRuntimeConfig
          on arn:<AWS::Partition>:sagemaker:*:*:inference-component/*
          if {"Null":{"aws:ResourceTag/project":"false"}}
        scheduler:CreateSchedule
          on arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/Bursar-Enforcer-Schedules-51DFB708/*
        sns:Publish
          on <EnforcerAlerts>
        sqs:ReceiveMessage sqs:ChangeMessageVisibility sqs:GetQueueUrl sqs:DeleteMessage sqs:GetQueueAttributes
          on <EnforcerCommandsQueue.Arn>
        tag:TagResources
          on *
        xray:PutTraceSegments xray:PutTelemetryRecords
          on *

      EnforcerRequestRole
        autoscaling:DescribeAutoScalingGroups autoscaling:DescribeScheduledActions ec2:DescribeInstances ec2:DescribeSpotPriceHistory cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:Query
          on <EnforcerLedger.Arn> <EnforcerLedger.Arn>/index/gsi1
        ec2:DescribeInstances ec2:DescribeInstanceAttribute ec2:DescribeSpotInstanceRequests ec2:DescribeSpotPriceHistory cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        ec2:DescribeNatGateways
          on *
        ec2:DescribeVolumes
          on *
        elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeTags
          on *
        iam:PassRole
          on <EnforcerSchedulesRole.Arn>
          if {"StringEquals":{"iam:PassedToService":"scheduler.amazonaws.com"}}
        kms:Decrypt
          on <EnforcerKey.Arn>
        kms:Decrypt kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:Decrypt kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:DescribeKey
          on <EnforcerKey.Arn>
        logs:CreateLogStream logs:PutLogEvents
          on <EnforcerRequestLogs.Arn>
        pricing:GetProducts
          on *
        rds:DescribeDBInstances cloudwatch:GetMetricData
          on *
        s3:GetObject
          on arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/<hash>.yaml
        sagemaker:DescribeApp sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:app/*
        sagemaker:DescribeEndpoint sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/*
        sagemaker:DescribeEndpointConfig
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint-config/*
        sagemaker:DescribeNotebookInstance sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:notebook-instance/*
        sagemaker:DescribeProcessingJob sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:processing-job/*
        sagemaker:DescribeSpace sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:space/*
        sagemaker:DescribeTrainingJob sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:training-job/*
        sagemaker:ListApps
          on *
        sagemaker:ListEndpoints sagemaker:ListInferenceComponents cloudwatch:GetMetricData
          on *
        sagemaker:ListNotebookInstances cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        sagemaker:ListProcessingJobs
          on *
        sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:user-profile/* arn:<AWS::Partition>:sagemaker:*:*:domain/*
        sagemaker:ListTrainingJobs
          on *
        scheduler:CreateSchedule
          on arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/Bursar-Enforcer-Schedules-51DFB708/*
        secretsmanager:GetSecretValue secretsmanager:DescribeSecret
          on arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:bursar/slack-??????
        sns:Publish
          on <EnforcerAlerts>
        sqs:ReceiveMessage sqs:ChangeMessageVisibility sqs:GetQueueUrl sqs:DeleteMessage sqs:GetQueueAttributes
          on <EnforcerRequestsQueue.Arn>
        sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl
          on <EnforcerCommandsQueue.Arn>
        xray:PutTraceSegments xray:PutTelemetryRecords
          on *

      EnforcerLaunchGuardHandlerRole
        autoscaling:DescribeAutoScalingGroups autoscaling:DescribeScheduledActions ec2:DescribeInstances ec2:DescribeSpotPriceHistory cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:Query
          on <EnforcerLedger.Arn> <EnforcerLedger.Arn>/index/gsi1
        ec2:DescribeInstances ec2:DescribeInstanceAttribute ec2:DescribeSpotInstanceRequests ec2:DescribeSpotPriceHistory cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        kms:Decrypt
          on <EnforcerKey.Arn>
        kms:Decrypt kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:DescribeKey
          on <EnforcerKey.Arn>
        logs:CreateLogStream logs:PutLogEvents
          on <EnforcerLaunchGuardHandlerLogs.Arn>
        pricing:GetProducts
          on *
        rds:DescribeDBInstances cloudwatch:GetMetricData
          on *
        s3:GetObject
          on arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/<hash>.yaml
        sagemaker:DescribeApp sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:app/*
        sagemaker:DescribeEndpoint sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/*
        sagemaker:DescribeEndpointConfig
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint-config/*
        sagemaker:DescribeNotebookInstance sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:notebook-instance/*
        sagemaker:DescribeProcessingJob sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:processing-job/*
        sagemaker:DescribeSpace sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:space/*
        sagemaker:DescribeTrainingJob sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:training-job/*
        sagemaker:ListApps
          on *
        sagemaker:ListEndpoints sagemaker:ListInferenceComponents cloudwatch:GetMetricData
          on *
        sagemaker:ListNotebookInstances cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        sagemaker:ListProcessingJobs
          on *
        sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:user-profile/* arn:<AWS::Partition>:sagemaker:*:*:domain/*
        sagemaker:ListTrainingJobs
          on *
        sqs:ReceiveMessage sqs:ChangeMessageVisibility sqs:GetQueueUrl sqs:DeleteMessage sqs:GetQueueAttributes
          on <EnforcerLaunchGuardQueue.Arn>
        sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl
          on <EnforcerCommandsQueue.Arn>
        xray:PutTraceSegments xray:PutTelemetryRecords
          on *

      EnforcerGateHandlerRole
        dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:Query
          on <EnforcerLedger.Arn> <EnforcerLedger.Arn>/index/gsi1
        kms:Decrypt kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:DescribeKey
          on <EnforcerKey.Arn>
        logs:CreateLogStream logs:PutLogEvents
          on <EnforcerGateHandlerLogs.Arn>
        pricing:GetProducts
          on *
        s3:GetObject
          on arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/<hash>.yaml
        xray:PutTraceSegments xray:PutTelemetryRecords
          on *

      EnforcerReportsLinkRole
        dynamodb:GetItem
          on <EnforcerLedger.Arn>
          if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":"report-link#*"}}
        kms:Decrypt kms:DescribeKey
          on <EnforcerKey.Arn>
          if {"StringEquals":{"kms:ViaService":"dynamodb.<AWS::Region>.<AWS::URLSuffix>"}}
        logs:CreateLogStream logs:PutLogEvents
          on <EnforcerReportsLinkLogs.Arn>
        s3:GetObject
          on <EnforcerReportsBucket.Arn>/reports/*
        xray:PutTraceSegments xray:PutTelemetryRecords
          on *

      EnforcerReportsReportRole
        application-autoscaling:DescribeScalableTargets
          on *
        autoscaling:DescribeAutoScalingGroups autoscaling:DescribeScalingActivities ec2:DescribeInstances ec2:DescribeSpotPriceHistory sagemaker:ListTrainingJobs
          on *
        autoscaling:DescribeAutoScalingGroups autoscaling:DescribeScheduledActions ec2:DescribeInstances ec2:DescribeSpotPriceHistory cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        ce:GetCostAndUsage ce:GetDimensionValues ce:GetTags
          on *
        ce:GetSavingsPlansCoverage ce:GetSavingsPlansPurchaseRecommendation
          on *
        cloudwatch:GetMetricData application-autoscaling:DescribeScalableTargets
          on *
        cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        cloudwatch:GetMetricData cloudwatch:ListMetrics ec2:DescribeInstances
          on *
        cloudwatch:GetMetricData rds:DescribeDBInstances rds:DescribeEvents
          on *
        dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:Query
          on <EnforcerLedger.Arn> <EnforcerLedger.Arn>/index/gsi1
        ec2:DescribeAddresses
          on *
        ec2:DescribeInstances ec2:DescribeInstanceAttribute ec2:DescribeSpotInstanceRequests ec2:DescribeSpotPriceHistory cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        ec2:DescribeNatGateways
          on *
        ec2:DescribeSnapshots ec2:DescribeImages ec2:DescribeVolumes
          on *
        ec2:DescribeVolumes
          on *
        ec2:DescribeVolumes cloudwatch:GetMetricData
          on *
        elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeTags
          on *
        kms:Decrypt kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:DescribeKey
          on <EnforcerKey.Arn>
        logs:CreateLogStream logs:PutLogEvents
          on <EnforcerReportsReportLogs.Arn>
        logs:DescribeLogGroups logs:ListTagsForResource
          on *
        pricing:GetProducts
          on *
        rds:DescribeDBInstances cloudwatch:GetMetricData
          on *
        s3:GetLifecycleConfiguration s3:GetBucketTagging
          on arn:<AWS::Partition>:s3:::*
        s3:GetObject
          on arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/<hash>.yaml
        s3:ListAllMyBuckets cloudwatch:GetMetricData
          on *
        s3:PutObject
          on <EnforcerReportsBucket.Arn>/reports/*
        sagemaker:DescribeApp
          on arn:<AWS::Partition>:sagemaker:*:*:app/*
        sagemaker:DescribeApp sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:app/*
        sagemaker:DescribeEndpoint sagemaker:DescribeEndpointConfig sagemaker:DescribeModel
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/* arn:<AWS::Partition>:sagemaker:*:*:endpoint-config/* arn:<AWS::Partition>:sagemaker:*:*:model/*
        sagemaker:DescribeEndpoint sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint/*
        sagemaker:DescribeEndpointConfig
          on arn:<AWS::Partition>:sagemaker:*:*:endpoint-config/*
        sagemaker:DescribeInferenceComponent
          on arn:<AWS::Partition>:sagemaker:*:*:inference-component/*
        sagemaker:DescribeNotebookInstance sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:notebook-instance/*
        sagemaker:DescribeProcessingJob sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:processing-job/*
        sagemaker:DescribeSpace sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:space/*
        sagemaker:DescribeTrainingJob sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:training-job/*
        sagemaker:ListApps
          on *
        sagemaker:ListEndpoints sagemaker:ListInferenceComponents cloudwatch:GetMetricData
          on *
        sagemaker:ListInferenceComponents
          on *
        sagemaker:ListNotebookInstances cloudwatch:GetMetricData cloudwatch:ListMetrics
          on *
        sagemaker:ListProcessingJobs
          on *
        sagemaker:ListTags
          on arn:<AWS::Partition>:sagemaker:*:*:user-profile/* arn:<AWS::Partition>:sagemaker:*:*:domain/*
        sagemaker:ListTrainingJobs
          on *
        sqs:SendMessage
          on <EnforcerReportsDeadLetters.Arn>
        xray:PutTraceSegments xray:PutTelemetryRecords
          on *

      EnforcerReportsScheduleRole
        kms:Decrypt kms:GenerateDataKey
          on <EnforcerKey.Arn>
        lambda:InvokeFunction
          on <EnforcerReportsReport.Arn>
        sqs:SendMessage
          on <EnforcerReportsDeadLetters.Arn>

      EnforcerNotifyRole
        dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:Query
          on <EnforcerLedger.Arn> <EnforcerLedger.Arn>/index/gsi1
        kms:Decrypt
          on <EnforcerKey.Arn>
        kms:Decrypt kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:Decrypt kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:DescribeKey
          on <EnforcerKey.Arn>
        logs:CreateLogStream logs:PutLogEvents
          on <EnforcerNotifyLogs.Arn>
        secretsmanager:GetSecretValue secretsmanager:DescribeSecret
          on arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:bursar/slack-??????
        sns:Publish
          on <EnforcerFallback>
        sqs:ReceiveMessage sqs:ChangeMessageVisibility sqs:GetQueueUrl sqs:DeleteMessage sqs:GetQueueAttributes
          on <EnforcerAlertsQueue.Arn>
        xray:PutTraceSegments xray:PutTelemetryRecords
          on *

      EnforcerChatRole
        dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:Query
          on <EnforcerLedger.Arn> <EnforcerLedger.Arn>/index/gsi1
        kms:Decrypt kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey*
          on <EnforcerKey.Arn>
        kms:DescribeKey
          on <EnforcerKey.Arn>
        logs:CreateLogStream logs:PutLogEvents
          on <EnforcerChatLogs.Arn>
        secretsmanager:GetSecretValue secretsmanager:DescribeSecret
          on arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:bursar/slack-??????
        sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl
          on <EnforcerRequestsQueue.Arn>
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

describe('the schedules', () => {
  it('may invoke the sweep, and nothing else', () => {
    expect(grantsOf('EnforcerSchedulesRole')).toEqual([
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

describe('a sweep at a given minute', () => {
  const MAKERS = ['EnforcerSweepRole', ENFORCE, 'EnforcerRequestRole'];
  const [group, ...others] = resourcesOf(enforcer, 'AWS::Scheduler::ScheduleGroup');
  const groupName = z.object({ Name: z.string() }).parse(group?.properties).Name;
  const using = (service: string) =>
    [...grants].flatMap(([role, statements]) =>
      statements
        .filter(({ actions }) => actions.some((one) => one.startsWith(`${service}:`)))
        .map(({ effect, actions, resources, condition }) => ({
          role,
          effect,
          actions,
          resources,
          condition,
        })),
    );

  it('is a new schedule in the one group, which the regular sweep is not in', () => {
    expect(others).toEqual([]);
    expect(using('scheduler')).toEqual(
      MAKERS.map((role) => ({
        role,
        effect: 'Allow',
        actions: ['scheduler:CreateSchedule'],
        resources: [`arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/${groupName}/*`],
        condition: undefined,
      })),
    );
    for (const { properties } of resourcesOf(enforcer, 'AWS::Scheduler::Schedule'))
      expect(properties).not.toHaveProperty('GroupName');
  });

  it('is invoked by the role that can do nothing else, and that Scheduler alone is given', () => {
    expect(using('iam')).toEqual(
      MAKERS.map((role) => ({
        role,
        effect: 'Allow',
        actions: ['iam:PassRole'],
        resources: ['<EnforcerSchedulesRole.Arn>'],
        condition: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      })),
    );
  });
});

describe('people at the command line', () => {
  it('have one policy, attached to nobody: to find the stack, and to invoke the two functions', () => {
    const PolicySchema = z.strictObject({
      Description: z.string(),
      Path: z.literal('/'),
      PolicyDocument: DocumentSchema,
    });
    const found = resourcesOf(enforcer, 'AWS::IAM::ManagedPolicy')
      .filter(({ id }) => id === 'EnforcerOperatorPolicy')
      .map(({ properties }) => PolicySchema.parse(properties).PolicyDocument);
    const allow = { effect: 'Allow', principal: undefined, condition: undefined };
    expect(found).toEqual([
      [
        {
          ...allow,
          actions: ['lambda:InvokeFunction'],
          resources: ['<EnforcerRequest.Arn>', '<EnforcerSweep.Arn>'],
        },
        {
          ...allow,
          actions: ['cloudformation:DescribeStacks'],
          resources: ['arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/Bursar/*'],
        },
      ],
    ]);
  });
});

describe('the public URL', () => {
  it('leads to a role that can look up, remember and queue, and knows nothing of the fleet', () => {
    const services = grantsOf('EnforcerChatRole').flatMap(({ actions }) =>
      actions.map((action) => action.split(':')[0]),
    );
    expect(new Set(services)).toEqual(new Set(['dynamodb', 'kms', 'logs', 'secretsmanager', 'sqs', 'xray']));
    const queues = allowing('sqs:SendMessage', grantsOf('EnforcerChatRole'));
    expect(queues.flatMap(({ resources }) => resources)).toEqual(['<EnforcerRequestsQueue.Arn>']);
  });
});

describe('what people are told when Slack takes no alert', () => {
  it('is published by the notify role, which may publish nowhere else', () => {
    const publishing = allowing('sns:Publish', grantsOf('EnforcerNotifyRole'));
    expect(publishing.flatMap(({ resources }) => resources)).toEqual(['<EnforcerFallback>']);
    const holders = [...grants].filter(([, statements]) =>
      allowing('sns:Publish', statements).some(({ resources }) => resources.includes('<EnforcerFallback>')),
    );
    expect(holders.map(([role]) => role)).toEqual(['EnforcerNotifyRole']);
  });
});

describe('Slack', () => {
  it('is spoken to by roles that may read the one secret', () => {
    const reading = [...grants].flatMap(([role, statements]) =>
      statements
        .filter(({ actions }) => actions.some((one) => one.startsWith('secretsmanager:')))
        .map(({ actions, resources }) => ({ role, actions, resources })),
    );
    expect(reading).toEqual(
      ['EnforcerRequestRole', 'EnforcerNotifyRole', 'EnforcerChatRole'].map((role) => ({
        role,
        actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
        resources: [
          'arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:bursar/slack-??????',
        ],
      })),
    );
  });
});
