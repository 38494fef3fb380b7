import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PolicyError } from '../../lib/policy/policy-error.ts';
import { BudgetEnforcer, EnforcerStack, ScpStack } from '../../lib/stacks/index.ts';
import { SetupError } from '../../lib/stacks/setup-error.ts';
import { EVERYTHING, FREEZE_ROLES, freezingPolicy, templates, unbundledApp } from './fixtures.ts';
import { grantsByRole, plain, resourcesOf, type Statement } from './read-template.ts';

const { enforcer } = templates({ ...EVERYTHING, policyFile: freezingPolicy() });
const { enforcer: unfrozen } = templates(EVERYTHING);
const grants = grantsByRole(enforcer);
const POLICY = '<EnforcerLaunchDenialPolicy>';

/** Actions and resources as IAM and SCPs match them: `*` for any characters. */
const isLike = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 'i').test(text);

const list = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const DenySchema = z.strictObject({
  Effect: z.literal('Deny'),
  Action: list,
  Resource: list.optional(),
  NotResource: list.optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});
const DocumentSchema = z.object({ Version: z.string(), Statement: z.array(DenySchema) });
type Denies = z.infer<typeof DocumentSchema>['Statement'];

/** Whether statements deny an action on a resource, by an ARN without partition. */
const denied = (statements: Denies, action: string, resource: string): boolean =>
  statements.some(
    ({ Action, Resource, NotResource = [] }) =>
      Action.some((pattern) => isLike(pattern, action)) &&
      (Resource?.includes('*') ??
        !NotResource.some((arn) => isLike(arn.replace(/^arn:(\*|<AWS::Partition>):/, ''), resource))),
  );

const LAUNCHES: readonly (readonly [string, string])[] = [
  ['ec2:RunInstances', 'ec2:eu-west-1:111122223333:instance/*'],
  ['ec2:StartInstances', 'ec2:eu-west-1:111122223333:instance/i-1'],
  ['ec2:RequestSpotInstances', '*'],
  ['rds:StartDBInstance', 'rds:eu-west-1:111122223333:db:features'],
  ['sagemaker:CreateEndpoint', 'sagemaker:eu-west-1:111122223333:endpoint/scoring'],
  ['sagemaker:CreateTrainingJob', 'sagemaker:eu-west-1:111122223333:training-job/epoch'],
  ['sagemaker:CreateSomethingNew', '*'],
  ['sagemaker:CreateNotebookInstance', 'sagemaker:eu-west-1:111122223333:notebook-instance/ana'],
  ['sagemaker:StartNotebookInstance', 'sagemaker:eu-west-1:111122223333:notebook-instance/ana'],
  ['sagemaker:CreateApp', 'sagemaker:eu-west-1:111122223333:app/d-1/ana/jupyterlab/default'],
  ['sagemaker:StartPipelineExecution', 'sagemaker:eu-west-1:111122223333:pipeline/nightly'],
];
const HARMLESS: readonly (readonly [string, string])[] = [
  ['ec2:StopInstances', 'ec2:eu-west-1:111122223333:instance/i-1'],
  ['ec2:DescribeInstances', '*'],
  ['sagemaker:DeleteEndpoint', 'sagemaker:eu-west-1:111122223333:endpoint/scoring'],
  // Whose notebook runs still can open it and save the work.
  ['sagemaker:CreatePresignedNotebookInstanceUrl', 'sagemaker:eu-west-1:111122223333:notebook-instance/ana'],
  ['sagemaker:CreatePresignedDomainUrl', 'sagemaker:eu-west-1:111122223333:user-profile/d-1/ana'],
];

describe('the policy that denies launches', () => {
  const PolicySchema = z.object({ PolicyDocument: DocumentSchema, Roles: z.undefined().optional() });
  const [policy, ...others] = resourcesOf(enforcer, 'AWS::IAM::ManagedPolicy').filter(
    ({ id }) => `<${id}>` === POLICY,
  );
  const { Statement } = PolicySchema.parse(policy?.properties).PolicyDocument;

  it('is one, attached to nobody at first, and absent where the policy file names no roles', () => {
    expect(policy).toBeDefined();
    expect(others).toEqual([]);
    expect(JSON.stringify(unfrozen.toJSON())).not.toMatch(
      /LaunchDenial|LAUNCH_DENY|iam:(Attach|Detach|List)/,
    );
  });

  it.each(LAUNCHES)('denies %s on %s', (action, resource) => {
    expect(denied(Statement, action, resource)).toBe(true);
  });

  it.each(HARMLESS)('leaves %s on %s alone', (action, resource) => {
    expect(denied(Statement, action, resource)).toBe(false);
  });

  it('is named to the sweep and the enforcer alone, who may ask which roles have it', () => {
    const FunctionSchema = z.object({
      Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
    });
    const told = resourcesOf(enforcer, 'AWS::Lambda::Function').flatMap(({ id, properties }) => {
      const { LAUNCH_DENY_POLICY_ARN: arn } = FunctionSchema.parse(properties).Environment.Variables;
      return arn === undefined ? [] : [[id, arn]];
    });
    expect(told).toEqual([
      ['EnforcerSweep', POLICY],
      ['EnforcerEnforce', POLICY],
    ]);
    const asking = [...grants].flatMap(([role, statements]) =>
      statements
        .filter(({ actions }) => actions.includes('iam:ListEntitiesForPolicy'))
        .map(({ actions, resources }) => ({ role, actions, resources })),
    );
    expect(asking).toEqual(
      ['EnforcerSweepRole', 'EnforcerEnforceRole'].map((role) => ({
        role,
        actions: ['iam:ListEntitiesForPolicy'],
        resources: [POLICY],
      })),
    );
  });
});

