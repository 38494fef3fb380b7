import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PolicyError } from '../../lib/policy/policy-error.ts';
import type { BudgetEnforcerProps } from '../../lib/stacks/index.ts';
import { readSettings } from '../../lib/stacks/settings.ts';
import { SetupError } from '../../lib/stacks/setup-error.ts';
import { bothStacks, changedPolicy, EVERYTHING, POLICY_TEXT, templates, unbundledApp } from './fixtures.ts';
import { resourcesOf } from './read-template.ts';

const settings = (given: Readonly<Record<string, unknown>>) => readSettings((name) => given[name]);

describe('settings', () => {
  it('are the policy here, without Slack and e-mail, unless told otherwise', () => {
    expect(settings({})).toEqual({ enforcer: { policyFile: 'bursar.yaml' } });
  });

  it('are read from text', () => {
    expect(
      settings({
        policy: 'costs/acme.yaml',
        slackSecret: 'bursar/slack',
        alertEmail: 'a@example.com, b@example.com',
        chatConcurrency: '20',
        sandboxClockAhead: '1800',
        region: 'eu-west-1',
        scp: 'true',
        scpTargets: 'ou-ab12-cdefgh34, 111122223333,r-ab12',
      }),
    ).toEqual({
      enforcer: {
        policyFile: 'costs/acme.yaml',
        slackSecretName: 'bursar/slack',
        alertEmails: ['a@example.com', 'b@example.com'],
        chatConcurrency: 20,
        sandboxClockAhead: 1800,
      },
      region: 'eu-west-1',
      scp: { targets: ['ou-ab12-cdefgh34', '111122223333', 'r-ab12'] },
    });
    expect(settings({ chatConcurrency: 'none' }).enforcer).toMatchObject({ chatConcurrency: 'none' });
  });

  it('make no stack for the management account unless told to, which cdk.json may do in its own type', () => {
    for (const scp of ['false', false]) expect(settings({ scp })).not.toHaveProperty('scp');
    for (const scp of ['true', true]) expect(settings({ scp }).scp).toEqual({ targets: [] });
  });

  it.each([
    [{ alertEmail: 'bad' }, /^-c alertEmail\.0=…: must be e-mail addresses, separated by commas$/],
    [{ alertEmail: 'a@example.com,' }, /^-c alertEmail\.1=…: must be e-mail addresses, separated by commas$/],
    [{ policy: '' }, /^-c policy=…: must name a file$/],
    [{ slackSecret: '' }, /^-c slackSecret=…: must name a secret$/],
    [{ chatConcurrency: '0' }, /^-c chatConcurrency=…: must be a whole number above 0, or none$/],
    [{ chatConcurrency: 'few' }, /^-c chatConcurrency=…: must be a whole number above 0, or none$/],
    [{ sandboxClockAhead: 'soon' }, /^-c sandboxClockAhead=…: must be whole seconds$/],
    [{ sandboxClockAhead: '-1' }, /^-c sandboxClockAhead=…: must be whole seconds$/],
    [{ region: 'us-east-1a' }, /^-c region=…: must be an AWS region, such as eu-west-1$/],
    [{ scp: 'yes' }, /^-c scp=…: must be true or false$/],
    [{ scp: 'true', scpTargets: '111122223333,fraud' }, /^-c scpTargets\.1=…: must be ids of accounts, .*$/],
    [{ scp: 'true', scpTargets: '' }, /^-c scpTargets\.0=…: must be ids of accounts, .*$/],
    [{ scpTargets: '111122223333' }, /^-c scpTargets=…: is for the stack that -c scp=true makes; give both$/],
    [{ policy: '', slackSecret: '' }, /^-c policy=….*\n-c slackSecret=….*$/],
  ])('%j is told by name', (given, message) => {
    expect(() => settings(given)).toThrow(SetupError);
    expect(() => settings(given)).toThrow(message);
  });
});

