import { createHmac, timingSafeEqual } from 'node:crypto';

/** What an HTTP endpoint is given. */
export interface HttpRequest {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they came: what the signature is made of. */
  readonly body: Buffer;
}

/** `signature`: the one that it must carry, and does: it names the request where repeats are refused. */
export type Checked =
  | { readonly genuine: true; readonly signature: string }
  | { readonly genuine: false; readonly why: 'unsigned' | 'stale' | 'forged' };

/**
 * How far the timestamp of a request may lie from now, before or after, in milliseconds. Source: Slack, "Verifying
 * requests from Slack": five minutes.
 */
const WINDOW_MS = 300_000;

/** What is wrong with a request without a look at its signature; `undefined` = only the secret can tell. */
export function refusedUnread({ headers }: HttpRequest, now: Date): 'unsigned' | 'stale' | undefined {
  const { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp } = headers;
  if (signature === undefined || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return 'unsigned';
  return Math.abs(now.getTime() - Number(timestamp) * 1_000) > WINDOW_MS ? 'stale' : undefined;
}

/**
 * Tells whether a request came from Slack: `v0=` and the HMAC-SHA256 of `v0:timestamp:body` under the app's signing
 * secret, compared in a time that tells nothing, and no older (or younger) than five minutes. `now` is the real time.
 */
export function checkSlackRequest(request: HttpRequest, signingSecret: string, now: Date): Checked {
  const refused = refusedUnread(request, now);
  if (refused !== undefined) return { genuine: false, why: refused };
  const { 'x-slack-signature': given = '', 'x-slack-request-timestamp': timestamp = '' } = request.headers;
  const signature = signSlackRequest(request.body, timestamp, signingSecret);
  const [a, b] = [Buffer.from(given), Buffer.from(signature)];
  return a.length === b.length && timingSafeEqual(a, b)
    ? { genuine: true, signature }
    : { genuine: false, why: 'forged' };
}

/** The value of `X-Slack-Signature`. `timestamp`: of `X-Slack-Request-Timestamp`, seconds. */
export const signSlackRequest = (body: Buffer | string, timestamp: string, signingSecret: string): string =>
  `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
