import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createStacks } from '../../lib/stacks/all-stacks.ts';
import type { Settings } from '../../lib/stacks/settings.ts';
import {
  callEvent,
  databaseEvent,
  endpointEvent,
  instanceArn,
  instanceEvent,
  jobEvent,
  notebookEvent,
  record,
  runInstances,
  tagEvent,
} from '../signals/launch-events.ts';
import { changedPolicy, POLICY_FILE, templates, unbundledApp } from './fixtures.ts';
import { grantsByRole, resourcesOf } from './read-template.ts';

const RuleSchema = z.object({
  EventPattern: z.record(z.string(), z.unknown()),
  State: z.literal('ENABLED'),
  Targets: z.array(z.record(z.string(), z.unknown())),
  EventBusName: z.undefined().optional(),
});
const rulesOf = (template: Template) =>
  resourcesOf(template, 'AWS::Events::Rule').map(({ id, properties }) => ({
    id,
    ...RuleSchema.parse(properties),
  }));
const { enforcer } = templates();
const rules = rulesOf(enforcer);

/** As EventBridge matches what these patterns use (its user guide, "Creating event patterns"). */
function matches(pattern: unknown, value: unknown): boolean {
  if (Array.isArray(pattern)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.some((one) => one !== undefined && pattern.some((wanted) => isOne(wanted, one)));
  }
  const [fields, given] = [AnySchema.parse(pattern), AnySchema.safeParse(value)];
  return given.success && Object.entries(fields).every(([key, inner]) => matches(inner, given.data[key]));
}
const AnySchema = z.record(z.string(), z.unknown());
function isOne(wanted: unknown, value: unknown): boolean {
  const but = z.strictObject({ 'anything-but': z.array(z.unknown()) }).safeParse(wanted);
  return but.success ? !but.data['anything-but'].includes(value) : wanted === value;
}

const call = (service: string, name: string) => callEvent(record(service, name));
const tagged = (service: string, ...keys: readonly string[]) => ({
  ...tagEvent(instanceArn('i-1'), {}),
  detail: { service, 'changed-tag-keys': keys },
});

describe('the events that the launch guard looks at', () => {
  const matching = (event: unknown): number =>
    rules.filter(({ EventPattern }) => matches(EventPattern, event)).length;

  it.each([
    ...['running', 'stopping', 'terminated'].map((state) => instanceEvent('i-1', state)),
    endpointEvent('scoring', 'IN_SERVICE'),
    notebookEvent('ana', 'InService'),
    jobEvent('Training', 'epoch', 'InProgress'),
    jobEvent('Processing', 'features', 'InProgress'),
    databaseEvent('features', 'RDS-EVENT-0088'),
    ...['ec2', 'sagemaker', 'rds', 'autoscaling'].map((service) => tagged(service, 'Name', 'project')),
    tagged('ec2', 'environment'),
    callEvent(runInstances(['i-1'])),
    ...['Endpoint', 'NotebookInstance', 'TrainingJob', 'ProcessingJob', 'App'].map((what) =>
      call('sagemaker', `Create${what}`),
    ),
    call('rds', 'CreateDBInstance'),
    call('autoscaling', 'CreateAutoScalingGroup'),
  ])('are told once: $source $detail-type $detail', (event) => {
    expect(matching(event)).toBe(1);
  });

  it.each([
    instanceEvent('i-1', 'pending'),
    tagged('ec2', 'Name'),
    tagged('s3', 'project'),
    call('ec2', 'DescribeInstances'),
    call('amplify', 'CreateApp'),
    { ...instanceEvent('i-1', 'running'), source: 'com.acme' },
    { ...endpointEvent('scoring', 'IN_SERVICE'), 'detail-type': 'SageMaker Model State Change' },
  ])('are not: $source $detail-type $detail', (event) => {
    expect(matching(event)).toBe(0);
  });

  it('go by the tag keys of the policy', () => {
    const file = changedPolicy('tags: { project: project,', 'tags: { project: "acme:cost-unit",');
    const patterns = rulesOf(templates({ policyFile: file }).enforcer).map((rule) => rule.EventPattern);
    const told = (event: unknown): boolean => patterns.some((pattern) => matches(pattern, event));
    expect(told(tagged('ec2', 'acme:cost-unit'))).toBe(true);
    expect(told(tagged('ec2', 'project'))).toBe(false);
  });

  it('wait in the queue, and lie in its dead letters where it cannot be reached', () => {
    for (const { Targets } of rules)
      expect(Targets).toEqual([
        {
          Id: 'Target0',
          Arn: '<EnforcerLaunchGuardQueue.Arn>',
          DeadLetterConfig: { Arn: '<EnforcerLaunchGuardQueueDeadLetters.Arn>' },
        },
      ]);
  });
});

