import { IncomingWebhook, IncomingWebhookHTTPError } from '@slack/webhook';
import type { Clock } from '../types/clock.ts';
import type { SlackMessage } from './slack.ts';
import { SlackSendError } from './slack-error.ts';

export interface PostOptions {
  readonly now: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  /** No attempt and no wait goes beyond it. */
  readonly deadline: Date;
}

/** An answer slower than this is taken for lost. Milliseconds. */
const ATTEMPT_MS = 10_000;
/** Attempts that Slack fails; what it delays by 429 is not counted. */
const MAX_FAILURES = 3;
/** Wait after the first failure, doubled after each. Milliseconds. */
const BACKOFF_MS = 500;
/** Where a 429 does not say how long. Milliseconds. */
const DEFAULT_RETRY_AFTER_MS = 1_000;

/** What came of one attempt. One that is refused for good throws instead. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'limited'; readonly waitMs: number; readonly error: SlackSendError }
  | { readonly kind: 'failed'; readonly error: SlackSendError };

/**
 * Tries until it succeeds. Waits as Slack asks where it says 429, and tries again where it fails or does not answer,
 * both only as far as the deadline allows.
 * @throws SlackSendError `busy` or `unavailable`; whatever `attempt` throws.
 */
export async function persist<T>(
  attempt: (timeoutMs: number) => Promise<Answer<T>>,
  { sleep, now, deadline }: PostOptions,
): Promise<T> {
  const timeLeft = (): number => deadline.getTime() - now().getTime();
  for (let failures = 0; ; ) {
    const timeout = Math.min(ATTEMPT_MS, timeLeft());
    if (timeout <= 0) throw new SlackSendError('busy', 'There was no time left to ask Slack.');
    const answer = await attempt(timeout);
    if (answer.kind === 'ok') return answer.value;
    if (answer.kind === 'failed') failures += 1;
    if (failures >= MAX_FAILURES) throw answer.error;
    const wait = answer.kind === 'limited' ? answer.waitMs : BACKOFF_MS * 2 ** (failures - 1);
    if (wait >= timeLeft()) throw answer.error;
    await sleep(wait);
  }
}

/**
 * Posts one message by an incoming webhook.
 * @throws SlackSendError `busy`, `unavailable` or `refused`.
 */
export async function postToSlack(url: string, message: SlackMessage, options: PostOptions): Promise<void> {
  await persist((timeout) => attempt(url, message, timeout), options);
}

/** The client's errors carry no headers, so the one that matters is taken on the way. */
async function attempt(url: string, message: SlackMessage, timeout: number): Promise<Answer<undefined>> {
  let retryAfter: string | null = null;
  const webhook = new IncomingWebhook(url, {
    timeout,
    fetch: async (...request) => {
      const response = await fetch(...request);
      retryAfter = response.headers.get('retry-after');
      return response;
    },
  });
  try {
    await webhook.send({ text: message.text, blocks: [...message.blocks] });
    return { kind: 'ok', value: undefined };
  } catch (cause) {
    if (!(cause instanceof IncomingWebhookHTTPError)) return unreachable(cause);
    return answerOfStatus(cause.statusCode, retryAfter, cause, cause.body);
  }
}

export const unreachable = (cause: unknown): Answer<never> => ({
  kind: 'failed',
  error: new SlackSendError('unavailable', 'Slack could not be reached or did not answer.', { cause }),
});

/**
 * What an HTTP status other than 2xx comes to.
 * @throws SlackSendError `refused` where trying again is of no use.
 */
export function answerOfStatus(
  status: number,
  retryAfter: string | null,
  cause: unknown,
  body: string,
): Answer<never> {
  if (status === 429) {
    const waitMs = parseRetryAfter(retryAfter);
    const error = new SlackSendError('busy', `Slack asks to wait ${waitMs} ms.`, { cause, status });
    return { kind: 'limited', waitMs, error };
  }
  if (status >= 500) {
    const error = new SlackSendError('unavailable', `Slack failed with HTTP ${status}.`, { cause, status });
    return { kind: 'failed', error };
  }
  // Slack names the cause in a word, such as `no_service` or `invalid_payload`.
  const named = /^[a-z_]{1,60}$/.test(body.trim()) ? `: ${body.trim()}` : '';
  throw new SlackSendError('refused', `Slack refused the message with HTTP ${status}${named}.`, {
    cause,
    status,
  });
}

/** Whole seconds, as Slack sends them. */
function parseRetryAfter(header: string | null): number {
  return header !== null && /^\d{1,6}$/.test(header.trim())
    ? Math.max(Number(header.trim()) * 1_000, DEFAULT_RETRY_AFTER_MS)
    : DEFAULT_RETRY_AFTER_MS;
}
