import { setTimeout as sleep } from 'node:timers/promises';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { readAlert } from '../lib/alerts/read-alert.ts';
import { createSlackSender, type SlackSender } from '../lib/alerts/slack-sender.ts';
import { toSubject, toText } from '../lib/alerts/text.ts';
import { errorMessage } from '../lib/fleet/aws-errors.ts';
import { PATIENCE } from '../lib/fleet/patience.ts';
import type { Alert } from '../lib/types/alert.ts';
import type { Clock } from '../lib/types/clock.ts';
import { type NotifyEnvironment, NotifyEnvironmentSchema } from '../lib/types/environment.ts';
import { METRICS } from '../lib/types/metric.ts';
import { MAX_DELIVERIES } from '../lib/types/queues.ts';
import { clockOf, ledgerOf } from './basics.ts';
import { lambda, type Tools } from './lambda.ts';
import { eachMessage, type QueueMessage } from './queue.ts';
import { secretReader } from './secret.ts';

export interface NotifyDeps {
  readonly sender: SlackSender;
  readonly account: string;
  readonly now: Clock;
  /** Tells people by another way, that of e-mail; `undefined` where there is none. */
  readonly fallback:
    | ((message: { readonly subject: string; readonly text: string }) => Promise<void>)
    | undefined;
  readonly tools: Pick<Tools, 'logger' | 'metrics'>;
}

/** Left of the Lambda's time to answer SQS in, and to tell people otherwise, in milliseconds. */
const MARGIN_MS = 8_000;

/**
 * Sends one alert to Slack. What Slack has not taken at the last delivery goes out by the other way.
 * @throws where Slack did not take it, so that the message comes back, and in the end lies with the dead letters.
 */
export async function notify(
  { body, deliveries }: QueueMessage,
  withinMs: number,
  { sender, account, now, fallback, tools }: NotifyDeps,
): Promise<void> {
  const alert = readAlert(body, { at: now(), account });
  try {
    const sent = await sender.send(alert, withinMs);
    tools.logger.info('slack', { alert: alert.id, sent });
  } catch (error) {
    if (deliveries >= MAX_DELIVERIES && fallback !== undefined) {
      await fallback(otherwise(alert, error)).catch((failure: unknown) =>
        tools.logger.error('an alert could not be told otherwise either', {
          alert: alert.id,
          error: failure,
        }),
      );
    }
    throw error;
  }
  // Also where an earlier delivery sent it and broke off: what counts is that it is there.
  if (alert.kind === 'canary') tools.metrics.addMetric(METRICS.canaryArrived, MetricUnit.Count, 1);
}

const otherwise = (alert: Alert, error: unknown) => ({
  subject: toSubject(alert),
  text: `Slack did not take this alert: ${errorMessage(error)}\n\n${toText(alert)}`,
});

export const handler = lambda<NotifyEnvironment, NotifyDeps, unknown>({
  name: 'notify',
  environment: NotifyEnvironmentSchema,
  build: async (environment, tools) => {
    const now = clockOf(environment);
    return {
      sender: createSlackSender({
        ledger: ledgerOf(environment, tools),
        now,
        sleep: (milliseconds) => sleep(milliseconds),
        // Read at each send: a webhook that was replaced is used at once, and one read is cheap.
        getSecret: secretReader(environment.SLACK_SECRET_ID, tools, 0),
      }),
      account: environment.ACCOUNT_ID,
      now,
      fallback: fallbackOf(environment, tools),
      tools,
    };
  },
  handle: (event, deps, context) =>
    eachMessage(event, context, deps.tools, (message) =>
      notify(message, context.getRemainingTimeInMillis() - MARGIN_MS, deps),
    ),
});

/** Source: SNS takes 256 KiB a message. */
const TEXT_MAX_BYTES = 250_000;

function fallbackOf(
  { FALLBACK_TOPIC_ARN: TopicArn }: NotifyEnvironment,
  { tracer }: Tools,
): NotifyDeps['fallback'] {
  if (TopicArn === undefined) return undefined;
  const sns = tracer.captureAWSv3Client(new SNSClient({ ...PATIENCE }));
  return async ({ subject: Subject, text }) => {
    const Message = Buffer.from(text).subarray(0, TEXT_MAX_BYTES).toString('utf8');
    await sns.send(new PublishCommand({ TopicArn, Subject, Message }));
  };
}
