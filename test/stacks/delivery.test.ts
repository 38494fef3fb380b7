import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { toSnsMessage } from '../../lib/alerts/sns-message.ts';
import { LEASE_SECONDS } from '../../lib/enforce/carry-out.ts';
import type { Alert } from '../../lib/types/alert.ts';
import { MAX_DELIVERIES } from '../../lib/types/queues.ts';
import { EVERYTHING, templates } from './fixtures.ts';
import { DocumentSchema, resourcesOf, type Statement } from './read-template.ts';

const { enforcer } = templates(EVERYTHING);

const QueueSchema = z.object({
  KmsMasterKeyId: z.string(),
  MessageRetentionPeriod: z.number(),
  VisibilityTimeout: z.number().optional(),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }).optional(),
});
const queues = resourcesOf(enforcer, 'AWS::SQS::Queue').map(({ id, properties }) => ({
  id,
  ...QueueSchema.parse(properties),
}));
const CANARY: Alert = {
  version: 1,
  id: 'canary/2026-11-25',
  at: '2026-11-25T09:00:00.000Z',
  severity: 'info',
  kind: 'canary',
  account: '123456789012',
  title: 'The daily test',
  reason: 'It is sent once a day.',
  next: '',
  items: [],
};
const RULES = ['Instances', 'Services', 'Tags', 'Calls'].map((name) => `EnforcerLaunchGuardEvents${name}`);
const isDead = ({ id }: { readonly id: string }): boolean => id.endsWith('DeadLetters');
const workQueues = queues.filter((queue) => !isDead(queue));

const ResourcePolicySchema = z
  .object({
    PolicyDocument: DocumentSchema,
    Topics: z.array(z.string()).default([]),
    Queues: z.array(z.string()).default([]),
  })
  .transform(({ PolicyDocument, Topics, Queues }) => ({
    statements: PolicyDocument,
    of: [...Topics, ...Queues],
  }));

/** Statements by the topic or queue that they are about. */
const resourcePolicies = (type: string): ReadonlyMap<string, readonly Statement[]> =>
  new Map(
    resourcesOf(enforcer, type).flatMap(({ properties }) => {
      const { of, statements } = ResourcePolicySchema.parse(properties);
      return of.map((name) => [name, statements] as const);
    }),
  );
