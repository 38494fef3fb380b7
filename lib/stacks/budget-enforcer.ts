import { Duration, Stack } from 'aws-cdk-lib';
import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type {
  BudgetAlertEnvironment,
  CommonEnvironment,
  EnforceEnvironment,
  RequestEnvironment,
  SweepEnvironment,
} from '../types/environment.ts';
import { Alarms } from './alarms.ts';
import { createDashboard } from './dashboard.ts';
import { Gate } from './gate-parts.ts';
import { Grants } from './grants.ts';
import { Handler } from './handler.ts';
import { LaunchDenial, namesRoles } from './launch-denial.ts';
import { LaunchGuard } from './launch-guard.ts';
import { createLedgerTable } from './ledger-table.ts';
import { createOperatorPolicy } from './operator-policy.ts';
import { PolicyAsset, readPolicy } from './policy-asset.ts';
import { Reports } from './report-parts.ts';
import { createSlack, type SlackParts } from './slack-parts.ts';
import { SweepSchedules } from './sweep-schedules.ts';
import { createTopic, tellByMail } from './topics.ts';
import { warnOfSilence } from './warn-of-silence.ts';
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
   * together, so an account with less than 107 in all (new ones often have 10) must say `none`, and is then limited
   * by its small quota alone. The other two are for the Lambda that opens links to reports; with `none` it has none either.
   * @default 5
   */
  readonly chatConcurrency?: number | 'none';
  /**
   * For the sandbox alone: seconds by which the Lambdas' clock is ahead.
   * @default 0
   */
  readonly sandboxClockAhead?: number;
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
  /** Looks at each launch as it happens. */
  readonly launchGuard: LaunchGuard;
  /** Says whether a job may start: `grantInvoke` lets a state machine or a pipeline ask. */
  readonly gate: Gate;
  /** The report of the month. */
  readonly reports: Reports;
  readonly slack: SlackParts | undefined;
  /** What starts the sweeps. */
  readonly schedules: SweepSchedules;
  /** For whoever uses the commands of `bursar`; attached to nobody. */
  readonly operatorPolicy: ManagedPolicy;
  readonly dashboard: Dashboard;
  readonly #key: Key;
  readonly #alarms: Alarms;
  readonly #grants: Grants;
  /** `undefined` where the policy names no roles that a freeze is for. */
  readonly #denial: LaunchDenial | undefined;

  constructor(scope: Construct, id: string, props: BudgetEnforcerProps) {
    super(scope, id);
    const policy = readPolicy(props.policyFile);
    const asset = new PolicyAsset(this, props.policyFile);
    this.#key = new Key(this, 'Key', {
      description: 'Bursar: topics, queues and the ledger',
      enableKeyRotation: true,
    });
    this.signalsTopic = createTopic(this, 'Signals', this.#key, [
      'budgets.amazonaws.com',
      'costalerts.amazonaws.com',
    ]);
    this.alertsTopic = createTopic(this, 'Alerts', this.#key, ['cloudwatch.amazonaws.com']);
    this.fallbackTopic = createTopic(this, 'Fallback', this.#key, ['cloudwatch.amazonaws.com']);
    const topics = { alerts: this.alertsTopic, fallback: this.fallbackTopic };
    for (const address of props.alertEmails ?? []) tellByMail(address, topics);
    warnOfSilence(this, props);
    this.ledger = createLedgerTable(this, 'Ledger', this.#key);
    this.#alarms = new Alarms(this, 'Alarms', [this.alertsTopic, this.fallbackTopic]);

    this.signals = this.#createQueue('SignalsQueue', 'signals', BUDGET_ALERT_SECONDS);
    this.signals.subscribeTo(this.signalsTopic);
    this.commands = this.#createQueue('CommandsQueue', 'commands', ENFORCE_SECONDS);
    this.#alarms.stale('commands', this.commands.queue, Duration.minutes(10));
    this.#grants = new Grants({
      policy,
      asset,
      ledger: this.ledger,
      key: this.#key,
      commands: this.commands,
    });
    this.#denial = namesRoles(policy) ? new LaunchDenial(this, 'LaunchDenial', policy) : undefined;

    const common: CommonEnvironment = {
      ...asset.environment,
      LEDGER_TABLE: this.ledger.tableName,
      ACCOUNT_ID: Stack.of(this).account,
      ALERTS_TOPIC_ARN: this.alertsTopic.topicArn,
      SANDBOX_CLOCK_AHEAD: props.sandboxClockAhead?.toString(),
    };
    this.schedules = new SweepSchedules(this, 'Schedules');
    this.sweep = this.#createSweep(common);
    this.schedules.start(this.sweep);
    this.budgetAlert = this.#createBudgetAlert(common);
    this.enforce = this.#createEnforce(common);
    const secret =
      props.slackSecretName === undefined
        ? undefined
        : Secret.fromSecretNameV2(this, 'SlackSecret', props.slackSecretName);
    this.request = this.#createRequest(common, secret);
    this.launchGuard = new LaunchGuard(this, 'LaunchGuard', {
      tags: policy.tags,
      environment: { ...common, COMMANDS_QUEUE_URL: this.commands.queue.queueUrl },
      encryptionKey: this.#key,
      alarms: this.#alarms,
      grants: this.#grants,
    });
    this.gate = new Gate(this, 'Gate', {
      environment: common,
      alarms: this.#alarms,
      grants: this.#grants,
    });
    const chatConcurrency = props.chatConcurrency ?? CHAT_CONCURRENCY;
    this.reports = new Reports(this, 'Reports', {
      policy,
      environment: common,
      ownParts: () => ({
        functions: Object.entries(this.#handlers)
          .filter(([name]) => name !== 'report')
          .map(([, { functionName, memory }]) => ({ name: functionName, memoryMb: memory })),
        alarms: this.#alarms.all.length,
        keys: 1,
        secrets: secret === undefined ? 0 : 1,
      }),
      encryptionKey: this.#key,
      linkConcurrency: chatConcurrency === 'none' ? undefined : LINK_CONCURRENCY,
      alarms: this.#alarms,
      grants: this.#grants,
    });
    this.slack =
      secret === undefined
        ? undefined
        : createSlack(this, {
            common,
            secret,
            chatConcurrency,
            topics,
            request: this.request,
            requestSeconds: REQUEST_SECONDS,
            createQueue: (...queue) => this.#createQueue(...queue),
            alarms: this.#alarms,
            grants: this.#grants,
          });
    // Once all its roles are there, so that it can be denied each of them.
    this.#denial?.grantAttaching(this.enforce.role, this);
    this.operatorPolicy = createOperatorPolicy(this, [this.request, this.sweep]);
    this.#alarms.sweepSilent();
    for (const [name, topic] of Object.entries(topics)) this.#alarms.undelivered(name, topic);
    const { slack, launchGuard, reports } = this;
    this.dashboard = createDashboard(this, {
      alarms: this.#alarms,
      projects: Object.values(policy.projects),
      handlers: this.#handlers,
      queues: {
        signals: this.signals,
        commands: this.commands,
        launches: launchGuard.launches,
        ...(slack === undefined ? {} : { alerts: slack.alerts, requests: slack.requests }),
      },
      deadLetters: { reports: reports.deadLetters },
      topics,
    });
  }

  /** All Lambdas, by the names that people know them by. */
  get #handlers(): Readonly<Record<string, IFunction & { readonly memory: number }>> {
    const { slack, reports, gate } = this;
    return {
      sweep: this.sweep,
      'budget-alert': this.budgetAlert,
      enforce: this.enforce,
      request: this.request,
      'launch-guard': this.launchGuard.handler,
      gate: gate.handler,
      report: reports.handler,
      ...(reports.link === undefined ? {} : { 'report-link': reports.link.handler }),
      ...(slack === undefined ? {} : { notify: slack.notify, chat: slack.chat }),
    };
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
      environment: {
        ...common,
        ...this.schedules.environment,
        COMMANDS_QUEUE_URL: this.commands.queue.queueUrl,
        LAUNCH_DENY_POLICY_ARN: this.#denial?.policyArn,
      },
      timeout: Duration.seconds(240),
      memory: 1024,
    });
    this.#grants.deciding(handler);
    this.schedules.grantWake(handler.role);
    this.#grants.metering(handler.role);
    this.#grants.lookingUp(handler.role);
    this.#grants.viewingBudgets(handler.role);
    this.#denial?.grantLookingUp(handler.role);
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
    this.#grants.deciding(handler);
    this.signals.deadLetters.grantSendMessages(handler);
    this.alertsTopic.grantPublish(handler);
    this.#grants.viewingBudgets(handler.role);
    this.signals.feed(handler, { atOnce: 5 });
    this.#alarms.handlerErrors('budget-alert', handler);
    return handler;
  }

  #createEnforce(common: CommonEnvironment): Handler<EnforceEnvironment> {
    const handler = new Handler<EnforceEnvironment>(this, 'Enforce', {
      file: 'enforce',
      description: 'carries decisions out and tells people',
      environment: {
        ...common,
        ...this.schedules.environmentFor(this.sweep),
        LAUNCH_DENY_POLICY_ARN: this.#denial?.policyArn,
      },
      timeout: Duration.seconds(ENFORCE_SECONDS),
      memory: 1024,
    });
    this.#grants.reading(handler);
    this.#grants.acting(handler.role);
    this.#denial?.grantLookingUp(handler.role);
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
        ...this.schedules.environmentFor(this.sweep),
        COMMANDS_QUEUE_URL: this.commands.queue.queueUrl,
        SLACK_SECRET_ID: secret?.secretName,
      },
      timeout: Duration.seconds(REQUEST_SECONDS),
      memory: 1024,
    });
    this.#grants.deciding(handler);
    this.schedules.grantWake(handler.role);
    this.#grants.metering(handler.role);
    this.schedules.grantWake(handler.role);
    secret?.grantRead(handler);
    this.alertsTopic.grantPublish(handler);
    this.#alarms.handlerErrors('request', handler);
    return handler;
  }
}

/** The time limits of the handlers that queues feed. A budget alert looks at the whole fleet, as a sweep does. */
const BUDGET_ALERT_SECONDS = 120;
/** Shorter than the enforcer's lease in the ledger. */
const ENFORCE_SECONDS = 60;
const REQUEST_SECONDS = 60;
const CHAT_CONCURRENCY = 5;
/** People follow a link a few times a week, and each call takes some milliseconds. */
const LINK_CONCURRENCY = 2;
