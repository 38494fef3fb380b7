import { SlackSendError } from './slack-error.ts';
import { DEFAULT_WEBHOOK, isLoopback, type SlackSecret } from './slack-secret.ts';

/** The webhook to post to, and the name of the channel whose pace counts. */
export interface Webhook {
  readonly url: string;
  readonly channel: string;
}

/**
 * Chooses the webhook of a channel. An incoming webhook posts into the one channel that it was made for, so each
 * channel needs its own.
 * @throws SlackSendError (`misconfigured`) where there is none or it is no URL; the message holds nothing of the secret.
 */
export function chooseWebhook(
  { webhooks }: Pick<SlackSecret, 'webhooks'>,
  channel: string | undefined,
): Webhook {
  const wanted = channel !== undefined && webhooks.has(channel) ? channel : DEFAULT_WEBHOOK;
  const url = webhooks.get(wanted);
  if (url !== undefined) return { url: checked(url, wanted), channel: wanted };
  const missing = channel === undefined ? '' : ` and none for ${channel}`;
  throw new SlackSendError(
    'misconfigured',
    `The Slack secret holds no webhook named "${DEFAULT_WEBHOOK}"${missing}.`,
  );
}

function checked(url: string, name: string): string {
  const parsed = URL.parse(url);
  if (parsed !== null && (parsed.protocol === 'https:' || isLoopback(parsed))) return url;
  throw new SlackSendError('misconfigured', `The Slack webhook "${name}" is no https URL.`);
}
