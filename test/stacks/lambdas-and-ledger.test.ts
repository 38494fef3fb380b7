import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { BudgetEnforcerProps } from '../../lib/stacks/index.ts';
import {
  BudgetAlertEnvironmentSchema,
  ChatEnvironmentSchema,
  EnforceEnvironmentSchema,
  GateEnvironmentSchema,
  LaunchGuardEnvironmentSchema,
  NotifyEnvironmentSchema,
  ReportEnvironmentSchema,
  ReportLinkEnvironmentSchema,
  RequestEnvironmentSchema,
  SweepEnvironmentSchema,
} from '../../lib/types/environment.ts';
import { EVERYTHING, templates } from './fixtures.ts';
import { plain, resourcesOf } from './read-template.ts';

const { enforcer } = templates(EVERYTHING);

const FunctionSchema = z.object({
  Runtime: z.string(),
  Architectures: z.array(z.string()),
  TracingConfig: z.object({ Mode: z.string() }),
  LoggingConfig: z.object({ LogGroup: z.string() }),
  Role: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
});
const lambdas = resourcesOf(enforcer, 'AWS::Lambda::Function').map(({ id, properties }) => ({
  id,
  ...FunctionSchema.parse(properties),
}));
const environmentOf = (id: string, from = lambdas): Record<string, string> =>
  from.find((one) => one.id === id)?.Environment.Variables ?? {};
/** As CloudFormation fills it in. */
const filledIn = (environment: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value
        .replaceAll('<AWS::AccountId>', '123456789012')
        .replaceAll('<AWS::Region>', 'eu-west-1')
        .replace(/^<\w+FunctionUrl\.FunctionUrl>$/, 'https://abc.lambda-url.eu-west-1.on.aws/'),
    ]),
  );

describe.each(lambdas)('$id', (lambda) => {
  it('runs on Node 24 and arm64, traced, by a role of its own', () => {
    expect(lambda).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
      Role: `<${lambda.id}Role.Arn>`,
    });
  });

  it('keeps its logs for three months', () => {
    const LogGroupSchema = z.object({ RetentionInDays: z.number() });
    const group = resourcesOf(enforcer, 'AWS::Logs::LogGroup').find(
      ({ id }) => `<${id}>` === lambda.LoggingConfig.LogGroup,
    );
    expect(LogGroupSchema.parse(group?.properties).RetentionInDays).toBe(90);
  });
});