describe('the policy file', () => {
  it('stops synth at each mistake, by its line and column', () => {
    const RIGHT = 'at: 80%, do: notify';
    const file = changedPolicy(RIGHT, 'at: 80%, do: notfy');
    expect(() => templates({ policyFile: file })).toThrow(PolicyError);
    const lines = POLICY_TEXT.split('\n');
    const row = lines.findIndex((line) => line.includes(RIGHT));
    const column = (lines[row]?.indexOf(RIGHT) ?? 0) + RIGHT.indexOf('notify') + 1;
    expect(() => templates({ policyFile: file })).toThrow(
      new RegExp(
        `^policy-\\d+\\.yaml:${row + 1}:${column}: "notfy" is not an action .*Did you mean notify.*$`,
      ),
    );
  });

  it('that is missing stops synth in one line', () => {
    expect(() => templates({ policyFile: 'nope.yaml' })).toThrow(SetupError);
    expect(() => templates({ policyFile: 'nope.yaml' })).toThrow(
      /^The policy file cannot be read: ENOENT: no such file or directory, open 'nope\.yaml'$/,
    );
  });
});

describe('Slack and e-mail', () => {
  const SubscriptionSchema = z.object({ Protocol: z.string(), Endpoint: z.string(), TopicArn: z.string() });
  const mails = (template: Template) =>
    resourcesOf(template, 'AWS::SNS::Subscription')
      .map(({ properties }) => SubscriptionSchema.parse(properties))
      .filter(({ Protocol }) => Protocol === 'email');

  it('are absent unless asked for', () => {
    const { enforcer } = templates();
    expect(resourcesOf(enforcer, 'AWS::Lambda::Function').map(({ id }) => id)).toEqual([
      'EnforcerSweep',
      'EnforcerBudgetAlert',
      'EnforcerEnforce',
      'EnforcerRequest',
      'EnforcerLaunchGuardHandler',
      'EnforcerGateHandler',
      'EnforcerReportsLink',
      'EnforcerReportsReport',
    ]);
    expect(JSON.stringify(enforcer.toJSON())).not.toMatch(/slack|SLACK_SECRET_ID|secretsmanager/);
    expect(mails(enforcer)).toEqual([]);
    expect(enforcer.findOutputs('NotifyFunctionName')).toEqual({});
  });

  it('are there when asked for', () => {
    const { enforcer } = templates(EVERYTHING);
    expect(resourcesOf(enforcer, 'AWS::Lambda::Function').map(({ id }) => id)).toContain('EnforcerNotify');
    expect(mails(enforcer)).toEqual([
      { Protocol: 'email', Endpoint: 'costs@example.com', TopicArn: '<EnforcerAlerts>' },
      { Protocol: 'email', Endpoint: 'costs@example.com', TopicArn: '<EnforcerFallback>' },
    ]);
    expect(Object.keys(enforcer.findOutputs('NotifyFunctionName'))).toHaveLength(1);
  });

  it('get every address that is given', () => {
    const alertEmails = ['a@example.com', 'b@example.com'];
    const { enforcer } = bothStacks(unbundledApp(), { alertEmails });
    const told = mails(Template.fromStack(enforcer));
    for (const topic of ['<EnforcerAlerts>', '<EnforcerFallback>']) {
      const addresses = told.filter(({ TopicArn }) => TopicArn === topic).map(({ Endpoint }) => Endpoint);
      expect(addresses).toEqual(alertEmails);
    }
  });
});

describe('a stack that nobody hears', () => {
  const warnings = (props: Partial<BudgetEnforcerProps>): readonly unknown[] =>
    Annotations.fromStack(bothStacks(unbundledApp(), props).enforcer)
      .findWarning('*', Match.anyValue())
      .map(({ id, entry }) => `${id}: ${entry.data}`);
  const { slackSecretName, alertEmails } = EVERYTHING;

  it.each([
    ['without both', {}],
    ['with an empty list of addresses', { alertEmails: [] }],
  ])('warns at synth %s, and says how to mend it', (_, props) => {
    expect(warnings(props)).toEqual([
      expect.stringMatching(
        /^\/Bursar\/Enforcer: Nobody is told .*-c slackSecret=.*-c alertEmail=.*\[ack: bursar:nobody-is-told\]$/,
      ),
    ]);
  });

  it('warns of Slack alone, whose own failure Slack would have to tell', () => {
    expect(warnings({ slackSecretName })).toEqual([
      expect.stringMatching(
        /^\/Bursar\/Enforcer: Slack alone .*-c alertEmail=.*\[ack: bursar:slack-alone\]$/,
      ),
    ]);
  });

  it.each([
    ['e-mail', { alertEmails }],
    ['both', EVERYTHING],
  ])('is not one with %s', (_, props) => {
    expect(warnings(props)).toEqual([]);
  });
});
