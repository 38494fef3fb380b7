import type { SlackMessage } from '../alerts/slack.ts';
import { createSlackApi } from '../alerts/slack-api.ts';
import { SlackSendError } from '../alerts/slack-error.ts';
import { answerOfStatus, type PostOptions, persist, unreachable } from '../alerts/slack-post.ts';
import { isLoopback, type SlackSecret } from '../alerts/slack-secret.ts';
import type { Place, SlackUser } from '../signals/slack-interaction.ts';

/** Where a button was pressed. Each method throws a `SlackSendError` where Slack does not take it. */
export interface SlackPlace {
  /** True where a press can open a window: that takes a bot token. */
  readonly windows: boolean;
  /** Puts another message in the place of the one with the button. */
  readonly update: (message: SlackMessage) => Promise<void>;
  /** Says something to whoever pressed, alone. */
  readonly whisper: (text: string) => Promise<void>;
}

/** By the app's token where there is one, else by the URL that came with the press. */
export function slackPlace(
  place: Place,
  by: Pick<SlackUser, 'id'>,
  secret: SlackSecret,
  options: PostOptions,
): SlackPlace {
  const api = secret.bot === undefined ? undefined : createSlackApi(secret.bot);
  return {
    windows: api !== undefined,
    update: async (message) => {
      const { channel, ts } = place;
      if (api !== undefined && channel !== undefined && ts !== undefined) {
        return api.update({ channel, ts }, message, options);
      }
      await respond({ replace_original: true, text: message.text, blocks: message.blocks });
    },
    whisper: async (text) => {
      try {
        await respond({ response_type: 'ephemeral', replace_original: false, text });
      } catch (error) {
        const final = error instanceof SlackSendError && !error.retry;
        if (!final || api === undefined || place.channel === undefined) throw error;
        // The URL ends after half an hour and five messages; the app's own word does not.
        await api.postEphemeral({ channel: place.channel, user: by.id }, text, options);
      }
    },
  };

  async function respond(body: object): Promise<void> {
    const url = checked(place.responseUrl, secret);
    await persist<undefined>(async (timeout) => {
      let response: Response;
      try {
        response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: JSON.stringify(body),
          redirect: 'error',
          signal: AbortSignal.timeout(timeout),
        });
      } catch (cause) {
        return unreachable(cause);
      }
      const text = await response.text().catch(() => '');
      if (response.ok) return { kind: 'ok', value: undefined };
      return answerOfStatus(response.status, response.headers.get('retry-after'), undefined, text);
    }, options);
  }
}

/**
 * Where response URLs lead, here and for GovSlack (unverified). Slack signs what a press carries, so that this guards
 * against nobody else; but what is posted there is said in the name of the app, and goes nowhere else. On this machine
 * it is the stand-in of the sandbox.
 */
const RESPONSE_HOSTS: ReadonlySet<string> = new Set(['hooks.slack.com', 'hooks.slack-gov.com']);

function checked(responseUrl: string | undefined, { sandbox }: SlackSecret): string {
  const url = URL.parse(responseUrl ?? '');
  const good =
    url !== null && (sandbox ? isLoopback(url) : url.protocol === 'https:' && RESPONSE_HOSTS.has(url.host));
  if (good) return url.href;
  throw new SlackSendError('refused', 'Slack gave no URL to answer to.');
}
