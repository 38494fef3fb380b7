import { setTimeout as sleep } from 'node:timers/promises';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readAlert } from '../lib/alerts/read-alert.ts';
import { createSlackSender, type SlackSender } from '../lib/alerts/slack-sender.ts';
import { PATIENCE } from '../lib/fleet/patience.ts';
import type { Clock } from '../lib/types/clock.ts';
import { type NotifyEnvironment, NotifyEnvironmentSchema } from '../lib/types/environment.ts';
import { lambda, type Tools } from './lambda.ts';
import { clockOf, ledgerOf } from './parts.ts';
import { eachMessage } from './queue.ts';

interface NotifyDeps {
  readonly sender: SlackSender;
  readonly account: string;
  readonly now: Clock;
  readonly tools: Pick<Tools, 'logger'>;
}

/** Left of the Lambda's time to answer SQS in, in milliseconds. */
const MARGIN_MS = 5_000;

export const handler = lambda<NotifyEnvironment, NotifyDeps, unknown>({
  name: 'notify',
  environment: NotifyEnvironmentSchema,
  build: async (environment, tools) => {
    const now = clockOf(environment);
    return { sender: senderOf(environment, now, tools), account: environment.ACCOUNT_ID, now, tools };
  },
  handle: (event, { sender, account, now, tools }, context) =>
    eachMessage(event, context, tools, async ({ body }) => {
      const alert = readAlert(body, { at: now(), account });
      const sent = await sender.send(alert, context.getRemainingTimeInMillis() - MARGIN_MS);
      tools.logger.info('slack', { alert: alert.id, sent });
    }),
});

/** The secret is read at each send: a webhook that was replaced is used at once, and one read is cheap. */
function senderOf(environment: NotifyEnvironment, now: Clock, tools: Tools): SlackSender {
  const secrets = tools.tracer.captureAWSv3Client(new SecretsManagerClient({ ...PATIENCE }));
  return createSlackSender({
    ledger: ledgerOf(environment, tools),
    now,
    sleep: (milliseconds) => sleep(milliseconds),
    getSecret: async () => {
      const { SecretString } = await secrets.send(
        new GetSecretValueCommand({ SecretId: environment.SLACK_SECRET_ID }),
      );
      if (SecretString === undefined) throw new Error(`Secret ${environment.SLACK_SECRET_ID} holds no text.`);
      return SecretString;
    },
  });
}
