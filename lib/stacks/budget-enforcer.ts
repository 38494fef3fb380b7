import { Annotations, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { type ManagedPolicy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type FunctionUrl, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { kinds } from '../fleet/registry.ts';
import { LEDGER_TABLE } from '../ledger/table.ts';
import type { Policy } from '../policy/policy.ts';
import type { Alert } from '../types/alert.ts';
import type {
  BudgetAlertEnvironment,
  ChatEnvironment,
  CommonEnvironment,
  EnforceEnvironment,
  NotifyEnvironment,
  RequestEnvironment,
  SweepEnvironment,
} from '../types/environment.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import { Alarms } from './alarms.ts';
import { createDashboard } from './dashboard.ts';
import { Handler } from './handler.ts';
import { createOperatorPolicy } from './operator-policy.ts';
import { grantPermissions } from './permissions.ts';
import { PolicyAsset, readPolicy } from './policy-asset.ts';
import { SweepSchedules } from './sweep-schedules.ts';
import { serviceForThisAccount } from './this-account.ts';
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
   * Addresses that get every alert, every alarm, and again what Slack would not take. Each must confirm two mails
   * that SNS sends: one for the alerts, and one for the alarms and what Slack would not take.
   * @default none
   */
  readonly alertEmails?: readonly string[];
  /**
   * Executions at once of the Lambda behind the public URL that Slack's buttons call: kept for it, and the most it
   * may have, so that a flood of calls neither starves the other Lambdas nor runs up cost (Lambda then takes ten
   * times as many calls a second). Lambda keeps at least 100 of an account's concurrency for all functions
   * together, so an account with less than 105 in all (new ones often have 10) must say `none`, and is then limited
   * by its small quota alone.
   * @default 5
   */
  readonly chatConcurrency?: number | 'none';
  /**
   * For the sandbox alone: seconds by which the Lambdas' clock is ahead.
   * @default 0
   */
  readonly sandboxClockAhead?: number;
}

/** What Slack takes: absent as a whole without it. */
export interface SlackParts {
  /** Tells Slack. */
  readonly notify: Handler<NotifyEnvironment>;
  /** Alerts that wait for Slack. */
  readonly alerts: WorkQueue;
  /** Takes what people press in Slack. */
  readonly chat: Handler<ChatEnvironment>;
  /** What people pressed and nobody has done yet. */
  readonly requests: WorkQueue;
  /** Where Slack sends what people press. Public: the handler checks Slack's signature. */
  readonly url: FunctionUrl;
}

/**
 * The whole enforcer: topics for signals and alerts, queues, the ledger, the Lambdas and their schedules.
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
  /** Alarms, and what Slack would not take: a way to people that does not lead through Slack. */
  readonly fallbackTopic: Topic;
  /** What was meant and done, and what a restore needs. Kept when the stack is deleted. */
  readonly ledger: Table;
  readonly signals: WorkQueue;
  readonly commands: WorkQueue;
  readonly sweep: Handler<SweepEnvironment>;
  readonly budgetAlert: Handler<BudgetAlertEnvironment>;
  readonly enforce: Handler<EnforceEnvironment>;
  /** Does what people ask for, by Slack or the command line. */
  readonly request: Handler<RequestEnvironment>;
  readonly slack: SlackParts | undefined;
  /** What starts the sweeps. */
  readonly schedules: SweepSchedules;
  /** For whoever uses the commands of `bursar`; attached to nobody. */
  readonly operatorPolicy: ManagedPolicy;
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
    this.fallbackTopic = this.#createTopic('Fallback', ['cloudwatch.amazonaws.com']);
    for (const address of props.alertEmails ?? []) this.#tell(address);
    this.#warnOfSilence(props);
    this.ledger = this.#createLedger();
    this.#alarms = new Alarms(this, 'Alarms', [this.alertsTopic, this.fallbackTopic]);

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
    this.schedules = new SweepSchedules(this, 'Schedules', this.sweep);
    this.budgetAlert = this.#createBudgetAlert(common);
    this.enforce = this.#createEnforce(common);
    const secret =
      props.slackSecretName === undefined
        ? undefined
        : Secret.fromSecretNameV2(this, 'SlackSecret', props.slackSecretName);
    this.request = this.#createRequest(common, secret);
    this.slack = secret === undefined ? undefined : this.#createSlack(common, secret, props);
    this.operatorPolicy = createOperatorPolicy(this, [this.request, this.sweep]);
    this.#alarms.sweepSilent();
    const topics = { alerts: this.alertsTopic, fallback: this.fallbackTopic };
    for (const [name, topic] of Object.entries(topics)) this.#alarms.undelivered(name, topic);
    const { slack } = this;
    this.dashboard = createDashboard(this, {
      alarms: this.#alarms,
      handlers: {
        sweep: this.sweep,
        'budget-alert': this.budgetAlert,
        enforce: this.enforce,
        request: this.request,
        ...(slack === undefined ? {} : { notify: slack.notify, chat: slack.chat }),
      },
      queues: {
        signals: this.signals,
        commands: this.commands,
        ...(slack === undefined ? {} : { alerts: slack.alerts, requests: slack.requests }),
      },
      topics,
    });
  }

  /** Encrypted by our own key, since `alias/aws/sns` lets no AWS service publish; these alone of this account may. */
  #createTopic(id: string, publishers: readonly string[]): Topic {
    const topic = new Topic(this, id, { masterKey: this.#key, enforceSSL: true });
    for (const service of publishers) topic.grantPublish(serviceForThisAccount(this, service));
    return topic;
  }

  /**
   * By mail: all alerts but the daily test of the way to Slack, and the fallback. Alarms come by the fallback
   * alone. They carry no attributes, and no filter can let such messages through: SNS takes a missing attribute
   * for a mismatch, and lets `exists: false` match only where the message has another attribute (SNS developer
   * guide, "Key matching").
   */
  #tell(address: string): void {
    const untold: Alert['kind'] = 'canary';
    this.alertsTopic.addSubscription(
      new EmailSubscription(address, {
        filterPolicy: { kind: SubscriptionFilter.stringFilter({ denylist: [untold] }) },
      }),
    );
    this.fallbackTopic.addSubscription(new EmailSubscription(address));
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
      environment: { ...common, ...this.schedules.environment },
      timeout: Duration.seconds(ENFORCE_SECONDS),
      memory: 1024,
    });
    this.#allowReading(handler);
    for (const { permissions } of kinds) {
      grantPermissions(handler.role, permissions.act, this.#policy);
    }
    this.schedules.grantWake(handler.role);
    this.alertsTopic.grantPublish(handler);
    this.commands.feed(handler, { atOnce: 5 });
    this.#alarms.handlerErrors('enforce', handler);
    return handler;
  }

  /** It may see everything and stop nothing: what people ask for is a command that the enforcer carries out. */
  #createRequest(common: CommonEnvironment, secret: ISecret | undefined): Handler<RequestEnvironment> {
    const handler = new Handler<RequestEnvironment>(this, 'Request', {
      file: 'request',
      description: 'does what people ask for',
      environment: {
        ...common,
        ...this.schedules.environment,
        COMMANDS_QUEUE_URL: this.commands.queue.queueUrl,
        SLACK_SECRET_ID: secret?.secretName,
      },
      timeout: Duration.seconds(REQUEST_SECONDS),
      memory: 1024,
    });
    this.#allowDeciding(handler);
    this.schedules.grantWake(handler.role);
    secret?.grantRead(handler);
    this.alertsTopic.grantPublish(handler);
    this.#alarms.handlerErrors('request', handler);
    return handler;
  }

  #createSlack(
    common: CommonEnvironment,
    secret: ISecret,
    { chatConcurrency = CHAT_CONCURRENCY }: BudgetEnforcerProps,
  ): SlackParts {
    const environment = {
      LEDGER_TABLE: common.LEDGER_TABLE,
      ACCOUNT_ID: common.ACCOUNT_ID,
      SANDBOX_CLOCK_AHEAD: common.SANDBOX_CLOCK_AHEAD,
      SLACK_SECRET_ID: secret.secretName,
    };
    const notify = new Handler<NotifyEnvironment>(this, 'Notify', {
      file: 'notify',
      description: 'tells Slack',
      environment: { ...environment, FALLBACK_TOPIC_ARN: this.fallbackTopic.topicArn },
      timeout: Duration.seconds(NOTIFY_SECONDS),
      memory: 512,
    });
    this.fallbackTopic.grantPublish(notify);
    const alerts = this.#createQueue('AlertsQueue', 'alerts', NOTIFY_SECONDS);
    alerts.subscribeTo(this.alertsTopic);
    // Slack takes one message a second, so more would only wait.
    alerts.feed(notify, { atOnce: 2 });
    this.#alarms.canarySilent();

    const requests = this.#createQueue('RequestsQueue', 'requests', REQUEST_SECONDS);
    requests.feed(this.request, { atOnce: 5 });
    const chat = new Handler<ChatEnvironment>(this, 'Chat', {
      file: 'chat',
      description: 'takes what people press in Slack',
      environment: { ...environment, REQUESTS_QUEUE_URL: requests.queue.queueUrl },
      timeout: Duration.seconds(10),
      // A whole CPU (AWS Lambda's guide, "Configure function memory"): a cold start takes some 400 ms of one, and Slack
      // waits for 3 seconds.
      memory: 1769,
      reservedConcurrency: chatConcurrency === 'none' ? undefined : chatConcurrency,
    });
    requests.queue.grantSendMessages(chat);
    this.#alarms.throttled('chat', chat);

    for (const [name, handler] of Object.entries({ notify, chat })) {
      secret.grantRead(handler);
      this.#grantLedger(handler.role);
      this.#alarms.handlerErrors(name, handler);
    }
    // Slack cannot sign as AWS does; the handler checks Slack's own signature before it does anything.
    const url = chat.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    return { notify, alerts, chat, requests, url };
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

  #allowReading(handler: Handler<CommonEnvironment>): void {
    this.#asset.grantRead(handler);
    this.#grantLedger(handler.role);
    for (const { permissions } of kinds) {
      grantPermissions(handler.role, permissions.observe, this.#policy);
    }
    handler.addToRolePolicy(new PolicyStatement({ actions: ['pricing:GetProducts'], resources: ['*'] }));
  }
}

/** The time limits of the handlers that queues feed. A budget alert looks at the whole fleet, as a sweep does. */
const BUDGET_ALERT_SECONDS = 120;
/** Shorter than the enforcer's lease in the ledger. */
const ENFORCE_SECONDS = 60;
const NOTIFY_SECONDS = 60;
const REQUEST_SECONDS = 60;
const CHAT_CONCURRENCY = 5;
