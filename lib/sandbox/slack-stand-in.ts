import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { signSlackRequest } from '../signals/slack-signature.ts';
import { type LoopbackAnswer, type LoopbackRequest, type LoopbackServer, serveLoopback } from './loopback.ts';

const Blocks = z.array(z.looseObject({ type: z.string() }));

/** A message as it stands in its channel now. */
export interface ShownMessage {
  readonly channel: string;
  /** Names the message in its channel. */
  readonly ts: string;
  readonly text: string;
  readonly blocks: z.infer<typeof Blocks>;
  /** How many times it was changed. */
  readonly updates: number;
}

/** What one user alone was told. */
export interface Whisper {
  readonly user: string;
  readonly text: string;
}

/** A window that is open before a user. */
export interface OpenWindow {
  readonly triggerId: string;
  readonly view: z.infer<typeof View>;
}

export interface PressOptions {
  readonly user?: { readonly id: string; readonly name: string };
  /** Which of the buttons of that `action_id`; the first where not said. */
  readonly nth?: number;
}

/** A signed request, ready to be sent. Also what a test forges. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SlackStandIn extends LoopbackServer {
  /** What the Slack secret of Bursar holds: an app with a bot token. */
  readonly secret: string;
  /** The same without a token: incoming webhooks alone, and buttons. */
  readonly webhookSecret: string;
  /** The messages as they stand now, oldest first. */
  readonly messages: () => readonly ShownMessage[];
  readonly whispers: () => readonly Whisper[];
  /** Windows that are open, oldest first; sending one closes it. */
  readonly windows: () => readonly OpenWindow[];
  /** Who is in the user groups. A group that is not named does not exist. */
  readonly setGroups: (groups: Readonly<Record<string, readonly string[]>>) => void;
  /** Has the next calls of a method answered so, one each: an error's word, or an HTTP status. */
  readonly failNext: (method: string, ...answers: readonly (string | number)[]) => void;
  /** Every call of the Web API, webhook or response URL: its method. */
  readonly calls: () => readonly string[];
  /** What Slack sends when a user presses a button of a message. @throws where the message has no such button. */
  readonly press: (message: ShownMessage, actionId: string, options?: PressOptions) => SignedRequest;
  /** What Slack sends when a user sends a window; it closes. */
  readonly submit: (
    window: OpenWindow,
    fields: Readonly<Record<string, string>>,
    user?: PressOptions['user'],
  ) => SignedRequest;
  /** Signs a body as Slack would at a time. */
  readonly sign: (body: string, at?: Date, signingSecret?: string) => SignedRequest;
}

const BOT_TOKEN = 'xoxb-sandbox-token';
const SIGNING_SECRET = 'sandbox-signing-secret';
const ANA = { id: 'UANA00001', name: 'ana' };

const View = z.looseObject({
  type: z.literal('modal'),
  callback_id: z.string(),
  private_metadata: z.string().max(3_000),
  title: z.object({ text: z.string().max(24) }),
  blocks: Blocks,
});

/** An element that is pressed, wherever in the blocks it stands. */
const ButtonSchema = z.looseObject({
  type: z.literal('button'),
  action_id: z.string().max(255),
  value: z.string().max(2_000),
});
type Button = z.infer<typeof ButtonSchema>;

/** What a Web API call carries: a form whose structured fields are JSON. Of the fields, those that are looked at. */
const jsonField = <T>(schema: z.ZodType<T>) =>
  z.string().transform((text, context): T => {
    const parsed = schema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: 'no such JSON' });
    return z.NEVER;
  });
const PostSchema = z.object({ channel: z.string(), text: z.string(), blocks: jsonField(Blocks).optional() });
const UpdateSchema = PostSchema.extend({ ts: z.string() });
const EphemeralSchema = z.object({ channel: z.string(), user: z.string(), text: z.string() });
const OpenSchema = z.object({ trigger_id: z.string(), view: jsonField(View) });
const GroupSchema = z.object({ usergroup: z.string() });
const WebhookSchema = z.object({ text: z.string(), blocks: Blocks.optional() });
const RespondSchema = z.object({
  text: z.string(),
  blocks: Blocks.optional(),
  replace_original: z.boolean().optional(),
  response_type: z.string().optional(),
});

