import { CfnElement, Duration, Lazy, RemovalPolicy, Stack, TimeZone, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { type FunctionUrl, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Policy } from '../policy/policy.ts';
import { checks } from '../recommend/registry.ts';
import { type OwnParts, ownPartsText } from '../report/own-parts.ts';
import { REPORTS_PREFIX } from '../report/schedule.ts';
import type { CommonEnvironment, ReportEnvironment, ReportLinkEnvironment } from '../types/environment.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import type { Alarms } from './alarms.ts';
import type { Grants } from './grants.ts';
import { Handler } from './handler.ts';
import { grantPermissions } from './permissions.ts';
import { grantReadingBill } from './report-grants.ts';
import { serviceForThisAccount } from './this-account.ts';

export interface ReportsProps {
  readonly policy: Policy;
  readonly environment: CommonEnvironment;
  /** All that Bursar is made of but the Lambda that writes the report; asked for at synth. */
  readonly ownParts: () => OwnParts;
  readonly encryptionKey: Key;
  /** Of the Lambda behind the public URL; `undefined` = none is kept for it, and it has no limit of its own. */
  readonly linkConcurrency: number | undefined;
  readonly alarms: Alarms;
  readonly grants: Grants;
}

/** What opens links: absent as a whole where the policy turns the weekly alert off, which alone carries them. */
export interface ReportLinkParts {
  readonly handler: Handler<ReportLinkEnvironment>;
  /** Public: whoever knows a token may read the report that it stands for, and nothing else. */
  readonly url: FunctionUrl;
}

/**
 * The report of the month: every Monday before the weekly alert a Lambda writes it to a private bucket, and another one
 * leads whoever has the link of the alert to it.
 */
export class Reports extends Construct {
  /** Kept when the stack is deleted, as the ledger is. */
  readonly bucket: Bucket;
  readonly handler: Handler<ReportEnvironment>;
  /** Runs that failed three times, or could not be started. */
  readonly deadLetters: Queue;
  readonly link: ReportLinkParts | undefined;

  constructor(scope: Construct, id: string, props: ReportsProps) {
    super(scope, id);
    const { policy, environment, encryptionKey, alarms, grants } = props;
    this.bucket = createReportsBucket(this, 'Bucket');
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: encryptionKey,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    alarms.deadLetters('reports', this.deadLetters);
    this.link = policy.alerts.weekly ? this.#createLink(props) : undefined;
    this.handler = new Handler<ReportEnvironment>(this, 'Report', {
      file: 'report',
      description: 'writes the report of the month',
      environment: {
        ...environment,
        REPORTS_BUCKET: this.bucket.bucketName,
        REPORT_LINK_URL: this.link?.url.url,
        OWN_PARTS: Lazy.string({ produce: () => ownPartsText(props.ownParts()) }),
      },
      // The most that Lambda gives: Athena reads the line items of a month, and Cost Explorer answers page by page. One
      // that needs all of it is still done before the weekly alert; one that does not costs no more.
      timeout: Duration.minutes(15),
      // More than a CPU, which 1,769 MB are: 500 projects with 10,000 resources take 2 s of one to write, and 370 MB.
      memory: 2048,
      deadLetters: this.deadLetters,
    });
    // After one minute and after two, so that what fails at first may be there at eight.
    this.handler.configureAsyncInvoke({ retryAttempts: 2 });
    grants.reading(this.handler);
    grants.metering(this.handler.role);
    grantReadingBill(this.handler.role, policy);
    // What could cost less is looked for with each report.
    for (const { permissions } of checks) grantPermissions(this.handler.role, permissions, policy);
    this.#grantObjects(this.handler.role, 's3:PutObject');
    alarms.handlerErrors('report', this.handler);
    this.#createSchedule(policy, encryptionKey);
  }

  /** Under the prefix of reports, and nothing else of the bucket. */
  #grantObjects(role: Role, action: 's3:GetObject' | 's3:PutObject'): void {
    const objects = `${REPORTS_PREFIX}*`;
    role.addToPolicy(
      new PolicyStatement({ actions: [action], resources: [this.bucket.arnForObjects(objects)] }),
    );
    acknowledgeWildcards(role, {
      [`Resource::<${logicalId(this.bucket)}.Arn>/${objects}`]:
        'Reports are named by their month and time; the bucket is of these alone.',
    });
  }

  #createLink({ environment, linkConcurrency, alarms, grants }: ReportsProps): ReportLinkParts {
    const handler = new Handler<ReportLinkEnvironment>(this, 'Link', {
      file: 'report-link',
      description: 'leads from the link of a weekly alert to the report',
      environment: {
        LEDGER_TABLE: environment.LEDGER_TABLE,
        REPORTS_BUCKET: this.bucket.bucketName,
        SANDBOX_CLOCK_AHEAD: environment.SANDBOX_CLOCK_AHEAD,
      },
      timeout: Duration.seconds(10),
      // A cold start is short of CPU, and somebody waits for it.
      memory: 1024,
      reservedConcurrency: linkConcurrency,
    });
    grants.lookingUpLinks(handler.role);
    // What a presigned URL may do is what its signer may.
    this.#grantObjects(handler.role, 's3:GetObject');
    alarms.handlerErrors('report-link', handler);
    alarms.throttled('report-link', handler);
    return { handler, url: handler.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }) };
  }

  #createSchedule(policy: Policy, key: Key): void {
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: serviceForThisAccount(this, 'scheduler.amazonaws.com'),
      description: 'Bursar: starts the report of the month',
    });
    const grant = (actions: string[], resource: string) =>
      role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
    grant(['lambda:InvokeFunction'], this.handler.functionArn);
    grant(['sqs:SendMessage'], this.deadLetters.queueArn);
    grant(['kms:Decrypt', 'kms:GenerateDataKey'], key.keyArn);
    new Schedule(this, 'Weekly', {
      description: 'Bursar: the report of the month, before the weekly alert',
      schedule: ScheduleExpression.cron({
        weekDay: 'MON',
        hour: '7',
        minute: '40',
        timeZone: TimeZone.of(policy.timezone),
      }),
      target: new LambdaInvoke(this.handler, {
        // Without policy updates: CDK would let it invoke every version as well.
        role: role.withoutPolicyUpdates(),
        // The same for each try, so that a run which is asked for twice is known by it.
        input: ScheduleTargetInput.fromObject({ scheduledAt: ContextAttribute.scheduledTime }),
        deadLetterQueue: this.deadLetters,
        maxEventAge: Duration.hours(6),
      }),
    });
  }
}

/**
 * Private, over TLS alone. Encrypted by keys of S3: a key of our own would have to be open to the Lambda that signs links,
 * which the whole world can call, and that key opens the ledger and the queues as well. No versions: a report that is
 * written again is the same report.
 */
function createReportsBucket(scope: Construct, id: string): Bucket {
  const bucket = new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    lifecycleRules: [
      { expiration: Duration.days(KEPT_DAYS), abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Access logs would need a second bucket for a few reads a week: the Lambda that opens links logs each of them, and CloudTrail can log the rest.',
  });
  return bucket;
}

function logicalId(bucket: Bucket): string {
  const resource = bucket.node.defaultChild;
  if (!CfnElement.isCfnElement(resource)) throw new Error('A bucket is a resource of CloudFormation.');
  return Stack.of(bucket).getLogicalId(resource);
}

/** As long as the audit trail, so that a report can be held against the one of a year before. */
const KEPT_DAYS = 400;
