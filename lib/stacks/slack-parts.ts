import { Duration } from 'aws-cdk-lib';
import { type FunctionUrl, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type {
  ChatEnvironment,
  CommonEnvironment,
  NotifyEnvironment,
  RequestEnvironment,
} from '../types/environment.ts';
import type { Alarms } from './alarms.ts';
import type { Grants } from './grants.ts';
import { Handler } from './handler.ts';
import type { WorkQueue } from './work-queue.ts';

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

export interface SlackProps {
  readonly common: CommonEnvironment;
  readonly secret: ISecret;
  readonly chatConcurrency: number | 'none';
  readonly topics: { readonly alerts: Topic; readonly fallback: Topic };
  /** Does what people press. */
  readonly request: Handler<RequestEnvironment>;
  readonly requestSeconds: number;
  readonly createQueue: (id: string, name: string, handlerSeconds: number) => WorkQueue;
  readonly alarms: Alarms;
  readonly grants: Grants;
}

export function createSlack(scope: Construct, props: SlackProps): SlackParts {
  const { common, secret, chatConcurrency, topics, request, createQueue, alarms, grants } = props;
  const environment = {
    LEDGER_TABLE: common.LEDGER_TABLE,
    ACCOUNT_ID: common.ACCOUNT_ID,
    SANDBOX_CLOCK_AHEAD: common.SANDBOX_CLOCK_AHEAD,
    SLACK_SECRET_ID: secret.secretName,
  };
  const notify = new Handler<NotifyEnvironment>(scope, 'Notify', {
    file: 'notify',
    description: 'tells Slack',
    environment: { ...environment, FALLBACK_TOPIC_ARN: topics.fallback.topicArn },
    timeout: Duration.seconds(NOTIFY_SECONDS),
    memory: 512,
  });
  topics.fallback.grantPublish(notify);
  const alerts = createQueue('AlertsQueue', 'alerts', NOTIFY_SECONDS);
  alerts.subscribeTo(topics.alerts);
  // Slack takes one message a second, so more would only wait.
  alerts.feed(notify, { atOnce: 2 });
  alarms.canarySilent();

  const requests = createQueue('RequestsQueue', 'requests', props.requestSeconds);
  requests.feed(request, { atOnce: 5 });
  const chat = new Handler<ChatEnvironment>(scope, 'Chat', {
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
  alarms.throttled('chat', chat);

  for (const [name, handler] of Object.entries({ notify, chat })) {
    secret.grantRead(handler);
    grants.ledger(handler.role);
    alarms.handlerErrors(name, handler);
  }
  // Slack cannot sign as AWS does; the handler checks Slack's own signature before it does anything.
  const url = chat.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
  return { notify, alerts, chat, requests, url };
}

const NOTIFY_SECONDS = 60;
