import * as z from 'zod';
import { SlackSendError } from './slack-error.ts';

/** The webhook to post to, and the name of the channel whose pace counts. */
export interface Webhook {
  readonly url: string;
  readonly channel: string;
}

const DEFAULT_CHANNEL = 'default';
const SecretSchema = z.record(z.string(), z.string());
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Chooses the webhook of a channel from the secret: one URL for all, or JSON such as
 * `{"default": "https://hooks.slack.com/…", "#fraud-ml": "https://hooks.slack.com/…"}`. An incoming webhook
 * posts into the one channel that it was made for, so each channel needs its own.
 * @throws SlackSendError (`misconfigured`) where there is none or it is no URL; the message holds nothing of the secret.
 */
export function chooseWebhook(secret: string, channel: string | undefined): Webhook {
  const text = secret.trim();
  if (!text.startsWith('{')) return { url: checked(text, DEFAULT_CHANNEL), channel: DEFAULT_CHANNEL };
  const webhooks = new Map(Object.entries(parseSecret(text)));
  const wanted = channel !== undefined && webhooks.has(channel) ? channel : DEFAULT_CHANNEL;
  const url = webhooks.get(wanted);
  if (url !== undefined) return { url: checked(url.trim(), wanted), channel: wanted };
  const missing = channel === undefined ? '' : ` and none for ${channel}`;
  throw new SlackSendError('misconfigured', `The Slack secret holds no webhook named "default"${missing}.`);
}

function parseSecret(text: string): Readonly<Record<string, string>> {
  const refuse = (): never => {
    throw new SlackSendError(
      'misconfigured',
      'The Slack secret is neither a webhook URL nor JSON that maps channels to webhook URLs.',
    );
  };
  try {
    const parsed = SecretSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : refuse();
  } catch {
    return refuse();
  }
}

/** Plain HTTP is for a test server on this machine: elsewhere it would show the secret to the network. */
function checked(url: string, name: string): string {
  const parsed = URL.parse(url);
  const safe =
    parsed !== null &&
    (parsed.protocol === 'https:' || (parsed.protocol === 'http:' && LOOPBACK.has(parsed.hostname)));
  if (safe) return url;
  throw new SlackSendError('misconfigured', `The Slack webhook "${name}" is no https URL.`);
}