const TWO_REGIONS = changedPolicy('regions: [us-east-1]', 'regions: [us-east-1, eu-west-1, ap-south-1]');
const synthesised = (
  settings: Partial<Settings> & { readonly file?: string },
  defaultRegion?: string | undefined,
) => {
  const { file = TWO_REGIONS, ...rest } = settings;
  const app = unbundledApp();
  createStacks(app, { enforcer: { policyFile: file, alertEmails: ['a@b.example'] }, ...rest }, defaultRegion);
  return app.synth().stacks.toSorted((a, b) => a.stackName.localeCompare(b.stackName));
};
const names = (...args: Parameters<typeof synthesised>): readonly string[] =>
  synthesised(...args).map(({ stackName }) => stackName);

describe('the stacks of other regions', () => {
  it('are one for each region that is watched and is not the main one', () => {
    const main = ['Bursar', 'BursarBudgets'];
    expect(names({}, 'us-east-1')).toEqual([...main, 'BursarEvents-ap-south-1', 'BursarEvents-eu-west-1']);
    expect(names({}, 'eu-central-1')).toHaveLength(5);
    expect(names({ file: POLICY_FILE }, 'us-east-1')).toEqual(main);
  });

  it('go by the region that is asked for, where the enforcer is deployed too', () => {
    const stacks = synthesised({ region: 'eu-west-1' }, 'us-east-1');
    expect(
      stacks.map(({ stackName, environment }) => [stackName, environment.account, environment.region]),
    ).toEqual(
      [
        ['Bursar', 'eu-west-1'],
        ['BursarBudgets', 'eu-west-1'],
        ['BursarEvents-ap-south-1', 'ap-south-1'],
        ['BursarEvents-us-east-1', 'us-east-1'],
      ].map(([name, region]) => [name, 'unknown-account', region]),
    );
  });

  const [stack] = synthesised({}, 'us-east-1').filter(
    ({ stackName }) => stackName === 'BursarEvents-eu-west-1',
  );
  const other = Template.fromJSON(AnySchema.parse(stack?.template));
  const bus = 'arn:<AWS::Partition>:events:us-east-1:<AWS::AccountId>:event-bus/default';

  it('send the same events to the default bus of the main region', () => {
    const sent = rulesOf(other);
    expect(sent.map(({ EventPattern }) => EventPattern)).toEqual(
      rules.map(({ EventPattern }) => EventPattern),
    );
    for (const { Targets } of sent)
      expect(Targets).toEqual([{ Id: 'Target0', Arn: bus, RoleArn: '<Role.Arn>' }]);
  });

  it('by a role of EventBridge’s that can do nothing else', () => {
    expect([...grantsByRole(other)]).toEqual([
      [
        'Role',
        [
          {
            effect: 'Allow',
            actions: ['events:PutEvents'],
            resources: [bus],
            principal: undefined,
            condition: undefined,
          },
        ],
      ],
    ]);
    const [role] = resourcesOf(other, 'AWS::IAM::Role');
    expect(role?.properties).toMatchObject({
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Principal: { Service: 'events.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' } },
          },
        ],
      },
    });
  });

  it('need no bootstrap of their region: the roles of the main one deploy them', () => {
    const account = '${' + 'AWS::AccountId}';
    const partition = '${' + 'AWS::Partition}';
    const role = (name: string): string =>
      `arn:${partition}:iam::${account}:role/cdk-hnb659fds-${name}-${account}-us-east-1`;
    expect(stack?.assumeRoleArn).toBe(role('deploy-role'));
    expect(stack?.cloudFormationExecutionRoleArn).toBe(role('cfn-exec-role'));
    expect(stack?.requiresBootstrapStackVersion).toBeUndefined();
    expect(stack?.stackTemplateAssetObjectUrl).toBeUndefined();
    expect(other.findParameters('BootstrapVersion')).toEqual({});
  });

  it('are left out where the main region is not known, which is said once', () => {
    const app = unbundledApp();
    createStacks(app, { enforcer: { policyFile: TWO_REGIONS, alertEmails: ['a@b.example'] } }, undefined);
    expect(app.synth().stacks.map(({ stackName }) => stackName)).toEqual(['Bursar', 'BursarBudgets']);
    const warnings = app.node
      .findAll()
      .flatMap(({ node }) =>
        node.metadata.flatMap(({ type, data }) =>
          type === 'aws:cdk:warning' && String(data).includes('region') ? [data] : [],
        ),
      );
    expect(warnings).toEqual([
      expect.stringMatching(/^Launches in other regions .* by the next sweep only.*-c region=eu-west-1/),
    ]);
  });
});

describe('an organization', () => {
  it('has a stack of its own, where it is asked for', () => {
    expect(names({ scp: { targets: [] } }, 'us-east-1')).toContain('BursarScp');
    expect(names({}, 'us-east-1')).not.toContain('BursarScp');
  });
});