/**
 * Stands in for Slack on this machine: the few methods of the Web API that Bursar calls, incoming webhooks
 * (`/services/<channel>`) and response URLs, with Slack's limits on what they take. It keeps each message as it stands,
 * and signs what users press. `webhook` counts as posting to a channel of that name.
 */
export async function startSlackStandIn(
  onMessage: (message: ShownMessage) => void = () => {},
): Promise<SlackStandIn> {
  const messages: ShownMessage[] = [];
  const whispers: Whisper[] = [];
  const windows: OpenWindow[] = [];
  const calls: string[] = [];
  const failures = new Map<string, (string | number)[]>();
  const responses = new Map<
    string,
    { readonly channel: string; readonly ts: string; readonly user: string }
  >();
  const triggers = new Map<string, number>();
  let groups: Readonly<Record<string, readonly string[]>> = {};
  let posted = 0;

  const post = (channel: string, text: string, blocks: z.infer<typeof Blocks> = []): ShownMessage => {
    posted += 1;
    const ts = `17956026${String(posted).padStart(2, '0')}.000100`;
    const message = { channel, ts, text, blocks, updates: 0 };
    messages.push(message);
    onMessage(message);
    return message;
  };
  const change = (
    place: { readonly channel: string; readonly ts: string },
    text: string,
    blocks: z.infer<typeof Blocks> = [],
  ): boolean => {
    const index = messages.findIndex(({ channel, ts }) => channel === place.channel && ts === place.ts);
    const before = messages[index];
    if (before === undefined) return false;
    messages[index] = { ...before, text, blocks, updates: before.updates + 1 };
    return true;
  };

  const methods: Readonly<Record<string, (fields: unknown) => object | string>> = {
    'chat.postMessage': (fields) => {
      const { channel, text, blocks } = PostSchema.parse(fields);
      const { ts } = post(channel, text, blocks);
      return { channel, ts };
    },
    'chat.update': (fields) => {
      const { channel, ts, text, blocks } = UpdateSchema.parse(fields);
      return change({ channel, ts }, text, blocks) ? { channel, ts } : 'message_not_found';
    },
    'chat.postEphemeral': (fields) => {
      const { user, text } = EphemeralSchema.parse(fields);
      whispers.push({ user, text });
      return { message_ts: '1' };
    },
    'views.open': (fields) => {
      const { trigger_id: triggerId, view } = OpenSchema.parse(fields);
      const until = triggers.get(triggerId);
      if (until === undefined) return 'invalid_trigger_id';
      if (until < Date.now()) return 'expired_trigger_id';
      triggers.delete(triggerId);
      windows.push({ triggerId, view });
      return { view: { id: 'V1' } };
    },
    'usergroups.users.list': (fields) => {
      const { usergroup } = GroupSchema.parse(fields);
      const users = Object.hasOwn(groups, usergroup) ? groups[usergroup] : undefined;
      return users === undefined ? 'no_such_subteam' : { users };
    },
  };

  const failureOf = (method: string): LoopbackAnswer | undefined => {
    const answer = failures.get(method)?.shift();
    if (typeof answer === 'number') {
      return { status: answer, headers: answer === 429 ? { 'retry-after': '1' } : {}, body: '' };
    }
    return answer === undefined ? undefined : json({ ok: false, error: answer });
  };

  const callApi = (method: string, { body, headers }: LoopbackRequest): LoopbackAnswer => {
    if (headers.authorization !== `Bearer ${BOT_TOKEN}`) return json({ ok: false, error: 'invalid_auth' });
    const answer = methods[method]?.(Object.fromEntries(new URLSearchParams(body))) ?? 'unknown_method';
    return json(typeof answer === 'string' ? { ok: false, error: answer } : { ok: true, ...answer });
  };

  const respond = (id: string, body: string): LoopbackAnswer => {
    const place = responses.get(id);
    if (place === undefined) return { status: 404, body: 'expired_url' };
    const {
      text,
      blocks,
      replace_original: replace,
      response_type: type,
    } = RespondSchema.parse(JSON.parse(body));
    if (replace === true) change(place, text, blocks);
    else if (type === 'ephemeral') whispers.push({ user: place.user, text });
    else post(place.channel, text, blocks);
    return { status: 200, body: 'ok' };
  };

  const server = await serveLoopback(async (request) => {
    const [, area = '', name = ''] = request.path.split('/');
    const method = area === 'api' ? name : area;
    calls.push(method);
    const failure = failureOf(method);
    if (failure !== undefined) return failure;
    if (area === 'api') return callApi(name, request);
    if (area === 'respond') return respond(name, request.body);
    const { text, blocks } = WebhookSchema.parse(JSON.parse(request.body));
    post(name === '' ? 'default' : decodeURIComponent(name), text, blocks);
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' };
  });

  const sign: SlackStandIn['sign'] = (body, at = new Date(), signingSecret = SIGNING_SECRET) => {
    const timestamp = String(Math.floor(at.getTime() / 1_000));
    return {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signSlackRequest(body, timestamp, signingSecret),
      },
      body,
    };
  };
  const payload = (json: object): string => new URLSearchParams({ payload: JSON.stringify(json) }).toString();
  const userOf = ({ id, name }: { readonly id: string; readonly name: string }) => ({
    id,
    username: name,
    name,
    team_id: 'T0SANDBOX',
  });

  return {
    ...server,
    secret: JSON.stringify({
      botToken: BOT_TOKEN,
      signingSecret: SIGNING_SECRET,
      defaultChannel: '#ml-ops',
      apiUrl: `${server.url}/api/`,
    }),
    webhookSecret: JSON.stringify({
      signingSecret: SIGNING_SECRET,
      webhooks: { default: `${server.url}/services/default` },
    }),
    messages: () => messages,
    whispers: () => whispers,
    windows: () => windows,
    calls: () => calls,
    setGroups: (some) => {
      groups = some;
    },
    failNext: (method, ...answers) => {
      failures.set(method, [...(failures.get(method) ?? []), ...answers]);
    },
    sign,
    press: ({ channel, ts, blocks }, actionId, { user = ANA, nth = 0 } = {}) => {
      const button = buttonsOf(blocks).filter(({ action_id }) => action_id === actionId)[nth];
      if (button === undefined) {
        const there = buttonsOf(blocks).map(({ action_id }) => action_id);
        throw new Error(`The message has no button ${actionId}, but ${there.join(', ') || 'none'}.`);
      }
      const triggerId = randomUUID();
      triggers.set(triggerId, Date.now() + 3_000);
      const responseId = randomUUID();
      responses.set(responseId, { channel, ts, user: user.id });
      return sign(
        payload({
          type: 'block_actions',
          api_app_id: 'A0SANDBOX',
          user: userOf(user),
          trigger_id: triggerId,
          response_url: `${server.url}/respond/${responseId}`,
          container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
          channel: { id: channel, name: channel },
          message: { type: 'message', ts, text: '', blocks },
          actions: [{ ...button, block_id: 'b1', action_ts: String(Date.now() / 1_000) }],
        }),
      );
    },
    submit: (window, fields, user = ANA) => {
      windows.splice(windows.indexOf(window), 1);
      const values = Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [
          name,
          { [name]: { type: 'plain_text_input', value } },
        ]),
      );
      return sign(
        payload({
          type: 'view_submission',
          user: userOf(user),
          view: { ...window.view, id: 'V1', state: { values } },
        }),
      );
    },
  };
}

const json = (body: object): LoopbackAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});

/** Every button of a message, in its order. */
export function buttonsOf(blocks: unknown): readonly Button[] {
  if (Array.isArray(blocks)) return blocks.flatMap((block: unknown) => buttonsOf(block));
  if (typeof blocks !== 'object' || blocks === null) return [];
  const button = ButtonSchema.safeParse(blocks);
  return button.success ? [button.data] : Object.values(blocks).flatMap((value: unknown) => buttonsOf(value));
}