describe('the environment', () => {
  it.each([
    ['EnforcerSweep', SweepEnvironmentSchema],
    ['EnforcerBudgetAlert', BudgetAlertEnvironmentSchema],
    ['EnforcerEnforce', EnforceEnvironmentSchema],
    ['EnforcerLaunchGuardHandler', LaunchGuardEnvironmentSchema],
    ['EnforcerGateHandler', GateEnvironmentSchema],
    ['EnforcerNotify', NotifyEnvironmentSchema],
    ['EnforcerRequest', RequestEnvironmentSchema],
    ['EnforcerChat', ChatEnvironmentSchema],
    ['EnforcerReportsReport', ReportEnvironmentSchema],
    ['EnforcerReportsLink', ReportLinkEnvironmentSchema],
  ])('of %s is what it reads, without a variable more', (id, schema) => {
    const environment = filledIn(environmentOf(id));
    expect(z.strictObject(schema.shape).parse(environment)).toEqual(environment);
  });

  it('names the ledger, the alerts topic and the queues', () => {
    expect(environmentOf('EnforcerBudgetAlert')).toMatchObject({
      LEDGER_TABLE: '<EnforcerLedger>',
      ALERTS_TOPIC_ARN: '<EnforcerAlerts>',
      ACCOUNT_ID: '<AWS::AccountId>',
      COMMANDS_QUEUE_URL: '<EnforcerCommandsQueue>',
      DEAD_LETTER_QUEUE_URL: '<EnforcerSignalsQueueDeadLetters>',
    });
    expect(environmentOf('EnforcerNotify')).toMatchObject({
      SLACK_SECRET_ID: 'bursar/slack',
      FALLBACK_TOPIC_ARN: '<EnforcerFallback>',
    });
    expect(environmentOf('EnforcerChat')).toMatchObject({
      SLACK_SECRET_ID: 'bursar/slack',
      REQUESTS_QUEUE_URL: '<EnforcerRequestsQueue>',
    });
  });

  it.each(['EnforcerEnforce', 'EnforcerRequest'])('of %s says how to have a sweep at a minute', (id) => {
    expect(environmentOf(id)).toMatchObject({
      SWEEP_FUNCTION_ARN: '<EnforcerSweep.Arn>',
      WAKE_ROLE_ARN: '<EnforcerSchedulesRole.Arn>',
      WAKE_GROUP: '<EnforcerSchedulesWakes>',
    });
  });

  it('of the sweep says the same, but for its own ARN: no function can be given that', () => {
    const environment = environmentOf('EnforcerSweep');
    expect(environment).toMatchObject({
      WAKE_ROLE_ARN: '<EnforcerSchedulesRole.Arn>',
      WAKE_GROUP: '<EnforcerSchedulesWakes>',
    });
    expect(environment).not.toHaveProperty('SWEEP_FUNCTION_ARN');
  });

  it('of the request Lambda names no secret where there is no Slack', () => {
    const { enforcer: quiet } = templates();
    const request = resourcesOf(quiet, 'AWS::Lambda::Function')
      .map(({ id, properties }) => ({ id, ...FunctionSchema.parse(properties) }))
      .filter(({ id }) => id === 'EnforcerRequest');
    const environment = filledIn(environmentOf('EnforcerRequest', request));
    expect(RequestEnvironmentSchema.parse(environment)).toEqual(environment);
    expect(environment).not.toHaveProperty('SLACK_SECRET_ID');
  });

  it('sets the clock ahead in the sandbox alone', () => {
    const ahead = resourcesOf(
      templates({ ...EVERYTHING, sandboxClockAhead: 1800 }).enforcer,
      'AWS::Lambda::Function',
    ).map(({ id, properties }) => ({ id, ...FunctionSchema.parse(properties) }));
    for (const { id } of lambdas) {
      expect(environmentOf(id)).not.toHaveProperty('SANDBOX_CLOCK_AHEAD');
      expect(environmentOf(id, ahead)).toHaveProperty('SANDBOX_CLOCK_AHEAD', '1800');
    }
  });
});

describe('the schedule', () => {
  it('starts a sweep every 5 minutes, and repeats none that failed', () => {
    const [schedule, ...others] = resourcesOf(enforcer, 'AWS::Scheduler::Schedule').filter(
      ({ id }) => !id.startsWith('EnforcerReports'),
    );
    expect(others).toEqual([]);
    expect(schedule?.properties).toMatchObject({
      ScheduleExpression: 'rate(5 minutes)',
      State: 'ENABLED',
      Target: {
        Arn: '<EnforcerSweep.Arn>',
        RoleArn: '<EnforcerSchedulesRole.Arn>',
        RetryPolicy: { MaximumRetryAttempts: 0 },
      },
    });
    expect(resourcesOf(enforcer, 'AWS::Lambda::EventInvokeConfig')[0]?.properties).toMatchObject({
      FunctionName: '<EnforcerSweep>',
      MaximumRetryAttempts: 0,
    });
  });
});

