import * as z from 'zod';
import { parseJsonDocument } from './json.ts';

/** The message that a button stands in, as far as Slack says: what is needed to change it or to answer beside it. */
export const PlaceSchema = z.object({
  channel: z.string().max(50).optional(),
  /** Of the message, which names it within the channel. */
  ts: z.string().max(50).optional(),
  /** A secret that lives half an hour: it posts in the name of the app. */
  responseUrl: z.url().max(500).optional(),
});
export type Place = z.infer<typeof PlaceSchema>;

/** Who did something in Slack. */
export const SlackUserSchema = z.object({ id: z.string().min(1).max(50), name: z.string().min(1).max(200) });
export type SlackUser = z.infer<typeof SlackUserSchema>;

/** What Slack's users did. `ignored`: nothing that a button or a window of ours sends. */
export type Interaction =
  | {
      readonly type: 'button';
      /** What the button carries. */
      readonly value: string;
      readonly by: SlackUser;
      readonly place: Place;
      /** Opens a window within three seconds. */
      readonly triggerId: string | undefined;
    }
  | {
      readonly type: 'window';
      readonly name: string;
      /** What the window was given when it was opened. */
      readonly metadata: string;
      /** What was filled in, by the name of the field; trimmed, empty ones left out. */
      readonly fields: ReadonlyMap<string, string>;
      readonly by: SlackUser;
    }
  | { readonly type: 'challenge'; readonly challenge: string }
  | { readonly type: 'ignored'; readonly why: string };

/*
 * Of Slack's payloads, the fields that are used. Source: Slack's reference of interaction payloads, `block_actions` and
 * `view_submission`.
 */
const UserWire = z
  .object({ id: z.string().min(1).max(50), username: z.string().optional(), name: z.string().optional() })
  .transform(({ id, username, name }): SlackUser => ({ id, name: (username || name || id).slice(0, 200) }));

const BlockActionsWire = z.object({
  user: UserWire,
  trigger_id: z.string().optional(),
  response_url: z.url().max(500).optional(),
  container: z.object({ message_ts: z.string().optional(), channel_id: z.string().optional() }).optional(),
  channel: z.object({ id: z.string() }).optional(),
  message: z.object({ ts: z.string().optional() }).optional(),
  actions: z.array(z.object({ value: z.string().optional() })).min(1),
});

const FieldWire = z.looseObject({ value: z.string().nullable().optional() });
const ViewSubmissionWire = z.object({
  user: UserWire,
  view: z.object({
    callback_id: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), FieldWire)) }),
  }),
});

const TypedWire = z.looseObject({ type: z.string(), challenge: z.string().max(1_000).optional() });

const ignored = (why: string): Interaction => ({ type: 'ignored', why });

/**
 * Reads the body of a request that Slack signed: a form with a JSON `payload`, or JSON itself where Slack checks the
 * URL. Never throws; what is not understood is ignored, and `why` never quotes it.
 */
export function readInteraction(body: string): Interaction {
  const text = body.trimStart().startsWith('{') ? body : new URLSearchParams(body).get('payload');
  // `ssl_check=1` comes without a payload and wants nothing but a 200.
  if (text === null) return ignored('It holds no payload.');
  const document = parseJsonDocument(text);
  const typed = TypedWire.safeParse(document.json ? document.value : undefined);
  if (!typed.success) return ignored('Its payload is not of the form that Slack describes.');
  switch (typed.data.type) {
    case 'url_verification':
      return { type: 'challenge', challenge: typed.data.challenge ?? '' };
    case 'block_actions':
      return readButton(typed.data);
    case 'view_submission':
      return readWindow(typed.data);
    default:
      return ignored('It is of no type that Bursar asks for.');
  }
}

function readButton(json: unknown): Interaction {
  const parsed = BlockActionsWire.safeParse(json);
  const value = parsed.data?.actions[0]?.value;
  if (!parsed.success || value === undefined)
    return ignored('It is no press of a button that carries a value.');
  const { user, container, channel, message, response_url, trigger_id } = parsed.data;
  const place = {
    channel: channel?.id ?? container?.channel_id,
    ts: container?.message_ts ?? message?.ts,
    responseUrl: response_url,
  };
  return { type: 'button', value, by: user, place, triggerId: trigger_id };
}

function readWindow(json: unknown): Interaction {
  const parsed = ViewSubmissionWire.safeParse(json);
  if (!parsed.success) return ignored('It is no window of the form that Slack describes.');
  const { user, view } = parsed.data;
  const filled = Object.values(view.state.values)
    .flatMap((block) => Object.entries(block))
    .flatMap(([name, { value }]) => {
      const text = value?.trim() ?? '';
      return text === '' ? [] : [[name, text] as const];
    });
  return {
    type: 'window',
    name: view.callback_id,
    metadata: view.private_metadata,
    fields: new Map(filled),
    by: user,
  };
}
