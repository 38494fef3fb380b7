import type { Ledger } from '../ledger/ledger.ts';
import type { Alert } from '../types/alert.ts';
import type { Clock } from '../types/clock.ts';
import { toSlack } from './slack.ts';
import { SlackSendError } from './slack-error.ts';
import { postToSlack } from './slack-post.ts';
import { chooseWebhook } from './slack-webhooks.ts';

export interface SlackSenderParts {
  readonly ledger: Pick<Ledger, 'once' | 'forget' | 'seen' | 'reserveSlot'>;
  /** The secret: see `chooseWebhook`. */
  readonly getSecret: () => Promise<string>;
  readonly now: Clock;
  /** Milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
}

export interface SlackSender {
  /**
   * Sends an alert to its channel unless it was sent before.
   * @param withinMs when to give up, so that the caller ends before its own timeout and the queue delivers again.
   * @throws SlackSendError where it was not sent; whatever `getSecret` and the ledger throw.
   */
  send(alert: Alert, withinMs: number): Promise<'sent' | 'repeat'>;
}

/** Source: Slack's rate limits: an incoming webhook takes one message a second. Milliseconds. */
const SPACING_MS = 1_000;
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
  async function reserve(channel: string, deadline: Date): Promise<Date> {
    const free = await ledger.reserveSlot(channel, 0, now());
    const slot = free < deadline ? await ledger.reserveSlot(channel, SPACING_MS, now()) : free;
    if (slot < deadline) return slot;
    throw new SlackSendError('busy', 'The channel is taken until after the deadline.');
  }

  async function deliver(alert: Alert, deadline: Date): Promise<void> {
    const { url, channel } = chooseWebhook(await getSecret(), alert.slack);
    const slot = await reserve(`slack/${channel}`, deadline);
    const wait = slot.getTime() - now().getTime();
    if (wait > 0) await sleep(wait);
    await postToSlack(url, toSlack(alert), { now, sleep, deadline });
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
