import * as z from 'zod';
import { SlackSendError } from './slack-error.ts';

/** A Slack app that posts by itself. */
export interface SlackBot {
  readonly token: string;
  /** Where alerts go that name no channel, or one that the app cannot post to. */
  readonly defaultChannel: string;
  /** Ends with a slash. */
  readonly apiUrl: string;
}

/** What the secret holds. At least one of `bot` and `webhooks` is there. */
export interface SlackSecret {
  readonly bot: SlackBot | undefined;
  /** Proves that a press of a button came from Slack; absent = alerts have no buttons that work. */
  readonly signingSecret: string | undefined;
  /** Channel → URL of its incoming webhook; `default` for all others. Empty where a bot posts. */
  readonly webhooks: ReadonlyMap<string, string>;
  /** True where it speaks to a stand-in on this machine: only then may anything else be there. */
  readonly sandbox: boolean;
}

export const DEFAULT_WEBHOOK = 'default';

const API_URL = 'https://slack.com/api/';
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

const AppSchema = z.strictObject({
  botToken: z
    .string()
    .regex(/^xoxb-[\x21-\x7e]+$/)
    .optional(),
  signingSecret: z.string().min(8).optional(),
  defaultChannel: z.string().min(1).optional(),
  webhooks: z.record(z.string(), z.string()).optional(),
  apiUrl: z.string().optional(),
});
const WebhooksSchema = z.record(z.string(), z.string());
/** Where one of these stands, it is an app's secret and no list of channels: a channel begins with `#` or is `default`. */
const APP_FIELDS = ['botToken', 'signingSecret', 'webhooks'];

const misconfigured = (message: string): SlackSendError => new SlackSendError('misconfigured', message);

/**
 * Reads the secret. Three forms: one webhook URL for all; JSON that maps channels to webhook URLs, such as
 * `{"default": "https://hooks.slack.com/…", "#fraud-ml": "https://hooks.slack.com/…"}`; and that of an app,
 * `{"botToken": "xoxb-…", "signingSecret": "…", "defaultChannel": "#ml-ops"}`, or with `webhooks` (the second form) in
 * place of the token and its channel.
 * @throws SlackSendError (`misconfigured`) where it is none of them; the message holds nothing of the secret.
 */
export function readSlackSecret(secret: string): SlackSecret {
  const text = secret.trim();
  if (!text.startsWith('{')) return ofWebhooks({ [DEFAULT_WEBHOOK]: text }, undefined);
  const json = parseJson(text);
  if (typeof json === 'object' && json !== null && APP_FIELDS.some((field) => Object.hasOwn(json, field))) {
    return ofApp(json);
  }
  const webhooks = WebhooksSchema.safeParse(json);
  if (webhooks.success) return ofWebhooks(webhooks.data, undefined);
  throw misconfigured(
    'The Slack secret is neither a webhook URL nor JSON that maps channels to webhook URLs.',
  );
}

function ofApp(json: object): SlackSecret {
  const parsed = AppSchema.safeParse(json);
  if (!parsed.success) {
    // The names of fields are told, their values never.
    const fields = parsed.error.issues.map(({ path, code }) => `${path.join('.') || 'a field'} (${code})`);
    throw misconfigured(`The Slack secret of an app is wrong: ${fields.join(', ')}.`);
  }
  const { botToken, signingSecret, defaultChannel, webhooks, apiUrl = API_URL } = parsed.data;
  if (botToken === undefined) {
    if (webhooks === undefined) {
      throw misconfigured(
        'The Slack secret holds neither a "botToken" nor "webhooks", so nothing can be posted.',
      );
    }
    return ofWebhooks(webhooks, signingSecret);
  }
  if (defaultChannel === undefined) {
    throw misconfigured('The Slack secret holds a "botToken" but no "defaultChannel" to post to.');
  }
  const url = URL.parse(apiUrl);
  if (url === null || !(isLoopback(url) || url.href === API_URL)) {
    throw misconfigured(
      `The "apiUrl" of the Slack secret is not ${API_URL}: the token is sent nowhere else.`,
    );
  }
  const bot = { token: botToken, defaultChannel, apiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/` };
  return { bot, signingSecret, webhooks: new Map(), sandbox: isLoopback(url) };
}

function ofWebhooks(
  webhooks: Readonly<Record<string, string>>,
  signingSecret: string | undefined,
): SlackSecret {
  const entries = Object.entries(webhooks).map(([channel, url]) => [channel, url.trim()] as const);
  const sandbox = entries.some(([, url]) => {
    const parsed = URL.parse(url);
    return parsed !== null && isLoopback(parsed);
  });
  return { bot: undefined, signingSecret, webhooks: new Map(entries), sandbox };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The cause would quote the secret.
    throw misconfigured('The Slack secret begins as JSON and is none.');
  }
}

/** Plain HTTP is for a stand-in on this machine: elsewhere it would show the secret to the network. */
export const isLoopback = ({ protocol, hostname }: URL): boolean =>
  (protocol === 'http:' || protocol === 'https:') && LOOPBACK.has(hostname);
