import { Annotations, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { kinds } from '../fleet/registry.ts';
import { LEDGER_TABLE } from '../ledger/table.ts';
import type { Policy } from '../policy/policy.ts';
import type {
  BudgetAlertEnvironment,
  CommonEnvironment,
  EnforceEnvironment,
  NotifyEnvironment,
  SweepEnvironment,
} from '../types/environment.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import { Alarms } from './alarms.ts';
import { createDashboard } from './dashboard.ts';
import { Handler } from './handler.ts';
import { grantPermissions } from './permissions.ts';
import { PolicyAsset, readPolicy } from './policy-asset.ts';
import { WorkQueue } from './work-queue.ts';

export interface BudgetEnforcerProps {
  /** Path of `bursar.yaml`. It is checked at synth; to change it, deploy again. */
  readonly policyFile: string;
  /**
   * Name of a secret in Secrets Manager that holds the Slack webhook: its URL, or JSON of URLs by channel
   * such as `{"default": "https://…", "#fraud-ml": "https://…"}`. It must be encrypted by the AWS managed key
   * (`aws/secretsmanager`), or by a key whose policy lets the role of the notify Lambda decrypt: the role is
   * granted no key but Bursar's own.
   * @default no Slack
   */
  readonly slackSecretName?: string;
  /**
   * Addresses that get every alert; each must confirm by the mail that SNS sends.
   * @default none
   */
  readonly alertEmails?: readonly string[];
  /**
   * For the sandbox alone: seconds by which the Lambdas' clock is ahead.
   * @default 0
   */
  readonly sandboxClockAhead?: number;
}

/**
 * The whole enforcer: topics for signals and alerts, queues, the ledger, the Lambdas and their schedule.
 *
 * ```ts
 * const bursar = new BudgetEnforcer(this, 'Bursar', { policyFile: 'bursar.yaml' });
 * new ProjectBudgets(this, 'Budgets', { policyFile: 'bursar.yaml', signalsTopic: bursar.signalsTopic });
 * ```
 */
export class BudgetEnforcer extends Construct {
  /** AWS Budgets and Cost Anomaly Detection publish here. */
  readonly signalsTopic: Topic;
  /** Subscribe e-mail, queues or Amazon Q Developer here. */
  readonly alertsTopic: Topic;
  /** What was meant and done, and what a restore needs. Kept when the stack is deleted. */
  readonly ledger: Table;
  readonly signals: WorkQueue;
  readonly commands: WorkQueue;
  readonly sweep: Handler<SweepEnvironment>;
  readonly budgetAlert: Handler<BudgetAlertEnvironment>;
  readonly enforce: Handler<EnforceEnvironment>;
  /** What tells Slack, and the alerts that wait for it. Absent without Slack. */
  readonly slack: { readonly notify: Handler<NotifyEnvironment>; readonly alerts: WorkQueue } | undefined;
  readonly dashboard: Dashboard;
  readonly #policy: Policy;
  readonly #asset: PolicyAsset;
  readonly #key: Key;
  readonly #alarms: Alarms;

  constructor(scope: Construct, id: string, props: BudgetEnforcerProps) {
    super(scope, id);
    this.#policy = readPolicy(props.policyFile);
    this.#asset = new PolicyAsset(this, props.policyFile);
    this.#key = new Key(this, 'Key', {
      description: 'Bursar: topics, queues and the ledger',
      enableKeyRotation: true,
    });
    this.signalsTopic = this.#createTopic('Signals', ['budgets.amazonaws.com', 'costalerts.amazonaws.com']);
    this.alertsTopic = this.#createTopic('Alerts', ['cloudwatch.amazonaws.com']);
    for (const address of props.alertEmails ?? [])
      this.alertsTopic.addSubscription(new EmailSubscription(address));
    this.#warnOfSilence(props);
    this.ledger = this.#createLedger();
    this.#alarms = new Alarms(this, 'Alarms', this.alertsTopic);

    this.signals = this.#createQueue('SignalsQueue', 'signals', BUDGET_ALERT_SECONDS);
    this.signals.subscribeTo(this.signalsTopic);
    this.commands = this.#createQueue('CommandsQueue', 'commands', ENFORCE_SECONDS);
    this.#alarms.stale('commands', this.commands.queue, Duration.minutes(10));

    const common: CommonEnvironment = {
      ...this.#asset.environment,
      LEDGER_TABLE: this.ledger.tableName,
      ACCOUNT_ID: Stack.of(this).account,
      ALERTS_TOPIC_ARN: this.alertsTopic.topicArn,
      SANDBOX_CLOCK_AHEAD: props.sandboxClockAhead?.toString(),
    };
    this.sweep = this.#createSweep(common);
    this.budgetAlert = this.#createBudgetAlert(common);
    this.enforce = this.#createEnforce(common);
    this.slack =
      props.slackSecretName === undefined ? undefined : this.#createSlack(common, props.slackSecretName);
    this.#alarms.sweepSilent();
    const { slack } = this;
    this.dashboard = createDashboard(this, {
      alarms: this.#alarms,
      handlers: {
        sweep: this.sweep,
        'budget-alert': this.budgetAlert,
        enforce: this.enforce,
        ...(slack === undefined ? {} : { notify: slack.notify }),
      },
      queues: {
        signals: this.signals,
        commands: this.commands,
        ...(slack === undefined ? {} : { alerts: slack.alerts }),
      },
    });
  }

  /** Encrypted by our own key, since `alias/aws/sns` lets no AWS service publish; these alone of this account may. */
  #createTopic(id: string, publishers: readonly string[]): Topic {
    const topic = new Topic(this, id, { masterKey: this.#key, enforceSSL: true });
    for (const service of publishers) topic.grantPublish(this.#forThisAccount(service));
    return topic;
  }

  /** The service as far as it acts for this account; for another's resources it gets nothing. */
  #forThisAccount(service: string): ServicePrincipal {
    return new ServicePrincipal(service, {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
  }

  #createLedger(): Table {
    const { partitionKey, sortKey, projectIndex, ttlAttribute } = LEDGER_TABLE;
    const text = (name: string) => ({ name, type: AttributeType.STRING });
    const table = new Table(this, 'Ledger', {
      partitionKey: text(partitionKey),
      sortKey: text(sortKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.#key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: ttlAttribute,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    table.addGlobalSecondaryIndex({
      indexName: projectIndex.name,
      partitionKey: text(projectIndex.partitionKey),
      sortKey: text(projectIndex.sortKey),
      projectionType: ProjectionType.ALL,
    });
    return table;
  }

  /** Stops proceed whether or not anybody hears of them, so a stack that tells nobody says so at synth. */
  #warnOfSilence({ slackSecretName, alertEmails = [] }: BudgetEnforcerProps): void {
    if (alertEmails.length > 0) return;
    if (slackSecretName === undefined) {
      Annotations.of(this).addWarningV2(
        'bursar:nobody-is-told',
        'Nobody is told what is stopped: neither slackSecretName nor alertEmails is given. Give one of them ' +
          '(-c slackSecret=name-of-the-secret, -c alertEmail=you@example.com), or subscribe to the alertsTopic ' +
          'yourself and acknowledge this warning.',
      );
    } else {
      Annotations.of(this).addWarningV2(
        'bursar:slack-alone',
        'Slack alone is told, so the alarm about alerts that Slack did not take would go to Slack itself. Give ' +
          'alertEmails as well (-c alertEmail=you@example.com).',
      );
    }
  }

  /** Hidden for twice as long as its handler may run: long enough to be safe, short enough to try again soon. */
  #createQueue(id: string, name: string, handlerSeconds: number): WorkQueue {
    const work = new WorkQueue(this, id, {
      encryptionKey: this.#key,
      visibilityTimeout: Duration.seconds(2 * handlerSeconds),
    });
    this.#alarms.deadLetters(name, work.deadLetters);
    return work;
  }

  #createSweep(common: CommonEnvironment): Handler<SweepEnvironment> {
    const handler = new Handler<SweepEnvironment>(this, 'Sweep', {
      file: 'sweep',
      description: 'looks at the whole fleet and decides',
      environment: { ...common, COMMANDS_QUEUE_URL: this.commands.queue.queueUrl },
      timeout: Duration.seconds(240),
      memory: 1024,
    });
    this.#allowDeciding(handler);
    this.#allowViewingBudgets(handler.role);
    this.#alarms.handlerErrors('sweep', handler);
    // Without policy updates: CDK would let it invoke every version as well.
    const role = new Role(this, 'SchedulerRole', {
      assumedBy: this.#forThisAccount('scheduler.amazonaws.com'),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] }),
    );
    new Schedule(this, 'SweepSchedule', {
      description: 'Bursar: a sweep every 5 minutes',
      schedule: ScheduleExpression.rate(Duration.minutes(5)),
      // A sweep that failed is not repeated: the next one sees the same and more.
      target: new LambdaInvoke(handler, {
        role: role.withoutPolicyUpdates(),
        retryAttempts: 0,
        maxEventAge: Duration.minutes(4),
      }),
    });
    handler.configureAsyncInvoke({ retryAttempts: 0 });
    return handler;
  }

  #createBudgetAlert(common: CommonEnvironment): Handler<BudgetAlertEnvironment> {
    const handler = new Handler<BudgetAlertEnvironment>(this, 'BudgetAlert', {
      file: 'budget-alert',
      description: 'reads budget alerts and decides',
      environment: {
        ...common,
        COMMANDS_QUEUE_URL: this.commands.queue.queueUrl,
        DEAD_LETTER_QUEUE_URL: this.signals.deadLetters.queueUrl,
      },
      timeout: Duration.seconds(BUDGET_ALERT_SECONDS),
      memory: 1024,
    });
    this.#allowDeciding(handler);
    this.signals.deadLetters.grantSendMessages(handler);
    this.alertsTopic.grantPublish(handler);
    this.#allowViewingBudgets(handler.role);
    this.signals.feed(handler, { atOnce: 5 });
    this.#alarms.handlerErrors('budget-alert', handler);
    return handler;
  }

  #createEnforce(common: CommonEnvironment): Handler<EnforceEnvironment> {
    const handler = new Handler<EnforceEnvironment>(this, 'Enforce', {
      file: 'enforce',
      description: 'carries decisions out and tells people',
      environment: common,
      timeout: Duration.seconds(ENFORCE_SECONDS),
      memory: 1024,
    });
    this.#allowReading(handler);
    for (const { permissions } of kinds) {
      grantPermissions(handler.role, permissions.act, this.#policy.tags.project);
    }
    this.alertsTopic.grantPublish(handler);
    this.commands.feed(handler, { atOnce: 5 });
    this.#alarms.handlerErrors('enforce', handler);
    return handler;
  }

  #createSlack(
    { LEDGER_TABLE: table, ACCOUNT_ID, SANDBOX_CLOCK_AHEAD }: CommonEnvironment,
    secretName: string,
  ) {
    const handler = new Handler<NotifyEnvironment>(this, 'Notify', {
      file: 'notify',
      description: 'tells Slack',
      environment: { LEDGER_TABLE: table, ACCOUNT_ID, SANDBOX_CLOCK_AHEAD, SLACK_SECRET_ID: secretName },
      timeout: Duration.seconds(NOTIFY_SECONDS),
      memory: 512,
    });
    Secret.fromSecretNameV2(this, 'SlackSecret', secretName).grantRead(handler);
    this.#grantLedger(handler.role);
    const alerts = this.#createQueue('AlertsQueue', 'alerts', NOTIFY_SECONDS);
    alerts.subscribeTo(this.alertsTopic);
    // Slack takes one message a second, so more would only wait.
    alerts.feed(handler, { atOnce: 2 });
    this.#alarms.handlerErrors('notify', handler);
    return { notify: handler, alerts };
  }

  /** What a handler that decides needs: to see the fleet, and to queue what it decided. */
  #allowDeciding(handler: Handler<SweepEnvironment>): void {
    this.#allowReading(handler);
    this.commands.queue.grantSendMessages(handler);
  }

  /** What each budget is and has spent; both handlers that decide ask it. */
  #allowViewingBudgets(role: Role): void {
    const { partition, account } = Stack.of(this);
    role.addToPolicy(
      new PolicyStatement({
        actions: ['budgets:ViewBudget'],
        resources: [`arn:${partition}:budgets::${account}:budget/*`],
      }),
    );
    acknowledgeWildcards(role, {
      'Resource::arn:<AWS::Partition>:budgets::<AWS::AccountId>:budget/*':
        'Budgets may be made by hand; this only reads.',
    });
  }

  /** What the ledger does with its table, and no more: it never scans. */
  #grantLedger(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({
        actions: [
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:Query',
        ],
        resources: [this.ledger.tableArn, `${this.ledger.tableArn}/index/${LEDGER_TABLE.projectIndex.name}`],
      }),
    );
    this.#key.grantEncryptDecrypt(role);
    // DynamoDB asks for it as well of whoever uses a table under a customer managed key.
    this.#key.grant(role, 'kms:DescribeKey');
  }

  #allowReading(handler: Handler<EnforceEnvironment>): void {
    this.#asset.grantRead(handler);
    this.#grantLedger(handler.role);
    for (const { permissions } of kinds) {
      grantPermissions(handler.role, permissions.observe, this.#policy.tags.project);
    }
    handler.addToRolePolicy(new PolicyStatement({ actions: ['pricing:GetProducts'], resources: ['*'] }));
  }
}

/** The time limits of the handlers that queues feed. A budget alert looks at the whole fleet, as a sweep does. */
const BUDGET_ALERT_SECONDS = 120;
/** Shorter than the enforcer's lease in the ledger. */
const ENFORCE_SECONDS = 60;
const NOTIFY_SECONDS = 60;
