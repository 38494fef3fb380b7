import type { Ledger } from '../ledger/ledger.ts';
import type { Alert } from '../types/alert.ts';
import type { Clock } from '../types/clock.ts';
import { type SlackMessage, toSlack } from './slack.ts';
import { createSlackApi, isChannelError } from './slack-api.ts';
import { SlackSendError } from './slack-error.ts';
import { postToSlack } from './slack-post.ts';
import { readSlackSecret, type SlackBot } from './slack-secret.ts';
import { chooseWebhook } from './slack-webhooks.ts';

export interface SlackSenderParts {
  readonly ledger: Pick<Ledger, 'once' | 'forget' | 'seen' | 'reserveSlot' | 'saveAlert'>;
  /** The secret: see `readSlackSecret`. */
  readonly getSecret: () => Promise<string>;
  readonly now: Clock;
  /** Milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
}

export interface SlackSender {
  /**
   * Sends an alert to its channel unless it was sent before. It is in the ledger before people can answer it.
   * @param withinMs when to give up, so that the caller ends before its own timeout and the queue delivers again.
   * @throws SlackSendError where it was not sent; whatever `getSecret` and the ledger throw.
   */
  send(alert: Alert, withinMs: number): Promise<'sent' | 'repeat'>;
}

/** Source: Slack's rate limits: an incoming webhook takes one message a second. Milliseconds. */
const SPACING_MS = 1_000;
/** Source: Slack's reference of conversations: names of channels have at most 80 characters. */
const NAME_MAX = 81;
/** Source: Slack's reference of Block Kit: 50 blocks in a message. */
const BLOCKS_MAX = 50;
/** How long a worker that vanished without a word keeps others from sending. Milliseconds. */
const CLAIM_MS = 300_000;

/**
 * Sends alerts to Slack once each, in the pace that a channel takes, whoever sends. A worker claims an alert
 * before it posts, so that two of them do not both; the claim ends by itself, so that an alert is not lost when
 * a worker dies between claiming and posting. In doubt an alert comes twice rather than never.
 */
export function createSlackSender({ ledger, getSecret, now, sleep }: SlackSenderParts): SlackSender {
  /**
   * Looks before it takes a slot, which a spacing of zero does: slots that were taken and given up would move the
   * next free one on and on, until no sender could reach it.
   */
  async function reserve(channel: string, deadline: Date): Promise<void> {
    const free = await ledger.reserveSlot(channel, 0, now());
    const slot = free < deadline ? await ledger.reserveSlot(channel, SPACING_MS, now()) : free;
    if (slot >= deadline) {
      throw new SlackSendError('busy', 'The channel is taken until after the deadline.');
    }
    const wait = slot.getTime() - now().getTime();
    if (wait > 0) await sleep(wait);
  }

  async function deliver(alert: Alert, deadline: Date): Promise<void> {
    const secret = readSlackSecret(await getSecret());
    await ledger.saveAlert(alert);
    // Without the signing secret nobody could tell a press from a forgery, so nothing listens to buttons.
    const buttons = secret.signingSecret !== undefined;
    const message = toSlack(alert, [], { buttons, windows: secret.bot !== undefined });
    if (secret.bot !== undefined) return byBot(secret.bot, alert.slack, message, deadline);
    const { url, channel } = chooseWebhook(secret, alert.slack);
    await reserve(`slack/${channel}`, deadline);
    await postToSlack(url, message, { now, sleep, deadline });
  }

  /** To the project's channel, or to the default one where the app cannot post there: it says so then. */
  async function byBot(
    bot: SlackBot,
    wanted: string | undefined,
    message: SlackMessage,
    deadline: Date,
  ): Promise<void> {
    const api = createSlackApi(bot);
    const post = async (channel: string, what: SlackMessage): Promise<void> => {
      await reserve(`slack/${channel}`, deadline);
      await api.postMessage(channel, what, { now, sleep, deadline });
    };
    const channel = wanted ?? bot.defaultChannel;
    try {
      await post(channel, message);
    } catch (error) {
      if (channel === bot.defaultChannel || !isChannelError(error)) throw error;
      const why = error instanceof SlackSendError ? error.code : undefined;
      await post(bot.defaultChannel, redirected(message, channel, why));
    }
  }

  return {
    async send(alert, withinMs) {
      const started = now();
      const sent = `slack/${alert.id}`;
      if (await ledger.seen(sent, started)) return 'repeat';
      const claim = `${sent}/sending/${Math.floor(started.getTime() / CLAIM_MS)}`;
      if (!(await ledger.once(claim, started))) {
        throw new SlackSendError('in-flight', 'Another worker is sending this alert.');
      }
      try {
        await deliver(alert, new Date(started.getTime() + withinMs));
      } catch (error) {
        // Where this fails too, the claim still ends by itself, and the first error tells more.
        await ledger.forget(claim).catch(() => undefined);
        throw error;
      }
      await ledger.once(sent, now());
      return 'sent';
    },
  };
}

function redirected(message: SlackMessage, channel: string, why: string | undefined): SlackMessage {
  const text = `Meant for ${channel.replace(/[^#\w.-]/gu, '').slice(0, NAME_MAX)}, which Bursar’s app cannot post to${why === undefined ? '' : ` (${why})`}: invite it there.`;
  return {
    text: `${message.text} (${text})`,
    blocks: [
      { type: 'context', elements: [{ type: 'mrkdwn', text, verbatim: true }] },
      ...message.blocks.slice(0, BLOCKS_MAX - 1),
    ],
  };
}