const topicPolicies = resourcePolicies('AWS::SNS::TopicPolicy');
const queuePolicies = resourcePolicies('AWS::SQS::QueuePolicy');
const THIS_ACCOUNT = { StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' } };
const NOT_TLS = { Bool: { 'aws:SecureTransport': 'false' } };

describe('what is stored', () => {
  it('is encrypted by the one key', () => {
    const TopicSchema = z.object({ KmsMasterKeyId: z.string() });
    const keys = [
      ...queues.map((queue) => queue.KmsMasterKeyId),
      ...resourcesOf(enforcer, 'AWS::SNS::Topic').map(
        (one) => TopicSchema.parse(one.properties).KmsMasterKeyId,
      ),
    ];
    expect(keys).toEqual(Array(11 + 3).fill('<EnforcerKey.Arn>'));
  });

  it('waits as long as SQS can keep it', () => {
    expect(queues.map((queue) => queue.MessageRetentionPeriod)).toEqual(Array(11).fill(14 * 24 * 3600));
  });
});

describe('topics', () => {
  it.each([
    ['<EnforcerSignals>', ['budgets.amazonaws.com', 'costalerts.amazonaws.com']],
    ['<EnforcerAlerts>', ['cloudwatch.amazonaws.com']],
    ['<EnforcerFallback>', ['cloudwatch.amazonaws.com']],
  ])('%s take what %j publish for this account, over TLS', (topic, services) => {
    const publish = { actions: ['sns:Publish'], resources: [topic] };
    expect(topicPolicies.get(topic)).toEqual([
      { effect: 'Deny', ...publish, principal: '*', condition: NOT_TLS },
      ...services.map((Service) => ({
        effect: 'Allow',
        ...publish,
        principal: { Service },
        condition: THIS_ACCOUNT,
      })),
    ]);
  });
});

describe('the key', () => {
  const KeySchema = z.object({ EnableKeyRotation: z.literal(true), KeyPolicy: DocumentSchema });
  const policy = resourcesOf(enforcer, 'AWS::KMS::Key').flatMap(
    ({ properties }) => KeySchema.parse(properties).KeyPolicy,
  );
  const [owner, ...services] = policy;

  it('is the account’s', () => {
    expect(owner?.principal).toEqual({ AWS: 'arn:<AWS::Partition>:iam::<AWS::AccountId>:root' });
  });

  it('lets publishers use it for this account, SNS for topics of this account, and EventBridge', () => {
    const use = { effect: 'Allow', actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'] };
    expect(services).toEqual([
      ...['budgets', 'costalerts', 'cloudwatch'].map((name) => ({
        ...use,
        principal: { Service: `${name}.amazonaws.com` },
        condition: THIS_ACCOUNT,
      })),
      {
        ...use,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        principal: { Service: 'sns.amazonaws.com' },
        condition: {
          ArnLike: { 'aws:SourceArn': 'arn:<AWS::Partition>:sns:<AWS::Region>:<AWS::AccountId>:*' },
        },
      },
      // Only the queue says whose events it takes.
      {
        ...use,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        principal: { Service: 'events.amazonaws.com' },
        condition: undefined,
      },
    ]);
  });
});

describe('queues', () => {
  it.each(workQueues)('$id gives a message up to its dead letters after some deliveries', (queue) => {
    expect(queue.RedrivePolicy).toEqual({
      deadLetterTargetArn: `<${queue.id}DeadLetters.Arn>`,
      maxReceiveCount: MAX_DELIVERIES,
    });
    expect(queues.map(({ id }) => id)).toContain(`${queue.id}DeadLetters`);
  });

  it.each(queues)('$id takes messages over TLS, from its own topic or rules alone', ({ id }) => {
    const [deny, ...allowed] = queuePolicies.get(`<${id}>`) ?? [];
    expect(deny).toEqual({
      effect: 'Deny',
      actions: ['sqs:*'],
      resources: [`<${id}.Arn>`],
      principal: { AWS: '*' },
      condition: NOT_TLS,
    });
    const topic = id.startsWith('EnforcerSignals') ? '<EnforcerSignals>' : '<EnforcerAlerts>';
    const fromTopic = {
      effect: 'Allow',
      actions: ['sqs:SendMessage'],
      resources: [`<${id}.Arn>`],
      principal: { Service: 'sns.amazonaws.com' },
      condition: { ArnEquals: { 'aws:SourceArn': topic } },
    };
    const fromRules = RULES.map((rule) => ({
      ...fromTopic,
      principal: { Service: 'events.amazonaws.com' },
      condition: { ArnEquals: { 'aws:SourceArn': `<${rule}.Arn>` } },
    }));
    if (id.startsWith('EnforcerLaunchGuard')) expect(allowed).toEqual(fromRules);
    else expect(allowed).toEqual(/^Enforcer(Commands|Requests|Reports)/.test(id) ? [] : [fromTopic]);
  });

  it('are subscribed with dead letters for what SNS cannot deliver', () => {
    const SubscriptionSchema = z.object({
      Protocol: z.string(),
      Endpoint: z.string(),
      TopicArn: z.string(),
      RedrivePolicy: z.object({ deadLetterTargetArn: z.string() }).optional(),
    });
    const subscriptions = resourcesOf(enforcer, 'AWS::SNS::Subscription')
      .map(({ properties }) => SubscriptionSchema.parse(properties))
      .filter(({ Protocol }) => Protocol === 'sqs');
    expect(subscriptions).toEqual(
      ['Signals', 'Alerts'].map((name) => ({
        Protocol: 'sqs',
        Endpoint: `<Enforcer${name}Queue.Arn>`,
        TopicArn: `<Enforcer${name}>`,
        RedrivePolicy: { deadLetterTargetArn: `<Enforcer${name}QueueDeadLetters.Arn>` },
      })),
    );
  });
});

describe('mail', () => {
  const MailSchema = z.object({
    Protocol: z.string(),
    Endpoint: z.string(),
    TopicArn: z.string(),
    FilterPolicy: z.record(z.string(), z.unknown()).optional(),
    FilterPolicyScope: z.string().optional(),
  });
  const mails = resourcesOf(enforcer, 'AWS::SNS::Subscription')
    .map(({ properties }) => MailSchema.parse(properties))
    .filter(({ Protocol }) => Protocol === 'email');

  it('has all alerts but the daily test, told by the attribute `kind` that alerts carry', () => {
    expect(mails.filter(({ TopicArn }) => TopicArn === '<EnforcerAlerts>')).toEqual([
      {
        Protocol: 'email',
        Endpoint: 'costs@example.com',
        TopicArn: '<EnforcerAlerts>',
        FilterPolicy: { kind: [{ 'anything-but': [CANARY.kind] }] },
      },
    ]);
    expect(toSnsMessage(CANARY).MessageAttributes.kind).toEqual({
      DataType: 'String',
      StringValue: 'canary',
    });
  });

  it('has alarms by the fallback, unfiltered: they carry no attributes, so every filter would drop them', () => {
    expect(mails.filter(({ TopicArn }) => TopicArn === '<EnforcerFallback>')).toEqual([
      { Protocol: 'email', Endpoint: 'costs@example.com', TopicArn: '<EnforcerFallback>' },
    ]);
  });
});

describe('who works on a message', () => {
  const FunctionSchema = z.object({ Timeout: z.number() });
  const timeouts = new Map(
    resourcesOf(enforcer, 'AWS::Lambda::Function').map(({ id, properties }) => [
      `<${id}>`,
      FunctionSchema.parse(properties).Timeout,
    ]),
  );
  const MappingSchema = z.object({
    EventSourceArn: z.string(),
    FunctionName: z.string(),
    BatchSize: z.number(),
    FunctionResponseTypes: z.tuple([z.literal('ReportBatchItemFailures')]),
  });
  const pairs = resourcesOf(enforcer, 'AWS::Lambda::EventSourceMapping').map(({ properties }) => {
    const { EventSourceArn, FunctionName, BatchSize } = MappingSchema.parse(properties);
    const queue = workQueues.find(({ id }) => `<${id}.Arn>` === EventSourceArn);
    return {
      queue: queue?.id,
      handler: FunctionName,
      together: BatchSize,
      hidden: queue?.VisibilityTimeout ?? 0,
      timeout: timeouts.get(FunctionName) ?? Number.POSITIVE_INFINITY,
    };
  });

  it('is one handler a queue', () => {
    expect(pairs.map(({ queue, handler, together }) => [queue, handler, together])).toEqual([
      ['EnforcerSignalsQueue', '<EnforcerBudgetAlert>', 1],
      ['EnforcerCommandsQueue', '<EnforcerEnforce>', 1],
      ['EnforcerRequestsQueue', '<EnforcerRequest>', 1],
      ['EnforcerLaunchGuardQueue', '<EnforcerLaunchGuardHandler>', 10],
      ['EnforcerAlertsQueue', '<EnforcerNotify>', 1],
    ]);
  });

  it.each(pairs)('$handler ends long before $queue shows the message again', ({ timeout, hidden }) => {
    expect(hidden).toBe(2 * timeout);
  });

  it('has two minutes where it looks at the whole fleet, else one', () => {
    expect(pairs.map(({ timeout }) => timeout)).toEqual([120, 60, 60, 60, 60]);
  });

  it('holds its lease for longer than it can run, and no longer than the message is hidden', () => {
    const enforce = pairs.find(({ handler }) => handler === '<EnforcerEnforce>');
    expect(LEASE_SECONDS).toBeGreaterThan(enforce?.timeout ?? Number.POSITIVE_INFINITY);
    expect(LEASE_SECONDS).toBeLessThanOrEqual(enforce?.hidden ?? 0);
  });
});

describe('alarms', () => {
  const AlarmSchema = z.object({
    AlarmDescription: z.string(),
    AlarmActions: z.array(z.string()),
    Namespace: z.string(),
    MetricName: z.string(),
    Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })),
    Period: z.number(),
    EvaluationPeriods: z.number(),
    DatapointsToAlarm: z.number().optional(),
    Statistic: z.string(),
    Threshold: z.number(),
    ComparisonOperator: z.string(),
    TreatMissingData: z.string(),
  });
  const alarms = resourcesOf(enforcer, 'AWS::CloudWatch::Alarm').map(({ id, properties }) => ({
    id,
    ...AlarmSchema.parse(properties),
  }));
  const watches = (metric: string): readonly string[] =>
    alarms
      .filter(({ MetricName, Threshold, ComparisonOperator }) => {
        return (
          MetricName === metric && Threshold === 1 && ComparisonOperator.startsWith('GreaterThanOrEqual')
        );
      })
      .flatMap(({ Dimensions }) => Dimensions.map(({ Value }) => Value));

  it('watch every dead-letter queue', () => {
    expect(watches('ApproximateNumberOfMessagesVisible')).toEqual(
      queues.filter(isDead).map(({ id }) => `<${id}.QueueName>`),
    );
  });

  it('watch every Lambda', () => {
    const handlers = resourcesOf(enforcer, 'AWS::Lambda::Function').map(({ id }) => `<${id}>`);
    expect(watches('Errors')).toEqual(handlers.filter((id) => id !== '<EnforcerGateHandler>'));
  });

  it('watch the gate by its own count: some of its errors are answers', () => {
    const gate = alarms.find(({ MetricName }) => MetricName === 'GateFailed');
    expect(gate).toMatchObject({
      Namespace: 'Bursar',
      Dimensions: [{ Name: 'service', Value: 'gate' }],
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      AlarmActions: ['<EnforcerAlerts>', '<EnforcerFallback>'],
    });
  });

  it('watch what SNS cannot deliver to people', () => {
    expect(watches('NumberOfNotificationsFailed')).toEqual([
      '<EnforcerAlerts.TopicName>',
      '<EnforcerFallback.TopicName>',
    ]);
  });

  it('watch whether the public URLs are flooded', () => {
    expect(watches('Throttles')).toEqual(['<EnforcerReportsLink>', '<EnforcerChat>']);
  });

  it('ring when no canary of the last 26 hours reached Slack', () => {
    const canary = alarms.find(({ MetricName }) => MetricName === 'CanaryArrived');
    expect(canary).toMatchObject({
      Namespace: 'Bursar',
      Dimensions: [{ Name: 'service', Value: 'notify' }],
      Statistic: 'Sum',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
    // Each hour of them: one with a canary is enough to be well.
    expect(canary?.DatapointsToAlarm ?? canary?.EvaluationPeriods).toBe(canary?.EvaluationPeriods);
    expect((canary?.Period ?? 0) * (canary?.EvaluationPeriods ?? 0)).toBe(26 * 3600);
  });

  it.each(alarms)('$id looks back no further than CloudWatch does', ({ Period, EvaluationPeriods }) => {
    // `PutMetricAlarm`: seven days, and one where the period is shorter than an hour.
    expect(Period * EvaluationPeriods).toBeLessThanOrEqual(Period < 3600 ? 86_400 : 604_800);
  });

  it('ring when sweeps fall silent, and when commands wait for more than 10 minutes', () => {
    expect(alarms.find(({ MetricName }) => MetricName === 'SweepCompleted')).toMatchObject({
      Namespace: 'Bursar',
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
    expect(alarms.find(({ MetricName }) => MetricName === 'ApproximateAgeOfOldestMessage')).toMatchObject({
      Dimensions: [{ Name: 'QueueName', Value: '<EnforcerCommandsQueue.QueueName>' }],
      Threshold: 600,
    });
  });

  it.each(alarms)('$id tells Slack by the alerts topic, and mail by the fallback', ({ AlarmActions }) => {
    expect(AlarmActions).toEqual(['<EnforcerAlerts>', '<EnforcerFallback>']);
  });

  it('are all on the dashboard', () => {
    const [dashboard] = resourcesOf(enforcer, 'AWS::CloudWatch::Dashboard');
    for (const { id } of alarms) expect(JSON.stringify(dashboard?.properties)).toContain(`<${id}.Arn>`);
  });

  it.each(alarms)('$id says what to do, in an entry of the runbook', ({ AlarmDescription }) => {
    const [, file = '', anchor = ''] = /(docs\/[\w-]+\.md)#([\w-]+)$/.exec(AlarmDescription) ?? [];
    expect(existsSync(file), `${file} is missing`).toBe(true);
    expect(anchors(readFileSync(file, 'utf8'))).toContain(anchor);
  });
});

/** The anchors of a Markdown page: its headings as GitHub writes them, and `<a id>`s. */
function anchors(markdown: string): string[] {
  const headings = [...markdown.matchAll(/^#+ +(.+?) *$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
  const named = [...markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id);
  return [...headings, ...named];
}