describe('what Slack calls', () => {
  const ChatSchema = z.object({
    Timeout: z.number(),
    MemorySize: z.number(),
    ReservedConcurrentExecutions: z.number().optional(),
  });
  const chat = (props: Partial<BudgetEnforcerProps>) =>
    resourcesOf(templates({ ...EVERYTHING, ...props }).enforcer, 'AWS::Lambda::Function')
      .filter(({ id }) => id === 'EnforcerChat')
      .map(({ properties }) => ChatSchema.parse(properties))[0];

  it('is one of two public URLs; the other one opens links to reports', () => {
    expect(resourcesOf(enforcer, 'AWS::Lambda::Url').map(({ properties }) => properties)).toEqual([
      { AuthType: 'NONE', TargetFunctionArn: '<EnforcerReportsLink.Arn>' },
      { AuthType: 'NONE', TargetFunctionArn: '<EnforcerChat.Arn>' },
    ]);
    const PermissionSchema = z.object({ FunctionName: z.string(), Principal: z.string() });
    const open = resourcesOf(enforcer, 'AWS::Lambda::Permission').map(({ properties }) =>
      PermissionSchema.parse(properties),
    );
    // AWS asks for two: to call the URL, and to invoke the function by it.
    expect(open).toEqual(
      ['<EnforcerReportsLink.Arn>', '<EnforcerChat.Arn>'].flatMap((FunctionName) =>
        Array(2).fill({ FunctionName, Principal: '*' }),
      ),
    );
  });

  it('can be called by everybody only through its URL', () => {
    const conditions = resourcesOf(enforcer, 'AWS::Lambda::Permission').map(({ properties }) => properties);
    const byItsUrl = [
      expect.objectContaining({ Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' }),
      expect.objectContaining({ Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true }),
    ];
    expect(conditions).toEqual([...byItsUrl, ...byItsUrl]);
  });

  it('is absent without Slack', () => {
    const { enforcer: quiet } = templates();
    for (const type of ['AWS::Lambda::Url', 'AWS::Lambda::Permission'])
      expect(JSON.stringify(quiet.findResources(type))).not.toContain('EnforcerChat');
    for (const name of ['SlackRequestUrl', 'ChatFunctionName', 'RequestsDeadLettersUrl'])
      expect(quiet.findOutputs(name)).toEqual({});
  });

  it('has at most five executions at once, or as many as is said, and ends in 10 seconds', () => {
    expect(chat({})).toEqual({ Timeout: 10, MemorySize: 1769, ReservedConcurrentExecutions: 5 });
    expect(chat({ chatConcurrency: 2 })).toHaveProperty('ReservedConcurrentExecutions', 2);
    expect(chat({ chatConcurrency: 'none' })).not.toHaveProperty('ReservedConcurrentExecutions');
  });
});

describe('the outputs', () => {
  it.each([
    ['RequestFunctionName', '<EnforcerRequest>'],
    ['LaunchGuardFunctionName', '<EnforcerLaunchGuardHandler>'],
    ['LaunchesDeadLettersUrl', '<EnforcerLaunchGuardQueueDeadLetters>'],
    ['GateFunctionArn', '<EnforcerGateHandler.Arn>'],
    ['GateFunctionName', '<EnforcerGateHandler>'],
    ['OperatorPolicyArn', '<EnforcerOperatorPolicy>'],
    ['FallbackTopicArn', '<EnforcerFallback>'],
    ['ReportsBucketName', '<EnforcerReportsBucket>'],
    ['ReportFunctionName', '<EnforcerReportsReport>'],
    ['ReportsDeadLettersUrl', '<EnforcerReportsDeadLetters>'],
    ['ReportLinkFunctionName', '<EnforcerReportsLink>'],
    ['ReportLinkUrl', '<EnforcerReportsLinkFunctionUrl.FunctionUrl>'],
    ['WakeGroupName', '<EnforcerSchedulesWakes>'],
    ['ChatFunctionName', '<EnforcerChat>'],
    ['SlackRequestUrl', '<EnforcerChatFunctionUrl.FunctionUrl>'],
    ['RequestsDeadLettersUrl', '<EnforcerRequestsQueueDeadLetters>'],
  ])('tell %s', (name, value) => {
    const OutputSchema = z.object({ [name]: z.object({ Value: z.unknown() }) });
    const output = OutputSchema.parse(enforcer.findOutputs(name))[name];
    expect(plain(output?.Value)).toBe(value);
  });
});

describe('the ledger', () => {
  const [table, ...others] = resourcesOf(enforcer, 'AWS::DynamoDB::Table');

  it('is one table, paid by request, encrypted by the key, that forgets what expires', () => {
    expect(others).toEqual([]);
    expect(table?.properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: '<EnforcerKey.Arn>' },
      GlobalSecondaryIndexes: [
        {
          IndexName: 'gsi1',
          KeySchema: [
            { AttributeName: 'gsi1pk', KeyType: 'HASH' },
            { AttributeName: 'gsi1sk', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
  });

  it('outlives the stack, and so does the key that opens it', () => {
    const [key] = resourcesOf(enforcer, 'AWS::KMS::Key');
    for (const kept of [table, key]) {
      expect(kept).toMatchObject({ deletionPolicy: 'Retain', updateReplacePolicy: 'Retain' });
    }
  });
});
