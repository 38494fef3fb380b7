import { setTimeout as sleep } from 'node:timers/promises';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createSlackApi } from '../lib/alerts/slack-api.ts';
import type { PostOptions } from '../lib/alerts/slack-post.ts';
import { readSlackSecret } from '../lib/alerts/slack-secret.ts';
import { carryOut } from '../lib/enforce/carry-out.ts';
import { carryOutAndTell } from '../lib/enforce/tell-others.ts';
import { PATIENCE } from '../lib/fleet/patience.ts';
import { doRequest } from '../lib/people/do-request.ts';
import { createGroupReader } from '../lib/people/groups.ts';
import { handlePress } from '../lib/people/handle-press.ts';
import { PressedSchema } from '../lib/people/pressed.ts';
import { RequestSchema } from '../lib/people/request.ts';
import { slackPlace } from '../lib/people/slack-place.ts';
import type { WishDeps } from '../lib/people/wish.ts';
import { type RequestEnvironment, RequestEnvironmentSchema } from '../lib/types/environment.ts';
import { lambda, type Tools } from './lambda.ts';
import { commander, commonParts, publisher, wakeOf } from './parts.ts';
import { eachMessage } from './queue.ts';
import { secretReader } from './secret.ts';

export interface RequestDeps extends WishDeps {
  /** As `carryOut`, for what nobody but who asked has seen: it is told by an alert as well. */
  readonly carryOutAndTell: WishDeps['carryOut'];
  /** `undefined` where there is no Slack. */
  readonly getSecret: (() => Promise<string>) | undefined;
  readonly slack: Pick<PostOptions, 'now' | 'sleep'>;
  readonly tools: Pick<Tools, 'logger'>;
}

/** Left of the Lambda's time to answer in, in milliseconds. */
const MARGIN_MS = 5_000;

/**
 * Does what one message of the requests queue says was pressed in Slack.
 * @throws where it has to be tried again.
 */
export async function pressed(body: string, withinMs: number, deps: RequestDeps): Promise<void> {
  const { getSecret, slack, tools } = deps;
  const message = PressedSchema.parse(JSON.parse(body));
  if (getSecret === undefined) throw new Error('A press came from Slack, which is not set up.');
  const secret = readSlackSecret(await getSecret());
  const deadline = new Date(slack.now().getTime() + withinMs);
  const place = slackPlace(message.place, message.by, secret, { ...slack, deadline });
  const onError = (what: string, error: unknown): void => tools.logger.warn(what, { error });
  await handlePress(message, place, { ...deps, onError });
  const { alert, offer, item } = message.press;
  tools.logger.info('pressed', { alert, offer, item, by: message.by.id });
}

/** What SQS hands over; anything else was asked by the command line. */
const QueueEvent = z.looseObject({ Records: z.array(z.unknown()) });

export const handler = lambda<RequestEnvironment, RequestDeps, unknown>({
  name: 'request',
  environment: RequestEnvironmentSchema,
  build: async (environment, tools) => {
    const sqs = tools.tracer.captureAWSv3Client(new SQSClient({ ...PATIENCE }));
    const sns = tools.tracer.captureAWSv3Client(new SNSClient({ ...PATIENCE }));
    const parts = await commonParts(environment, tools);
    const { SLACK_SECRET_ID: secretId } = environment;
    const getSecret = secretId === undefined ? undefined : secretReader(secretId, tools);
    const slack = { now: () => new Date(), sleep: (milliseconds: number) => sleep(milliseconds) };
    const enforce = {
      ...parts,
      wake: wakeOf(environment, tools),
      publish: publisher(sns, environment.ALERTS_TOPIC_ARN),
      onWakeError: (error: unknown) => tools.logger.error('no sweep could be set for a minute', { error }),
    };
    return {
      ...parts,
      carryOut: (batch, approved) => carryOut(batch, { ...enforce, ...approved }),
      carryOutAndTell: (batch, approved) => carryOutAndTell(batch, { ...enforce, ...approved }),
      send: commander(sqs, environment.COMMANDS_QUEUE_URL),
      groups: createGroupReader({
        list: (group) => usersOf(group, getSecret, slack),
        now: slack.now,
        onError: (group, error) => tools.logger.warn('a user group could not be read', { group, error }),
      }),
      getSecret,
      slack,
    };
  },
  handle: (event, deps, context) =>
    QueueEvent.safeParse(event).success
      ? eachMessage(event, context, deps.tools, ({ body }) =>
          pressed(body, context.getRemainingTimeInMillis() - MARGIN_MS, deps),
        )
      : doRequest(RequestSchema.parse(event), { ...deps, carryOut: deps.carryOutAndTell }),
});

/** Long enough for Slack to answer, and short enough to refuse in time. Milliseconds. */
const GROUP_MS = 5_000;

async function usersOf(
  group: string,
  getSecret: RequestDeps['getSecret'],
  slack: RequestDeps['slack'],
): Promise<readonly string[]> {
  const bot = getSecret === undefined ? undefined : readSlackSecret(await getSecret()).bot;
  if (bot === undefined) throw new Error('There is no bot token to read user groups with.');
  const deadline = new Date(slack.now().getTime() + GROUP_MS);
  return createSlackApi(bot).usersOf(group, { ...slack, deadline });
}
