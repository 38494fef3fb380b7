import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createSlackApi } from '../lib/alerts/slack-api.ts';
import { readSlackSecret, type SlackBot, type SlackSecret } from '../lib/alerts/slack-secret.ts';
import { PATIENCE } from '../lib/fleet/patience.ts';
import type { Ledger } from '../lib/ledger/ledger.ts';
import { type Pressed, pressedOf } from '../lib/people/pressed.ts';
import { reasonWindow } from '../lib/people/reason-window.ts';
import { slackPlace } from '../lib/people/slack-place.ts';
import { readInteraction } from '../lib/signals/slack-interaction.ts';
import { checkSlackRequest, type HttpRequest, refusedUnread } from '../lib/signals/slack-signature.ts';
import type { Clock } from '../lib/types/clock.ts';
import { type ChatEnvironment, ChatEnvironmentSchema } from '../lib/types/environment.ts';
import { clockOf, ledgerOf } from './basics.ts';
import { lambda, type Tools } from './lambda.ts';
import { secretReader } from './secret.ts';

export interface ChatDeps {
  readonly ledger: Pick<Ledger, 'once' | 'forget' | 'alert'>;
  readonly getSecret: () => Promise<string>;
  /** Queues what was pressed for whoever does it. */
  readonly queue: (pressed: Pressed) => Promise<void>;
  readonly now: Clock;
  /** The machine's time: Slack's timestamps follow it, also where the sandbox sets `now` ahead. */
  readonly machineNow: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  readonly tools: Pick<Tools, 'logger'>;
}

/** What a Function URL answers. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Of a Function URL's event, payload format 2.0. Source: AWS Lambda's guide, "Invoking function URLs". */
const EventSchema = z.looseObject({
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.looseObject({
    http: z.looseObject({ method: z.string() }),
    /** When it arrived, before a cold start; epoch milliseconds. */
    timeEpoch: z.number().optional(),
  }),
});

interface ChatRequest extends HttpRequest {
  readonly arrivedAt: Date | undefined;
}

/**
 * Slack waits three seconds for an answer; by then a window must be open, or what was pressed be queued. Milliseconds
 * from the arrival of the request.
 */
const WINDOW_MS = 2_200;

/** What is then left to say that none opened, in milliseconds. */
const LAST_WORD_MS = 500;

const EMPTY: HttpAnswer = { statusCode: 200, body: '' };
const refused: HttpAnswer = { statusCode: 401, body: '' };
/** Slack shows a warning beside the button. */
const unavailable: HttpAnswer = { statusCode: 503, body: '' };

/**
 * Takes what people press in Slack. Checks that it comes from Slack, now, and for the first time; queues it and answers
 * at once, or opens the window that asks for a reason. Whatever else it is given changes nothing.
 * @throws where it could not be queued, so that Slack shows the user that nothing was done.
 */
export async function chat(event: unknown, deps: ChatDeps): Promise<HttpAnswer> {
  const { ledger, tools } = deps;
  const request = readRequest(event);
  if (request === undefined || request.method !== 'POST') return { statusCode: 405, body: '' };
  // Before the secret is read, so that the world can make us do little.
  const unread = refusedUnread(request, deps.machineNow());
  if (unread !== undefined) return refuse(unread, deps);
  const secret = readSlackSecret(await deps.getSecret());
  if (secret.signingSecret === undefined) return refuse('no-signing-secret', deps);
  const checked = checkSlackRequest(request, secret.signingSecret, deps.machineNow());
  if (!checked.genuine) return refuse(checked.why, deps);
  // Slack's own retries are those of its Events API, and it documents none for presses. Should one come all the same,
  // signed anew, it is the same press, which is done once.
  const seal = `slack-request/${checked.signature}`;
  if (!(await ledger.once(seal, deps.now()))) return refuse('replayed', deps);
  try {
    return await take(request, secret, deps);
  } catch (error) {
    // Nothing was done, so the same request may come again. Where this fails too, the first error tells more.
    await ledger.forget(seal).catch(() => undefined);
    tools.logger.error('a press could not be queued', { error });
    throw error;
  }
}

