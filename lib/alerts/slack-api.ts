import { type Logger, LogLevel, WebAPIHTTPError, WebAPIPlatformError, WebClient } from '@slack/web-api';
import * as z from 'zod';
import type { SlackMessage } from './slack.ts';
import { SlackSendError } from './slack-error.ts';
import { type Answer, answerOfStatus, type PostOptions, persist, unreachable } from './slack-post.ts';
import type { SlackBot } from './slack-secret.ts';

/** Of Slack's Web API, what Bursar calls. Each method throws a `SlackSendError`. */
export interface SlackApi {
  readonly postMessage: (channel: string, message: SlackMessage, options: PostOptions) => Promise<void>;
  /** Puts another message in the place of one of the app's own. */
  readonly update: (
    place: { readonly channel: string; readonly ts: string },
    message: SlackMessage,
    options: PostOptions,
  ) => Promise<void>;
  /** Says something to one user alone. */
  readonly postEphemeral: (
    place: { readonly channel: string; readonly user: string },
    text: string,
    options: PostOptions,
  ) => Promise<void>;
  /** Opens a window; `triggerId` is good for three seconds. */
  readonly openView: (triggerId: string, view: object, options: PostOptions) => Promise<void>;
  /** The users of a user group. */
  readonly usersOf: (group: string, options: PostOptions) => Promise<readonly string[]>;
}

/** The app may not, or cannot, post to that channel; it may to another. Source: Slack's reference of chat.postMessage. */
const CHANNEL_ERRORS = new Set(['channel_not_found', 'not_in_channel', 'is_archived', 'restricted_action']);
/** Slack's own trouble, said with HTTP 200. Source: the same. */
const PASSING_ERRORS = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);

/** True where another channel may take what this one did not. */
export const isChannelError = (error: unknown): boolean =>
  error instanceof SlackSendError && error.code !== undefined && CHANNEL_ERRORS.has(error.code);

const AnyResult = z.looseObject({});
const UsersResult = z.looseObject({ users: z.array(z.string()) });

export function createSlackApi({ token, apiUrl }: SlackBot): SlackApi {
  const call = <T>(
    method: string,
    fields: Record<string, unknown>,
    schema: z.ZodType<T>,
    options: PostOptions,
  ): Promise<T> => persist((timeout) => attempt({ token, apiUrl, timeout }, method, fields, schema), options);
  return {
    postMessage: async (channel, { text, blocks }, options) => {
      const fields = { channel, text, blocks, unfurl_links: false, unfurl_media: false };
      await call('chat.postMessage', fields, AnyResult, options);
    },
    update: async (place, { text, blocks }, options) => {
      await call('chat.update', { ...place, text, blocks }, AnyResult, options);
    },
    postEphemeral: async (place, text, options) => {
      await call('chat.postEphemeral', { ...place, text }, AnyResult, options);
    },
    openView: async (triggerId, view, options) => {
      await call('views.open', { trigger_id: triggerId, view }, AnyResult, options);
    },
    usersOf: async (usergroup, options) =>
      (await call('usergroups.users.list', { usergroup }, UsersResult, options)).users,
  };
}

/** One attempt; the pace, the deadline and the tries are ours, for all ways to post alike. */
async function attempt<T>(
  { token, apiUrl, timeout }: { readonly token: string; readonly apiUrl: string; readonly timeout: number },
  method: string,
  fields: Record<string, unknown>,
  schema: z.ZodType<T>,
): Promise<Answer<T>> {
  let status = 0;
  let retryAfter: string | null = null;
  const client = new WebClient(token, {
    slackApiUrl: apiUrl,
    allowAbsoluteUrls: false,
    timeout,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
    fetch: async (...request) => {
      const response = await fetch(...request);
      status = response.status;
      retryAfter = response.headers.get('retry-after');
      return response;
    },
  });
  try {
    return { kind: 'ok', value: schema.parse(await client.apiCall(method, fields)) };
  } catch (cause) {
    if (cause instanceof WebAPIPlatformError) return refused(method, cause.data.error, cause);
    // Beside 200 and 429 Slack’s statuses mean nothing more than they do elsewhere.
    if (status === 429) return answerOfStatus(status, retryAfter, cause, '');
    if (cause instanceof WebAPIHTTPError) return answerOfStatus(cause.statusCode, null, cause, '');
    if (cause instanceof z.ZodError) {
      throw new SlackSendError('refused', `Slack’s answer to ${method} is not of its form.`, { cause });
    }
    return unreachable(cause);
  }
}

function refused(method: string, error: string, cause: unknown): Answer<never> {
  // A word, such as `channel_not_found`; anything else is no answer of Slack’s API and is not repeated.
  const code = /^[a-z_]{1,60}$/.test(error) ? error : 'no_answer';
  if (code === 'ratelimited' || code === 'rate_limited') return answerOfStatus(429, null, cause, '');
  if (code === 'no_answer' || PASSING_ERRORS.has(code)) {
    return {
      kind: 'failed',
      error: new SlackSendError('unavailable', `Slack failed at ${method}: ${code}.`, { cause, code }),
    };
  }
  throw new SlackSendError('refused', `Slack refused ${method}: ${code}.`, { cause, code });
}

/** The client would log on its own, past the logger of the Lambda. */
const nothing = (): void => {};
const SILENT: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => LogLevel.ERROR,
  setName: nothing,
};