describe('who may attach it', () => {
  const changing = (statements: readonly Statement[]) =>
    statements.filter(({ actions }) =>
      actions.some((one) => /^iam:(Attach|Detach|Put|Update|Create)/.test(one)),
    );
  const arn = (path: string): string => `arn:<AWS::Partition>:iam::<AWS::AccountId>:role/${path}`;
  const thatPolicy = { ArnEquals: { 'iam:PolicyARN': POLICY } };
  const own = resourcesOf(enforcer, 'AWS::IAM::Role').map(({ id }) => `<${id}.Arn>`);

  it('is the enforcer alone: this policy, to the named roles, and never to a role of Bursar', () => {
    const holders = [...grants].filter(([, statements]) => changing(statements).length > 0);
    expect(holders.map(([role]) => role)).toEqual(['EnforcerEnforceRole']);
    expect(changing(grants.get('EnforcerEnforceRole') ?? [])).toEqual(
      [
        {
          effect: 'Allow',
          actions: ['iam:AttachRolePolicy'],
          resources: FREEZE_ROLES.flatMap((role) => [arn(role), arn(`*/${role}`)]),
          condition: thatPolicy,
        },
        { effect: 'Allow', actions: ['iam:DetachRolePolicy'], resources: [arn('*')], condition: thatPolicy },
        { effect: 'Deny', actions: ['iam:AttachRolePolicy'], resources: own, condition: undefined },
      ].map((statement) => ({ ...statement, principal: undefined })),
    );
    expect(own).toHaveLength(12);
  });

  it('takes a role with a path for the one that is meant, and no other', () => {
    const attach = changing(grants.get('EnforcerEnforceRole') ?? [])[0]?.resources ?? [];
    const may = (path: string): boolean => attach.some((pattern) => isLike(pattern, arn(path)));
    expect(['fraud-ci', 'ml/fraud-ci', 'ml/eu/fraud-ci'].map(may)).toEqual([true, true, true]);
    expect(['fraud-ci-admin', 'my-fraud-ci', 'Admin', 'fraud-ci/Admin'].map(may)).toEqual(
      Array(4).fill(false),
    );
  });
});

describe('a role that Bursar or the CDK needs', () => {
  it.each(['Bursar-EnforcerEnforceRole1A2B3C4D-AbCdEf123456', 'bursar-enforcersweeprole6F7148F1-XYZ'])(
    '%s is refused at synth',
    (role) => {
      const synth = () => templates({ policyFile: freezingPolicy(['fraud-ci', role]) });
      expect(synth).toThrow(SetupError);
      expect(synth).toThrow(`freezeRoles of project fraud-detection names ${role}, a role that `);
    },
  );

  it.each([
    'cdk-hnb659fds-deploy-role-111122223333-us-east-1',
    'CDK-acme-cfn-exec-role-111122223333-eu-west-1',
  ])('%s is a mistake in the policy file', (role) => {
    const synth = () => templates({ policyFile: freezingPolicy(['fraud-ci', role]) });
    expect(synth).toThrow(PolicyError);
    expect(synth).toThrow('is a role that the CDK deploys with.');
  });

  it.each(['Bursar-developers', 'my-cdk-role', 'Enforcer'])('is not %s', (role) => {
    expect(() => templates({ policyFile: freezingPolicy([role]) })).not.toThrow();
  });

  it('is told by the names that its own stack gives, in whose stack it may be', () => {
    const guard = (role: string) =>
      new BudgetEnforcer(new Stack(unbundledApp(), 'Costs'), 'Guard', {
        policyFile: freezingPolicy([role]),
        alertEmails: ['a@b.example'],
      });
    expect(() => guard('Costs-GuardSweepRole6F7148F1-XYZ')).toThrow(SetupError);
    expect(() => guard('Bursar-EnforcerSweepRole6F7148F1-XYZ')).not.toThrow();
  });
});

describe('the service control policy', () => {
  const ScpSchema = z.object({
    Name: z.string(),
    Type: z.literal('SERVICE_CONTROL_POLICY'),
    Content: DocumentSchema,
    TargetIds: z.array(z.string()).optional(),
  });
  const scp = (targets?: readonly string[]) => {
    const stack = new ScpStack(new App(), 'BursarScp', targets === undefined ? {} : { targets });
    const [policy] = resourcesOf(Template.fromStack(stack), 'AWS::Organizations::Policy');
    return ScpSchema.parse(policy?.properties);
  };
  const { Content, TargetIds } = scp();

  it('is attached to nothing, or to what is named', () => {
    expect(TargetIds).toBeUndefined();
    expect(scp(['ou-ab12-cdefgh34']).TargetIds).toEqual(['ou-ab12-cdefgh34']);
  });

  it.each(LAUNCHES)('denies %s on %s', (action, resource) => {
    expect(denied(Content.Statement, action, resource)).toBe(true);
  });

  it.each(HARMLESS)('leaves %s on %s alone', (action, resource) => {
    expect(denied(Content.Statement, action, resource)).toBe(false);
  });

  it('lets the enforcer alone bring back what people ask for, by the name that its role gets', () => {
    for (const { Condition } of Content.Statement)
      expect(Condition).toEqual({
        ArnNotLike: { 'aws:PrincipalArn': 'arn:*:iam::*:role/Bursar-EnforcerEnforceRole*' },
      });
    const stack = new EnforcerStack(unbundledApp(), 'Bursar', { policyFile: freezingPolicy() });
    const id = plain(stack.resolve(stack.enforcer.enforce.role.roleName));
    expect(id).toBe('<EnforcerEnforceRole>');
  });

  it('is within the 5,120 characters that AWS allows', () => {
    expect(JSON.stringify(Content).length).toBeLessThan(5120);
  });
});
