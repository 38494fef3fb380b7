import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ownPartsOf } from '../../lib/report/own-parts.ts';
import { allocatingPolicy, EVERYTHING, POLICY_TEXT, policyFile, templates } from './fixtures.ts';
import { DocumentSchema, grantsByRole, resourcesOf, type Statement } from './read-template.ts';

const { enforcer } = templates(EVERYTHING);
const REPORT = 'EnforcerReportsReportRole';
const LINK = 'EnforcerReportsLinkRole';
const grants = grantsByRole(enforcer);
const BUCKET = '<EnforcerReportsBucket.Arn>';

const said = ({ actions, resources, condition }: Statement) => ({
  actions,
  resources,
  ...(condition === undefined ? {} : { condition }),
});
const about = (service: string, statements: readonly Statement[] = []) =>
  statements.filter(({ actions }) => actions.some((action) => action.startsWith(`${service}:`))).map(said);

describe('the bucket of reports', () => {
  const [bucket, ...others] = resourcesOf(enforcer, 'AWS::S3::Bucket');

  it('is one, private whatever anybody sets, encrypted, without versions, and kept with the ledger', () => {
    expect(others).toEqual([]);
    expect(bucket).toMatchObject({ deletionPolicy: 'Retain', updateReplacePolicy: 'Retain' });
    expect(bucket?.properties).toEqual({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      LifecycleConfiguration: {
        Rules: [
          {
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            ExpirationInDays: 400,
            Status: 'Enabled',
          },
        ],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  it('lets nobody in by a policy of its own, and refuses what comes without TLS', () => {
    const PolicySchema = z.object({ Bucket: z.string(), PolicyDocument: DocumentSchema });
    const [policy, ...more] = resourcesOf(enforcer, 'AWS::S3::BucketPolicy');
    expect(more).toEqual([]);
    expect(PolicySchema.parse(policy?.properties)).toEqual({
      Bucket: '<EnforcerReportsBucket>',
      PolicyDocument: [
        {
          effect: 'Deny',
          actions: ['s3:*'],
          resources: [BUCKET, `${BUCKET}/*`],
          principal: { AWS: '*' },
          condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    });
  });

  it('is written by one role and read by another, under the prefix of reports alone', () => {
    const holders = [...grants].flatMap(([role, statements]) =>
      statements
        .filter(({ resources }) => resources.some((resource) => resource.includes('ReportsBucket')))
        .map(({ actions, resources }) => [role, actions, resources]),
    );
    expect(holders).toEqual([
      [LINK, ['s3:GetObject'], [`${BUCKET}/reports/*`]],
      [REPORT, ['s3:PutObject'], [`${BUCKET}/reports/*`]],
    ]);
  });
});

describe('who opens links', () => {
  it('may look up links, read reports and log; no other item of the ledger', () => {
    expect((grants.get(LINK) ?? []).map(said)).toEqual(
      expect.arrayContaining([
        {
          actions: ['dynamodb:GetItem'],
          resources: ['<EnforcerLedger.Arn>'],
          condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'report-link#*' } },
        },
        {
          actions: ['kms:Decrypt', 'kms:DescribeKey'],
          resources: ['<EnforcerKey.Arn>'],
          condition: {
            StringEquals: { 'kms:ViaService': 'dynamodb.<AWS::Region>.<AWS::URLSuffix>' },
          },
        },
        { actions: ['s3:GetObject'], resources: [`${BUCKET}/reports/*`] },
        {
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: ['<EnforcerReportsLinkLogs.Arn>'],
        },
        { actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] },
      ]),
    );
    expect(grants.get(LINK)).toHaveLength(5);
  });

  it('has two executions at most, or none kept for it in an account that has few', () => {
    const FunctionSchema = z.object({ ReservedConcurrentExecutions: z.number().optional() });
    const kept = (template: typeof enforcer) =>
      resourcesOf(template, 'AWS::Lambda::Function')
        .filter(({ id }) => id === 'EnforcerReportsLink')
        .map(({ properties }) => FunctionSchema.parse(properties).ReservedConcurrentExecutions);
    expect(kept(enforcer)).toEqual([2]);
    expect(kept(templates({ ...EVERYTHING, chatConcurrency: 'none' }).enforcer)).toEqual([undefined]);
  });

  it('is absent where the weekly alert is off, and the report is written all the same', () => {
    const off = policyFile(POLICY_TEXT.replace(/^alerts:.*$/m, 'alerts: { weekly: off }'));
    const quiet = templates({ policyFile: off }).enforcer;
    const ids = resourcesOf(quiet, 'AWS::Lambda::Function').map(({ id }) => id);
    expect(ids).toContain('EnforcerReportsReport');
    expect(ids).not.toContain('EnforcerReportsLink');
    expect(quiet.findResources('AWS::Lambda::Url')).toEqual({});
    expect(quiet.findOutputs('ReportLinkUrl')).toEqual({});
    const VariablesSchema = z.object({
      Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
    });
    const report = resourcesOf(quiet, 'AWS::Lambda::Function').find(
      ({ id }) => id === 'EnforcerReportsReport',
    );
    expect(VariablesSchema.parse(report?.properties).Environment.Variables).not.toHaveProperty(
      'REPORT_LINK_URL',
    );
  });
});

/** What could cost less is looked for with each report (lib/recommend). */
const SAVINGS_PLANS = {
  actions: ['ce:GetSavingsPlansCoverage', 'ce:GetSavingsPlansPurchaseRecommendation'],
  resources: ['*'],
};

describe('who writes the report', () => {
  it('asks Cost Explorer, and neither Athena nor other buckets where the policy names none', () => {
    const statements = grants.get(REPORT);
    expect(about('ce', statements)).toEqual([
      {
        actions: ['ce:GetCostAndUsage', 'ce:GetDimensionValues', 'ce:GetTags'],
        resources: ['*'],
      },
      SAVINGS_PLANS,
    ]);
    for (const service of ['athena', 'glue', 'lakeformation']) expect(about(service, statements)).toEqual([]);
    expect(about('s3', statements).map(({ actions }) => actions)).toEqual(
      expect.arrayContaining([['s3:GetLifecycleConfiguration', 's3:GetBucketTagging']]),
    );
    expect(about('s3', statements)).toHaveLength(4);
  });

  it('queues no command: nothing is stopped by it', () => {
    expect(about('sqs', grants.get(REPORT))).toEqual([
      { actions: ['sqs:SendMessage'], resources: ['<EnforcerReportsDeadLetters.Arn>'] },
    ]);
  });

  it('reads the places that the policy names: usage in S3, the bill by its table', () => {
    const more = grantsByRole(templates({ policyFile: allocatingPolicy() }).enforcer).get(REPORT);
    const arn = (service: string, name: string) =>
      `arn:<AWS::Partition>:${service}:us-east-1:<AWS::AccountId>:${name}`;
    const place = (bucket: string, objects: string) => [
      { actions: ['s3:GetObject'], resources: [`arn:<AWS::Partition>:s3:::${bucket}/${objects}`] },
      {
        actions: ['s3:ListBucket'],
        resources: [`arn:<AWS::Partition>:s3:::${bucket}`],
        condition: { StringLike: { 's3:prefix': objects } },
      },
      { actions: ['s3:GetBucketLocation'], resources: [`arn:<AWS::Partition>:s3:::${bucket}`] },
    ];
    expect(about('s3', more)).toEqual(
      expect.arrayContaining([...place('team-logs', 'gpu/*'), ...place('acme-billing', 'exports/cur*')]),
    );
    expect(about('s3', more)).toHaveLength(4 + 6);
    // Then nobody asks Cost Explorer for the bill.
    expect(about('ce', more)).toEqual([SAVINGS_PLANS]);
    expect(about('athena', more).map(({ resources }) => resources)).toEqual([
      [arn('athena', 'workgroup/finance')],
      [arn('athena', 'datacatalog/AwsDataCatalog')],
    ]);
    expect(about('glue', more).map(({ resources }) => resources)).toEqual([
      [arn('glue', 'catalog'), arn('glue', 'database/billing'), arn('glue', 'table/billing/cur')],
    ]);
  });

  it('has a quarter of an hour, two more tries, and dead letters', () => {
    const FunctionSchema = z.object({
      Timeout: z.number(),
      MemorySize: z.number(),
      DeadLetterConfig: z.object({ TargetArn: z.string() }),
    });
    const [report] = resourcesOf(enforcer, 'AWS::Lambda::Function').filter(
      ({ id }) => id === 'EnforcerReportsReport',
    );
    expect(FunctionSchema.parse(report?.properties)).toEqual({
      Timeout: 900,
      MemorySize: 2048,
      DeadLetterConfig: { TargetArn: '<EnforcerReportsDeadLetters.Arn>' },
    });
    const retries = resourcesOf(enforcer, 'AWS::Lambda::EventInvokeConfig').map(
      ({ properties }) => properties,
    );
    expect(retries).toContainEqual(
      expect.objectContaining({ FunctionName: '<EnforcerReportsReport>', MaximumRetryAttempts: 2 }),
    );
  });
});

describe('what Bursar is made of, as its report knows it', () => {
  it('is every Lambda but the one that is told, with all alarms', () => {
    const VariablesSchema = z.object({
      Environment: z.object({ Variables: z.object({ OWN_PARTS: z.string() }) }),
    });
    const functions = resourcesOf(enforcer, 'AWS::Lambda::Function');
    const report = functions.find(({ id }) => id === 'EnforcerReportsReport');
    const parts = ownPartsOf(VariablesSchema.parse(report?.properties).Environment.Variables.OWN_PARTS);
    expect(parts.functions.map(({ name }) => name).toSorted()).toEqual(
      functions.flatMap((one) => (one === report ? [] : [`<${one.id}>`])).toSorted(),
    );
    expect(parts.functions).toContainEqual({ name: '<EnforcerChat>', memoryMb: 1769 });
    expect({ alarms: parts.alarms, keys: parts.keys, secrets: parts.secrets }).toEqual({
      alarms: resourcesOf(enforcer, 'AWS::CloudWatch::Alarm').length,
      keys: resourcesOf(enforcer, 'AWS::KMS::Key').length,
      secrets: 1,
    });
  });
});

it('docs/costs.md counts the alarms that there are', () => {
  const alarmsOf = (template: typeof enforcer) => resourcesOf(template, 'AWS::CloudWatch::Alarm').length;
  const withoutSlack = alarmsOf(templates({ alertEmails: EVERYTHING.alertEmails }).enforcer);
  const dollars = 1 + 0.4 + alarmsOf(enforcer) * 0.1;
  expect(readFileSync('docs/costs.md', 'utf8')).toContain(
    `${alarmsOf(enforcer)} alarms (${withoutSlack} without Slack) | ${dollars.toFixed(2)} |`,
  );
});

describe('the schedule of the report', () => {
  const schedule = (template: typeof enforcer) =>
    resourcesOf(template, 'AWS::Scheduler::Schedule').find(({ id }) => id === 'EnforcerReportsWeekly')
      ?.properties;

  it('comes before the weekly alert, in the time zone of the policy', () => {
    expect(schedule(enforcer)).toMatchObject({
      ScheduleExpression: 'cron(40 7 ? * MON *)',
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
      Target: {
        Arn: '<EnforcerReportsReport.Arn>',
        RoleArn: '<EnforcerReportsScheduleRole.Arn>',
        Input: '{"scheduledAt":"<aws.scheduler.scheduled-time>"}',
        DeadLetterConfig: { Arn: '<EnforcerReportsDeadLetters.Arn>' },
        RetryPolicy: { MaximumEventAgeInSeconds: 21_600 },
      },
    });
    const berlin = policyFile(`${POLICY_TEXT.replace(/^timezone:.*$/m, '')}\ntimezone: Europe/Berlin\n`);
    expect(schedule(templates({ policyFile: berlin }).enforcer)).toMatchObject({
      ScheduleExpressionTimezone: 'Europe/Berlin',
    });
  });

  it('may start the report, and leave what it could not start', () => {
    expect(grants.get('EnforcerReportsScheduleRole')?.map(said)).toEqual([
      { actions: ['lambda:InvokeFunction'], resources: ['<EnforcerReportsReport.Arn>'] },
      { actions: ['sqs:SendMessage'], resources: ['<EnforcerReportsDeadLetters.Arn>'] },
      { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: ['<EnforcerKey.Arn>'] },
    ]);
  });
});