async function take(request: ChatRequest, secret: SlackSecret, deps: ChatDeps): Promise<HttpAnswer> {
  const interaction = readInteraction(request.body.toString('utf8'));
  if (interaction.type === 'challenge') {
    return { statusCode: 200, headers: { 'content-type': 'text/plain' }, body: interaction.challenge };
  }
  const found = interaction.type === 'ignored' ? undefined : pressedOf(interaction, deps.now());
  if (found === undefined) {
    deps.tools.logger.info('nothing to do for a request of Slack', {
      why: interaction.type === 'ignored' ? interaction.why : 'It is of no alert.',
    });
    return EMPTY;
  }
  const { pressed, ask } = found;
  const triggerId = interaction.type === 'button' ? interaction.triggerId : undefined;
  if (ask && secret.bot !== undefined && triggerId !== undefined) {
    const arrivedAt = request.arrivedAt ?? deps.machineNow();
    const deadline = new Date(arrivedAt.getTime() + WINDOW_MS);
    return askWhy(pressed, { triggerId, secret, bot: secret.bot, deadline }, deps);
  }
  await deps.queue(pressed);
  return EMPTY;
}

/** Where no window opens, a keep is done without a reason; a stop is not. */
async function askWhy(
  pressed: Pressed,
  {
    triggerId,
    secret,
    bot,
    deadline,
  }: {
    readonly triggerId: string;
    readonly secret: SlackSecret;
    readonly bot: SlackBot;
    readonly deadline: Date;
  },
  deps: ChatDeps,
): Promise<HttpAnswer> {
  const { ledger, machineNow, sleep, tools } = deps;
  const { press, place, by } = pressed;
  const options = { now: machineNow, sleep, deadline };
  try {
    const known = await ledger.alert(press.alert);
    const view = reasonWindow(press, place, known?.alert, new Date(pressed.at));
    await createSlackApi(bot).openView(triggerId, view, options);
    return EMPTY;
  } catch (error) {
    tools.logger.warn('the window for a reason could not be opened', { error });
  }
  if (press.offer !== 'stop') {
    await deps.queue(pressed);
    return EMPTY;
  }
  try {
    const until = new Date(deadline.getTime() + LAST_WORD_MS);
    await slackPlace(place, by, secret, { ...options, deadline: until }).whisper(
      'Slack did not open the window that asks why. Nothing was stopped: press again.',
    );
    return EMPTY;
  } catch (error) {
    tools.logger.warn('an answer could not be said', { error });
    return unavailable;
  }
}

/** Of what was sent nothing is logged: it may be anybody's. */
function refuse(why: string, { tools }: ChatDeps): HttpAnswer {
  tools.logger.warn('a request that is not of Slack, or not of now, was refused', { why });
  return refused;
}

function readRequest(event: unknown): ChatRequest | undefined {
  const parsed = EventSchema.safeParse(event);
  if (!parsed.success) return undefined;
  const { headers, body = '', isBase64Encoded, requestContext } = parsed.data;
  return {
    method: requestContext.http.method,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    arrivedAt: requestContext.timeEpoch === undefined ? undefined : new Date(requestContext.timeEpoch),
  };
}

export const handler = lambda<ChatEnvironment, ChatDeps, HttpAnswer>({
  name: 'chat',
  environment: ChatEnvironmentSchema,
  build: async (environment, tools) => {
    const sqs = tools.tracer.captureAWSv3Client(new SQSClient({ ...PATIENCE }));
    return {
      ledger: ledgerOf(environment, tools),
      getSecret: secretReader(environment.SLACK_SECRET_ID, tools),
      queue: async (pressed) => {
        const MessageBody = JSON.stringify(pressed);
        await sqs.send(new SendMessageCommand({ QueueUrl: environment.REQUESTS_QUEUE_URL, MessageBody }));
      },
      now: clockOf(environment),
      machineNow: () => new Date(),
      sleep: (milliseconds) => sleep(milliseconds),
      tools,
    };
  },
  handle: (event, deps) => chat(event, deps),
});
